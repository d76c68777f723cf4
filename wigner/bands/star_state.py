"""States and what is left of them in bands, through any order of ħ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..algebra.phase_space import PhaseSpace
from .star_band import star_density, star_series

__all__ = ["density_of_band", "state_of_band"]


def density_of_band(state: np.ndarray, projector: Sequence[np.ndarray], space: PhaseSpace) -> np.ndarray:
    r"""Density of a state in a band of phase space.

    .. math:: f = \operatorname{tr}(P ⋆ F) + O(ħ^{n+1}), \qquad P = \sum_{j ≤ n} ħ^j P^j

    Parameters
    ----------
    state : F, Hermitian field (N, N, *grid).
    projector : P⁰ … Pⁿ of `star_band`.
    space : the phase space.

    Returns
    -------
    float64 (*grid). The sum over all bands is tr F to rounding.
    """
    terms = star_series(projector, [state], space, len(projector) - 1)
    return np.sum([space.hbar**j * np.einsum("aa...->...", m).real for j, m in enumerate(terms)], axis=0)


def state_of_band(density: np.ndarray, projector: Sequence[np.ndarray], space: PhaseSpace) -> np.ndarray:
    r"""The state inside a band that has a given density, without coherence with other bands.

    .. math:: F = P ⋆ φ ⋆ P, \qquad \operatorname{tr} F = f, \qquad φ ← φ + f − \sum_{j ≤ n} ħ^j M_j φ, \quad φ_0 = f

    Parameters
    ----------
    density : f, float64 (*grid).
    projector, space : as for `density_of_band`; one band.

    Returns
    -------
    Hermitian field (N, N, *grid), with error O(ħ^{n+1}), an order a repetition; M_j as in `star_density`.
    """
    order, hbar = len(projector) - 1, space.hbar
    inside = density
    for _ in range(order):
        parts = star_density(inside, projector, space, order)
        inside = inside + density - np.sum([hbar**j * m for j, m in enumerate(parts)], axis=0)
    size = len(projector[0])
    one = np.eye(size).reshape(size, size, *[1] * density.ndim)
    sandwich = star_series(projector, star_series([one * inside], projector, space, order), space, order)
    total = np.sum([hbar**j * m for j, m in enumerate(sandwich)], axis=0)
    return 0.5 * (total + np.swapaxes(total, 0, 1).conj())

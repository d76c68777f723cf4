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

    .. math:: F = P ⋆ φ ⋆ P, \qquad \operatorname{tr} F = f, \qquad φ_n = −\sum_{j=1}^{n} M_j φ_{n−j}, \quad φ_0 = f

    Parameters
    ----------
    density : f, float64 (*grid).
    projector, space : as for `density_of_band`; one band.

    Returns
    -------
    Hermitian field (N, N, *grid), with error O(ħ^{n+1}); M_j as in `star_density`.
    """
    order = len(projector) - 1
    inside = [density]
    for n in range(1, order + 1):
        parts = [star_density(inside[n - j], projector, space, j)[j] for j in range(1, n + 1)]
        inside.append(-np.sum(parts, axis=0))
    size = len(projector[0])
    one = np.eye(size).reshape(size, size, *[1] * density.ndim)
    sandwich = star_series(
        projector, star_series([one * phi for phi in inside], projector, space, order), space, order
    )
    total = np.sum([space.hbar**j * m for j, m in enumerate(sandwich)], axis=0)
    return 0.5 * (total + np.swapaxes(total, 0, 1).conj())

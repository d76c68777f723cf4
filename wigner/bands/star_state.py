"""States and what is left of them in bands, through any order of ħ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..algebra.constancy import on_grid, varying_part
from ..algebra.phase_space import PhaseSpace
from .star_band import series_trace, star_series

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
    terms = series_trace(projector, [state], space, len(projector) - 1)
    total = np.zeros(space.shape)
    for j, trace in enumerate(terms):
        total += space.hbar**j * trace.real
    return total


def state_of_band(density: np.ndarray, projector: Sequence[np.ndarray], space: PhaseSpace) -> np.ndarray:
    r"""The state inside a band that has a given density, without coherence with other bands.

    .. math:: F = P ⋆ φ ⋆ P, \qquad \operatorname{tr} F = f, \qquad φ_n = −\sum_{j=1}^{n} M_j φ_{n−j}, \quad φ_0 = f

    Parameters
    ----------
    density : f, float64 (*grid).
    projector, space : as for `density_of_band`; one band.

    Returns
    -------
    Hermitian field (N, N, *grid), with error O(ħ^{n+1}); M_j as in `star_band`.
    """
    order = len(projector) - 1
    shape = (len(projector[0]), len(projector[0]), *space.shape)
    if not density.any():
        return np.zeros(shape, dtype=complex)
    # Coefficients of P ⋆ φ ⋆ P, to which every φ_n adds what makes the trace of its own order vanish, but for f.
    sandwich: list[np.ndarray] = []
    phi = varying_part(density, space)[None, None]
    for n in range(order + 1):
        inner = star_series([phi], projector, space, order - n)
        added = star_series(projector, inner, space, order - n)
        sandwich = [*sandwich[:n], *map(np.add, sandwich[n:], added)] if n else added
        if n < order:
            phi = -np.einsum("aa...->...", sandwich[n + 1]).real[None, None]
    total = np.asarray(sum(space.hbar**j * m for j, m in enumerate(sandwich)))
    return np.array(on_grid(0.5 * (total + np.swapaxes(total, 0, 1).conj()), space))

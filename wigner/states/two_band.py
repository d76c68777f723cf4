r"""F of two bands from the occupations of its bands and back, through first order in ħ."""

from __future__ import annotations

import numpy as np

from ..algebra.derivatives import spectral_derivative
from ..algebra.phase_space import PhaseSpace
from ..bands.two_band import TwoBandFields
from .wigner_function import WignerFunction

__all__ = ["band_distributions", "occupations", "with_coherence", "without_overlap"]

#: s of the lower band and of the upper one.
_SIGNS = np.array([-1.0, 1.0])


def occupations(state: WignerFunction, fields: TwoBandFields) -> np.ndarray:
    r"""Occupations of the local bands, exact for any F.

    .. math:: n_s = \operatorname{tr}(P_s F) = \tfrac12 (n + s\, m·\mathbf n), \qquad F = \tfrac12 (n + \mathbf n·σ)

    Returns
    -------
    float64 (2, *grid), the lower band first. Source: Wong and Tserkovnyak, Phys. Rev. B 84, 115209 (2011), Eqs. (8), (13).
    """
    up, down, re, im = state.data
    along = fields.direction[0] * 2 * re - fields.direction[1] * 2 * im + fields.direction[2] * (up - down)
    return 0.5 * (up + down + _SIGNS[:, None].reshape(2, *[1] * up.ndim) * along)


def with_coherence(
    occupied: np.ndarray, fields: TwoBandFields, space: PhaseSpace, velocity: np.ndarray | None = None
) -> WignerFunction:
    r"""F with these occupations, and the coherence between bands that belongs to them through first order in ħ.

    .. math:: \mathbf n = n_z m + \frac{ħ}{2} \Big(\frac{n_z}{Δ} ∂_iε − ∂_i n\Big) J^{ij} m × ∂_j m
              − ħ \frac{n_z}{Δ} m × ∂_t m

    Parameters
    ----------
    occupied : n_s, float64 (2, *grid), the lower band first; periodic on the grid.
    fields : the geometry at the time of the state.
    space : the phase space.
    velocity : ½∂_iε J^{ij} − f^j, (axes, *grid), where a force f acts beside H; without one it is taken from `fields`.

    Notes
    -----
    `occupations` gives n_s back, to rounding. Any other coherence turns at Δ/ħ and costs an order.
    Source: Wong and Tserkovnyak, Phys. Rev. B 84, 115209 (2011), Eq. (20).
    """
    total, along = occupied[1] + occupied[0], occupied[1] - occupied[0]
    tensor = space.poisson_tensor
    slopes = np.array([spectral_derivative(total, space, axis) for axis in range(len(space.axes))])
    if velocity is None:
        velocity = np.tensordot(tensor, 0.5 * fields.mean_slopes, axes=(0, 0))
    turns = np.cross(fields.direction, fields.turns, axisa=0, axisb=1, axisc=1)
    drift = along / fields.gap * velocity - 0.5 * np.tensordot(tensor, slopes, axes=(0, 0))
    vector = along * fields.direction + space.hbar * np.einsum("j...,ja...->a...", drift, turns[:-1])
    vector -= space.hbar * along / fields.gap * turns[-1]
    data = 0.5 * np.array([total + vector[2], total - vector[2], vector[0], -vector[1]])
    return WignerFunction(space, data)


def band_distributions(occupied: np.ndarray, fields: TwoBandFields, space: PhaseSpace) -> np.ndarray:
    r"""Distributions of the bands apart, f_s = tr(P_s ⋆ F) + O(ħ²), of the occupations n_s.

    .. math:: f_s = n_s + \frac{s}{4} ħ𝓕 (n_↑ + n_↓)

    The sum over bands stays as it is; `without_overlap` is the way back, to rounding.
    """
    return occupied + np.multiply.outer(_SIGNS, 0.25 * space.hbar * fields.trace * occupied.sum(axis=0))


def without_overlap(distributions: np.ndarray, fields: TwoBandFields, space: PhaseSpace) -> np.ndarray:
    r"""Occupations of the local bands from the distributions of the bands apart, n_s = f_s − (s/4)ħ𝓕(f_↑ + f_↓)."""
    shift = 0.25 * space.hbar * fields.trace * distributions.sum(axis=0)
    return distributions - np.multiply.outer(_SIGNS, shift)

r"""One band of the star-diagonalised Hamiltonian, order by order in ħ: its energy, curvature and metric on the grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ..algebra.derivatives import spectral_derivative
from ..algebra.phase_space import PhaseSpace
from ..algebra.star import star_term
from .star_projector_series import driven_projector_series

__all__ = ["StarBand", "star_band", "star_density", "star_series"]


@dataclass(frozen=True, eq=False)
class StarBand:
    r"""What the kinetic equation of a band asks of its Hamiltonian, through order ħⁿ, at one time.

    .. math:: P ⋆ H ⋆ P = P ⋆ h ⋆ P, \qquad
              Ω_{αβ} = −i \operatorname{tr} P ⋆ (∂_αP ⋆ ∂_βP − ∂_βP ⋆ ∂_αP), \qquad
              g_{αβ} = \tfrac12 \operatorname{tr} ∂_αP ∂_βP

    Parameters
    ----------
    projector : P⁰ … Pⁿ, fields (N, N, *grid).
    energy : h⁰ … hⁿ, float64 (*grid); h⁰ is the local level.
    curvature : Ω⁰ … Ω^{n−1}, float64 (axes, axes, *grid); none at n = 0.
    curvature_in_time : Ω⁰_{tβ} … Ω^{n−1}_{tβ}, float64 (axes, *grid); zero for a static H.
    metric : g⁰, float64 (axes, axes, *grid); None below n = 2.
    metric_rate : ∂_t g⁰; None below n = 2 and for a static H.

    Notes
    -----
    Coefficients of ħ^j stand without their factor. The sign of Ω is that of A = −i⟨u|∂u⟩, opposite to `BandGeometry`.
    """

    projector: tuple[np.ndarray, ...]
    energy: tuple[np.ndarray, ...]
    curvature: tuple[np.ndarray, ...]
    curvature_in_time: tuple[np.ndarray, ...]
    metric: np.ndarray | None
    metric_rate: np.ndarray | None


def star_band(hamiltonian: Sequence[np.ndarray], space: PhaseSpace, band: int, order: int) -> StarBand:
    r"""Energy, curvature and metric of one band through order ħⁿ, from star-projectors alone.

    .. math:: h^n = M^0_n − \sum_{j=1}^{n} M_j h^{n−j}, \qquad \operatorname{tr}(P ⋆ φ ⋆ P) = \sum_j ħ^j M_j φ, \qquad
              M^0_n = \operatorname{tr}(P ⋆ H ⋆ P) \text{ at } ħ^n

    h is the one scalar symbol whose compression into the band is that of H, so that ∫ f h is the energy of the band for
    every state in it with f = tr(P ⋆ F). No phase of an eigenvector enters. For a driven H the projector is the one that
    moves with it.

    Parameters
    ----------
    hamiltonian : H, ∂_tH, … at one time, Hermitian fields (N, N, *grid); H alone if it is static.
    space : the phase space, any Poisson tensor, with a periodic symbol.
    band : number of the band, counted from below.
    order : n ≥ 0; a driven H needs its derivatives through order n.

    Raises
    ------
    ModelError : if there is no such band, it touches another one, or the grid does not resolve it.

    Notes
    -----
    Source: Mangeolle, Savary and Balents' star-diagonalisation, with h_n and Ω_n restated without a gauge. For a degenerate
    set h would be a matrix; its bands are refused one by one where they touch.
    """
    static = len(hamiltonian) == 1
    table = driven_projector_series(hamiltonian, space, (band,), order)
    p = [rows[0] for rows in table]
    h = np.broadcast_to(hamiltonian[0], p[0].shape)
    # P commutes with a static H, and one factor of it is enough.
    compressed = star_series([h], p, space, order)
    rest = [_trace(m) for m in (compressed if static else star_series(p, compressed, space, order))]
    energy: list[np.ndarray] = []
    for n in range(order + 1):
        energy.append(rest[n])
        for j, part in enumerate(star_density(energy[n], p, space, order - n)):
            rest[n + j] = rest[n + j] - part
    axes = range(len(space.axes))
    slopes = [[spectral_derivative(field, space, i) for i in axes] for field in p[:order]]
    shape = (len(axes), len(axes), *space.shape)
    curvature = [np.zeros(shape) for _ in range(order)]
    in_time = [np.zeros(shape[1:]) for _ in range(order)]
    for a, b in combinations(axes, 2):
        pair = _curvature(p, [s[a] for s in slopes], [s[b] for s in slopes], space, order)
        for n, values in enumerate(pair):
            curvature[n][a, b], curvature[n][b, a] = values, -values
    metric, metric_rate = None, None
    if not static:
        rates = [rows[1] for rows in table[:order]]
        for b in axes:
            for n, values in enumerate(_curvature(p, rates, [s[b] for s in slopes], space, order)):
                in_time[n][b] = values
    if order >= 2:
        metric = np.array([[_half_trace(slopes[0][a], slopes[0][b]) for b in axes] for a in axes])
        if not static:
            moving = [spectral_derivative(table[0][1], space, i) for i in axes]
            one_sided = np.array([[_half_trace(moving[a], slopes[0][b]) for b in axes] for a in axes])
            metric_rate = one_sided + np.swapaxes(one_sided, 0, 1)
    return StarBand(tuple(p), tuple(energy), tuple(curvature), tuple(in_time), metric, metric_rate)


def star_density(
    symbol: np.ndarray, projector: Sequence[np.ndarray], space: PhaseSpace, order: int
) -> list[np.ndarray]:
    r"""Coefficients M_0 φ … M_n φ of ħ^j in f = tr(P ⋆ φ ⋆ P), float64 (*grid) each; M_0 φ = φ for one band.

    `symbol` is φ, a scalar field on the grid, and `projector` holds P⁰ … Pⁿ or more of them.
    """
    size = len(projector[0])
    one = np.eye(size).reshape(size, size, *[1] * symbol.ndim)
    inner = star_series([one * symbol], projector, space, order)
    return [_trace(m) for m in star_series(projector, inner, space, order)]


def star_series(
    a: Sequence[np.ndarray], b: Sequence[np.ndarray], space: PhaseSpace, order: int
) -> list[np.ndarray]:
    """Coefficients of A ⋆ B through ħⁿ, of A = Σ ħ^i a_i and B = Σ ħ^j b_j."""
    out = []
    for n in range(order + 1):
        terms = [
            star_term(a[i], b[j], space, n - i - j)
            for i in range(min(n + 1, len(a)))
            for j in range(min(n - i + 1, len(b)))
        ]
        out.append(np.sum(terms, axis=0))
    return out


def _curvature(
    p: Sequence[np.ndarray], da: Sequence[np.ndarray], db: Sequence[np.ndarray], space: PhaseSpace, count: int
) -> list[np.ndarray]:
    """The first `count` coefficients of −i tr P ⋆ (∂_aP ⋆ ∂_bP − ∂_bP ⋆ ∂_aP)."""
    one, two = (star_series(x, y, space, count - 1) for x, y in ((da, db), (db, da)))
    inner = [x - y for x, y in zip(one, two, strict=True)]
    return [_trace(-1j * m) for m in star_series(p, inner, space, count - 1)]


def _trace(matrix: np.ndarray) -> np.ndarray:
    return np.einsum("aa...->...", matrix).real


def _half_trace(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return 0.5 * np.einsum("ab...,ba...->...", a, b).real

r"""One band of the star-diagonalised Hamiltonian, order by order in ħ: its energy, curvature and metric on the grid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, reduce
from itertools import combinations

import numpy as np

from ..algebra.constancy import on_grid
from ..algebra.derivatives import spectral_derivative
from ..algebra.formula import MatrixFormula
from ..algebra.phase_space import PhaseSpace
from ..algebra.star import star_term, star_trace
from .star_projector_series import SplitSymbol, projector_rows, split_symbol

__all__ = ["StarBand", "series_trace", "star_band", "star_bands", "star_series", "time_derivatives"]


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
    Fields are views that must not be written to, stored only where they vary (`stored_once`).
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
    return _star_band([split_symbol(field, space) for field in hamiltonian], space, band, order)


def _star_band(hamiltonian: Sequence[SplitSymbol], space: PhaseSpace, band: int, order: int) -> StarBand:
    """`star_band` of split symbols."""
    static = len(hamiltonian) == 1
    table = projector_rows(hamiltonian, space, (band,), order)
    p = [rows[0] for rows in table]
    if static:
        # P commutes with H, and one factor of it is enough.
        parts = [series_trace([part], p, space, order) for part in hamiltonian[0]]
    else:
        compressed = [star_series([part], p, space, order) for part in hamiltonian[0]]
        parts = [series_trace(p, inner, space, order) for inner in compressed]
    energy = [one.real + two.real for one, two in zip(*parts, strict=True)]
    for n in range(order):
        inner = star_series([energy[n][None, None]], p, space, order - n)
        for j, part in enumerate(series_trace(p, inner, space, order - n)[1:], start=1):
            energy[n + j] = energy[n + j] - part.real
    axes = range(len(space.axes))
    slopes = [[spectral_derivative(field, space, i) for i in axes] for field in p[:order]]
    shape = np.broadcast_shapes(*(field.shape[2:] for field in p[:order]))
    curvature = [np.zeros((len(axes), len(axes), *shape)) for _ in range(order)]
    in_time = [np.zeros((len(axes), *shape)) for _ in range(order)]
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
    return StarBand(
        projector=_spread(p, space),
        energy=_spread(energy, space),
        curvature=_spread(curvature, space),
        curvature_in_time=_spread(in_time, space),
        metric=None if metric is None else on_grid(metric, space),
        metric_rate=None if metric_rate is None else on_grid(metric_rate, space),
    )


def _spread(fields: Sequence[np.ndarray], space: PhaseSpace) -> tuple[np.ndarray, ...]:
    return tuple(on_grid(field, space) for field in fields)


def time_derivatives(symbol: MatrixFormula, order: int) -> list[MatrixFormula]:
    """H, ∂_tH, … through order n; H alone if it is static."""
    out = [symbol]
    while "t" in symbol.variables and len(out) <= order:
        out.append(out[-1].derivative("t"))
    return out


def star_bands(symbols: Sequence[MatrixFormula], space: PhaseSpace, t: float, order: int) -> list[StarBand]:
    """`star_band` of every band at time t, of H and the rates that `time_derivatives` gives; the last answer is kept.

    ħ is in none of it: a state, its equation and the next ħ of a sweep share what was computed once.
    """
    return list(_star_bands(tuple(symbols), replace(space, hbar=1.0), t, order))


@lru_cache(maxsize=1)
def _star_bands(
    symbols: tuple[MatrixFormula, ...], space: PhaseSpace, t: float, order: int
) -> tuple[StarBand, ...]:
    values = [split_symbol(s(t=t, **space.coordinates()), space) for s in symbols]
    return tuple(_star_band(values, space, n, order) for n in range(symbols[0].size))


def star_series(
    a: Sequence[np.ndarray], b: Sequence[np.ndarray], space: PhaseSpace, order: int
) -> list[np.ndarray]:
    """Coefficients of A ⋆ B through ħⁿ, of A = Σ ħ^i a_i and B = Σ ħ^j b_j, stored as `star_term` does."""
    return _series(star_term, a, b, space, order)


def series_trace(
    a: Sequence[np.ndarray], b: Sequence[np.ndarray], space: PhaseSpace, order: int
) -> list[np.ndarray]:
    """The traces of `star_series`, complex (*broadcastable grid)."""
    return _series(star_trace, a, b, space, order)


def _series(
    term: Callable[[np.ndarray, np.ndarray, PhaseSpace, int], np.ndarray],
    a: Sequence[np.ndarray],
    b: Sequence[np.ndarray],
    space: PhaseSpace,
    order: int,
) -> list[np.ndarray]:
    out = []
    for n in range(order + 1):
        terms = (
            term(a[i], b[j], space, n - i - j)
            for i in range(min(n + 1, len(a)))
            for j in range(min(n - i + 1, len(b)))
        )
        out.append(reduce(np.add, terms))
    return out


def _curvature(
    p: Sequence[np.ndarray], da: Sequence[np.ndarray], db: Sequence[np.ndarray], space: PhaseSpace, count: int
) -> list[np.ndarray]:
    """The first `count` coefficients of −i tr P ⋆ (∂_aP ⋆ ∂_bP − ∂_bP ⋆ ∂_aP)."""
    one, two = (star_series(x, y, space, count - 1) for x, y in ((da, db), (db, da)))
    inner = [x - y for x, y in zip(one, two, strict=True)]
    return [trace.imag for trace in series_trace(p, inner, space, count - 1)]


def _half_trace(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return 0.5 * np.einsum("ab...,ba...->...", a, b).real

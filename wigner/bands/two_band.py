r"""The geometry of two bands, from the vector that splits them: no eigenvectors, no phases."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from ..algebra.formula import MatrixFormula
from ..algebra.phase_space import PhaseSpace
from ..errors import ModelError

__all__ = ["TwoBandFields", "TwoBandGeometry"]

# Gaps below this share of the largest energy are closed.
_CLOSED = 1e-9


@dataclass(frozen=True)
class TwoBandFields:
    r"""Fields of H = ε/2 + Δ m·σ/2 on the grid at one time.

    .. math:: ε_s = \tfrac12 (ε + sΔ), \qquad F_{IJ} = m·(∂_I m × ∂_J m), \qquad
              𝓕 = \tfrac12 J^{ij} F_{ij} \; (= F_{r_l p_l} \text{ without a magnetic field})

    Attributes
    ----------
    gap : Δ > 0, energy, (*grid).
    direction : m, |m| = 1, (3, *grid).
    mean_slopes, gap_slopes : ∂_iε, ∂_iΔ, (axes, *grid).
    turns : ∂_i m and, last, ∂_t m, (axes + 1, 3, *grid).
    curvature : F_ij, (axes, axes, *grid).
    curvature_in_time : F_ti, (axes, *grid).
    trace : 𝓕 without ħ, (*grid).
    trace_slopes : ∂_i𝓕 and, last, ∂_t𝓕, (axes + 1, *grid).
    """

    gap: np.ndarray
    direction: np.ndarray
    mean_slopes: np.ndarray
    gap_slopes: np.ndarray
    turns: np.ndarray
    curvature: np.ndarray
    curvature_in_time: np.ndarray
    trace: np.ndarray
    trace_slopes: np.ndarray


class TwoBandGeometry:
    """The geometry of a 2×2 Hamiltonian, by the derivatives of its formula.

    Parameters
    ----------
    space : the phase space, any Poisson tensor.
    symbol : H, Hermitian, 2×2, with two derivatives in its variables.

    Notes
    -----
    F is the solid angle of m per area; the Berry curvature of band s, with A = i⟨u|∂u⟩, is −sF/2. Derivatives are exact.

    Raises
    ------
    ModelError : if H is not 2×2; from `at`, if the gap closes on the grid.
    """

    def __init__(self, space: PhaseSpace, symbol: MatrixFormula) -> None:
        if symbol.size != 2:
            raise ModelError(f"expected a Hamiltonian of two bands, got {symbol.size}")
        self.space = space
        self._variables = (*space.names, "t")
        self._symbol = symbol
        self._first = [symbol.derivative(name) for name in self._variables]
        self._second = {
            pair: self._first[pair[0]].derivative(self._variables[pair[1]])
            for pair in combinations_with_replacement(range(len(self._variables)), 2)
        }

    @property
    def is_static(self) -> bool:
        return "t" not in self._symbol.variables

    def at(self, t: float) -> TwoBandFields:
        """The fields at time t."""
        space, count = self.space, len(self._variables)
        mean, vector = self._split(self._symbol, t)
        gap = np.sqrt(np.sum(vector**2, axis=0))
        if not gap.min() > _CLOSED * (np.abs(mean).max() + gap.max()):
            place = np.unravel_index(int(np.argmin(gap)), space.shape)
            where = ", ".join(f"{a.name} = {a.values[i]:.4g}" for a, i in zip(space.axes, place, strict=True))
            raise ModelError(
                f"expected two bands apart from each other, got a gap that closes at {where}; "
                "open it, or use an equation of the whole matrix"
            )
        parts = [self._split(formula, t) for formula in self._first]
        slopes = np.array([part[1] for part in parts])
        second = np.empty((count, count, *vector.shape))
        for (i, j), formula in self._second.items():
            second[i, j] = second[j, i] = self._split(formula, t)[1]
        direction = vector / gap
        gap_slopes = np.einsum("a...,ia...->i...", direction, slopes)
        turns = (slopes - gap_slopes[:, None] * direction) / gap
        area = _triple(vector, slopes[:, None], slopes[None, :])
        curvature = area / gap**3
        tensor = np.zeros((count, count))
        tensor[:-1, :-1] = space.poisson_tensor
        trace = 0.5 * np.einsum("ij,ij...->...", tensor, curvature)
        trace_slopes = np.empty((count, *space.shape))
        for k in range(count):
            change = (
                _triple(slopes[k], slopes[:, None], slopes[None, :])
                + _triple(vector, second[k][:, None], slopes[None, :])
                + _triple(vector, slopes[:, None], second[k][None, :])
            )
            trace_slopes[k] = 0.5 * np.einsum("ij,ij...->...", tensor, change) / gap**3
            trace_slopes[k] -= 3 * trace * gap_slopes[k] / gap
        return TwoBandFields(
            gap=gap,
            direction=direction,
            mean_slopes=np.array([part[0] for part in parts[:-1]]),
            gap_slopes=gap_slopes[:-1],
            turns=turns,
            curvature=curvature[:-1, :-1],
            curvature_in_time=curvature[-1, :-1],
            trace=trace,
            trace_slopes=trace_slopes,
        )

    def _split(self, formula: MatrixFormula, t: float) -> tuple[np.ndarray, np.ndarray]:
        """The trace and the three Pauli components of a symbol, on the whole grid."""
        matrix = formula(t=t, **self.space.coordinates())
        matrix = np.broadcast_to(matrix, (2, 2, *self.space.shape))
        mean = (matrix[0, 0] + matrix[1, 1]).real
        across = matrix[0, 1] + matrix[1, 0].conj()
        return mean, np.array([across.real, -across.imag, (matrix[0, 0] - matrix[1, 1]).real])


def _triple(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """a·(b × c) of fields of vectors; a (3, *grid), b and c (…, 3, *grid) with the axes of pairs first."""
    pairs = np.broadcast_shapes(b.shape, c.shape)
    b, c = np.broadcast_to(b, pairs), np.broadcast_to(c, pairs)
    b, c = np.moveaxis(b, 2, 0), np.moveaxis(c, 2, 0)
    return (
        a[0] * (b[1] * c[2] - b[2] * c[1])
        + a[1] * (b[2] * c[0] - b[0] * c[2])
        + a[2] * (b[0] * c[1] - b[1] * c[0])
    )

r"""Schrödinger's equation for the wave functions of a state, iħ ∂_t ψ = Ĥψ, as a sum of exactly solvable flows."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ..algebra.fourier import FFTLibrary, complex_transform
from ..algebra.kernels import rotate_columns
from ..algebra.unitary import unitary
from ..errors import PhaseSpaceError
from ..models.hamiltonian import Hamiltonian, Term
from ..states.density_factor import DensityFactor

__all__ = ["Schrodinger", "WaveFlow"]


class WaveFlow:
    r"""The exact flow of one term on wave functions, ψ → e^{−iH_jτ/ħ}ψ, with the term frozen at a time.

    Parameters
    ----------
    term : a term of commuting coordinates.
    factor : the wave functions it moves in place.

    Notes
    -----
    Where the term depends on momenta, their positions are transformed there and back; that is all it costs beside one
    product of a matrix and a vector a site.
    """

    advances_time: ClassVar[bool] = False

    def __init__(self, term: Term, factor: DensityFactor, *, library: FFTLibrary = "auto") -> None:
        weyl = factor.weyl
        self.commutes_with_time = term.is_static
        self._term = term
        self._hbar = weyl.space.hbar
        sites = [pair.sites for pair in weyl.pairs]
        bands = factor.columns.shape[-1] // weyl.sites
        field = factor.columns.reshape(*factor.columns.shape[:2], bands, *sites)
        self._columns = factor.columns.reshape(*factor.columns.shape[:2], bands, -1)
        axes = tuple(3 + n for n, pair in enumerate(weyl.pairs) if pair.second in term.coordinates)
        self._transform = complex_transform(field, axes, library=library) if axes else None
        self._twist = _antiperiodic(factor, axes, field.shape) if axes else None
        self._field = field
        self._scale = 1.0 / np.prod([field.shape[axis] for axis in axes]) if axes else 1.0
        moved = slice(0, len(factor.columns))
        self._coordinates = {}
        for name in term.coordinates:
            values = weyl.eigenvalues(name)[moved]
            place = next((n for n, pair in enumerate(weyl.pairs) if name in (pair.first, pair.second)), None)
            shape = [-1 if n == place else 1 for n in range(len(sites))]
            self._coordinates[name] = values.reshape(len(values), *shape)
        self._shape = (len(factor.columns), *sites)
        self._static_values = self._values(0.0) if term.is_static else None
        self._tables: dict[float, np.ndarray] = {}

    def _values(self, t: float) -> np.ndarray:
        """The term at every site or wave of every set, (N, N, sets · sites)."""
        values = self._term.symbol(t=t, **self._coordinates)
        values = np.broadcast_to(values, (*values.shape[:2], *self._shape)).reshape(*values.shape[:2], -1)
        return values[:1, :1] if self._term.symbol.is_scalar else values

    def _table(self, values: np.ndarray, duration: float) -> np.ndarray:
        rows = unitary(values, duration / self._hbar)
        return (rows * self._scale).reshape(self._shape[0], -1, rows.shape[1])

    def spectral_width(self, t: float = 0.0) -> float:
        """Largest difference of the term's levels, in energy."""
        values = self._values(t) if self._static_values is None else self._static_values
        levels = np.linalg.eigvalsh(np.moveaxis(values, -1, 0))
        return float(levels.max() - levels.min())

    def prepare(self, duration: float) -> None:
        """Tabulate the unitary of a static term for `duration`."""
        if self._static_values is not None and duration not in self._tables:
            self._tables[duration] = self._table(self._static_values, duration)

    def forget(self) -> None:
        """Drop tables of durations no longer used."""
        self._tables.clear()

    def apply(self, duration: float, t: float) -> None:
        """Move the wave functions by `duration` with the term as it is at time `t`."""
        if self._static_values is None:
            table = self._table(self._values(t), duration)
        else:
            self.prepare(duration)
            table = self._tables[duration]
        if self._transform is None:
            rotate_columns(self._columns, table)
            return
        if self._twist is not None:
            self._field *= self._twist[0]
        self._transform.forward()
        rotate_columns(self._columns, table)
        self._transform.backward()
        if self._twist is not None:
            self._field *= self._twist[1]


def _antiperiodic(
    factor: DensityFactor, axes: tuple[int, ...], shape: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray] | None:
    """What makes waves that change sign around a ring periodic, and the way back; None where no set has such ends."""
    weyl = factor.weyl
    numbers, skipped = weyl.set_numbers(), len(weyl.parameters)
    angle: np.ndarray | float = 0.0
    for axis in axes:
        pair = weyl.pairs[axis - 3]
        ends = numbers[skipped + 2 * (axis - 3) + 1][: shape[0]]
        turn = np.multiply.outer(ends, np.arange(pair.sites)) * (np.pi / pair.sites)
        angle = angle + turn.reshape([length if n in (0, axis) else 1 for n, length in enumerate(shape)])
    if not np.any(angle):
        return None
    return np.exp(-1j * angle), np.exp(1j * angle)


class Schrodinger:
    r"""Exact motion of the wave functions of a state.

    .. math:: iħ ∂_t ψ = \hat H ψ, \qquad \hat ρ = Σ_n ψ_n ψ_n^†

    The same motion as `Moyal`'s on the same grid: momenta are the grid's own, and every set of matrix elements moves by the
    operator that the star product is on it.

    Parameters
    ----------
    hamiltonian : a sum of terms of commuting coordinates, without a field beside positions.

    Raises
    ------
    PhaseSpaceError : from `flows`, where a field makes momenta other than plane waves.
    """

    kind: ClassVar[str] = "schrodinger"
    provides: ClassVar[str] = "flows"

    def __init__(self, hamiltonian: Hamiltonian) -> None:
        self.hamiltonian = hamiltonian

    def flows(self, factor: DensityFactor, *, library: FFTLibrary = "auto") -> tuple[WaveFlow, ...]:
        """The exact flows that move `factor`, one per term."""
        if factor.weyl.has_gauge:
            raise PhaseSpaceError("expected no magnetic field beside positions, got one; use another method")
        return tuple(WaveFlow(term, factor, library=library) for term in self.hamiltonian.terms)

"""The matrix Wigner function: Hermitian by construction, because only its N² real components are stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt

import numpy as np

from ..algebra.phase_space import PhaseSpace

__all__ = ["WignerFunction", "component_names", "pack", "unpack"]


def component_names(bands: int) -> tuple[str, ...]:
    """Names of the real components in storage order: ``00``, ``11``, …, then ``re01``, ``im01``, ``re02``, …"""
    upper = [(a, b) for a in range(bands) for b in range(a + 1, bands)]
    return tuple(f"{a}{a}" for a in range(bands)) + tuple(
        f"{part}{a}{b}" for a, b in upper for part in ("re", "im")
    )


def pack(matrix: np.ndarray) -> np.ndarray:
    """Real components (N², …) of the Hermitian part of a matrix field (N, N, …)."""
    bands = len(matrix)
    data = np.empty((bands**2, *matrix.shape[2:]))
    for a in range(bands):
        data[a] = matrix[a, a].real
    upper = [(a, b) for a in range(bands) for b in range(a + 1, bands)]
    for number, (a, b) in enumerate(upper):
        mean = 0.5 * (matrix[a, b] + matrix[b, a].conj())
        data[bands + 2 * number] = mean.real
        data[bands + 2 * number + 1] = mean.imag
    return data


def unpack(data: np.ndarray) -> np.ndarray:
    """Hermitian matrix field (N, N, …) of real components (N², …)."""
    bands = isqrt(len(data))
    matrix = np.empty((bands, bands, *data.shape[1:]), dtype=complex)
    for a in range(bands):
        matrix[a, a] = data[a]
    upper = [(a, b) for a in range(bands) for b in range(a + 1, bands)]
    for number, (a, b) in enumerate(upper):
        matrix[a, b] = data[bands + 2 * number] + 1j * data[bands + 2 * number + 1]
        matrix[b, a] = matrix[a, b].conj()
    return matrix


@dataclass(frozen=True, eq=False)
class WignerFunction:
    r"""Wigner transform F(r, k) of the one-body density matrix, an N×N Hermitian matrix field.

    .. math:: F(r,k) = ∫ d^dy \, e^{−ik·y/ħ} ⟨r + y/2|\hat ρ|r − y/2⟩, \qquad
              ρ(r) = ∫ \frac{d^dk}{(2πħ)^d} \operatorname{tr} F, \qquad
              ⟨A⟩ = ∫ \frac{d^dr\,d^dk}{(2πħ)^d} \operatorname{tr}(F A)

    Parameters
    ----------
    space : the phase space.
    data : float64, shape (N², *grid), C order; components as in `component_names`. Signed: negative values are physics.
    """

    space: PhaseSpace
    data: np.ndarray

    @classmethod
    def from_matrix(cls, space: PhaseSpace, matrix: np.ndarray) -> WignerFunction:
        """Store the Hermitian part of a matrix field (N, N, *broadcastable grid)."""
        full = np.broadcast_to(matrix, (*matrix.shape[:2], *space.shape))
        return cls(space, pack(full))

    @property
    def bands(self) -> int:
        return isqrt(len(self.data))

    def matrix(self) -> np.ndarray:
        """Complex field (N, N, *grid)."""
        return unpack(self.data)

    def scalar(self) -> np.ndarray:
        """tr F on the grid (dimensionless occupation, signed)."""
        return self.data[: self.bands].sum(axis=0)

    def trace(self) -> float:
        """Number of particles ∫ tr F."""
        return float(self.data[: self.bands].sum() * self.space.cell)

    def purity(self) -> float:
        """∫ tr F² = Tr ρ̂², 1 for one particle in a pure state."""
        diagonal, off_diagonal = self.data[: self.bands], self.data[self.bands :]
        square = np.vdot(diagonal, diagonal) + 2 * np.vdot(off_diagonal, off_diagonal)
        return float(square * self.space.cell)

    def marginal(self, names: Sequence[str]) -> np.ndarray:
        """tr F integrated over every axis not in `names`, momenta with 1/2πħ; ``marginal(positions)`` is the density."""
        out = [name for name in self.space.names if name not in names]
        axes = tuple(self.space.index(name) for name in out)
        return self.scalar().sum(axis=axes) * self.space.measure(out)

    def density(self) -> np.ndarray:
        """ρ(r), particles per volume."""
        return self.marginal([axis.name for axis in self.space.positions])

    def reduced(self, names: Sequence[str]) -> np.ndarray:
        """Real components integrated over every axis not in `names`, with length-one axes kept, shape (N², *…)."""
        out = [name for name in self.space.names if name not in names]
        axes = tuple(self.space.index(name) + 1 for name in out)
        return self.data.sum(axis=axes, keepdims=True) * self.space.measure(out)

    def expectation(self, symbol: np.ndarray, names: Sequence[str] | None = None) -> float:
        """⟨A⟩ = ∫ tr(F A) for a symbol (N, N, *broadcastable grid); (1, 1, …) stands for a multiple of the identity.

        `names`, where given, are the axes the symbol depends on: F is integrated over the others first.
        """
        names = self.space.names if names is None else names
        data = self.reduced(names)
        weight = self.space.measure(names)
        if symbol.ndim == 2:
            symbol = symbol.reshape(*symbol.shape, *[1] * len(self.space.axes))
        if len(symbol) == 1 != self.bands:
            return float((data[: self.bands].sum(axis=0) * symbol[0, 0].real).sum() * weight)
        parts = pack(np.broadcast_to(symbol, (*symbol.shape[:2], *data.shape[1:])))
        parts[self.bands :] *= 2
        return float(np.vdot(parts, data) * weight)

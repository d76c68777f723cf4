r"""Differential operators in conservative form, Σ ∂…∂(c f), by Fourier transforms that are planned once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .fourier import FFTLibrary, block_transform
from .phase_space import PhaseSpace

__all__ = ["KramersMoyal", "MomentFields"]

#: Fields c by the sorted numbers of the axes along which the product c f is differentiated: (0,), (0, 1), (0, 0, 1), …
MomentFields = Mapping[tuple[int, ...], np.ndarray]


class KramersMoyal:
    r"""The operator of a Kramers–Moyal expansion, with any number of derivatives on the outside.

    .. math:: (Lf)(z) = \sum_a ∂_a (c_a f) + \sum_{a ≤ b} ∂_a∂_b (c_{ab} f) + \sum_{a ≤ b ≤ c} ∂_a∂_b∂_c (c_{abc} f) + …

    Parameters
    ----------
    space : the grid, periodic along every axis that is differentiated.

    Other parameters
    ----------------
    dealias : move only wave numbers below a third of the points of an axis, and let only those of c act, the usual rule of
        two thirds: of an f that holds no others, see `truncate`, no product then comes back as an alias.
    library : transform library, see `fourier.block_transform`.

    Attributes
    ----------
    highest : float (axes,), the largest wave number that moves along each axis.
    filtered : largest share of ∫c² that `smoothed` has cut off so far.

    Notes
    -----
    ∫Lf = 0 to rounding, whatever c is. Third derivatives with ∂_a c_{abc} = 0 are antisymmetric with `dealias`, and not
    without, where aliases make noise grow. Cost of `add`: a transform for every field and one back.
    """

    def __init__(self, space: PhaseSpace, *, dealias: bool = True, library: FFTLibrary = "auto") -> None:
        self.space = space
        self.dealias = dealias
        self.filtered = 0.0
        self._block = block_transform((), space.shape, library=library)
        self._sum = np.zeros_like(self._block.half)
        self._waves, self._moves = [], []
        highest = []
        last = len(space.axes) - 1
        for number, axis in enumerate(space.axes):
            count = np.abs(np.rint(np.fft.fftfreq(axis.points) * axis.points))
            moves = count < (axis.points / 3 if dealias else axis.points / 2)
            w = np.where(moves, axis.frequencies, 0.0)
            highest.append(float(np.abs(w).max()))
            if number == last:
                w, moves = w[: axis.points // 2 + 1], moves[: axis.points // 2 + 1]
            shape = [-1 if n == number else 1 for n in range(last + 1)]
            self._waves.append((1j * w).reshape(shape))
            # Complex, because a product of kinds would be cast through a buffer.
            self._moves.append(moves.astype(complex).reshape(shape))
        self.highest = np.array(highest)

    @property
    def nbytes(self) -> int:
        """Bytes of the buffers."""
        return self._block.real.nbytes + self._block.half.nbytes + self._sum.nbytes

    def add(self, fields: MomentFields, f: np.ndarray, out: np.ndarray) -> None:
        """Add Lf to `out`, both float64 (*grid); nothing is allocated."""
        if not fields:
            return
        block, total = self._block, self._sum
        total[...] = 0.0
        for along, c in fields.items():
            np.multiply(c, f, out=block.real)
            block.forward()
            for axis in along:
                block.half *= self._waves[axis]
            total += block.half
        for moves in self._moves:
            total *= moves
        block.half[...] = total
        block.backward()
        block.real *= 1.0 / f.size
        out += block.real

    def smoothed(self, fields: MomentFields) -> dict[tuple[int, ...], np.ndarray]:
        """The fields without the wave numbers that may not act, in new arrays; notes their share in `filtered`."""
        if not self.dealias:
            return {along: np.ascontiguousarray(c) for along, c in fields.items()}
        return {along: self._cut(c) for along, c in fields.items()}

    def truncate(self, f: np.ndarray) -> float:
        """Take the wave numbers that may not move out of f, in place; the share of ∫f² that they had."""
        size = float(np.vdot(f, f))
        rest = f - self._truncated(f)
        f -= rest
        return float(np.vdot(rest, rest)) / size if size > 0 else 0.0

    def bound(self, fields: MomentFields) -> float:
        """A bound of the spectral radius of L: Σ max|c| times the largest wave numbers."""
        return float(sum(np.abs(c).max() * np.prod(self.highest[list(along)]) for along, c in fields.items()))

    def _cut(self, c: np.ndarray) -> np.ndarray:
        kept = np.array(c)
        self.filtered = max(self.filtered, self.truncate(kept))
        return kept

    def _truncated(self, f: np.ndarray) -> np.ndarray:
        self._block.real[...] = f
        self._block.forward()
        for moves in self._moves:
            self._block.half *= moves
        self._block.backward()
        return self._block.real / f.size

r"""Linear differential operators in conservative form, Σ ∂…∂(c f), by Fourier transforms that are planned once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod

import numpy as np

from .fourier import FFTLibrary, aligned_complex, block_transform, complex_transform
from .kernels import add_multiplied_columns, multiply_along
from .phase_space import PhaseSpace

__all__ = ["MomentFields", "SpectralDivergence"]

#: Fields c by the sorted numbers of the axes along which c f is differentiated, (0,), (0, 1), (0, 0, 1), … or none, and by
#: the number of the f that they multiply.
MomentFields = Mapping[tuple[int, ...], Mapping[int, np.ndarray]]

# Points of a block of lines, which stay in the second-level cache from product to transform.
_BLOCK = 2**15


class SpectralDivergence:
    r"""Plan of an operator with any number of derivatives on the outside, on fields of a periodic grid.

    .. math:: (Lf)(z) = \sum_b \Big[ c_b f_b + \sum_i ∂_i (c_{ib} f_b) + \sum_{i ≤ j} ∂_i∂_j (c_{ijb} f_b) + … \Big], \qquad
              ∂_i → i w_i, \quad |w_i| ≤ \tfrac23 w_{max,i} \text{ where dealiased}

    Parameters
    ----------
    space : the phase space, periodic in every axis that is differentiated; a field in a box must vanish at its ends.

    Other parameters
    ----------------
    dealias : move only wave numbers below a third of the points of an axis, and let only those of c act, the usual rule of
        two thirds: of an f that holds no others, see `truncate`, no product then comes back as an alias.
    library : transform library, see `fourier.block_transform`.

    Attributes
    ----------
    highest : float (axes,), the largest wave number that moves along each axis.
    filtered : of all that `smoothed` has seen so far, the most that was cut off one c, as the square of what it can add to
        a rate, relative to the largest c as a whole; a field that is rounding beside the others does not count.

    Notes
    -----
    What is differentiated integrates to zero to the rounding of one inverse transform, whatever c is. Waves on a Nyquist
    line have no sign and no derivative. Third derivatives with ∂_a c_{abc} = 0 are antisymmetric with `dealias`, and not
    without, where aliases make noise grow.
    Cost of `add`: a transform of the last axis for every set of derivatives, one of the others for every set of theirs, and
    one back; with `dealias` the others see two thirds of the columns. On two axes and through third derivatives that is 9,
    4 and 2 of one axis where whole transforms would be 20. Memory: two spectra.
    """

    def __init__(self, space: PhaseSpace, *, dealias: bool = False, library: FFTLibrary = "auto") -> None:
        *outer, last = space.axes
        self.dealias = dealias
        self._lost, self._largest = 0.0, 0.0
        self.highest = np.zeros(len(space.axes))
        self._shape, self._lines = space.shape, prod(axis.points for axis in outer)
        self._waves, self._keep = [], []
        for number, axis in enumerate(space.axes):
            counts = np.abs(np.rint(np.fft.fftfreq(axis.points) * axis.points))
            low = 3 * counts < axis.points if dealias else np.ones(axis.points, dtype=bool)
            waves = np.where(low & (2 * counts < axis.points), axis.frequencies, 0.0)
            self.highest[number] = np.abs(waves).max()
            if axis is last:
                columns = int(low[: axis.points // 2 + 1].sum())
                waves, low = waves[:columns], low[:columns]
            self._waves.append(waves)
            self._keep.append(low)
        self._powers: dict[tuple[int, int], np.ndarray] = {}
        block = max(1, min(self._lines, _BLOCK // last.points))
        self._block = block_transform((block,), (last.points,), library=library)
        self._product = np.empty_like(self._block.real)
        self._group = aligned_complex((*(axis.points for axis in outer), columns))
        self._sum = np.empty_like(self._group)
        self._others = (
            complex_transform(self._group, tuple(range(len(outer))), library=library) if outer else None
        )

    @property
    def nbytes(self) -> int:
        """Bytes of the buffers."""
        buffers = self._block.real, self._block.half, self._product, self._group, self._sum
        return sum(buffer.nbytes for buffer in buffers)

    @property
    def filtered(self) -> float:
        return self._lost / self._largest if self._largest > 0 else 0.0

    def add(self, fields: MomentFields, f: np.ndarray, out: np.ndarray) -> None:
        """Add Lf to `out`, float64 (*grid) and in C order as all else, of f (bands, *grid); nothing is allocated."""
        if not fields:
            return
        if not out.flags.c_contiguous:
            raise ValueError(
                "expected an array in C order to add to, got one whose points are apart in memory"
            )
        last = len(self._shape) - 1
        groups: dict[tuple[int, ...], list[tuple[int, ...]]] = {}
        for along in fields:
            groups.setdefault(tuple(axis for axis in along if axis != last), []).append(along)
        self._sum[...] = 0.0
        for others, members in groups.items():
            self._transform_lines({len(along) - len(others): fields[along] for along in members}, f)
            if self._others is not None:
                self._others.forward()
            for axis in range(last):
                if self.dealias or axis in others:
                    view = self._group.reshape(prod(self._shape[:axis]), self._shape[axis], -1)
                    multiply_along(view, self._power(axis, others.count(axis)))
            self._sum += self._group
        np.copyto(self._group, self._sum)
        if self._others is not None:
            self._others.backward()
        real, half = self._block.real, self._block.half
        spectrum, lines = self._rows(self._group), self._rows(out)
        columns = spectrum.shape[1]
        for start, fresh in self._blocks():
            half[:, :columns] = spectrum[start : start + len(real)]
            half[:, columns:] = 0.0
            self._block.backward()
            lines[fresh : start + len(real)] += real[fresh - start :]

    def smoothed(self, fields: MomentFields) -> dict[tuple[int, ...], dict[int, np.ndarray]]:
        """The fields without the wave numbers that may not act, in C order; notes their share in `filtered`."""
        return {
            along: {b: self._smooth(along, c) for b, c in parts.items()} for along, parts in fields.items()
        }

    def truncate(self, f: np.ndarray) -> float:
        """Take the wave numbers that may not move out of f (*grid), in place; the share of ∫f² that they had."""
        if not self.dealias:
            return 0.0
        size, kept = float(np.vdot(f, f)), np.zeros(self._shape)
        self.add({(): {0: np.ones(self._shape)}}, f[None], kept)
        share = float(np.sum((f - kept) ** 2)) / size if size > 0 else 0.0
        f[...] = kept
        return share

    def bound(self, fields: MomentFields, source: int = 0) -> float:
        """A bound of the norm of L on one f: Σ max|c| times the largest wave numbers."""
        return float(
            sum(
                np.abs(parts[source]).max() * np.prod(self.highest[list(along)])
                for along, parts in fields.items()
                if source in parts
            )
        )

    def _transform_lines(self, parts: Mapping[int, Mapping[int, np.ndarray]], f: np.ndarray) -> None:
        """Fill the group with Σ (iw)ⁿ c f, transformed along the last axis; `parts` by n."""
        real, half, product = self._block.real, self._block.half, self._product
        spectrum = self._rows(self._group)
        last = len(self._shape) - 1
        ready = [
            (
                self._power(last, n).reshape(-1),
                [(self._rows(c), self._rows(f[b])) for b, c in members.items()],
            )
            for n, members in parts.items()
        ]
        for start, _ in self._blocks():
            lines = slice(start, start + len(real))
            for number, (power, members) in enumerate(ready):
                for count, (c, column) in enumerate(members):
                    np.multiply(c[lines], column[lines], out=product if count else real)
                    if count:
                        np.add(real, product, out=real)
                self._block.forward()
                add_multiplied_columns(half, power, spectrum[lines], number == 0)

    def _blocks(self) -> Iterator[tuple[int, int]]:
        """First line of each block, and the first that is in none before: the last block overlaps another."""
        size = len(self._block.real)
        for fresh in range(0, self._lines, size):
            yield min(fresh, self._lines - size), fresh

    def _power(self, axis: int, n: int) -> np.ndarray:
        """(iw)ⁿ of the waves that are kept; with the scale of a transform there and back on the last axis."""
        if (axis, n) not in self._powers:
            scale = 1 / prod(self._shape) if axis == len(self._shape) - 1 else 1.0
            self._powers[axis, n] = scale * (1j * self._waves[axis]) ** n * self._keep[axis]
        return self._powers[axis, n]

    def _rows(self, field: np.ndarray) -> np.ndarray:
        """The lines of a field along the last axis, without a copy."""
        return field.reshape(self._lines, field.shape[-1])

    def _smooth(self, along: tuple[int, ...], c: np.ndarray) -> np.ndarray:
        kept = np.array(np.broadcast_to(c, self._shape), order="C")
        # Along positions that the grid leaves out nothing varies, and nothing is added.
        waves = self.highest[list(along)] if max(along, default=0) < len(self.highest) else 0.0
        size = float(np.vdot(kept, kept) * np.prod(waves) ** 2)
        self._largest = max(self._largest, size)
        self._lost = max(self._lost, size * self.truncate(kept))
        return kept

r"""Multiply a state from both sides by a function of commuting coordinates, F → A ⋆ F ⋆ A†, exactly and in place.

One sweep moves blocks that fit the second-level cache: gather, transform the conjugate axes, multiply every Fourier
component by the matrices of its two shifted arguments, transform back, scatter. Nothing of the size of the state is
allocated; the floor is one read and one write of the state and one pair of real transforms of its N² components.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from math import prod

import numpy as np

from . import kernels
from .bopp import BoppShifts, bopp_shifts
from .fourier import BlockTransform, FFTLibrary, block_transform
from .phase_space import PhaseSpace

__all__ = ["TwoSidedProduct", "workers"]

# Bytes of one block in real space; with its half spectrum it shares a 2 MB second-level cache.
_BLOCK_BYTES = 384 * 1024

_POOLS: dict[int, ThreadPoolExecutor] = {}


def workers(threads: int) -> ThreadPoolExecutor:
    """The pool of `threads` threads, made once a process; blocks are independent, so results do not depend on it."""
    if threads not in _POOLS:
        _POOLS[threads] = ThreadPoolExecutor(threads, thread_name_prefix="wigner")
    return _POOLS[threads]


class TwoSidedProduct:
    r"""Plan of F → A(z_S) ⋆ F ⋆ A(z_S)† for states of one shape.

    .. math:: (A ⋆ F ⋆ A†)^{\sim}(z, w) = A(z − \tfrac{ħ}{2} J w) \, \tilde F(z, w) \, A(z + \tfrac{ħ}{2} J w)†

    Parameters
    ----------
    space : the phase space.
    coordinates : names of the commuting coordinates of A.
    bands : N, the size of the matrices.

    Other parameters
    ----------------
    threads : worker threads; every result is the same to the last bit for any number.
    library : transform library, see `fourier.block_transform`.
    merge : see `bopp_shifts`.

    Notes
    -----
    Cost: N² real transforms of the conjugate axes and back. Memory beside the state: `nbytes`.
    """

    def __init__(
        self,
        space: PhaseSpace,
        coordinates: Sequence[str],
        bands: int,
        *,
        threads: int = 1,
        library: FFTLibrary = "auto",
        merge: bool = True,
    ) -> None:
        self.space = space
        self.bands = bands
        self.shifts: BoppShifts = bopp_shifts(space, coordinates, merge=merge)
        self._axes = [space.index(name) + 1 for name in self.shifts.conjugates]
        self._lengths = tuple(space.axis(name).points for name in self.shifts.conjugates)
        first, last = self._axes[0], self._axes[-1]
        self._adjacent = last - first + 1 == len(self._axes)
        shape = (bands**2, *space.shape)
        # The state as (components, before, conjugate axes, after); axes apart are first brought together behind.
        self._before = prod(shape[1:first]) if self._adjacent else len(self.shifts.left)
        self._after = prod(shape[last + 1 :]) if self._adjacent else 1
        self._length = prod(self._lengths)
        line = 8 * bands**2 * self._length
        run = self._after if self._after > 1 else self._before
        self._rows = max(1, min(run, _BLOCK_BYTES // line))
        self._threads = max(1, min(threads, -(-run // self._rows), os.cpu_count() or 1))
        self._transforms: list[BlockTransform] = [
            block_transform((bands**2, self._rows), self._lengths, library=library)
            for _ in range(self._threads)
        ]
        self._gathered = None if self._adjacent else np.empty((bands**2, *self._separated_shape()))

    def _separated_shape(self) -> tuple[int, ...]:
        return tuple(self.space.axis(n).points for n in (*self.shifts.others, *self.shifts.conjugates))

    @property
    def transforms_per_sweep(self) -> int:
        """Real transforms of the conjugate axes in one application, forward and backward, counted per component."""
        return 2 * self.bands**2

    @property
    def nbytes(self) -> int:
        """Bytes held beside the state: index arrays, block buffers, and a copy if the conjugate axes are not adjacent."""
        buffers = sum(transform.real.nbytes + transform.half.nbytes for transform in self._transforms)
        copy = 0 if self._gathered is None else self._gathered.nbytes
        return self.shifts.left.nbytes + self.shifts.right.nbytes + buffers + copy

    def tabulate(self, function: Callable[..., np.ndarray]) -> np.ndarray:
        """Values of a matrix function of the coordinates at every entry, shape (N, N, entries).

        `function` takes the coordinates by name and returns (N, N, …); on a Nyquist line the mean of both aliases is taken.
        """
        plus = function(**{name: pair[0] for name, pair in self.shifts.arguments.items()})
        minus = function(**{name: pair[1] for name, pair in self.shifts.arguments.items()})
        shape = (*plus.shape[:2], *self.shifts.table_shape)
        mean = 0.5 * (np.broadcast_to(plus, shape) + np.broadcast_to(minus, shape))
        return mean.reshape(*plus.shape[:2], -1)

    def widest(self, high: np.ndarray, low: np.ndarray) -> float:
        """Largest ``high`` − ``low`` of the two sides over all components ±w, of values at every entry."""
        left, right = self.shifts.left, self.shifts.right
        return float(max(np.max(high[left] - low[right]), np.max(high[right] - low[left])))

    def arrange(self, table: np.ndarray) -> np.ndarray:
        """A table in the order `apply` reads fastest: here, as it is."""
        return table

    def apply(self, table: np.ndarray, data: np.ndarray) -> None:
        """Replace `data` by A ⋆ F ⋆ A†.

        Parameters
        ----------
        table : complex (entries, N²), A row by row at every entry; or (entries, 1) where A is a multiple of the identity.
        data : float64 (N², *grid), C order; overwritten.
        """
        if table.shape[1] == 1:
            kernel = kernels.multiply_phases
        elif self.bands == 2:
            kernel = kernels.conjugate_two_bands
        else:
            kernel = kernels.conjugate_many_bands
        if self._gathered is None:
            target = data
        else:
            order = [0] + [self.space.index(n) + 1 for n in (*self.shifts.others, *self.shifts.conjugates)]
            target = self._gathered
            np.copyto(target, data.transpose(order))
        slab = target.reshape(self.bands**2, self._before, self._length, self._after)
        if self._threads == 1:
            self._sweep(slab, table, kernel, 0)
        else:
            list(
                workers(self._threads).map(
                    lambda w: self._sweep(slab, table, kernel, w), range(self._threads)
                )
            )
        if self._gathered is not None:
            np.copyto(data.transpose(order), target)

    def _blocks(self) -> Iterator[tuple[int, int, int]]:
        """(index before, first, last): runs along the axes after, or along those before where there are none after."""
        if self._after == 1:
            for start in range(0, self._before, self._rows):
                yield 0, start, min(start + self._rows, self._before)
        else:
            for before in range(self._before):
                for start in range(0, self._after, self._rows):
                    yield before, start, min(start + self._rows, self._after)

    def _sweep(self, slab: np.ndarray, table: np.ndarray, kernel: Callable[..., None], worker: int) -> None:
        transform = self._transforms[worker]
        components = self.bands**2
        real = transform.real.reshape(components, self._rows, self._length)
        half = transform.half.reshape(components, self._rows, -1)
        left, right = self.shifts.left, self.shifts.right
        before_scale, after_scale = transform.scales
        for number, (before, start, stop) in enumerate(self._blocks()):
            if number % self._threads != worker:
                continue
            rows = stop - start
            if self._after == 1:
                columns = slab[:, start:stop, :, 0]
                np.multiply(columns, before_scale, out=real[:, :rows])
                offset = start
            else:
                columns = slab[:, before, :, start:stop]
                kernels.gather_columns(columns, real, before_scale)
                offset = before * self._after + start
            transform.forward()
            kernel(half, table, left[offset : offset + rows], right[offset : offset + rows], rows)
            transform.backward()
            if self._after == 1:
                np.multiply(real[:, :rows], after_scale, out=columns)
            else:
                kernels.scatter_columns(real, columns, after_scale)

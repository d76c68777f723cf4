"""One pass over a state in blocks that fit the second-level cache: gather, transform, act, transform back, scatter."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from math import prod

import numpy as np

from . import kernels
from .fourier import BlockTransform, FFTLibrary, block_transform
from .phase_space import PhaseSpace
from .threads import workers

__all__ = ["BlockSweep"]

# Bytes of one block in real space; with its half spectrum it shares a 2 MB second-level cache.
_BLOCK_BYTES = 384 * 1024


class BlockSweep:
    """Plan of an action on the Fourier components of a state along some of its axes, in place.

    Parameters
    ----------
    space : the phase space.
    transformed : names of the axes to transform, in grid order; the last keeps only m ≥ 0. None may be given: the action
        then sees the real components themselves.
    bands : N, the size of the matrices.

    Other parameters
    ----------------
    threads : worker threads; every result is the same to the last bit for any number.
    library : transform library, see `fourier.block_transform`.

    Attributes
    ----------
    others : the axes left alone, in grid order; a row is a point of them, numbered in C order.
    threads : the number of workers used.
    block_rows : the most rows that the action is given at once.
    nbytes : bytes of the buffers, and of a copy of the state if the transformed axes are not adjacent.
    """

    def __init__(
        self,
        space: PhaseSpace,
        transformed: Sequence[str],
        bands: int,
        *,
        threads: int = 1,
        library: FFTLibrary = "auto",
    ) -> None:
        self.others = tuple(name for name in space.names if name not in transformed)
        self._components = bands**2
        axes = [space.index(name) + 1 for name in transformed] or [len(space.axes) + 1]
        lengths = tuple(space.axis(name).points for name in transformed) or (1,)
        first, last = axes[0], axes[-1]
        shape = (bands**2, *space.shape, *([] if transformed else [1]))
        adjacent = last - first + 1 == len(axes)
        rows = prod(space.axis(name).points for name in self.others)
        # The state as (components, before, transformed axes, after); axes apart are first brought together behind.
        self._before = prod(shape[1:first]) if adjacent else rows
        self._after = prod(shape[last + 1 :]) if adjacent else 1
        self._length = prod(lengths)
        run = self._after if self._after > 1 else self._before
        self.block_rows = max(1, min(run, _BLOCK_BYTES // (8 * bands**2 * self._length)))
        self.threads = max(1, min(threads, -(-run // self.block_rows), os.cpu_count() or 1))
        self._transforms: list[BlockTransform] = [
            block_transform((bands**2, self.block_rows), lengths, library=library)
            for _ in range(self.threads)
        ]
        order = [space.index(name) + 1 for name in (*self.others, *transformed)]
        self._order = [0, *order]
        self._gathered = None if adjacent else np.empty([shape[axis] for axis in self._order])

    @property
    def nbytes(self) -> int:
        buffers = sum(transform.real.nbytes + transform.half.nbytes for transform in self._transforms)
        return buffers + (0 if self._gathered is None else self._gathered.nbytes)

    def apply(self, data: np.ndarray, action: Callable[[np.ndarray, int, int, int], None]) -> None:
        """Let `action` change the Fourier components of `data`, block by block.

        Parameters
        ----------
        data : float64 (N², *grid), C order; overwritten.
        action : function of the half spectrum of a block, complex (N², block_rows, components), the number of its first
            row, how many of its rows are meant, and the worker it runs on.
        """
        target = data
        if self._gathered is not None:
            target = self._gathered
            np.copyto(target, data.transpose(self._order))
        slab = target.reshape(self._components, self._before, self._length, self._after)
        if self.threads == 1:
            self._sweep(slab, action, 0)
        else:
            list(
                workers(self.threads).map(
                    lambda worker: self._sweep(slab, action, worker), range(self.threads)
                )
            )
        if self._gathered is not None:
            np.copyto(data.transpose(self._order), target)

    def _blocks(self) -> Iterator[tuple[int, int, int]]:
        """(index before, first, last): runs along the axes after, or along those before where there are none after."""
        rows = self.block_rows
        if self._after == 1:
            for start in range(0, self._before, rows):
                yield 0, start, min(start + rows, self._before)
        else:
            for before in range(self._before):
                for start in range(0, self._after, rows):
                    yield before, start, min(start + rows, self._after)

    def _sweep(
        self, slab: np.ndarray, action: Callable[[np.ndarray, int, int, int], None], worker: int
    ) -> None:
        transform = self._transforms[worker]
        real = transform.real.reshape(self._components, self.block_rows, self._length)
        half = transform.half.reshape(self._components, self.block_rows, -1)
        before_scale, after_scale = transform.scales
        for number, (before, start, stop) in enumerate(self._blocks()):
            if number % self.threads != worker:
                continue
            rows = stop - start
            if self._after == 1:
                columns = slab[:, start:stop, :, 0]
                np.multiply(columns, before_scale, out=real[:, :rows])
                first = start
            else:
                columns = slab[:, before, :, start:stop]
                kernels.gather_columns(columns, real, before_scale)
                first = before * self._after + start
            transform.forward()
            action(half, first, rows, worker)
            transform.backward()
            if self._after == 1:
                np.multiply(real[:, :rows], after_scale, out=columns)
            else:
                kernels.scatter_columns(real, columns, after_scale)

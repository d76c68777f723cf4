r"""The two-sided product F → A ⋆ F ⋆ A† in one pass over memory: transform, multiply and transform back inside the cache.

Eight neighbouring points of an axis that is not transformed travel together through everything, one in each vector lane.
A tile of one to eight such groups, all their points along the conjugate axes and all their components, is read once,
finished in the second-level cache and written once. Real components share complex transforms in pairs: F_00 + iF_11 and
Re F_01 + i Im F_01 for two bands, two groups of lanes for one band; ±w give the components back.

Neighbouring lanes use neighbouring arguments of A, so that one number a group says where its eight matrices begin and the
index arrays of `TwoSidedProduct`, the general path and the oracle of this one, shrink sixteenfold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from math import prod
from typing import Literal

import numpy as np

from ..errors import PhaseSpaceError
from .bopp import BoppShifts, bopp_shifts
from .fourier import FFTLibrary, balanced_scales
from .fused_kernels import sweep_tiles
from .lane_plan import LINE, consecutive, plan_tiles, plan_transform, radices_of
from .lanes import LANES
from .phase_space import PhaseSpace
from .threads import workers
from .two_sided import TwoSidedProduct

__all__ = ["FusedSweep", "SweepPath", "aligned_zeros", "two_sided_product"]

SweepPath = Literal["auto", "fused", "general"]

# Doubles of one lane group: it must fit the second-level cache.
_LARGEST_GROUP = 256 * 1024
_MOST_BANDS = 4
# Part of the vector lanes that must hold points for the fused path to be worth while.
_OCCUPIED = 0.7


def aligned_zeros(shape: tuple[int, ...]) -> np.ndarray:
    """Zeros, float64, whose first begins a pair of cache lines, as memory is fetched."""
    size = prod(shape)
    raw = np.zeros(size + 2 * LANES)
    start = -(raw.ctypes.data // raw.itemsize) % (2 * LANES)
    return raw[start : start + size].reshape(shape)


def two_sided_product(
    space: PhaseSpace,
    coordinates: Sequence[str],
    bands: int,
    *,
    threads: int = 1,
    library: FFTLibrary = "auto",
    path: SweepPath = "auto",
) -> FusedSweep | TwoSidedProduct:
    """The plan to use: `FusedSweep` where it is supported and faster, else `TwoSidedProduct`.

    Other parameters
    ----------------
    library : a named transform library asks for the general path, which is the one that uses it.
    path : ``fused`` or ``general`` force one.

    Raises
    ------
    PhaseSpaceError : if ``fused`` is asked for and not supported.
    """
    if path == "fused":
        return FusedSweep(space, coordinates, bands, threads=threads)
    if path == "auto" and library == "auto" and FusedSweep.suits(space, coordinates, bands):
        with suppress(PhaseSpaceError):
            return FusedSweep(space, coordinates, bands, threads=threads)
    return TwoSidedProduct(space, coordinates, bands, threads=threads, library=library)


class FusedSweep:
    r"""Plan of F → A(z_S) ⋆ F ⋆ A(z_S)†, equal to `TwoSidedProduct` to rounding.

    Parameters
    ----------
    space : the phase space. Conjugate axes may be any; their lengths must be products of 2, 3 and 5, and the last axis of
        the grid must be one of them or the last of the others.
    coordinates : names of the commuting coordinates of A.
    bands : N ≤ 4, the size of the matrices.

    Other parameters
    ----------------
    threads : worker threads; every result is the same to the last bit for any number.

    Raises
    ------
    PhaseSpaceError : if the shape is not one of these.

    Notes
    -----
    Cost: one read and one write of the state and ⌈N²/2⌉ complex transforms of the conjugate axes, there and back; fastest
    for a state whose first element lies on a cache line. Memory beside the state: `nbytes`, a tile a thread and
    the indices, about two bytes a point at 1024².
    """

    def __init__(
        self, space: PhaseSpace, coordinates: Sequence[str], bands: int, *, threads: int = 1
    ) -> None:
        problem = _unsupported(space, coordinates, bands)
        if problem:
            raise PhaseSpaceError(
                f"expected a shape for the fused sweep, got {problem}; use path = 'general'"
            )
        self.space = space
        self.bands = bands
        self._coordinates = tuple(coordinates)
        shifts = self.shifts
        self._arguments, self._table_shape = shifts.arguments, shifts.table_shape
        self._order, left, right = consecutive(shifts, space.axis(shifts.others[-1]).points)
        lengths = tuple(space.axis(name).points for name in shifts.conjugates)
        self._plan = plan_transform(lengths)
        self._tiles = plan_tiles(space, shifts, bands, self._plan, left, right)
        slots = self._tiles.slots.shape[0]
        room = self._plan.field * (slots * self._tiles.fields or slots // 2)
        self._threads = max(1, min(threads, -(-self._tiles.bases.size // slots)))
        self._buffers = [aligned_zeros((room,)) for _ in range(self._threads)]
        self._scales = balanced_scales(prod(lengths))

    @staticmethod
    def suits(space: PhaseSpace, coordinates: Sequence[str], bands: int) -> bool:
        """Whether the shape is supported and fills the lanes."""
        if _unsupported(space, coordinates, bands):
            return False
        others = [name for name in space.names if name not in space.conjugates(tuple(coordinates))]
        points = space.axis(others[-1]).points
        return points / (-(-points // LANES) * LANES) >= _OCCUPIED

    @property
    def shifts(self) -> BoppShifts:
        """The shifts of `TwoSidedProduct`, worked out anew: their index arrays are not kept."""
        return bopp_shifts(self.space, self._coordinates)

    @property
    def transforms_per_sweep(self) -> int:
        """Real transforms of the conjugate axes in one application, forward and backward, counted per component."""
        return 2 * self.bands**2

    @property
    def nbytes(self) -> int:
        """Bytes held beside the state."""
        arrays = [self._order, *self._plan, *self._tiles, *self._buffers]
        return sum(array.nbytes for array in arrays if isinstance(array, np.ndarray))

    def widest(self, high: np.ndarray, low: np.ndarray) -> float:
        """See `TwoSidedProduct.widest`."""
        above, below = (np.append(values[self._order], np.zeros(LANES)) for values in (high, low))
        left, right, widths = self._tiles.left, self._tiles.right, self._tiles.widths
        return max(
            float(np.max(above[one[widths > lane] + lane] - below[other[widths > lane] + lane]))
            for lane in range(int(widths.max()))
            for one, other in ((left, right), (right, left))
        )

    def tabulate(self, function: Callable[..., np.ndarray]) -> np.ndarray:
        """See `TwoSidedProduct.tabulate`."""
        plus = function(**{name: pair[0] for name, pair in self._arguments.items()})
        minus = function(**{name: pair[1] for name, pair in self._arguments.items()})
        shape = (*plus.shape[:2], *self._table_shape)
        mean = 0.5 * (np.broadcast_to(plus, shape) + np.broadcast_to(minus, shape))
        return mean.reshape(*plus.shape[:2], -1)

    def arrange(self, table: np.ndarray) -> np.ndarray:
        """A table for `apply` in the order of the lanes: real and imaginary planes (2 elements, entries + 8)."""
        planes = np.zeros((2 * table.shape[1], self._order.size + LANES))
        planes[0::2, :-LANES] = table.real.T[:, self._order]
        planes[1::2, :-LANES] = table.imag.T[:, self._order]
        return planes

    def apply(self, table: np.ndarray, data: np.ndarray) -> None:
        """Replace `data` by A ⋆ F ⋆ A†.

        Parameters
        ----------
        table : as for `TwoSidedProduct.apply`, or what `arrange` made of it, which saves the time to do so.
        data : float64 (N², *grid), C order; overwritten.
        """
        planes = self.arrange(table) if np.iscomplexobj(table) else table
        kind = (0,) * (2 * self.bands + (planes.shape[0] == 2))
        if not data.flags.c_contiguous:
            raise ValueError("expected a state in C order, got one whose points are apart in memory")

        flat = data.reshape(-1)

        def sweep(worker: int) -> None:
            sweep_tiles(
                kind,
                flat,
                planes,
                self._tiles,
                self._plan,
                self._buffers[worker],
                self._scales,
                worker,
                self._threads,
            )

        if self._threads == 1:
            sweep(0)
        else:
            list(workers(self._threads).map(sweep, range(self._threads)))


def _unsupported(space: PhaseSpace, coordinates: Sequence[str], bands: int) -> str:
    """What keeps the fused sweep from this shape; empty if nothing does."""
    conjugates = space.conjugates(tuple(coordinates))
    others = [name for name in space.names if name not in conjugates]
    lengths = [space.axis(name).points for name in conjugates]
    if not conjugates or not others:
        return "no axis to transform or none left alone"
    if bands > _MOST_BANDS:
        return f"{bands} bands"
    if not all(radices_of(n) for n in lengths):
        return f"lengths {', '.join(map(str, lengths))}, not products of 2, 3 and 5"
    if space.names[-1] not in (conjugates[-1], others[-1]):
        return f"the last axis {space.names[-1]} neither last of the conjugate axes nor of the others"
    if (bands**2 + 1) // 2 * prod(lengths) * LINE > _LARGEST_GROUP:
        return f"{prod(lengths)} points to transform at once"
    return ""

r"""The two-sided product F → A ⋆ F ⋆ A† in one pass over memory: transform, multiply and transform back inside the cache.

Eight neighbouring points of an axis that is not transformed travel together through everything, one in each vector lane.
A tile of one or two such groups, all their points along the conjugate axes and all their components, is read once, finished
in the second-level cache and written once. Real components share complex transforms in pairs: F_00 + iF_11 and
Re F_01 + i Im F_01 for two bands, two groups of lanes for one band; ±w give the components back.

Neighbouring lanes use neighbouring arguments of A, so that one number a group says where its eight matrices begin and the
index arrays of `TwoSidedProduct`, the general path and the oracle of this one, shrink sixteenfold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Literal

import numpy as np

from ..errors import PhaseSpaceError
from .bopp import BoppShifts, bopp_shifts
from .fourier import FFTLibrary, balanced_scales
from .fused_kernels import LANES, LINE, RADICES, Tiles, Transform, sweep_tiles, unit_roots
from .phase_space import PhaseSpace
from .two_sided import TwoSidedProduct, workers

__all__ = ["FusedSweep", "SweepPath", "aligned_zeros", "two_sided_product"]

SweepPath = Literal["auto", "fused", "general"]

# Doubles of a tile: a few groups share the reading of a row where they fit, and one must fit the second-level cache.
_TILE = 80 * 1024
_LARGEST_TILE = 256 * 1024
# Complex lines that fit the first-level cache whole, so that a transform needs no sections.
_SHORT = 128
_MOST_BANDS = 4
# Part of the vector lanes that must hold points for the fused path to be worth while.
_OCCUPIED = 0.7


def aligned_zeros(shape: tuple[int, ...]) -> np.ndarray:
    """Zeros, float64, whose first lies on a cache line."""
    size = prod(shape)
    raw = np.zeros(size + LANES)
    start = -(raw.ctypes.data // raw.itemsize) % LANES
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
    if path == "auto":
        path = "fused" if library == "auto" and FusedSweep.suits(space, coordinates, bands) else "general"
    if path == "fused":
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
    for a state whose first element lies on a cache line. Memory beside the state: `nbytes`, about one byte a point.
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
        self._order, left, right = _consecutive(shifts, space.axis(shifts.others[-1]).points)
        lengths = tuple(space.axis(name).points for name in shifts.conjugates)
        self._plan = _transform(lengths)
        self._tiles = _tiles(space, shifts, bands, self._plan.field, left, right)
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
            float(np.max(above[left[widths > lane] + lane] - below[right[widths > lane] + lane]))
            for lane in range(int(widths.max()))
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
    if not all(_radices(n) for n in lengths):
        return f"lengths {', '.join(map(str, lengths))}, not products of 2, 3 and 5"
    if space.names[-1] not in (conjugates[-1], others[-1]):
        return f"the last axis {space.names[-1]} neither last of the conjugate axes nor of the others"
    if (bands**2 + 1) // 2 * prod(lengths) * LINE > _LARGEST_TILE:
        return f"{prod(lengths)} points to transform at once"
    return ""


def _radices(points: int) -> tuple[int, ...]:
    """Fewest factors from RADICES, then the smallest sum; empty if there are none."""
    best: tuple[int, ...] = ()

    def search(rest: int, chosen: tuple[int, ...]) -> None:
        nonlocal best
        if rest == 1 and (not best or (len(chosen), sum(chosen)) < (len(best), sum(best))):
            best = chosen
        for radix in RADICES:
            if rest % radix == 0 and (not chosen or radix <= chosen[-1]):
                search(rest // radix, (*chosen, radix))

    search(points, ())
    return best


def _consecutive(shifts: BoppShifts, points: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Number the entries so that neighbouring lanes use consecutive ones.

    Returns
    -------
    order : the entry at each new place.
    left, right : int32 (groups, waves), the new place of the entry of each group's first lane.
    """
    entries = prod(shifts.table_shape)
    sides = [side.reshape(-1, points, side.shape[-1]) for side in (shifts.left, shifts.right)]
    if all(np.array_equal(side[:, 1:], side[:, :-1]) for side in sides):
        # The lanes share their matrices: store each eight times rather than have a second kernel.
        order = np.repeat(np.arange(entries), LANES)
        place = LANES * np.arange(entries)
    else:
        before = np.arange(entries)
        for side in sides:
            before[side[:, 1:]] = side[:, :-1]
        assert all(np.array_equal(before[side[:, 1:]], side[:, :-1]) for side in sides)
        # Follow the chains of neighbours to their heads, doubling the stride: (head, distance) sorts them.
        distance = (before != np.arange(entries)).astype(np.int64)
        while not np.array_equal(before, before[before]):
            distance = distance + distance[before]
            before = before[before]
        order = np.lexsort((distance, before))
        place = np.empty(entries, dtype=np.int64)
        place[order] = np.arange(entries)
    left, right = (
        np.ascontiguousarray(place[side[:, ::LANES]].reshape(-1, side.shape[-1]), dtype=np.int32)
        for side in sides
    )
    return order.astype(np.int32), left, right


def _transform(lengths: tuple[int, ...]) -> Transform:
    """Passes over the conjugate axes and where ±w lie after them, see `Transform`."""
    steps, twiddles, places = [], [], []
    count = 0
    for points in lengths:
        radices = _radices(points)
        if len(lengths) == 1:
            # First a radix that leaves whole lines of eight to transpose.
            first = max(radices, key=lambda r: (points // r % LANES == 0, r))
            rest = list(radices)
            rest.remove(first)
            radices = (first, *rest)
        sub, blocks = points, 1
        wave, place = np.arange(points), np.zeros(points, dtype=np.int64)
        axis = []
        for radix in radices:
            sub //= radix
            axis.append((radix, blocks, sub, count))
            turns = unit_roots(-np.arange(sub)[:, None] * np.arange(1, radix), radix * sub).ravel()
            twiddles.append(turns.view(float))
            count += 2 * turns.size
            place += wave % radix * sub
            wave = wave // radix
            blocks *= radix
        steps.append(axis)
        places.append(place)

    short = len(lengths) == 1 and (lengths[0] <= _SHORT or len(steps[0]) == 1)
    sections = 1 if short else steps[0][0][0] if len(lengths) == 1 else prod(lengths[:-1])
    section = prod(lengths) // sections
    # One line of padding keeps equal places of all sections out of one set of the first-level cache.
    span = section * LINE + (LINE if sections > 1 else 0)
    head: list[tuple[int, ...]] = []
    if len(lengths) == 1 and not short:
        radix, _, sub, first = steps[0].pop(0)
        head.append((radix, 1, 0, span, sub, LINE, 1, first, 0))
    for number in range(len(lengths) - 1):
        outer, inner = prod(lengths[:number]), prod(lengths[number + 1 : -1]) * span
        for radix, blocks, sub, first in steps[number]:
            for start in range(0, inner, span):
                size = radix * sub * inner
                head.append((radix, outer * blocks, size, sub * inner, sub, inner, section, first, start))
    tail = [
        (radix, section // (radix * sub), radix * sub * LINE, sub * LINE, sub, LINE, 1, first, 0)
        for radix, _, sub, first in steps[-1]
    ]

    waves = np.indices((*lengths[:-1], lengths[-1] // 2 + 1)).reshape(len(lengths), -1)
    mirror = np.array([-wave % points for wave, points in zip(waves, lengths, strict=True)])
    plus, minus = (
        np.ravel_multi_index([place[w] for place, w in zip(places, side, strict=True)], lengths)
        for side in (waves, mirror)
    )
    # Where the last wave number is its own mirror, both of ±w are in the half spectrum: keep one.
    number = np.ravel_multi_index(tuple(mirror), lengths) - np.ravel_multi_index(tuple(waves), lengths)
    kept = np.flatnonzero((mirror[-1] != waves[-1]) | (number >= 0))
    plus, minus = plus[kept], minus[kept]
    low, high = np.minimum(plus // section, minus // section), np.maximum(plus // section, minus // section)
    order = np.lexsort((kept, low))
    keys, ranges = np.unique(low[order], return_index=True)
    return Transform(
        head=np.array(head, dtype=np.int64).reshape(-1, 9),
        tail=np.array(tail, dtype=np.int64).reshape(-1, 9),
        twiddles=np.concatenate(twiddles),
        sections=sections,
        section=section,
        span=span,
        field=sections * span,
        partners=np.stack([keys, high[order][ranges]], axis=-1),
        ranges=np.append(ranges, order.size),
        plus=(plus // section * span + plus % section * LINE)[order],
        minus=(minus // section * span + minus % section * LINE)[order],
        waves=kept[order],
    )


def _tiles(
    space: PhaseSpace, shifts: BoppShifts, bands: int, field: int, left: np.ndarray, right: np.ndarray
) -> Tiles:
    """Lay the lanes along the last of the axes that are not transformed."""
    strides = {name: prod(space.shape[space.index(name) + 1 :]) for name in space.names}

    def corners(names: Sequence[str]) -> np.ndarray:
        total = np.zeros(1, dtype=np.int64)
        for name in names:
            total = (total[:, None] + strides[name] * np.arange(space.axis(name).points)).ravel()
        return total

    *others, lane = shifts.others
    points = space.axis(lane).points
    starts = np.arange(0, points, LANES)
    outer = corners(others)
    # Diagonals in pairs, then Re and Im of each F_ab; an odd number of bands leaves one place blank.
    fields = 0 if bands == 1 else (bands**2 + 1) // 2
    groups = max(1, min(_TILE // (max(1, fields) * field), outer.size * starts.size))
    if bands == 1:
        groups *= 2
    group, component = np.arange(groups)[:, None], np.arange(bands**2)
    place = group if bands == 1 else 2 * fields * group + component + (bands % 2) * (component >= bands)
    blank = 2 * fields * np.arange(groups) + bands if bands > 1 and bands % 2 else np.zeros(0, dtype=np.int64)
    return Tiles(
        bases=(outer[:, None] + strides[lane] * starts).ravel(),
        widths=np.tile(np.minimum(LANES, points - starts), outer.size),
        pitch=strides[lane],
        offsets=corners(shifts.conjugates),
        plane=prod(space.shape),
        slots=place // 2 * field + place % 2 * LANES,
        blank=blank // 2 * field + blank % 2 * LANES,
        fields=fields,
        left=left,
        right=right,
    )

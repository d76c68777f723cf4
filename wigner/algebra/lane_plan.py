"""Plan of the fused sweep: where every lane, line and wave number is, worked out once.

`fused_kernels` walks through it; nothing here depends on how lines are moved or multiplied.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

import numpy as np

from ..errors import PhaseSpaceError
from .bopp import BoppShifts
from .lanes import LANES, unit_roots
from .phase_space import PhaseSpace

__all__ = [
    "LINE",
    "RADICES",
    "Tiles",
    "Transform",
    "consecutive",
    "plan_tiles",
    "plan_transform",
    "radices_of",
]

LINE = 2 * LANES  # doubles of eight complex numbers
RADICES = (16, 8, 5, 4, 3, 2)

# Complex lines that fit the first-level cache whole, so that a transform needs no sections.
_SHORT = 128

# Groups of lanes a tile, doubles they may take together, and tiles that must be left for threads to share.
_MOST_GROUPS = 8
_TILE = 136 * 1024
_FEWEST_TILES = 4


class Transform(NamedTuple):
    """In-place transform of a tile in decimated order: passes over everything, then passes within sections.

    A pass is a row (radix, blocks, block pitch, stride, subs, gap, lines, first twiddle, start), in doubles. After
    the forward passes wave number w of pair n is found at plus[n] and −w at minus[n]; both lie in the pair of sections
    whose range of pairs holds n, so that a pair of sections is finished while it sits in the first-level cache.
    """

    head: np.ndarray
    tail: np.ndarray
    twiddles: np.ndarray
    sections: int
    section: int
    span: int
    field: int
    partners: np.ndarray
    ranges: np.ndarray
    plus: np.ndarray
    minus: np.ndarray
    waves: np.ndarray


class Tiles(NamedTuple):
    """Where the lanes of a state are: groups of up to eight, `slots.shape[0]` groups a tile.

    bases, widths : first point and number of lanes of each group; pitch : distance of its lanes, in doubles.
    offsets : of the points along the conjugate axes; plane : doubles of one component.
    slots : place in the buffer of (group of a tile, component); blank : places to clear.
    fields : complex fields of a group, 0 where one field serves the real components of two groups.
    left, right : entry of the table used by the first lane of a group, (groups, waves in the order of `Transform.plus`);
        later lanes use the next ones.
    """

    bases: np.ndarray
    widths: np.ndarray
    pitch: int
    offsets: np.ndarray
    plane: int
    slots: np.ndarray
    blank: np.ndarray
    fields: int
    left: np.ndarray
    right: np.ndarray


def radices_of(points: int) -> tuple[int, ...]:
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


def consecutive(shifts: BoppShifts, points: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Number the entries so that neighbouring lanes use consecutive ones.

    Returns
    -------
    order : the entry at each new place.
    left, right : int32 (groups, waves), the new place of the entry of each group's first lane.

    Raises
    ------
    PhaseSpaceError : if rounding told apart arguments that are the same elsewhere.
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
        if not all(np.array_equal(before[side[:, 1:]], side[:, :-1]) for side in sides):
            raise PhaseSpaceError(
                "expected neighbouring lanes to share their arguments; use path = 'general'"
            )
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


def plan_transform(lengths: tuple[int, ...]) -> Transform:
    """Passes over the conjugate axes and where ±w lie after them, see `Transform`."""
    steps, twiddles, places = [], [], []
    count = 0
    for points in lengths:
        radices = radices_of(points)
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


def plan_tiles(
    space: PhaseSpace, shifts: BoppShifts, bands: int, plan: Transform, left: np.ndarray, right: np.ndarray
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
    # Across the rows many groups a tile: rows apart by a power of two share few sets of the caches, so take much of each.
    groups = 2 if bands == 1 or strides[lane] == 1 else 1
    if strides[lane] == 1:
        room = plan.field * fields if fields else plan.field // 2
        most = min(_MOST_GROUPS, _TILE // room, outer.size * starts.size // _FEWEST_TILES)
        groups = max(groups, most // 2 * 2)
    group, component = np.arange(groups)[:, None], np.arange(bands**2)
    place = group if bands == 1 else 2 * fields * group + component + (bands % 2) * (component >= bands)
    blank = 2 * fields * np.arange(groups) + bands if bands > 1 and bands % 2 else np.zeros(0, dtype=np.int64)
    return Tiles(
        bases=(outer[:, None] + strides[lane] * starts).ravel(),
        widths=np.tile(np.minimum(LANES, points - starts), outer.size),
        pitch=strides[lane],
        offsets=corners(shifts.conjugates),
        plane=prod(space.shape),
        slots=place // 2 * plan.field + place % 2 * LANES,
        blank=blank // 2 * plan.field + blank % 2 * LANES,
        fields=fields,
        left=np.ascontiguousarray(left[:, plan.waves]),
        right=np.ascontiguousarray(right[:, plan.waves]),
    )

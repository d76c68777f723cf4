"""Compiled loops of the fused sweep. With `kernels`, the only importer of numba; no kernel calls another file's.

A lane is one point of an axis that is not transformed; eight neighbours fill one cache line and one AVX-512 register
(two registers with AVX2, four with SSE2 or NEON). A complex number of a tile is a line of eight real parts followed by a
line of eight imaginary parts, so a butterfly is eight independent scalar ones and no transform ever shuffles data.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic as _typed_intrinsic

from . import lanes
from .lane_plan import LINE, RADICES
from .lanes import LANES, Lanes

__all__ = ["sweep_tiles"]

# Rows fetched ahead of their use: the hardware does not follow strides of whole pages.
_READ_AHEAD = 8
_WRITE_AHEAD = 4

_intrinsic: Any = _typed_intrinsic


def _butterflies(sign: int) -> Callable[..., None]:
    """In-place step of a transform: decimation in frequency for sign −1, in time for +1, so that no order is restored."""

    def emit(
        b: Any, data: Any, offset: Any, stride: Any, turns: Any, first: Any, radix: int, twisted: bool
    ) -> None:
        places = [b.add(offset, b.mul(stride, lanes.index(k))) for k in range(radix)]

        def turn(m: int) -> Lanes:
            re, im = (b.gep(turns, [b.add(first, lanes.index(2 * (m - 1) + part))]) for part in (0, 1))
            return Lanes(b, lanes.spread(b, b.load(re)), lanes.spread(b, b.load(im)))

        def get(m: int) -> Lanes:
            value = lanes.fetch_complex(b, data, places[m])
            return value.times_conj(turn(m)) if twisted and sign > 0 and m > 0 else value

        def put(m: int, value: Lanes) -> None:
            lanes.put_complex(value * turn(m) if twisted and sign < 0 and m > 0 else value, data, places[m])

        lanes.fourier(radix, sign, get, put)

    @_intrinsic
    def butterfly(
        typing: Any, data: Any, offset: Any, stride: Any, twiddles: Any, first: Any, radix: Any, twisted: Any
    ) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            pointer = lanes.pointer(context, builder, signature.args[0], args[0])
            turns = lanes.pointer(context, builder, signature.args[3], args[3])
            done = builder.append_basic_block("done")
            cases = [(r, t) for r in RADICES for t in (False, True)]
            blocks = [builder.append_basic_block(f"radix_{r}") for r, _ in cases]
            choice = builder.switch(builder.add(builder.mul(args[5], lanes.index(2)), args[6]), blocks[-1])
            for (r, t), block in zip(cases, blocks, strict=True):
                choice.add_case(lanes.index(2 * r + t), block)
                builder.position_at_end(block)
                emit(builder, pointer, args[1], args[2], turns, args[4], r, t)
                builder.branch(done)
            builder.position_at_end(done)
            return context.get_dummy_value()

        n = types.int64
        return types.void(data, n, n, twiddles, n, n, n), generate

    return butterfly


_forward_butterfly, _inverse_butterfly = _butterflies(-1), _butterflies(1)


@_intrinsic
def _multiply(
    typing: Any, kind: Any, data: Any, plus: Any, minus: Any, field: Any, table: Any, row: Any,
    left: Any, right: Any, next_left: Any, next_right: Any,
) -> Any:  # fmt: skip
    """Multiply what a group has at w (`plus`) and −w (`minus`) from both sides; for one band, what two groups have.

    `kind` is a tuple whose length, known when compiling, is 2 bands + 1 for multiples of the identity.
    """
    bands, phase = divmod(len(kind), 2)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = lanes.pointer(context, builder, signature.args[1], args[1])
        entries = lanes.pointer(context, builder, signature.args[5], args[5])

        def place(f: int, start: Any) -> Any:
            return builder.add(start, builder.mul(args[4], lanes.index(f)))

        def load(f: int) -> tuple[Lanes, Lanes]:
            plus, minus = (lanes.fetch_complex(builder, pointer, place(f, start)) for start in args[2:4])
            return plus, minus

        def store(f: int, plus: Lanes, minus: Lanes) -> None:
            lanes.put_complex(plus, pointer, place(f, args[2]))
            lanes.put_complex(minus, pointer, place(f, args[3]))

        def entry(number: int, at: Any) -> Lanes:
            re = builder.add(at, builder.mul(args[6], lanes.index(2 * number)))
            return Lanes(
                builder,
                lanes.fetch(builder, entries, re),
                lanes.fetch(builder, entries, builder.add(re, args[6])),
            )

        def factor(side: Any, other: Any) -> Lanes:
            return entry(0, side).times_conj(entry(0, other))

        if bands == 1:
            even, odd = lanes.separate(*load(0))
            store(0, *lanes.combine(even * factor(args[7], args[8]), odd * factor(args[9], args[10])))
        elif phase:
            turn = factor(args[7], args[8])
            for f in range((bands * bands + 1) // 2):
                plus, minus = load(f)
                store(f, plus * turn, minus.times_conj(turn))
        else:
            lanes.multiply_matrices(
                bands, load, store, lambda n: entry(n, args[7]), lambda n: entry(n, args[8])
            )
        return context.get_dummy_value()

    n = types.int64
    return types.void(kind, data, n, n, n, table, n, n, n, n, n), generate


@_intrinsic
def _copy(typing: Any, source: Any, start: Any, target: Any, to: Any, scale: Any) -> Any:
    """Eight consecutive numbers, scaled."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        read, write = (lanes.pointer(context, builder, signature.args[n], args[n]) for n in (0, 2))
        value = builder.fmul(lanes.fetch(builder, read, args[1]), lanes.spread(builder, args[4]))
        lanes.put(builder, value, write, args[3])
        return context.get_dummy_value()

    return types.void(source, types.int64, target, types.int64, types.float64), generate


@_intrinsic
def _transpose(
    typing: Any, source: Any, start: Any, pitch: Any, target: Any, to: Any, step: Any, scale: Any
) -> Any:
    """Eight lines of eight numbers, transposed and scaled."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        read, write = (lanes.pointer(context, builder, signature.args[n], args[n]) for n in (0, 3))
        factor = lanes.spread(builder, args[6])
        x = [
            lanes.fetch(builder, read, builder.add(args[1], builder.mul(args[2], lanes.index(k))))
            for k in range(LANES)
        ]
        for width in (1, 2, 4):
            low = [n + (LANES - width if n & width else 0) for n in range(LANES)]
            high = [n + (LANES if n & width else width) for n in range(LANES)]
            for k in range(LANES):
                if not k & width:
                    pair = x[k], x[k + width]
                    x[k], x[k + width] = (
                        lanes.shuffle(builder, *pair, low),
                        lanes.shuffle(builder, *pair, high),
                    )
        for k in range(LANES):
            place = builder.add(args[4], builder.mul(args[5], lanes.index(k)))
            lanes.put(builder, builder.fmul(x[k], factor), write, place)
        return context.get_dummy_value()

    n = types.int64
    return types.void(source, n, n, target, n, n, types.float64), generate


def _prefetch(write: int) -> Callable[..., None]:
    """Ask for a cache line to read or to write."""

    @_intrinsic
    def ask(typing: Any, data: Any, place: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            pointer = builder.gep(lanes.pointer(context, builder, signature.args[0], args[0]), [args[1]])
            pointer = builder.bitcast(pointer, ir.IntType(8).as_pointer())
            short = ir.IntType(32)
            shape = ir.FunctionType(ir.VoidType(), [pointer.type, short, short, short])
            function = builder.module.declare_intrinsic("llvm.prefetch", [pointer.type], shape)
            builder.call(function, [pointer, short(write), short(2), short(1)])
            return context.get_dummy_value()

        return types.void(data, types.int64), generate

    return ask


_expect_read, _expect_write = _prefetch(0), _prefetch(1)


def _compiled(function: Any) -> Any:
    return numba.njit(cache=True, nogil=True, error_model="numpy")(function)


@_compiled
def _transform(buffer: np.ndarray, start: int, step: np.ndarray, twiddles: np.ndarray, back: bool) -> None:
    """One pass, a row of `Transform`, or its way back."""
    radix, blocks, pitch, stride = step[0], step[1], step[2], step[3]
    subs, gap, lines, first = step[4], step[5], step[6], step[7]
    twisted = int(subs > 1)
    for block in range(blocks):
        for s in range(subs):
            at = start + step[8] + block * pitch + s * gap
            turn = first + s * 2 * (radix - 1)
            for n in range(lines):
                if back:
                    _inverse_butterfly(buffer, at + n * LINE, stride, twiddles, turn, radix, twisted)
                else:
                    _forward_butterfly(buffer, at + n * LINE, stride, twiddles, turn, radix, twisted)


@_compiled
def _read_lines(
    data: np.ndarray, tiles: Any, plan: Any, first: int, stop: int, buffer: np.ndarray, scale: float
) -> None:
    """Whole groups of lanes next to each other in memory: line by line, all components of a row together."""
    last = tiles.offsets.size - 1
    for s in range(plan.sections):
        for n in range(plan.section):
            j = s * plan.section + n
            row, here = s * plan.span + n * LINE, tiles.offsets[j]
            ahead = tiles.offsets[min(j + _READ_AHEAD, last)]
            for g in range(first, stop):
                for c in range(tiles.slots.shape[1]):
                    base = tiles.bases[g] + c * tiles.plane
                    _expect_read(data, base + ahead)
                    _copy(data, base + here, buffer, tiles.slots[g - first, c] + row, scale)


@_compiled
def _write_lines(
    data: np.ndarray, tiles: Any, plan: Any, first: int, stop: int, buffer: np.ndarray, scale: float
) -> None:
    """The way back of `_read_lines`."""
    last = tiles.offsets.size - 1
    for s in range(plan.sections):
        for n in range(plan.section):
            j = s * plan.section + n
            row, here = s * plan.span + n * LINE, tiles.offsets[j]
            ahead = tiles.offsets[min(j + _WRITE_AHEAD, last)]
            for g in range(first, stop):
                for c in range(tiles.slots.shape[1]):
                    base = tiles.bases[g] + c * tiles.plane
                    _expect_write(data, base + ahead)
                    _copy(buffer, tiles.slots[g - first, c] + row, data, base + here, scale)


@_compiled
def _move(
    data: np.ndarray,
    tiles: Any,
    plan: Any,
    first: int,
    stop: int,
    buffer: np.ndarray,
    scale: float,
    back: bool,
) -> None:
    """Lane groups first … stop of the state into the buffer, or back.

    Lanes without a point are set to zero: two groups may share a field and then round each other.
    """
    pitch = tiles.pitch
    if pitch == 1 and tiles.widths[first:stop].min() == LANES:
        if back:
            _write_lines(data, tiles, plan, first, stop, buffer, scale)
        else:
            _read_lines(data, tiles, plan, first, stop, buffer, scale)
        return
    for s in range(plan.sections):
        for n in range(plan.section if pitch == 1 else 1):
            offset, row = tiles.offsets[s * plan.section + n], s * plan.span + n * LINE
            for g in range(first, stop):
                width = tiles.widths[g]
                for c in range(tiles.slots.shape[1]):
                    at = tiles.bases[g] + c * tiles.plane + offset
                    to = tiles.slots[g - first, c] + row
                    if pitch > 1 and width == LANES and plan.section >= LANES:
                        for i in range(0, plan.section, LANES):
                            k = min(i, plan.section - LANES)
                            if back:
                                _transpose(buffer, to + k * LINE, LINE, data, at + k, pitch, scale)
                            else:
                                _transpose(data, at + k, pitch, buffer, to + k * LINE, LINE, scale)
                    else:
                        for lane in range(LANES):
                            for k in range(1 if pitch == 1 else plan.section):
                                if not back:
                                    value = data[at + lane * pitch + k] if lane < width else 0.0
                                    buffer[to + k * LINE + lane] = scale * value
                                elif lane < width:
                                    data[at + lane * pitch + k] = scale * buffer[to + k * LINE + lane]


@_compiled
def _clear(buffer: np.ndarray, start: int, field: int) -> None:
    """One half of every line of a field."""
    for line in range(start, start + field - LANES, LINE):
        for lane in range(LANES):
            buffer[line + lane] = 0.0


@_compiled
def _finish(
    kind: Any,
    buffer: np.ndarray,
    start: int,
    table: np.ndarray,
    tiles: Any,
    plan: Any,
    fields: int,
    group: int,
) -> None:
    """All that is left to do with the fields of one group, or with one field of two: pairs of sections stay in the cache."""
    other = min(group + 1, tiles.left.shape[0] - 1)
    for number in range(plan.partners.shape[0]):
        one, two = start + plan.partners[number, 0] * plan.span, start + plan.partners[number, 1] * plan.span
        for f in range(fields):
            for step in plan.tail:
                _transform(buffer, f * plan.field + one, step, plan.twiddles, False)
                if two != one:
                    _transform(buffer, f * plan.field + two, step, plan.twiddles, False)
        for n in range(plan.ranges[number], plan.ranges[number + 1]):
            _multiply(
                kind,
                buffer,
                start + plan.plus[n],
                start + plan.minus[n],
                plan.field,
                table,
                table.shape[1],
                tiles.left[group, n],
                tiles.right[group, n],
                tiles.left[other, n],
                tiles.right[other, n],
            )
        for f in range(fields):
            for step in plan.tail[::-1]:
                _transform(buffer, f * plan.field + one, step, plan.twiddles, True)
                if two != one:
                    _transform(buffer, f * plan.field + two, step, plan.twiddles, True)


@_compiled
def sweep_tiles(
    kind: Any,
    data: np.ndarray,
    table: np.ndarray,
    tiles: Any,
    plan: Any,
    buffer: np.ndarray,
    scales: tuple[float, float],
    worker: int,
    workers: int,
) -> None:
    """Move every `workers`-th tile of the state from the `worker`-th on.

    Parameters
    ----------
    kind : a tuple of 2 bands zeros, one more where the table holds multiples of the identity.
    data : the state, flat.
    table : real and imaginary part of each matrix element, (2 elements, entries), padded by eight entries.
    tiles, plan : `Tiles` and `Transform`.
    buffer : room for one tile.
    scales : factors before and after, whose product is one over the number of points transformed.
    """
    tile, groups = tiles.slots.shape[0], tiles.bases.size
    for first in range(worker * tile, groups, workers * tile):
        count = min(tile, groups - first)
        fields = count * tiles.fields if tiles.fields > 0 else (count + 1) // 2
        _move(data, tiles, plan, first, first + count, buffer, scales[0], False)
        for start in tiles.blank:
            _clear(buffer, start, plan.field)
        if tiles.fields == 0 and count % 2:
            _clear(buffer, tiles.slots[count - 1, 0] + LANES, plan.field)
        for f in range(fields):
            for step in plan.head:
                _transform(buffer, f * plan.field, step, plan.twiddles, False)
        each = max(1, tiles.fields)
        for f in range(0, fields, each):
            group = first + (f // each if tiles.fields > 0 else 2 * f)
            _finish(kind, buffer, f * plan.field, table, tiles, plan, each, group)
        for f in range(fields):
            for step in plan.head[::-1]:
                _transform(buffer, f * plan.field, step, plan.twiddles, True)
        _move(data, tiles, plan, first, first + count, buffer, scales[1], True)

"""Vector code of the fused sweep, written out eight lanes at a time. With `kernels`, the only importer of numba.

A lane is one point of an axis that is not transformed; eight neighbours fill one cache line and one AVX-512 register
(two registers with AVX2, four with SSE2 or NEON). A complex number of a tile is a line of eight real parts followed by a
line of eight imaginary parts, so a butterfly is eight independent scalar ones and no transform ever shuffles data.

Butterflies and matrix products are emitted as LLVM vector instructions by Python arithmetic on `_Lanes`: what the loop
vectoriser would have to guess is stated. No kernel calls another file's (numba's cache would not see it change).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic as _typed_intrinsic

__all__ = ["LANES", "LINE", "RADICES", "Tiles", "Transform", "sweep_tiles", "unit_roots"]

LANES = 8
LINE = 2 * LANES  # doubles of eight complex numbers
RADICES = (16, 8, 5, 4, 3, 2)

# Rows fetched ahead of their use: the hardware does not follow strides of whole pages.
_READ_AHEAD = 8
_WRITE_AHEAD = 4

_DOUBLE = ir.DoubleType()
_INDEX = ir.IntType(64)
_SHORT = ir.IntType(32)
_VECTOR = ir.VectorType(_DOUBLE, LANES)
_UNDEFINED = ir.Constant(_VECTOR, ir.Undefined)
_FLAGS = ("contract", "nsz")
_intrinsic: Any = _typed_intrinsic


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
    left, right : entry of the table used by the first lane of a group, (groups, waves); later lanes use the next ones.
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


def unit_roots(numerator: Any, denominator: int) -> np.ndarray:
    """e^{2πi n/d}, rounded once."""
    turn = 2 * np.arctan2(np.longdouble(0), np.longdouble(-1)) / denominator
    angle = turn * (np.asarray(numerator) % denominator)
    return np.cos(angle).astype(float) + 1j * np.sin(angle).astype(float)


# --- arithmetic on emitted vectors ------------------------------------------------------------------------------------


class _Lanes:
    """Eight complex numbers in registers; operators emit instructions."""

    def __init__(self, builder: Any, re: Any, im: Any) -> None:
        self.builder, self.re, self.im = builder, re, im

    def __add__(self, other: _Lanes) -> _Lanes:
        return _Lanes(self.builder, self._sum(self.re, other.re), self._sum(self.im, other.im))

    def __sub__(self, other: _Lanes) -> _Lanes:
        return _Lanes(self.builder, self._difference(self.re, other.re), self._difference(self.im, other.im))

    def __mul__(self, other: _Lanes) -> _Lanes:
        re = self._difference(self._product(self.re, other.re), self._product(self.im, other.im))
        im = self._sum(self._product(self.re, other.im), self._product(self.im, other.re))
        return _Lanes(self.builder, re, im)

    def times_conj(self, other: _Lanes) -> _Lanes:
        """self · other*."""
        re = self._sum(self._product(self.re, other.re), self._product(self.im, other.im))
        im = self._difference(self._product(self.im, other.re), self._product(self.re, other.im))
        return _Lanes(self.builder, re, im)

    def plus_product(self, x: _Lanes, y: _Lanes) -> _Lanes:
        """self + x y, in four fused multiply-adds."""
        re = self._sum(self.re, self._product(x.re, y.re))
        im = self._sum(self.im, self._product(x.re, y.im))
        re = self._difference(re, self._product(x.im, y.im))
        return _Lanes(self.builder, re, self._sum(im, self._product(x.im, y.re)))

    def plus_product_conj(self, x: _Lanes, y: _Lanes) -> _Lanes:
        """self + x y*."""
        re = self._sum(self.re, self._product(x.re, y.re))
        im = self._sum(self.im, self._product(x.im, y.re))
        re = self._sum(re, self._product(x.im, y.im))
        return _Lanes(self.builder, re, self._difference(im, self._product(x.re, y.im)))

    def conj(self) -> _Lanes:
        return _Lanes(self.builder, self.re, self.builder.fneg(self.im))

    def scaled(self, factor: float) -> _Lanes:
        c = _constant(factor)
        return _Lanes(self.builder, self._product(self.re, c), self._product(self.im, c))

    def turned(self, sign: int) -> _Lanes:
        """Times ±i."""
        if sign > 0:
            return _Lanes(self.builder, self.builder.fneg(self.im), self.re)
        return _Lanes(self.builder, self.im, self.builder.fneg(self.re))

    def rotated(self, factor: complex) -> _Lanes:
        """Times a root of one; quarter and eighth turns cost less."""
        c, s = factor.real, factor.imag
        if abs(s) < 1e-15:
            return self if c > 0 else self.scaled(-1.0)
        if abs(c) < 1e-15:
            return self.turned(1 if s > 0 else -1)
        if abs(abs(c) - abs(s)) < 1e-15:
            turned = self.turned(1)
            return (self + turned if c * s > 0 else self - turned).scaled(c)
        return self * _Lanes(self.builder, _constant(c), _constant(s))

    def _sum(self, x: Any, y: Any) -> Any:
        return self.builder.fadd(x, y, flags=_FLAGS)

    def _difference(self, x: Any, y: Any) -> Any:
        return self.builder.fsub(x, y, flags=_FLAGS)

    def _product(self, x: Any, y: Any) -> Any:
        return self.builder.fmul(x, y, flags=_FLAGS)


def _constant(value: float) -> Any:
    return ir.Constant(_VECTOR, [value] * LANES)


def _index(value: int) -> Any:
    return ir.Constant(_INDEX, value)


def _pointer(context: Any, builder: Any, kind: Any, array: Any) -> Any:
    return context.make_array(kind)(context, builder, array).data


def _fetch(builder: Any, pointer: Any, offset: Any) -> Any:
    at = builder.bitcast(builder.gep(pointer, [offset]), _VECTOR.as_pointer())
    return builder.load(at, align=8)


def _put(builder: Any, value: Any, pointer: Any, offset: Any) -> None:
    at = builder.bitcast(builder.gep(pointer, [offset]), _VECTOR.as_pointer())
    builder.store(value, at, align=8)


def _fetch_complex(builder: Any, pointer: Any, offset: Any) -> _Lanes:
    re = _fetch(builder, pointer, offset)
    return _Lanes(builder, re, _fetch(builder, pointer, builder.add(offset, _index(LANES))))


def _put_complex(value: _Lanes, pointer: Any, offset: Any) -> None:
    _put(value.builder, value.re, pointer, offset)
    _put(value.builder, value.im, pointer, value.builder.add(offset, _index(LANES)))


def _shuffle(builder: Any, x: Any, y: Any, order: list[int]) -> Any:
    return builder.shuffle_vector(x, y, ir.Constant(ir.VectorType(_SHORT, LANES), order))


def _spread(builder: Any, scalar: Any) -> Any:
    vector = builder.insert_element(_UNDEFINED, scalar, ir.Constant(_SHORT, 0))
    return _shuffle(builder, vector, _UNDEFINED, [0] * LANES)


# --- butterflies ------------------------------------------------------------------------------------------------------


def _fourier(x: list[_Lanes], sign: int) -> list[_Lanes]:
    """X_m = Σ_k x_k e^{sign 2πi km/r}, unrolled."""
    r = len(x)
    if r == 1:
        return x
    if r == 2:
        return [x[0] + x[1], x[0] - x[1]]
    if r in (3, 5):
        return _odd_fourier(x, sign)
    if r == 4:
        s, d = x[0] + x[2], x[0] - x[2]
        t, e = x[1] + x[3], (x[1] - x[3]).turned(sign)
        return [s + t, d + e, s - t, d - e]
    outer = r // 4
    parts = [_fourier(x[j::outer], sign) for j in range(outer)]
    result = {}
    for m in range(4):
        column = [part[m].rotated(complex(unit_roots(sign * j * m, r))) for j, part in enumerate(parts)]
        for n, value in enumerate(_fourier(column, sign)):
            result[m + 4 * n] = value
    return [result[m] for m in range(r)]


def _odd_fourier(x: list[_Lanes], sign: int) -> list[_Lanes]:
    """Odd prime lengths, by sums and differences of mirrored terms."""
    r = len(x)
    pairs = [(x[k] + x[r - k], x[k] - x[r - k]) for k in range(1, r // 2 + 1)]
    total = x[0]
    for s, _ in pairs:
        total = total + s
    result = {0: total}
    for m in range(1, r // 2 + 1):
        roots = [complex(unit_roots(sign * k * m, r)) for k in range(1, r // 2 + 1)]
        even, odd = x[0], pairs[0][1].scaled(roots[0].imag)
        for root, (s, _) in zip(roots, pairs, strict=True):
            even = even + s.scaled(root.real)
        for root, (_, d) in zip(roots[1:], pairs[1:], strict=True):
            odd = odd + d.scaled(root.imag)
        result[m], result[r - m] = even + odd.turned(1), even - odd.turned(1)
    return [result[m] for m in range(r)]


def _butterflies(sign: int) -> Callable[..., None]:
    """In-place step of a transform: decimation in frequency for sign −1, in time for +1, so that no order is restored."""

    def emit(
        b: Any, data: Any, offset: Any, stride: Any, turns: Any, first: Any, radix: int, twisted: bool
    ) -> None:
        places = [b.add(offset, b.mul(stride, _index(k))) for k in range(radix)]
        x = [_fetch_complex(b, data, place) for place in places]

        def turn(m: int) -> _Lanes:
            re, im = (b.gep(turns, [b.add(first, _index(2 * (m - 1) + part))]) for part in (0, 1))
            return _Lanes(b, _spread(b, b.load(re)), _spread(b, b.load(im)))

        if twisted and sign > 0:
            x[1:] = [x[m].times_conj(turn(m)) for m in range(1, radix)]
        x = _fourier(x, sign)
        if twisted and sign < 0:
            x[1:] = [x[m] * turn(m) for m in range(1, radix)]
        for value, place in zip(x, places, strict=True):
            _put_complex(value, data, place)

    @_intrinsic
    def butterfly(
        typing: Any, data: Any, offset: Any, stride: Any, twiddles: Any, first: Any, radix: Any, twisted: Any
    ) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            pointer = _pointer(context, builder, signature.args[0], args[0])
            turns = _pointer(context, builder, signature.args[3], args[3])
            done = builder.append_basic_block("done")
            # An unknown radix would fall through to the last case: plans hold only RADICES.
            cases = [(r, t) for r in RADICES for t in (False, True)]
            blocks = [builder.append_basic_block(f"radix_{r}") for r, _ in cases]
            choice = builder.switch(builder.add(builder.mul(args[5], _index(2)), args[6]), blocks[-1])
            for (r, t), block in zip(cases, blocks, strict=True):
                choice.add_case(_index(2 * r + t), block)
                builder.position_at_end(block)
                emit(builder, pointer, args[1], args[2], turns, args[4], r, t)
                builder.branch(done)
            builder.position_at_end(done)
            return context.get_dummy_value()

        index = types.int64
        return types.void(data, index, index, twiddles, index, index, index), generate

    return butterfly


_forward_butterfly, _inverse_butterfly = _butterflies(-1), _butterflies(1)


# --- the matrices -----------------------------------------------------------------------------------------------------


def _emit_matrices(bands: int, fetch: Callable, put: Callable, left: Callable, right: Callable) -> None:
    """F → L F R† for the components ±w of one Hermitian matrix field."""
    pairs = [(a, c) for a in range(bands) for c in range(a + 1, bands)]
    matrix: dict[tuple[int, int], _Lanes] = {}
    for a in range(0, bands, 2):
        matrix[a, a], matrix[a + 1, a + 1] = _separate(*fetch(a // 2))
    for f, (a, c) in enumerate(pairs, start=(bands + 1) // 2):
        plus, minus = fetch(f)
        matrix[a, c], matrix[c, a] = plus, minus.conj()
    result: dict[tuple[int, int], _Lanes] = {}
    for a in range(bands):
        row = [left(a * bands + k) for k in range(bands)]
        moved = []
        for c in range(bands):
            total = row[0] * matrix[0, c]
            for k in range(1, bands):
                total = total.plus_product(row[k], matrix[k, c])
            moved.append(total)
        for c in range(bands):
            total = moved[0].times_conj(right(c * bands))
            for k in range(1, bands):
                total = total.plus_product_conj(moved[k], right(c * bands + k))
            result[a, c] = total
    for a in range(0, bands, 2):
        put(a // 2, *_combine(result[a, a], result.get((a + 1, a + 1))))
    for f, (a, c) in enumerate(pairs, start=(bands + 1) // 2):
        put(f, result[a, c], result[c, a].conj())


def _separate(plus: _Lanes, minus: _Lanes) -> tuple[_Lanes, _Lanes]:
    """Components w of the real fields A and B from those of A + iB at ±w."""
    mirrored = minus.conj()
    return (plus + mirrored).scaled(0.5), (plus - mirrored).turned(-1).scaled(0.5)


def _combine(even: _Lanes, odd: _Lanes | None) -> tuple[_Lanes, _Lanes]:
    """The way back of `_separate`; an odd number of bands leaves the last one alone."""
    if odd is None:
        return even, even.conj()
    return even + odd.turned(1), even.conj() + odd.conj().turned(1)


@_intrinsic
def _multiply(
    typing: Any,
    kind: Any,
    data: Any,
    plus: Any,
    minus: Any,
    field: Any,
    table: Any,
    row: Any,
    left: Any,
    right: Any,
    next_left: Any,
    next_right: Any,
) -> Any:
    """Multiply what a group has at w (`plus`) and −w (`minus`) from both sides; for one band, what two groups have.

    `kind` is an empty-handed tuple whose length, known when compiling, is 2 bands + 1 for multiples of the identity.
    """
    bands, phase = divmod(len(kind), 2)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = _pointer(context, builder, signature.args[1], args[1])
        entries = _pointer(context, builder, signature.args[5], args[5])

        def place(f: int, start: Any) -> Any:
            return builder.add(start, builder.mul(args[4], _index(f)))

        def fetch(f: int) -> tuple[_Lanes, _Lanes]:
            plus, minus = (_fetch_complex(builder, pointer, place(f, start)) for start in args[2:4])
            return plus, minus

        def put(f: int, plus: _Lanes, minus: _Lanes) -> None:
            _put_complex(plus, pointer, place(f, args[2]))
            _put_complex(minus, pointer, place(f, args[3]))

        def entry(number: int, index: Any) -> _Lanes:
            re = builder.add(index, builder.mul(args[6], _index(2 * number)))
            return _Lanes(
                builder, _fetch(builder, entries, re), _fetch(builder, entries, builder.add(re, args[6]))
            )

        def factor(side: Any, other: Any) -> _Lanes:
            return entry(0, side).times_conj(entry(0, other))

        if bands == 1:
            even, odd = _separate(*fetch(0))
            put(0, *_combine(even * factor(args[7], args[8]), odd * factor(args[9], args[10])))
        elif phase:
            turn = factor(args[7], args[8])
            for f in range((bands * bands + 1) // 2):
                plus, minus = fetch(f)
                put(f, plus * turn, minus.times_conj(turn))
        else:
            _emit_matrices(bands, fetch, put, lambda n: entry(n, args[7]), lambda n: entry(n, args[8]))
        return context.get_dummy_value()

    index = types.int64
    return types.void(kind, data, index, index, index, table, index, index, index, index, index), generate


# --- moving lines -----------------------------------------------------------------------------------------------------


@_intrinsic
def _copy(typing: Any, source: Any, start: Any, target: Any, to: Any, scale: Any) -> Any:
    """Eight consecutive numbers, scaled."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        read, write = (_pointer(context, builder, signature.args[n], args[n]) for n in (0, 2))
        value = builder.fmul(_fetch(builder, read, args[1]), _spread(builder, args[4]))
        _put(builder, value, write, args[3])
        return context.get_dummy_value()

    return types.void(source, types.int64, target, types.int64, types.float64), generate


@_intrinsic
def _transpose(
    typing: Any, source: Any, start: Any, pitch: Any, target: Any, to: Any, step: Any, scale: Any
) -> Any:
    """Eight lines of eight numbers, transposed and scaled."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        read, write = (_pointer(context, builder, signature.args[n], args[n]) for n in (0, 3))
        factor = _spread(builder, args[6])
        x = [
            _fetch(builder, read, builder.add(args[1], builder.mul(args[2], _index(k)))) for k in range(LANES)
        ]
        for width in (1, 2, 4):
            low = [n + (LANES - width if n & width else 0) for n in range(LANES)]
            high = [n + (LANES if n & width else width) for n in range(LANES)]
            for k in range(LANES):
                if not k & width:
                    pair = x[k], x[k + width]
                    x[k], x[k + width] = _shuffle(builder, *pair, low), _shuffle(builder, *pair, high)
        for k in range(LANES):
            place = builder.add(args[4], builder.mul(args[5], _index(k)))
            _put(builder, builder.fmul(x[k], factor), write, place)
        return context.get_dummy_value()

    index = types.int64
    return types.void(source, index, index, target, index, index, types.float64), generate


def _prefetch(write: int) -> Callable[..., None]:
    """Ask for a cache line to read or to write."""

    @_intrinsic
    def ask(typing: Any, data: Any, index: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            pointer = builder.gep(_pointer(context, builder, signature.args[0], args[0]), [args[1]])
            pointer = builder.bitcast(pointer, ir.IntType(8).as_pointer())
            shape = ir.FunctionType(ir.VoidType(), [pointer.type, _SHORT, _SHORT, _SHORT])
            function = builder.module.declare_intrinsic("llvm.prefetch", [pointer.type], shape)
            builder.call(function, [pointer, _SHORT(write), _SHORT(2), _SHORT(1)])
            return context.get_dummy_value()

        return types.void(data, types.int64), generate

    return ask


_expect_read, _expect_write = _prefetch(0), _prefetch(1)


# --- loops ------------------------------------------------------------------------------------------------------------


def _compiled(function: Any) -> Any:
    return numba.njit(cache=True, nogil=True, error_model="numpy")(function)


@_compiled
def _forward(buffer: np.ndarray, start: int, step: np.ndarray, twiddles: np.ndarray) -> None:
    """One pass, a row of `Transform`."""
    radix, blocks, pitch, stride = step[0], step[1], step[2], step[3]
    subs, gap, lines, first = step[4], step[5], step[6], step[7]
    for block in range(blocks):
        for s in range(subs):
            at = start + step[8] + block * pitch + s * gap
            turn = first + s * 2 * (radix - 1)
            for n in range(lines):
                _forward_butterfly(buffer, at + n * LINE, stride, twiddles, turn, radix, int(subs > 1))


@_compiled
def _inverse(buffer: np.ndarray, start: int, step: np.ndarray, twiddles: np.ndarray) -> None:
    """The way back of `_forward`."""
    radix, blocks, pitch, stride = step[0], step[1], step[2], step[3]
    subs, gap, lines, first = step[4], step[5], step[6], step[7]
    for block in range(blocks):
        for s in range(subs):
            at = start + step[8] + block * pitch + s * gap
            turn = first + s * 2 * (radix - 1)
            for n in range(lines):
                _inverse_butterfly(buffer, at + n * LINE, stride, twiddles, turn, radix, int(subs > 1))


@_compiled
def _gather(
    data: np.ndarray, tiles: Any, plan: Any, first: int, stop: int, buffer: np.ndarray, scale: float
) -> None:
    """Lane groups first … stop of the state into the buffer; lanes without a point are zero, for two groups may share a
    field and then round each other."""
    slots, offsets = tiles.slots, tiles.offsets
    for s in range(plan.sections):
        for n in range(plan.section if tiles.pitch == 1 else 1):
            j = s * plan.section + n
            row = s * plan.span + n * LINE
            ahead = offsets[min(j + _READ_AHEAD, offsets.size - 1)]
            for g in range(first, stop):
                width = tiles.widths[g]
                for c in range(slots.shape[1]):
                    base = tiles.bases[g] + c * tiles.plane
                    at = base + offsets[j]
                    to = slots[g - first, c] + row
                    if tiles.pitch == 1:
                        _expect_read(data, base + ahead)
                        if width == LANES:
                            _copy(data, at, buffer, to, scale)
                        else:
                            for lane in range(LANES):
                                buffer[to + lane] = scale * data[at + lane] if lane < width else 0.0
                    elif width == LANES and plan.section >= LANES:
                        for k in range(0, plan.section, LANES):
                            i = min(k, plan.section - LANES)
                            _transpose(data, at + i, tiles.pitch, buffer, to + i * LINE, LINE, scale)
                    else:
                        for lane in range(LANES):
                            for i in range(plan.section):
                                value = data[at + lane * tiles.pitch + i] if lane < width else 0.0
                                buffer[to + i * LINE + lane] = scale * value


@_compiled
def _scatter(
    data: np.ndarray, tiles: Any, plan: Any, first: int, stop: int, buffer: np.ndarray, scale: float
) -> None:
    """The way back of `_gather`."""
    slots, offsets = tiles.slots, tiles.offsets
    for s in range(plan.sections):
        for n in range(plan.section if tiles.pitch == 1 else 1):
            j = s * plan.section + n
            row = s * plan.span + n * LINE
            ahead = offsets[min(j + _WRITE_AHEAD, offsets.size - 1)]
            for g in range(first, stop):
                width = tiles.widths[g]
                for c in range(slots.shape[1]):
                    base = tiles.bases[g] + c * tiles.plane
                    at = base + offsets[j]
                    to = slots[g - first, c] + row
                    if tiles.pitch == 1:
                        _expect_write(data, base + ahead)
                        if width == LANES:
                            _copy(buffer, to, data, at, scale)
                        else:
                            for lane in range(width):
                                data[at + lane] = scale * buffer[to + lane]
                    elif width == LANES and plan.section >= LANES:
                        for k in range(0, plan.section, LANES):
                            i = min(k, plan.section - LANES)
                            _transpose(buffer, to + i * LINE, LINE, data, at + i, tiles.pitch, scale)
                    else:
                        for lane in range(width):
                            for i in range(plan.section):
                                data[at + lane * tiles.pitch + i] = scale * buffer[to + i * LINE + lane]


@_compiled
def _clear(buffer: np.ndarray, start: int, stop: int) -> None:
    for line in range(start, stop, LINE):
        for lane in range(LANES):
            buffer[line + lane] = 0.0


@_compiled
def _finish(
    kind: Any,
    buffer: np.ndarray,
    table: np.ndarray,
    tiles: Any,
    plan: Any,
    first: int,
    fields: int,
    number: int,
) -> None:
    """All that is left to do in one pair of sections: transform, multiply ±w, transform back."""
    one, two = plan.partners[number, 0] * plan.span, plan.partners[number, 1] * plan.span
    for f in range(fields):
        for step in plan.tail:
            _forward(buffer, f * plan.field + one, step, plan.twiddles)
            if two != one:
                _forward(buffer, f * plan.field + two, step, plan.twiddles)
    for f in range(0, fields, max(1, tiles.fields)):
        g = first + (f // tiles.fields if tiles.fields > 0 else 2 * f)
        other = min(g + 1, tiles.left.shape[0] - 1)
        at = f * plan.field
        for n in range(plan.ranges[number], plan.ranges[number + 1]):
            h = plan.waves[n]
            _multiply(
                kind,
                buffer,
                at + plan.plus[n],
                at + plan.minus[n],
                plan.field,
                table,
                table.shape[1],
                tiles.left[g, h],
                tiles.right[g, h],
                tiles.left[other, h],
                tiles.right[other, h],
            )
    for f in range(fields):
        for step in plan.tail[::-1]:
            _inverse(buffer, f * plan.field + one, step, plan.twiddles)
            if two != one:
                _inverse(buffer, f * plan.field + two, step, plan.twiddles)


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
        _gather(data, tiles, plan, first, first + count, buffer, scales[0])
        for start in tiles.blank:
            _clear(buffer, start, start + plan.field - LANES)
        if tiles.fields == 0 and count % 2:
            start = tiles.slots[count - 1, 0] + LANES
            _clear(buffer, start, start + plan.field - LANES)
        for f in range(fields):
            for step in plan.head:
                _forward(buffer, f * plan.field, step, plan.twiddles)
        for number in range(plan.partners.shape[0]):
            _finish(kind, buffer, table, tiles, plan, first, fields, number)
        for f in range(fields):
            for step in plan.head[::-1]:
                _inverse(buffer, f * plan.field, step, plan.twiddles)
        _scatter(data, tiles, plan, first, first + count, buffer, scales[1])

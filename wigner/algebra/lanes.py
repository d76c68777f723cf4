"""Vector arithmetic emitted as LLVM instructions: eight complex numbers, unrolled transforms and matrix products of them.

What the loop vectoriser would have to guess is stated here, by Python arithmetic on `Lanes`, and compiled into the loops of
`fused_kernels`. Numba's cache does not see this file: after changing it, change or touch that one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir

__all__ = [
    "LANES",
    "Lanes",
    "combine",
    "fetch",
    "fetch_complex",
    "fourier",
    "index",
    "multiply_matrices",
    "pointer",
    "put",
    "put_complex",
    "separate",
    "shuffle",
    "spread",
    "unit_roots",
]

LANES = 8

_VECTOR = ir.VectorType(ir.DoubleType(), LANES)
_UNDEFINED = ir.Constant(_VECTOR, ir.Undefined)
_SHORT = ir.IntType(32)
_FLAGS = ("contract", "nsz")


def unit_roots(numerator: Any, denominator: int) -> np.ndarray:
    """e^{2πi n/d}, rounded once."""
    turn = 2 * np.arctan2(np.longdouble(0), np.longdouble(-1)) / denominator
    angle = turn * (np.asarray(numerator) % denominator)
    return np.cos(angle).astype(float) + 1j * np.sin(angle).astype(float)


class Lanes:
    """Eight complex numbers in registers; operators emit instructions."""

    def __init__(self, builder: Any, re: Any, im: Any) -> None:
        self.builder, self.re, self.im = builder, re, im

    def __add__(self, other: Lanes) -> Lanes:
        return Lanes(self.builder, self._sum(self.re, other.re), self._sum(self.im, other.im))

    def __sub__(self, other: Lanes) -> Lanes:
        return Lanes(self.builder, self._difference(self.re, other.re), self._difference(self.im, other.im))

    def __mul__(self, other: Lanes) -> Lanes:
        re = self._difference(self._product(self.re, other.re), self._product(self.im, other.im))
        im = self._sum(self._product(self.re, other.im), self._product(self.im, other.re))
        return Lanes(self.builder, re, im)

    def times_conj(self, other: Lanes) -> Lanes:
        """self · other*."""
        re = self._sum(self._product(self.re, other.re), self._product(self.im, other.im))
        im = self._difference(self._product(self.im, other.re), self._product(self.re, other.im))
        return Lanes(self.builder, re, im)

    def plus_product(self, x: Lanes, y: Lanes) -> Lanes:
        """self + x y, in four fused multiply-adds."""
        re = self._sum(self.re, self._product(x.re, y.re))
        im = self._sum(self.im, self._product(x.re, y.im))
        re = self._difference(re, self._product(x.im, y.im))
        return Lanes(self.builder, re, self._sum(im, self._product(x.im, y.re)))

    def plus_product_conj(self, x: Lanes, y: Lanes) -> Lanes:
        """self + x y*."""
        re = self._sum(self.re, self._product(x.re, y.re))
        im = self._sum(self.im, self._product(x.im, y.re))
        re = self._sum(re, self._product(x.im, y.im))
        return Lanes(self.builder, re, self._difference(im, self._product(x.re, y.im)))

    def conj(self) -> Lanes:
        return Lanes(self.builder, self.re, self.builder.fneg(self.im))

    def scaled(self, factor: float) -> Lanes:
        c = _constant(factor)
        return Lanes(self.builder, self._product(self.re, c), self._product(self.im, c))

    def turned(self, sign: int) -> Lanes:
        """Times ±i."""
        if sign > 0:
            return Lanes(self.builder, self.builder.fneg(self.im), self.re)
        return Lanes(self.builder, self.im, self.builder.fneg(self.re))

    def rotated(self, factor: complex) -> Lanes:
        """Times a root of one; quarter and eighth turns cost less."""
        c, s = factor.real, factor.imag
        if abs(s) < 1e-15:
            return self if c > 0 else self.scaled(-1.0)
        if abs(c) < 1e-15:
            return self.turned(1 if s > 0 else -1)
        if abs(abs(c) - abs(s)) < 1e-15:
            turned = self.turned(1)
            return (self + turned if c * s > 0 else self - turned).scaled(c)
        return self * Lanes(self.builder, _constant(c), _constant(s))

    def _sum(self, x: Any, y: Any) -> Any:
        return self.builder.fadd(x, y, flags=_FLAGS)

    def _difference(self, x: Any, y: Any) -> Any:
        return self.builder.fsub(x, y, flags=_FLAGS)

    def _product(self, x: Any, y: Any) -> Any:
        return self.builder.fmul(x, y, flags=_FLAGS)


def _constant(value: float) -> Any:
    return ir.Constant(_VECTOR, [value] * LANES)


def index(value: int) -> Any:
    return ir.Constant(ir.IntType(64), value)


def pointer(context: Any, builder: Any, kind: Any, array: Any) -> Any:
    """Where the data of a numba array begin."""
    return context.make_array(kind)(context, builder, array).data


def fetch(builder: Any, base: Any, offset: Any) -> Any:
    at = builder.bitcast(builder.gep(base, [offset]), _VECTOR.as_pointer())
    return builder.load(at, align=8)


def put(builder: Any, value: Any, base: Any, offset: Any) -> None:
    at = builder.bitcast(builder.gep(base, [offset]), _VECTOR.as_pointer())
    builder.store(value, at, align=8)


def fetch_complex(builder: Any, base: Any, offset: Any) -> Lanes:
    re = fetch(builder, base, offset)
    return Lanes(builder, re, fetch(builder, base, builder.add(offset, index(LANES))))


def put_complex(value: Lanes, base: Any, offset: Any) -> None:
    put(value.builder, value.re, base, offset)
    put(value.builder, value.im, base, value.builder.add(offset, index(LANES)))


def shuffle(builder: Any, x: Any, y: Any, order: list[int]) -> Any:
    return builder.shuffle_vector(x, y, ir.Constant(ir.VectorType(_SHORT, LANES), order))


def spread(builder: Any, scalar: Any) -> Any:
    vector = builder.insert_element(_UNDEFINED, scalar, ir.Constant(_SHORT, 0))
    return shuffle(builder, vector, _UNDEFINED, [0] * LANES)


def fourier(r: int, sign: int, get: Callable[[int], Lanes], put: Callable[[int, Lanes], None]) -> None:
    """X_m = Σ_k x_k e^{sign 2πi km/r}, unrolled: each x is got when it is needed and each X put when it is known.

    A transform of sixteen has more numbers than there are registers.
    """
    if r < 8:
        for m, value in enumerate(_short_fourier([get(k) for k in range(r)], sign)):
            put(m, value)
        return
    outer = r // 4
    parts = [_short_fourier([get(k) for k in range(j, r, outer)], sign) for j in range(outer)]
    for m in range(4):
        column = [part[m].rotated(complex(unit_roots(sign * j * m, r))) for j, part in enumerate(parts)]
        for n, value in enumerate(_short_fourier(column, sign)):
            put(m + 4 * n, value)


def _short_fourier(x: list[Lanes], sign: int) -> list[Lanes]:
    r = len(x)
    if r == 2:
        return [x[0] + x[1], x[0] - x[1]]
    if r == 4:
        s, d = x[0] + x[2], x[0] - x[2]
        t, e = x[1] + x[3], (x[1] - x[3]).turned(sign)
        return [s + t, d + e, s - t, d - e]
    return _odd_fourier(x, sign)


def _odd_fourier(x: list[Lanes], sign: int) -> list[Lanes]:
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


def multiply_matrices(bands: int, load: Callable, store: Callable, left: Callable, right: Callable) -> None:
    """F → L F R† for the components ±w of one Hermitian matrix field."""
    pairs = [(a, c) for a in range(bands) for c in range(a + 1, bands)]
    matrix: dict[tuple[int, int], Lanes] = {}
    for a in range(0, bands, 2):
        matrix[a, a], matrix[a + 1, a + 1] = separate(*load(a // 2))
    for f, (a, c) in enumerate(pairs, start=(bands + 1) // 2):
        plus, minus = load(f)
        matrix[a, c], matrix[c, a] = plus, minus.conj()
    result: dict[tuple[int, int], Lanes] = {}
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
        store(a // 2, *combine(result[a, a], result.get((a + 1, a + 1))))
    for f, (a, c) in enumerate(pairs, start=(bands + 1) // 2):
        store(f, result[a, c], result[c, a].conj())


def separate(plus: Lanes, minus: Lanes) -> tuple[Lanes, Lanes]:
    """Components w of the real fields A and B from those of A + iB at ±w."""
    mirrored = minus.conj()
    return (plus + mirrored).scaled(0.5), (plus - mirrored).turned(-1).scaled(0.5)


def combine(even: Lanes, odd: Lanes | None) -> tuple[Lanes, Lanes]:
    """The way back of `separate`; an odd number of bands leaves the last one alone."""
    if odd is None:
        return even, even.conj()
    return even + odd.turned(1), even.conj() + odd.conj().turned(1)

"""Compiled loops of the general path. No kernel calls one of another file: numba's cache would not see it change.

State blocks hold the N² real components of a Hermitian matrix, transformed: N diagonals, then Re and Im of each F_ab with
a < b. In the half spectrum these are complex, and M_ab = Re + i Im, M_ba = Re − i Im are no longer conjugates.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

__all__ = [
    "add_multiplied_columns",
    "chebyshev_columns",
    "conjugate_many_bands",
    "conjugate_two_bands",
    "gather_columns",
    "multiply_along",
    "multiply_phases",
    "rotate_columns",
    "scatter_columns",
    "twisted_commutator",
]

# Everything fastmath allows except assuming that NaN and infinity never occur.
_FAST = {"contract", "reassoc", "nsz", "arcp"}


def _compiled(function: Any) -> Any:
    return numba.njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")(function)


@_compiled
def gather_columns(state: np.ndarray, block: np.ndarray, scale: float) -> None:
    """block[c, r, j] = scale · state[c, j, r]: columns of a strided slab become rows of a contiguous block."""
    components, length, columns = state.shape
    for c in range(components):
        for j in range(length):
            for r in range(columns):
                block[c, r, j] = scale * state[c, j, r]


@_compiled
def scatter_columns(block: np.ndarray, state: np.ndarray, scale: float) -> None:
    """state[c, j, r] = scale · block[c, r, j], the way back of `gather_columns`."""
    components, length, columns = state.shape
    for c in range(components):
        for j in range(length):
            for r in range(columns):
                state[c, j, r] = scale * block[c, r, j]


@_compiled
def add_multiplied_columns(block: np.ndarray, factors: np.ndarray, out: np.ndarray, fresh: bool) -> None:
    """out[r, j] = block[r, j] · factors[j], or that added; block may have more columns. Numpy would buffer the factors."""
    rows, columns = out.shape
    for r in range(rows):
        if fresh:
            for j in range(columns):
                out[r, j] = block[r, j] * factors[j]
        else:
            for j in range(columns):
                out[r, j] += block[r, j] * factors[j]


@_compiled
def multiply_along(field: np.ndarray, factors: np.ndarray) -> None:
    """field[a, j, b] · factors[j], in place."""
    before, points, after = field.shape
    for a in range(before):
        for j in range(points):
            factor = factors[j]
            for b in range(after):
                field[a, j, b] *= factor


@_compiled
def multiply_phases(
    block: np.ndarray, table: np.ndarray, left: np.ndarray, right: np.ndarray, rows: int
) -> None:
    """F → u_L F u_R* for a multiple u of the identity; table (entries, 1), block (components, rows, half)."""
    components = block.shape[0]
    for r in range(rows):
        for h in range(block.shape[2]):
            factor = table[left[r, h], 0] * np.conj(table[right[r, h], 0])
            for c in range(components):
                block[c, r, h] *= factor


@_compiled
def conjugate_two_bands(
    block: np.ndarray, table: np.ndarray, left: np.ndarray, right: np.ndarray, rows: int
) -> None:
    """F → U_L F U_R† for 2×2 matrices; table (entries, 4) row by row, block (4, rows, half)."""
    for r in range(rows):
        for h in range(block.shape[2]):
            a = left[r, h]
            b = right[r, h]
            u00 = table[a, 0]
            u01 = table[a, 1]
            u10 = table[a, 2]
            u11 = table[a, 3]
            v00 = np.conj(table[b, 0])
            v01 = np.conj(table[b, 1])
            v10 = np.conj(table[b, 2])
            v11 = np.conj(table[b, 3])
            m00 = block[0, r, h]
            m11 = block[1, r, h]
            real = block[2, r, h]
            imag = block[3, r, h]
            m01 = complex(real.real - imag.imag, real.imag + imag.real)
            m10 = complex(real.real + imag.imag, real.imag - imag.real)
            x00 = u00 * m00 + u01 * m10
            x01 = u00 * m01 + u01 * m11
            x10 = u10 * m00 + u11 * m10
            x11 = u10 * m01 + u11 * m11
            y01 = x00 * v10 + x01 * v11
            y10 = x10 * v00 + x11 * v01
            block[0, r, h] = x00 * v00 + x01 * v01
            block[1, r, h] = x10 * v10 + x11 * v11
            block[2, r, h] = 0.5 * (y01 + y10)
            difference = y01 - y10
            block[3, r, h] = complex(0.5 * difference.imag, -0.5 * difference.real)


@_compiled
def conjugate_many_bands(
    block: np.ndarray, table: np.ndarray, left: np.ndarray, right: np.ndarray, rows: int
) -> None:
    """F → U_L F U_R† for N×N matrices, any N; table (entries, N²) row by row, block (N², rows, half)."""
    components = block.shape[0]
    n = int(np.sqrt(components) + 0.5)
    m = np.empty((n, n), dtype=np.complex128)
    x = np.empty((n, n), dtype=np.complex128)
    for r in range(rows):
        for h in range(block.shape[2]):
            u = left[r, h]
            v = right[r, h]
            c = n
            for a in range(n):
                m[a, a] = block[a, r, h]
                for b in range(a + 1, n):
                    real = block[c, r, h]
                    imag = block[c + 1, r, h]
                    m[a, b] = complex(real.real - imag.imag, real.imag + imag.real)
                    m[b, a] = complex(real.real + imag.imag, real.imag - imag.real)
                    c += 2
            for a in range(n):
                for b in range(n):
                    total = 0j
                    for k in range(n):
                        total += table[u, a * n + k] * m[k, b]
                    x[a, b] = total
            for a in range(n):
                for b in range(n):
                    total = 0j
                    for k in range(n):
                        total += x[a, k] * np.conj(table[v, b * n + k])
                    m[a, b] = total
            c = n
            for a in range(n):
                block[a, r, h] = m[a, a]
                for b in range(a + 1, n):
                    total = m[a, b] + m[b, a]
                    block[c, r, h] = 0.5 * total
                    total = m[a, b] - m[b, a]
                    block[c + 1, r, h] = complex(0.5 * total.imag, -0.5 * total.real)
                    c += 2


@_compiled
def rotate_columns(columns: np.ndarray, table: np.ndarray) -> None:
    """ψ → U ψ at every site; columns (sets, R, N, sites), table (sets, sites, N²) row by row, or (sets, sites, 1)."""
    sets, rank, bands, sites = columns.shape
    moved = np.empty(bands, dtype=np.complex128)
    for s in range(sets):
        for r in range(rank):
            if table.shape[2] == 1:
                for a in range(bands):
                    for i in range(sites):
                        columns[s, r, a, i] *= table[s, i, 0]
            elif bands == 2:
                for i in range(sites):
                    up = columns[s, r, 0, i]
                    down = columns[s, r, 1, i]
                    columns[s, r, 0, i] = table[s, i, 0] * up + table[s, i, 1] * down
                    columns[s, r, 1, i] = table[s, i, 2] * up + table[s, i, 3] * down
            else:
                for i in range(sites):
                    for a in range(bands):
                        total = 0j
                        for b in range(bands):
                            total += table[s, i, a * bands + b] * columns[s, r, b, i]
                        moved[a] = total
                    for a in range(bands):
                        columns[s, r, a, i] = moved[a]


@_compiled
def chebyshev_columns(
    columns: np.ndarray,
    starts: np.ndarray,
    places: np.ndarray,
    values: np.ndarray,
    coefficients: np.ndarray,
    room: np.ndarray,
) -> None:
    """X → Σ_k c_k T_k(G) X of a sparse G in compressed rows; columns (states, size), room (3, size, 2, at least states).

    States lie side by side in `room`, real and imaginary parts apart, so that an element of G meets all of them at once.
    """
    states, size = columns.shape
    total, before, now = room[0], room[1], room[2]
    for i in range(size):
        for lane in range(states):
            x = columns[lane, i]
            before[i, 0, lane] = x.real
            before[i, 1, lane] = x.imag
            x *= coefficients[0]
            total[i, 0, lane] = x.real
            total[i, 1, lane] = x.imag
    for k in range(1, coefficients.size):
        c, d = coefficients[k].real, coefficients[k].imag
        # T₁ = G T₀, then T_{k+1} = 2G T_k − T_{k−1} takes the place of T_{k−1}.
        twice = 2.0 if k > 1 else 1.0
        source = now if k > 1 else before
        target = before if k > 1 else now
        for i in range(size):
            re = target[i, 0]
            im = target[i, 1]
            for lane in range(states):
                re[lane] = -re[lane] if k > 1 else 0.0
                im[lane] = -im[lane] if k > 1 else 0.0
            for entry in range(starts[i], starts[i + 1]):
                a, b = twice * values[entry].real, twice * values[entry].imag
                x = source[places[entry], 0]
                y = source[places[entry], 1]
                for lane in range(states):
                    re[lane] += a * x[lane] - b * y[lane]
                    im[lane] += a * y[lane] + b * x[lane]
            for lane in range(states):
                total[i, 0, lane] += c * re[lane] - d * im[lane]
                total[i, 1, lane] += c * im[lane] + d * re[lane]
        before, now = source, target
    for i in range(size):
        for lane in range(states):
            columns[lane, i] = complex(total[i, 0, lane], total[i, 1, lane])


@_compiled
def twisted_commutator(
    columns: np.ndarray,
    out: np.ndarray,
    coefficients: np.ndarray,
    shape: np.ndarray,
    sources: np.ndarray,
    angles: np.ndarray,
    phases: np.ndarray,
    order: int,
) -> None:
    """out(v) = Σ_w [T(iφ) H_w F(v − w) − T(−iφ) F(v − w) H_w]; columns, out (N, N, points), H (harmonics, N, N).

    `sources`, `angles` and `phases` (harmonics, axes, longest axis) hold v − w and the shares of φ and e^{iφ} axis by axis;
    a phase of zero leaves the point out. T is the exponential, or its Taylor polynomial of degree `order` ≥ 0.
    """
    bands = columns.shape[0]
    axes = shape.size
    length = shape[axes - 1]
    rows = columns.shape[2] // length
    factors = np.empty(length, dtype=np.complex128)
    for row in range(rows):
        for a in range(bands):
            for b in range(bands):
                for i in range(length):
                    out[a, b, row * length + i] = 0.0
        for h in range(coefficients.shape[0]):
            turn = complex(1.0, 0.0)
            angle = 0.0
            start = 0
            rest, stride = row, length
            for axis in range(axes - 2, -1, -1):
                place = rest % shape[axis]
                rest //= shape[axis]
                turn *= phases[h, axis, place]
                angle += angles[h, axis, place]
                start += stride * sources[h, axis, place]
                stride *= shape[axis]
            if turn == 0.0:
                continue
            for i in range(length):
                if order < 0:
                    factors[i] = turn * phases[h, axes - 1, i]
                else:
                    factor = complex(1.0, 0.0)
                    whole = complex(0.0, angle + angles[h, axes - 1, i])
                    for j in range(order, 0, -1):
                        factor = 1.0 + whole / j * factor
                    factors[i] = 0.0 if phases[h, axes - 1, i] == 0.0 else factor
            for a in range(bands):
                for b in range(bands):
                    left = coefficients[h, a, b]
                    if left == 0.0:
                        continue
                    for c in range(bands):
                        for i in range(length):
                            source = start + sources[h, axes - 1, i]
                            out[a, c, row * length + i] += factors[i] * left * columns[b, c, source]
                        for i in range(length):
                            source = start + sources[h, axes - 1, i]
                            out[c, b, row * length + i] -= np.conj(factors[i]) * left * columns[c, a, source]

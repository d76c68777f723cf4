r"""Σ ∂…∂(c f) on a grid of two axes by central differences, in one pass: the rival of `SpectralDivergence`."""

from __future__ import annotations

from collections.abc import Mapping
from math import factorial
from typing import Any

import numba
import numpy as np

__all__ = ["HALF", "KEYS", "Differences", "sum_of_arrays", "weights"]

#: Points to either side: errors of order 8, 8 and 6 of first, second and third derivatives.
HALF = 4

#: Derivatives along the first and the second axis, in the order in which the kernel takes their coefficients.
KEYS = ((0, 1), (0, 2), (0, 3), (1, 0), (1, 1), (1, 2), (2, 0), (2, 1), (3, 0))

_compiled: Any = numba.njit(
    cache=True, nogil=True, fastmath={"contract", "reassoc", "nsz"}, error_model="numpy"
)


def weights(derivative: int) -> np.ndarray:
    """Weights of u(−4) … u(4) in the derivative of u at 0, whose error is of the highest order."""
    offsets = np.arange(-HALF, HALF + 1.0)
    moments = np.array([offsets**n for n in range(2 * HALF + 1)])
    wanted = np.zeros(2 * HALF + 1)
    wanted[derivative] = factorial(derivative)
    found = np.linalg.solve(moments, wanted)
    # Exactly odd or even, so that a sum over the grid telescopes.
    return 0.5 * (found + (-1) ** derivative * found[::-1])


class Differences:
    r"""Plan of the sum, each product c f formed once and every array read or written once.

    .. math:: R = \sum_{a + b ≤ 3} D_x^a D_k^b (c_{ab} f) = \sum_a D_x^a G_a, \qquad G_a = \sum_b D_k^b (c_{ab} f)

    G_a of nine rows are kept, in the second-level cache. The sum of R over the grid telescopes.

    Parameters
    ----------
    fields : c by the numbers of the axes derived along, (0,), (0, 1), …; those left out are zero, float64 (rows, columns).
    spacings : of the two axes.
    """

    def __init__(self, fields: Mapping[tuple[int, ...], np.ndarray], spacings: tuple[float, float]) -> None:
        shape = next(iter(fields.values())).shape
        if min(shape) <= 2 * HALF:
            raise ValueError(f"expected more than {2 * HALF} points along both axes, got {shape}")
        self._fields = np.zeros((len(KEYS), *shape))
        for along, c in fields.items():
            self._fields[KEYS.index((along.count(0), along.count(1)))] = c
        self._weights = np.array([[weights(d)[HALF:] / h**d for d in (1, 2, 3)] for h in spacings])
        self._products = np.empty((3, shape[1] + 2 * HALF))
        self._rows = np.empty((4, 2 * HALF + 1, shape[1]))

    def add(self, f: np.ndarray, out: np.ndarray) -> None:
        """Write R to `out`, float64 (rows, columns); nothing is allocated."""
        _differences(self._fields, f, self._weights, self._products, self._rows, out)


@_compiled
def _product(c: np.ndarray, f: np.ndarray, out: np.ndarray) -> None:
    """c f with its neighbours around the period."""
    n = f.size
    for k in range(n):
        out[k + HALF] = c[k] * f[k]
    for k in range(HALF):
        out[k] = out[n + k]
        out[n + HALF + k] = out[HALF + k]


@_compiled
def _row(c: np.ndarray, f: np.ndarray, w: np.ndarray, p: np.ndarray, g: np.ndarray, x: int, to: int) -> None:
    """G_a of row x, a = 0 … 3, into place `to`."""
    n = f.shape[1]
    a1, a2, a3, a4 = w[0, 1], w[0, 2], w[0, 3], w[0, 4]
    b0, b1, b2, b3, b4 = w[1, 0], w[1, 1], w[1, 2], w[1, 3], w[1, 4]
    c1, c2, c3, c4 = w[2, 1], w[2, 2], w[2, 3], w[2, 4]
    u, v, q = p[0], p[1], p[2]
    _product(c[0, x], f[x], u)
    _product(c[1, x], f[x], v)
    _product(c[2, x], f[x], q)
    row = g[0, to]
    for k in range(n):
        i = k + HALF
        row[k] = (
            a1 * (u[i + 1] - u[i - 1]) + a2 * (u[i + 2] - u[i - 2]) + a3 * (u[i + 3] - u[i - 3])
            + a4 * (u[i + 4] - u[i - 4])
            + b0 * v[i] + b1 * (v[i + 1] + v[i - 1]) + b2 * (v[i + 2] + v[i - 2])
            + b3 * (v[i + 3] + v[i - 3]) + b4 * (v[i + 4] + v[i - 4])
            + c1 * (q[i + 1] - q[i - 1]) + c2 * (q[i + 2] - q[i - 2]) + c3 * (q[i + 3] - q[i - 3])
            + c4 * (q[i + 4] - q[i - 4])
        )  # fmt: skip
    _product(c[4, x], f[x], u)
    _product(c[5, x], f[x], v)
    row, one, two = g[1, to], c[3, x], f[x]
    for k in range(n):
        i = k + HALF
        row[k] = (
            one[k] * two[k]
            + a1 * (u[i + 1] - u[i - 1]) + a2 * (u[i + 2] - u[i - 2]) + a3 * (u[i + 3] - u[i - 3])
            + a4 * (u[i + 4] - u[i - 4])
            + b0 * v[i] + b1 * (v[i + 1] + v[i - 1]) + b2 * (v[i + 2] + v[i - 2])
            + b3 * (v[i + 3] + v[i - 3]) + b4 * (v[i + 4] + v[i - 4])
        )  # fmt: skip
    _product(c[7, x], f[x], u)
    row, one = g[2, to], c[6, x]
    for k in range(n):
        i = k + HALF
        row[k] = (
            one[k] * two[k]
            + a1 * (u[i + 1] - u[i - 1]) + a2 * (u[i + 2] - u[i - 2]) + a3 * (u[i + 3] - u[i - 3])
            + a4 * (u[i + 4] - u[i - 4])
        )  # fmt: skip
    row, one = g[3, to], c[8, x]
    for k in range(n):
        row[k] = one[k] * two[k]


@_compiled
def _differences(
    c: np.ndarray, f: np.ndarray, w: np.ndarray, p: np.ndarray, g: np.ndarray, out: np.ndarray
) -> None:
    rows, n = f.shape
    places = 2 * HALF + 1
    centre = w[0, 1, 0]
    for x in range(-HALF, HALF):
        _row(c, f, w[1], p, g, x % rows, x % places)
    for x in range(rows):
        _row(c, f, w[1], p, g, (x + HALF) % rows, (x + HALF) % places)
        here = x % places
        row, g0, g2 = out[x], g[0, here], g[2, here]
        for k in range(n):
            row[k] = g0[k] + centre * g2[k]
        # More rows at once, and the compiler gives up telling them apart from the one that is written.
        for j in range(1, HALF + 1):
            up, down = (x + j) % places, (x - j) % places
            u1, u2, u3 = g[1, up], g[2, up], g[3, up]
            d1, d2, d3 = g[1, down], g[2, down], g[3, down]
            one, two, three = w[0, 0, j], w[0, 1, j], w[0, 2, j]
            for k in range(n):
                row[k] += one * (u1[k] - d1[k]) + two * (u2[k] + d2[k]) + three * (u3[k] - d3[k])


@_compiled
def sum_of_arrays(c: np.ndarray, f: np.ndarray, out: np.ndarray) -> None:
    """f Σ c of nine arrays, float64 (rows, columns): what reading them, and writing one, costs by itself."""
    for x in range(f.shape[0]):
        for k in range(f.shape[1]):
            total = c[0, x, k] + c[1, x, k] + c[2, x, k] + c[3, x, k] + c[4, x, k]
            total += c[5, x, k] + c[6, x, k] + c[7, x, k] + c[8, x, k]
            out[x, k] = f[x, k] * total

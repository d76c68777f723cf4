r"""Operators of symbols of few harmonics, which lead from each site to a few others, and polynomials of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import numpy as np
from scipy.sparse import csr_array

from .kernels import chebyshev_columns
from .threads import workers
from .weyl import Pair, WeylTransform

__all__ = ["HopSeries", "hop_operators"]

# Amplitudes below this share of the largest are rounding of the transform.
_NOISE = 1e-14
# Columns moved together: three blocks of them stay in the second-level cache.
_LANES = 16


def hop_operators(
    weyl: WeylTransform, symbol: np.ndarray, *, share: float, closed: bool = False
) -> list[csr_array] | None:
    """What `WeylTransform.operators` gives, as sparse rows set by set; None where more than `share` of it is not zero.

    Parameters
    ----------
    weyl : the operator form of the grid.
    symbol : (N, N, *broadcastable grid); an axis that it does not depend on has one point, and then costs nothing.
    share : of the elements of an operator, 0 … 1.
    closed : as in `WeylTransform.operators`.

    Notes
    -----
    Cost: a transform of the symbol on the axes it depends on, and O(sets · size · hops).
    """
    amplitudes = weyl.amplitudes(symbol)
    size = np.abs(amplitudes)
    kept = size > _NOISE * size.max(initial=0.0)
    # Axes are (N, N, parameters, then centre and hop of each pair).
    hop_axes = range(3 + len(weyl.parameters), kept.ndim, 2)
    hops = np.argwhere(kept.any(axis=tuple(axis for axis in range(kept.ndim) if axis not in hop_axes)))
    if len(hops) * len(symbol) > share * weyl.size(len(symbol)):
        return None
    amplitudes = np.where(kept, amplitudes, 0.0)
    bonds = [[_bonds(pair, j, closed) for pair, j in zip(weyl.pairs, hop, strict=True)] for hop in hops]
    sets = zip(*(numbers.tolist() for numbers in weyl.set_numbers()), strict=True)
    return [_rows(weyl, amplitudes, hops, bonds, numbers) for numbers in sets]


#: Of a hop along one pair, on each sublattice: the centre and the column of every row, (2, sites), and what the element
#: counts for in each closing of the ring, (ends, 2, sites).
Bonds = tuple[np.ndarray, np.ndarray, np.ndarray]


def _bonds(pair: Pair, hop: int, closed: bool) -> Bonds:
    """The matrix elements of a hop by `hop` grid points of the transform."""
    points = np.arange(pair.points) * pair.points + hop
    rows, columns = np.divmod(pair.targets[points], pair.sites)
    # Rows count through both sublattices, and each occurs once.
    centres = np.argsort(rows).reshape(2, pair.sites)
    weights = pair.weights[:, points]
    if closed and pair.ends == 1:
        weights = np.ones_like(weights)
    return centres, columns[centres], weights[:, centres]


def _rows(
    weyl: WeylTransform,
    amplitudes: np.ndarray,
    hops: np.ndarray,
    bonds: Sequence[Sequence[Bonds]],
    numbers: Sequence[int],
) -> csr_array:
    """The operator of one set: a hop leads from every site to one other, in each way from band to band."""
    bands, front = len(amplitudes), len(weyl.parameters)
    sublattices, ends = numbers[front::2], numbers[front + 1 :: 2]
    values = np.empty((len(hops), bands, bands, weyl.sites), dtype=complex)
    columns = np.empty((len(hops), 1, 1, weyl.sites), dtype=np.int32)
    for number, (hop, each) in enumerate(zip(hops, bonds, strict=True)):
        picked: list[int | np.ndarray] = [
            n % amplitudes.shape[2 + axis] for axis, n in enumerate(numbers[:front])
        ]
        column, weight = np.zeros(1, dtype=int), np.ones(1)
        for place, (pair, (centres, to, weights)) in enumerate(zip(weyl.pairs, each, strict=True)):
            own = sublattices[place]
            shape = [-1 if n == place else 1 for n in range(len(weyl.pairs))]
            picked += [
                (centres[own] % amplitudes.shape[2 + front + 2 * place]).reshape(shape),
                int(hop[place]),
            ]
            column = np.add.outer(column * pair.sites, to[own]).ravel()
            weight = np.multiply.outer(weight, weights[ends[place], own]).ravel()
        values[number] = amplitudes[(slice(None), slice(None), *picked)].reshape(bands, bands, -1) * weight
        columns[number] = column
    step, size = np.arange(bands) * weyl.sites, weyl.size(bands)
    found = values != 0.0
    rows = np.broadcast_to(step[:, None, None] + np.arange(weyl.sites), values.shape)[found]
    return csr_array(
        (values[found], (rows, np.broadcast_to(step[:, None] + columns, values.shape)[found])),
        shape=(size, size),
    )


class HopSeries:
    r"""Chebyshev polynomials of sparse operators, a block of columns at a time.

    .. math:: X → \sum_k c_k T_k(G/b) X

    Parameters
    ----------
    size : rows of an operator.
    threads : worker threads; every result is the same to the last bit for any number.

    Notes
    -----
    A block of columns goes through the whole polynomial before the next is fetched. In memory that is one pass over X.
    """

    def __init__(self, size: int, *, threads: int = 1) -> None:
        self.threads = threads
        self._rooms = np.zeros((threads, 3, size, 2, _LANES))

    @property
    def nbytes(self) -> int:
        return self._rooms.nbytes

    def apply(
        self, operators: Sequence[csr_array], reach: float, coefficients: np.ndarray, columns: np.ndarray
    ) -> None:
        """Replace X by its polynomial, in place.

        Parameters
        ----------
        operators : G of each set.
        reach : b.
        coefficients : c, complex, at least two.
        columns : X, complex (sets, states, size), C order.
        """
        scaled = [operator.data / reach for operator in operators]
        states = columns.shape[1]
        blocks = [(s, first) for s in range(len(columns)) for first in range(0, states, _LANES)]
        turn = count()

        def work(worker: int) -> None:
            # Workers take blocks as they come: the cores of a busy machine are not equally fast.
            while (number := next(turn)) < len(blocks):
                s, first = blocks[number]
                operator = operators[s]
                chebyshev_columns(
                    columns[s, first : first + _LANES],
                    operator.indptr,
                    operator.indices,
                    scaled[s],
                    coefficients,
                    self._rooms[worker],
                )

        if self.threads == 1:
            work(0)
        else:
            list(workers(self.threads).map(work, range(self.threads)))

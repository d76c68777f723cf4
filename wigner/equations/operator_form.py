r"""Exact motion of a state's columns under the operator of any Hamiltonian symbol, on a matched grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from scipy.sparse import csr_array, eye_array

from ..algebra.hops import HopSeries, hop_operators
from ..models.hamiltonian import Hamiltonian, Term
from ..states.density_factor import DensityFactor
from .generator import Generator

__all__ = ["OperatorForm"]

# A part of H with more elements than this share that are not zero is dense: products then are faster by linear algebra.
_SPARSE = 0.15

#: The operator of each set: an array (sets, size, size), or sparse rows.
Operators = np.ndarray | list[csr_array]


class OperatorForm:
    r"""The columns of a density operator under the Hamiltonian's operator.

    .. math:: iħ ∂_t X = \hat H X, \qquad \hat ρ = X Ω X^†

    Parameters
    ----------
    hamiltonian : any symbol H(r, k, t) on a matched grid, a field beside positions included.
    factor : the columns: wave functions of a state of low rank, or the propagator itself.
    data : float64 (N², *grid), where `settle` forms the state.
    threads : of the products of lattices; results do not depend on it.

    Notes
    -----
    Cost of a generator: a transform of H to its operator, for its parts that depend on t; of a product, O(sets · R · size²).
    On a lattice, whose operator has few hops from each site, a transform on the axes that a part of H depends on, and
    O(sets · R · size · hops).
    """

    kind: ClassVar[str] = "operator_form"
    provides: ClassVar[str] = "generator"

    def __init__(
        self, hamiltonian: Hamiltonian, factor: DensityFactor, data: np.ndarray, *, threads: int = 1
    ) -> None:
        self.hamiltonian = hamiltonian
        self.factor = factor
        self.columns = factor.columns
        self._data = data
        self._static = [self._operators(part, 0.0) for part in hamiltonian.parts if part.is_static]
        self._driven = [part for part in hamiltonian.parts if not part.is_static]
        self._series = HopSeries(self.columns.shape[-1], threads=threads)

    @property
    def is_static(self) -> bool:
        return self.hamiltonian.is_static

    @property
    def moving(self) -> np.ndarray:
        """The columns as float64."""
        return self.columns.view(np.float64)

    @property
    def nbytes(self) -> int:
        """Bytes held beside the state."""
        return self.factor.nbytes + self._series.nbytes + sum(_nbytes(part) for part in self._static)

    @property
    def blockwise(self) -> bool:
        """True for lattices: products are taken a block of columns at a time. Parts that depend on t are not looked at."""
        return bool(self._static) and not any(isinstance(part, np.ndarray) for part in self._static)

    def _operators(self, part: Term, t: float) -> Operators:
        """Operators of a part of H in every set moved."""
        weyl, space = self.factor.weyl, self.hamiltonian.space
        # On its own axes only: of those that a part does not depend on, one point is enough.
        symbol = part.symbol(t=t, **{name: space.coordinate(name) for name in part.coordinates})
        closed = not weyl.has_gauge
        few = hop_operators(weyl, symbol, share=_SPARSE, closed=closed)
        found = weyl.operators(symbol, hermitian=True, closed=closed) if few is None else few
        return found[: len(self.columns)]

    def generator(self, weights: Sequence[tuple[float, float]], start: float = 0.0) -> Generator:
        """Σ w Ĥ(t)/ħ over pairs (w, t)."""
        hbar = self.hamiltonian.space.hbar
        total = sum(weight for weight, _ in weights)
        shares = [(total / hbar, operators) for operators in self._static]
        shares += [
            (weight / hbar, self._operators(part, t)) for weight, t in weights for part in self._driven
        ]
        few = [(weight, rows) for weight, rows in shares if not isinstance(rows, np.ndarray)]
        return self._sparse(few) if len(few) == len(shares) else _dense(shares)

    def _sparse(self, shares: Sequence[tuple[float, list[csr_array]]]) -> Generator:
        """The generator of operators of few hops."""
        sets, size = len(self.columns), self.columns.shape[-1]
        centres, rows = np.zeros((sets, 1, 1)), []
        for number in range(sets):
            row = sum(
                (w * operators[number] for w, operators in shares),
                start=csr_array((size, size), dtype=complex),
            )
            centres[number] = row.diagonal().mean().real
            rows.append((row - centres[number, 0, 0] * eye_array(size, format="csr")).tocsr())
        # The largest row sum of G² bounds the square of the largest |eigenvalue|, for lattices often exactly.
        reach = max(1e-300, float(np.sqrt(max(abs(row @ row).sum(axis=1).max() for row in rows))))

        def apply(columns: np.ndarray, out: np.ndarray) -> None:
            for row, x, y in zip(rows, columns, out, strict=True):
                y[...] = (row @ x.T).T

        def series(coefficients: np.ndarray, columns: np.ndarray) -> None:
            self._series.apply(rows, reach, coefficients, columns)

        return Generator(apply, centres, reach, series)

    def leave_frame(self, start: float, stop: float) -> None:
        """Nothing: steps are taken at rest."""

    def settle(self) -> None:
        """Form F from the columns."""
        self.factor.write(self._data)


def _dense(shares: Sequence[tuple[float, Operators]]) -> Generator:
    """The generator of operators without structure."""
    total = sum((weight * _full(operators) for weight, operators in shares), start=np.zeros(1))
    size = total.shape[-1]
    centre = np.einsum("sii->s", total).real / size
    total = total - centre[:, None, None] * np.eye(size)
    # The largest row sum bounds the largest |eigenvalue|, closely for operators that are nearly local.
    reach = float(np.abs(total).sum(axis=-1).max())
    # A column is a row of X, so the operator acts transposed.
    transposed = total.swapaxes(-1, -2)

    def apply(columns: np.ndarray, out: np.ndarray) -> None:
        np.matmul(columns, transposed, out=out)

    return Generator(apply, centre[:, None, None], reach)


def _full(operators: Operators) -> np.ndarray:
    if isinstance(operators, np.ndarray):
        return operators
    return np.stack([operator.toarray() for operator in operators])


def _nbytes(operators: Operators) -> int:
    if isinstance(operators, np.ndarray):
        return operators.nbytes
    return sum(each.data.nbytes + each.indices.nbytes + each.indptr.nbytes for each in operators)

r"""Exact motion of a state's columns under the operator of any Hamiltonian symbol, on a matched grid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

import numpy as np
from scipy.sparse import csr_array

from ..algebra.formula import MatrixFormula
from ..algebra.kernels import hop_columns
from ..models.hamiltonian import Hamiltonian
from ..states.density_factor import DensityFactor
from .generator import Generator

__all__ = ["OperatorForm"]

# Elements below this share of the largest are rounding of the transform that made the operator.
_NOISE = 1e-14
# Above this share of elements that are not zero the dense product is the faster one.
_SPARSE = 0.04


class OperatorForm:
    r"""The columns of a density operator under the Hamiltonian's operator.

    .. math:: iħ ∂_t X = \hat H X, \qquad \hat ρ = X Ω X^†

    Parameters
    ----------
    hamiltonian : any symbol H(r, k, t) on a matched grid, a field beside positions included.
    factor : the columns: wave functions of a state of low rank, or the propagator itself.
    data : float64 (N², *grid), where `settle` forms the state.

    Notes
    -----
    Cost of a generator: a transform of H to its operator, for its parts that depend on t; of a product, O(sets · R · size²),
    or for a lattice, whose operator has few hops from each site, O(sets · R · size · hops).
    """

    kind: ClassVar[str] = "operator_form"
    provides: ClassVar[str] = "generator"

    def __init__(self, hamiltonian: Hamiltonian, factor: DensityFactor, data: np.ndarray) -> None:
        self.hamiltonian = hamiltonian
        self.factor = factor
        self.columns = factor.columns
        self._data = data
        self._static = self._operator(0.0, static=True)

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
        return self.factor.nbytes + self._static.nbytes

    def _operator(self, t: float, *, static: bool) -> np.ndarray:
        """Operator of the parts that depend on t, or of those that do not, in every set moved."""
        h, coordinates = self.hamiltonian, self.hamiltonian.space.coordinates()
        total = MatrixFormula.zero(h.bands)(**coordinates)
        for part in h.parts:
            if part.is_static == static:
                total = total + part.symbol(t=t, **coordinates)
        weyl = self.factor.weyl
        return weyl.operators(total, hermitian=True, closed=not weyl.has_gauge)[: len(self.columns)]

    def generator(self, weights: Sequence[tuple[float, float]], start: float = 0.0) -> Generator:
        """Σ w Ĥ(t)/ħ over pairs (w, t)."""
        hbar = self.hamiltonian.space.hbar
        total = sum(weight for weight, _ in weights) * self._static
        if not self.is_static:
            for weight, t in weights:
                total = total + weight * self._operator(t, static=False)
        size = total.shape[-1]
        centre = np.einsum("sii->s", total).real / size
        total = total - centre[:, None, None] * np.eye(size)
        # The largest row sum bounds the largest |eigenvalue|, closely for operators that are nearly local.
        reach = float(np.abs(total).sum(axis=-1).max()) / hbar
        return Generator(_product(total / hbar), centre[:, None, None] / hbar, reach)

    def leave_frame(self, start: float, stop: float) -> None:
        """Nothing: steps are taken at rest."""

    def settle(self) -> None:
        """Form F from the columns."""
        self.factor.write(self._data)


def _product(operators: np.ndarray) -> Callable[[np.ndarray, np.ndarray], None]:
    """The function (X, out) that writes GX in every set; wave functions are rows of X (sets, states, size)."""
    size = operators.shape[-1]
    kept = np.abs(operators) > _NOISE * np.abs(operators).max(initial=0.0)
    if np.count_nonzero(kept) > _SPARSE * operators.size:
        # A column is a row here, so the operator acts transposed.
        transposed = operators.swapaxes(-1, -2)

        def dense(columns: np.ndarray, out: np.ndarray) -> None:
            np.matmul(columns, transposed, out=out)

        return dense
    rows = [csr_array(np.where(keep, one, 0.0)) for one, keep in zip(operators, kept, strict=True)]

    def sparse(columns: np.ndarray, out: np.ndarray) -> None:
        for x, y, row in zip(columns, out, rows, strict=True):
            hop_columns(x.reshape(-1, size), y.reshape(-1, size), row.indptr, row.indices, row.data)

    return sparse

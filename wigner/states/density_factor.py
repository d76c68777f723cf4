r"""A density operator written through the columns that a Hamiltonian moves: the wave functions of a state of low rank."""

from __future__ import annotations

import numpy as np
from scipy.linalg.lapack import zpstrf

from ..algebra.fourier import aligned_complex
from ..algebra.weyl import WeylTransform
from .wigner_function import WignerFunction, pack, unpack

__all__ = ["DensityFactor"]

# A wave function is left out below this share of the largest occupation, and the rest must give F back this well.
_NEGLIGIBLE = 1e-13
_FAITHFUL = 1e-11


class DensityFactor:
    r"""ρ̂ = X Ω X† with Ω fixed: X moves as e^{−iHt/ħ}X, column by column.

    Parameters
    ----------
    weyl : the operator form of the grid.
    columns : X, complex (sets moved, R, size); R wave functions in every set.
    core : Ω, complex (sets, R, R), or None for the identity.
    reduced : only the even sublattices of a box are moved; the odd ones follow by band-limited interpolation, since both
        sample the same wave functions.
    """

    def __init__(
        self, weyl: WeylTransform, columns: np.ndarray, core: np.ndarray | None, *, reduced: bool
    ) -> None:
        self.weyl = weyl
        self.core = core
        self.reduced = reduced
        self.columns = aligned_complex(columns.shape)
        self.columns[...] = columns

    @classmethod
    def low_rank(cls, state: WignerFunction, weyl: WeylTransform, most: int) -> DensityFactor | None:
        """The wave functions of a positive state of rank at most `most`; None where that does not give F back to 1e-11.

        Cost: a pivoted Cholesky factorisation of every set, O(sets · size² · R).
        """
        operators = weyl.operators(unpack(state.data), hermitian=True)
        for reduced in (True, False) if weyl.reducible else (False,):
            columns = _cholesky(operators[:1] if reduced else operators, most)
            if columns is None:
                continue
            factor = cls(weyl, columns, None, reduced=reduced)
            back = np.empty_like(state.data)
            factor.write(back)
            if np.max(np.abs(back - state.data)) <= _FAITHFUL * np.max(np.abs(state.data)):
                return factor
        return None

    @classmethod
    def full_rank(cls, state: WignerFunction, weyl: WeylTransform) -> DensityFactor:
        """Any state: X begins as the identity and Ω is the density operator itself."""
        core = weyl.operators(unpack(state.data), hermitian=True)
        columns = np.broadcast_to(np.eye(core.shape[-1], dtype=complex), core.shape)
        return cls(weyl, columns, core, reduced=False)

    @property
    def rank(self) -> int:
        """R, wave functions a set."""
        return self.columns.shape[1]

    @property
    def nbytes(self) -> int:
        return self.columns.nbytes + (0 if self.core is None else self.core.nbytes)

    def write(self, data: np.ndarray) -> None:
        """Form F in `data`, float64 (N², *grid)."""
        columns = self.weyl.interpolated(self.columns) if self.reduced else self.columns
        rows = columns.swapaxes(-1, -2)
        moved = rows if self.core is None else rows @ self.core
        data[...] = pack(self.weyl.symbol(moved @ columns.conj(), hermitian=True))


def _cholesky(operators: np.ndarray, most: int) -> np.ndarray | None:
    """Columns with ρ̂ = X X† in every set, (sets, R, size), or None where more than `most` are needed."""
    sets, size, _ = operators.shape
    scale = float(np.max(np.einsum("sii->si", operators).real, initial=0.0))
    out = np.zeros((sets, min(most, size), size), dtype=complex)
    largest = 1
    for operator, columns in zip(operators, out, strict=True):
        lower, pivots, rank, _ = zpstrf(operator, tol=_NEGLIGIBLE * scale, lower=1)
        if rank > most:
            return None
        columns[:rank, pivots - 1] = np.tril(lower)[:, :rank].T
        largest = max(largest, rank)
    return out[:, :largest]

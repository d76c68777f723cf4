r"""Exact Moyal dynamics, iħ ∂_t F = H ⋆ F − F ⋆ H, as a sum of exactly solvable flows."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np

from ..algebra.fourier import FFTLibrary
from ..algebra.fused import FusedSweep, aligned_zeros, two_sided_product
from ..algebra.two_sided import TwoSidedProduct
from ..algebra.unitary import unitary
from ..models.hamiltonian import Hamiltonian, Term

__all__ = ["Flow", "Moyal"]


class Flow:
    r"""The exact flow of one term, F → e^{−iH_jτ/ħ} ⋆ F ⋆ e^{+iH_jτ/ħ}, with the term frozen at a time.

    Parameters
    ----------
    term : the term H_j of commuting coordinates.
    data : the state it moves in place, float64 (N², *grid).
    product : the two-sided product over the term's coordinates.

    Other parameters
    ----------------
    values : function t → Hermitian matrices at every entry of `product`, (N, N, entries), used instead of the term's own.
    """

    def __init__(
        self,
        term: Term,
        data: np.ndarray,
        product: TwoSidedProduct | FusedSweep,
        *,
        values: Callable[[float], np.ndarray] | None = None,
    ) -> None:
        self.is_static = term.is_static
        self._term = term
        self._data = data
        self._hbar = product.space.hbar
        self.product = product
        self._tabulate = values or (lambda t: product.tabulate(lambda **z: term.symbol(t=t, **z)))
        self._static_values = self._values(0.0) if term.is_static else None
        self._tables: dict[float, np.ndarray] = {}

    def _values(self, t: float) -> np.ndarray:
        values = self._tabulate(t)
        return values[:1, :1] if self._term.symbol.is_scalar else values

    def spectral_width(self, t: float = 0.0) -> float:
        """Largest |ε_a(left) − ε_b(right)| over phase space: the fastest rotation, in energy."""
        values = self._static_values if self._static_values is not None else self._values(t)
        energies = np.linalg.eigvalsh(np.moveaxis(values, -1, 0))
        low, high = energies[:, 0], energies[:, -1]
        # The half of the spectrum that is not stored exchanges left and right.
        return max(self.product.widest(high, low), self.product.widest(-low, -high))

    def prepare(self, duration: float) -> None:
        """Tabulate the unitary of a static term for `duration`, so that the loop only looks it up."""
        if self._static_values is not None and duration not in self._tables:
            self._tables[duration] = self.product.arrange(unitary(self._static_values, duration / self._hbar))

    def forget(self) -> None:
        """Drop tables of durations no longer used."""
        self._tables.clear()

    def apply(self, duration: float, t: float) -> None:
        """Move the state by `duration` with the term as it is at time `t`."""
        if self._static_values is None:
            table = unitary(self._values(t), duration / self._hbar)
        else:
            self.prepare(duration)
            table = self._tables[duration]
        self.product.apply(table, self._data)


class Moyal:
    r"""Exact multiband Moyal dynamics.

    .. math:: iħ ∂_t F = H ⋆ F − F ⋆ H, \qquad
              A ⋆ B = A \exp\big[\tfrac{iħ}{2} \overleftarrow{∂_i} J^{ij} \overrightarrow{∂_j}\big] B

    Parameters
    ----------
    hamiltonian : a sum of terms, each a Hermitian matrix function of commuting coordinates (and t).

    Notes
    -----
    Each flow is exact on the grid: it is unitary on every Fourier component, so trace and purity are kept to rounding,
    and Hermiticity exactly, by storage. The splitting error is the stepper's.
    Source: Moyal, Proc. Camb. Phil. Soc. 45, 99 (1949); for matrices the Wigner
    transform of Wong & Tserkovnyak, Eq. (3).
    """

    kind: ClassVar[str] = "moyal"
    provides: ClassVar[str] = "flows"

    def __init__(self, hamiltonian: Hamiltonian) -> None:
        self.hamiltonian = hamiltonian

    def allocate(self) -> np.ndarray:
        """An empty state, float64 (N², *grid), where the sweeps read it fastest."""
        return aligned_zeros((self.hamiltonian.bands**2, *self.hamiltonian.space.shape))

    def flows(self, data: np.ndarray, *, threads: int = 1, library: FFTLibrary = "auto") -> tuple[Flow, ...]:
        """The exact flows that move `data` in place, one per term; a named `library` asks for the general path."""
        h = self.hamiltonian
        return tuple(
            Flow(
                term,
                data,
                two_sided_product(h.space, term.coordinates, h.bands, threads=threads, library=library),
            )
            for term in h.terms
        )

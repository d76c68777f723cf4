"""The exact flow of one term of commuting coordinates."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np

from ..algebra.fused import FusedSweep
from ..algebra.two_sided import TwoSidedProduct
from ..algebra.unitary import unitary
from ..models.hamiltonian import Term

__all__ = ["Flow"]


class Flow:
    r"""The exact flow of one term, F → e^{−iH_jτ/ħ} ⋆ F ⋆ e^{+iH_jτ/ħ}, with the term frozen at a time.

    Parameters
    ----------
    term : the term H_j of commuting coordinates.
    data : the state it moves in place, float64 (N², *grid).
    product : the two-sided product over the term's coordinates.

    Other parameters
    ----------------
    commutes_with_time : whether it may be exchanged with the flow that advances time; left out, whether the term is static.
    values : function t → Hermitian matrices at every entry of `product`, (N, N, entries), used instead of the term's own.
    """

    advances_time: ClassVar[bool] = False

    def __init__(
        self,
        term: Term,
        data: np.ndarray,
        product: TwoSidedProduct | FusedSweep,
        *,
        commutes_with_time: bool | None = None,
        values: Callable[[float], np.ndarray] | None = None,
    ) -> None:
        self.commutes_with_time = term.is_static if commutes_with_time is None else commutes_with_time
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

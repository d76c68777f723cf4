"""States of low rank: wave functions move, and F is formed only where it is read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..states.density_factor import DensityFactor
from .splitting import Composition, FlowLike, Splitting

__all__ = ["WaveFunctions"]


class WaveFunctions(Splitting):
    r"""Move the R wave functions of a state by composed exact flows.

    .. math:: F(r, k) = Σ_{n=1}^{R} ∫ d^dy \, e^{−ik·y/ħ} ψ_n(r + y/2) ψ_n^†(r − y/2)

    Parameters
    ----------
    flows : the flows, each acting in place on the wave functions.
    composition : weights and order.
    factor : the wave functions.
    data : the state, float64 (N², *grid), which `settle` brings up to date.

    Notes
    -----
    A step costs R transforms of √points numbers where `Splitting` on F costs √points of them; F, one transform of the grid,
    is formed once a record.
    """

    def __init__(
        self,
        flows: Sequence[FlowLike],
        composition: Composition,
        factor: DensityFactor,
        data: np.ndarray,
    ) -> None:
        super().__init__(flows, composition)
        self.moving = factor.columns.view(np.float64)
        self.factor = factor
        self._data = data

    @property
    def nbytes(self) -> int:
        """Bytes held beside the state, tables left out."""
        return self.factor.nbytes

    def settle(self) -> None:
        """Form F from the wave functions."""
        self.factor.write(self._data)

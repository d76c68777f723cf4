"""Regions of phase space: weights, given as formulas in the coordinates, over which a density is collected."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..algebra.formula import MatrixFormula
from ..algebra.phase_space import PhaseSpace

__all__ = ["Regions"]


class Regions:
    r"""Weighted sums over phase space, one for each region.

    .. math:: A_w = ∫ \frac{d^dr \, d^dk}{(2πħ)^d} w(r, k) \, a(r, k)

    Parameters
    ----------
    weights : scalar formulas in the coordinates by the name of each region; without any there is one, the whole, w = 1,
        whose quantities have no suffix.
    """

    def __init__(self, weights: Mapping[str, MatrixFormula] | None = None) -> None:
        whole = MatrixFormula.identity(1)
        self._weights = {f"_{name}": formula for name, formula in (weights or {}).items()} or {"": whole}

    @property
    def suffixes(self) -> tuple[str, ...]:
        """What stands behind the name of a quantity, region by region."""
        return tuple(self._weights)

    def on(self, space: PhaseSpace) -> dict[str, np.ndarray]:
        """Weights on the grid by suffix, each times the measure of a cell."""
        return {
            suffix: np.broadcast_to(formula(**space.coordinates())[0, 0].real, space.shape) * space.cell
            for suffix, formula in self._weights.items()
        }

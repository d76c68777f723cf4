r"""The lowest level of a Hamiltonian's operator, and of the operators of scalar band energies."""

from __future__ import annotations

import numpy as np

from ..algebra.phase_space import PhaseSpace
from ..algebra.weyl import WeylTransform
from ..diagnostics.star_spectrum import bulk_levels, bulk_window
from ..errors import MeasurementError, PhaseSpaceError

__all__ = ["ground_level"]


def ground_level(symbol: np.ndarray, space: PhaseSpace) -> float:
    r"""Lowest E of Ĥ|0⟩ = E|0⟩, those of the open ends of a box left out.

    Parameters
    ----------
    symbol : H or, of one band, h as a matrix of size 1: Hermitian field (N, N, *broadcastable grid).
    space : a matched grid, see `WeylTransform`.

    Returns
    -------
    Energy, to rounding but for the grid's cut of the state. Cost: an eigendecomposition of size N · sites for every set.

    Raises
    ------
    MeasurementError : for a grid that is not matched.
    """
    try:
        weyl = WeylTransform(space)
    except PhaseSpaceError as error:
        raise MeasurementError(f"level: {error}") from None
    full = np.broadcast_to(symbol, (*symbol.shape[:2], *space.shape))
    return float(bulk_levels(weyl, full, bulk_window(weyl, len(full)))[0])

"""Where bands touch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..errors import ModelError

__all__ = ["check_gap", "smallest_gap"]

# Gaps below this fraction of the largest energy are closed.
_CLOSED = 1e-9


def smallest_gap(gaps: np.ndarray, coordinates: Mapping[str, np.ndarray]) -> tuple[float, str]:
    """The smallest of gaps of the shape that the coordinates broadcast to, and where it is."""
    place = np.unravel_index(int(np.argmin(gaps)), gaps.shape)
    values = {name: float(np.broadcast_to(v, gaps.shape)[place]) for name, v in coordinates.items()}
    return float(gaps[place]), ", ".join(f"{name} = {value:.4g}" for name, value in values.items())


def check_gap(
    gaps: np.ndarray, scale: float, coordinates: Mapping[str, np.ndarray], bands: Sequence[int]
) -> None:
    """Refuse bands whose gap to the others, of the shape that the coordinates broadcast to, closes; say where.

    Raises
    ------
    ModelError : if the smallest gap is below 1e-9 of `scale`.
    """
    if gaps.min(initial=np.inf) > _CLOSED * scale:
        return
    _, where = smallest_gap(gaps, coordinates)
    raise ModelError(
        f"expected a gap around the bands {', '.join(map(str, bands))}, got one that closes at {where}; "
        "open the gap, or take the touching bands as one set, or an equation of the whole matrix"
    )

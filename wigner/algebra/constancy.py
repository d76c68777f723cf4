"""Axes along which a field does not vary, and need not be stored."""

from __future__ import annotations

import numpy as np

from .phase_space import PhaseSpace

__all__ = ["on_grid", "stored_once", "varying_part"]

# Samples that differ by less than this share of the largest are one value and rounding.
_NOISE = 1e-14


def stored_once(field: np.ndarray, space: PhaseSpace) -> np.ndarray:
    """A view of a field (…, *broadcastable grid) with length 1 along the axes where all samples are one number in memory.

    What `on_grid` spreads comes back as it was; nothing is compared.
    """
    first = field.ndim - len(space.axes)
    return field[tuple(slice(1 if n >= first and s == 0 else None) for n, s in enumerate(field.strides))]


def varying_part(field: np.ndarray, space: PhaseSpace) -> np.ndarray:
    """A field (…, *broadcastable grid) with length 1 along the axes where it is constant but for 1e-14 of its largest value.

    Cost: a pass over the field for each axis along which it is constant, and little for the others.
    """
    whole = field = stored_once(field, space)
    size = float(np.abs(field).max(initial=0.0))
    for axis in range(field.ndim - len(space.axes), field.ndim):
        first = np.take(field, [0], axis=axis)
        # A neighbour tells most fields that vary without a look at all samples.
        near = np.abs(np.take(field, [-1], axis=axis) - first).max(initial=0.0)
        if near <= _NOISE * size and np.abs(field - first).max(initial=0.0) <= _NOISE * size:
            field = first
    # A copy of the part does not keep the whole.
    return field if field.shape == whole.shape else field.copy()


def on_grid(field: np.ndarray, space: PhaseSpace) -> np.ndarray:
    """A field (…, *broadcastable grid) on the whole grid, as a view that must not be written to."""
    return np.broadcast_to(field, (*field.shape[: field.ndim - len(space.axes)], *space.shape))

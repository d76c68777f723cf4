"""Spectral derivatives of fields on a periodic grid."""

from __future__ import annotations

import numpy as np

from .phase_space import PhaseSpace

__all__ = ["spectral_derivative"]


def spectral_derivative(field: np.ndarray, space: PhaseSpace, axis: int) -> np.ndarray:
    """∂_i of a field (…, *grid) along axis i of the space; real fields stay real.

    The wave at a Nyquist line has no sign, and no derivative. Cost: two transforms along the axis.
    """
    number = field.ndim - len(space.axes) + axis
    along = space.axes[axis]
    w = np.where(2 * np.arange(along.points) == along.points, 0.0, along.frequencies)
    w = w.reshape([-1 if n == number else 1 for n in range(field.ndim)])
    slope = np.fft.ifft(1j * w * np.fft.fft(field, axis=number), axis=number)
    return slope if np.iscomplexobj(field) else slope.real

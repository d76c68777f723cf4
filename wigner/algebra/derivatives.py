"""Spectral derivatives of fields on a periodic grid."""

from __future__ import annotations

import numpy as np
import scipy.fft

from .phase_space import PhaseSpace

__all__ = ["spectral_derivative"]


def spectral_derivative(field: np.ndarray, space: PhaseSpace, axis: int) -> np.ndarray:
    """∂_i of a field (…, *broadcastable grid) along axis i of the space; real fields stay real.

    The wave at a Nyquist line has no sign, and no derivative. Cost: two transforms along the axis, or none where the field
    has length 1 there, does not vary, and has the derivative 0.
    """
    number = field.ndim - len(space.axes) + axis
    along = space.axes[axis]
    if field.shape[number] == 1:
        return np.zeros_like(field)
    w = np.where(2 * np.arange(along.points) == along.points, 0.0, along.frequencies)
    shape = [-1 if n == number else 1 for n in range(field.ndim)]
    if np.iscomplexobj(field):
        spectrum = scipy.fft.fft(field, axis=number)
        spectrum *= 1j * w.reshape(shape)
        return np.asarray(scipy.fft.ifft(spectrum, axis=number, overwrite_x=True))
    spectrum = scipy.fft.rfft(field, axis=number)
    spectrum *= 1j * np.abs(w[: spectrum.shape[number]]).reshape(shape)
    return np.asarray(scipy.fft.irfft(spectrum, n=along.points, axis=number, overwrite_x=True))

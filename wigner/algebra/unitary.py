"""Exponentials of Hermitian matrices, many at once."""

from __future__ import annotations

import numpy as np

__all__ = ["unitary"]


def unitary(matrix: np.ndarray, phase: float) -> np.ndarray:
    """exp(−i φ M) of Hermitian matrices (N, N, entries), as rows (entries, N²) ready for `TwoSidedProduct.apply`."""
    bands, _, entries = matrix.shape
    if bands == 1:
        return np.exp(-1j * phase * matrix[0, 0].real).reshape(entries, 1)
    if bands == 2:
        mean = 0.5 * (matrix[0, 0] + matrix[1, 1]).real
        along = 0.5 * (matrix[0, 0] - matrix[1, 1]).real
        across = matrix[0, 1]
        length = np.sqrt(along**2 + np.abs(across) ** 2)
        cosine = np.cos(phase * length)
        sine = phase * np.sinc(phase * length / np.pi)
        common = np.exp(-1j * phase * mean)
        rows = np.empty((entries, 4), dtype=complex)
        rows[:, 0] = common * (cosine - 1j * sine * along)
        rows[:, 1] = common * (-1j * sine * across)
        rows[:, 2] = common * (-1j * sine * across.conj())
        rows[:, 3] = common * (cosine + 1j * sine * along)
        return rows
    energies, vectors = np.linalg.eigh(np.moveaxis(matrix, -1, 0))
    phases = np.exp(-1j * phase * energies)
    return np.ascontiguousarray(
        ((vectors * phases[:, None, :]) @ vectors.conj().swapaxes(1, 2)).reshape(entries, -1)
    )

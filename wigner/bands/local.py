"""Bands of a matrix symbol point by point: energies and projectors, never eigenvector phases."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

__all__ = ["band_energies", "band_projectors", "matrix_function"]


def _last(matrix: np.ndarray) -> np.ndarray:
    """(N, N, …) → (…, N, N), the layout of numpy.linalg."""
    return np.moveaxis(matrix, (0, 1), (-2, -1))


def band_energies(matrix: np.ndarray) -> np.ndarray:
    """Eigenvalues ε_n of a Hermitian field (N, N, …), ascending, shape (N, …)."""
    if len(matrix) == 1:
        return matrix[0].real
    return np.moveaxis(np.linalg.eigvalsh(_last(matrix)), -1, 0)


def band_projectors(matrix: np.ndarray) -> np.ndarray:
    """Projectors P_n of the bands of a Hermitian field (N, N, …), ascending, shape (N, N, N, …), band first.

    Where bands touch, the split of the degenerate subspace is arbitrary, and so are populations there.
    """
    bands = len(matrix)
    if bands == 1:
        return np.ones((1, *matrix.shape), dtype=complex)
    if bands == 2:
        # P_± = (1 ± ĥ·σ)/2, several times faster than an eigensolver and exact in phase.
        along = 0.5 * (matrix[0, 0] - matrix[1, 1]).real
        across = matrix[0, 1]
        length = np.sqrt(along**2 + np.abs(across) ** 2)
        safe = np.where(length == 0, 1.0, length)
        along = np.where(length == 0, 1.0, along / safe)
        across = across / safe
        upper = 0.5 * np.array([[1 + along, across], [across.conj(), 1 - along]])
        lower = 0.5 * np.array([[1 - along, -across], [-across.conj(), 1 + along]])
        return np.array([lower, upper])
    _, vectors = np.linalg.eigh(_last(matrix))
    return np.einsum("...an,...bn->nab...", vectors, vectors.conj())


def matrix_function(matrix: np.ndarray, function: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """f(M) of a Hermitian field (N, N, …) through its eigenvalues, same shape."""
    if len(matrix) == 1:
        return function(matrix.real).astype(complex)
    energies, vectors = np.linalg.eigh(_last(matrix))
    return np.einsum("...an,...n,...bn->ab...", vectors, function(energies), vectors.conj(), optimize=True)

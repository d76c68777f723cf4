"""Bands of a matrix symbol point by point: energies and projectors, never eigenvector phases."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

__all__ = ["band_energies", "band_projectors", "matrix_function"]

# Bands nearer than this fraction of the largest energy are one degenerate level.
_TOUCHING = 1e-12


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

    Bands that touch (closer than 1e-12 of the largest |ε| of the field) share their joint projector evenly, so that
    Σ_n P_n = 1 and no choice of basis matters; there, and only there, P_n is not idempotent.
    """
    bands = len(matrix)
    if bands == 1:
        return np.ones((1, *matrix.shape), dtype=complex)
    if bands == 2:
        # P_± = (1 ± ĥ·σ)/2, several times faster than an eigensolver and exact in phase.
        mean = 0.5 * (matrix[0, 0] + matrix[1, 1]).real
        along = 0.5 * (matrix[0, 0] - matrix[1, 1]).real
        across = matrix[0, 1]
        length = np.sqrt(along**2 + np.abs(across) ** 2)
        touching = 2 * length <= _TOUCHING * np.max(np.abs(mean) + length, initial=0.0)
        length = np.where(touching, np.inf, length)
        along, across = along / length, across / length
        upper = 0.5 * np.array([[1 + along, across], [across.conj(), 1 - along]])
        lower = 0.5 * np.array([[1 - along, -across], [-across.conj(), 1 + along]])
        return np.array([lower, upper])
    energies, vectors = np.linalg.eigh(_last(matrix))
    gaps = np.abs(energies[..., :, None] - energies[..., None, :])
    share = (gaps <= _TOUCHING * np.max(np.abs(energies), initial=0.0)).astype(float)
    share /= share.sum(axis=-1, keepdims=True)
    return np.einsum("...nm,...am,...bm->nab...", share, vectors, vectors.conj(), optimize=True)


def matrix_function(matrix: np.ndarray, function: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """f(M) of a Hermitian field (N, N, …) through its eigenvalues, same shape."""
    if len(matrix) == 1:
        return function(matrix.real).astype(complex)
    energies, vectors = np.linalg.eigh(_last(matrix))
    return np.einsum("...an,...n,...bn->ab...", vectors, function(energies), vectors.conj(), optimize=True)

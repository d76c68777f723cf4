"""Bands of matrix symbols."""

from .local import band_energies, band_projectors, matrix_function

__all__ = ["band_energies", "band_projectors", "matrix_function"]

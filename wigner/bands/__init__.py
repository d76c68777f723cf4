"""Bands of matrix symbols."""

from .local import band_energies, band_projectors, matrix_function
from .star_projector_series import star_projector_series
from .star_projectors import star_projector
from .two_band import TwoBandFields, TwoBandGeometry

__all__ = [
    "TwoBandFields",
    "TwoBandGeometry",
    "band_energies",
    "band_projectors",
    "matrix_function",
    "star_projector",
    "star_projector_series",
]

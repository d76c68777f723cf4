"""Bands of matrix symbols."""

from .geometry import BandGeometry, band_geometry, grid_geometry
from .geometry_slopes import GeometrySlopes, geometry_slopes
from .local import band_energies, band_projectors, matrix_function
from .star_band import StarBand, star_band
from .star_projector_series import driven_projector_series, star_projector_series
from .star_projectors import star_projector
from .star_state import density_of_band, state_of_band
from .symmetries import GEOMETRIC_QUANTITIES, GeometricQuantity
from .two_band import TwoBandFields, TwoBandGeometry

__all__ = [
    "GEOMETRIC_QUANTITIES",
    "BandGeometry",
    "GeometricQuantity",
    "GeometrySlopes",
    "StarBand",
    "TwoBandFields",
    "TwoBandGeometry",
    "band_energies",
    "band_geometry",
    "band_projectors",
    "density_of_band",
    "driven_projector_series",
    "geometry_slopes",
    "grid_geometry",
    "matrix_function",
    "star_band",
    "star_projector",
    "star_projector_series",
    "state_of_band",
]

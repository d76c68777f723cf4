"""Phase spaces, symbols on them, and the products and transforms that act on symbols."""

from .formula import MatrixFormula
from .phase_space import Axis, PhaseSpace

__all__ = ["Axis", "MatrixFormula", "PhaseSpace"]

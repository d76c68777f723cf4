"""Where Hamiltonians come from: one file a family, one line each in `MODELS`."""

from .dirac import Dirac
from .fields import UniformFields
from .formula import FormulaModel
from .hamiltonian import Hamiltonian, Term
from .landau_zener import LandauZener
from .lattice import Lattice
from .schrodinger import Schrodinger

__all__ = [
    "MODELS",
    "Dirac",
    "FormulaModel",
    "Hamiltonian",
    "LandauZener",
    "Lattice",
    "Schrodinger",
    "Term",
    "UniformFields",
]

#: Every model a run file can name by its `kind`.
MODELS = (Dirac, Schrodinger, Lattice, LandauZener, FormulaModel)

"""Where Hamiltonians come from: one file a family, one line each in `MODELS`."""

from .dirac import Dirac
from .fields import UniformFields
from .formula import FormulaModel
from .graphene import Graphene
from .haldane import Haldane
from .hamiltonian import Hamiltonian, Term
from .landau_zener import LandauZener
from .lattice import Lattice
from .qwz import QiWuZhang
from .schrodinger import Schrodinger
from .spin_texture import SpinTexture
from .square import Square
from .weyl import Weyl
from .weyl_lattice import WeylLattice
from .weyl_pair import WeylBlock, WeylPair

__all__ = [
    "MODELS",
    "Dirac",
    "FormulaModel",
    "Graphene",
    "Haldane",
    "Hamiltonian",
    "LandauZener",
    "Lattice",
    "QiWuZhang",
    "Schrodinger",
    "SpinTexture",
    "Square",
    "Term",
    "UniformFields",
    "Weyl",
    "WeylBlock",
    "WeylLattice",
    "WeylPair",
]

#: Every model a run file can name by its `kind`.
MODELS = (
    Dirac,
    Weyl,
    WeylLattice,
    WeylPair,
    WeylBlock,
    Schrodinger,
    Lattice,
    Square,
    QiWuZhang,
    Graphene,
    Haldane,
    LandauZener,
    SpinTexture,
    FormulaModel,
)

"""States on phase space: the Wigner function and where it starts from, one line each in `STATES`."""

from .by_band import Occupations, StarOccupations
from .density_factor import DensityFactor
from .fillings import Fermi, Filled
from .formula import FormulaState
from .packet import Packet
from .wigner_function import WignerFunction, component_names, pack, unpack

__all__ = [
    "STATES",
    "DensityFactor",
    "Fermi",
    "Filled",
    "FormulaState",
    "Occupations",
    "Packet",
    "StarOccupations",
    "WignerFunction",
    "component_names",
    "pack",
    "unpack",
]

#: Every initial state a run file can name by its `kind`.
STATES = (Packet, Fermi, Filled, FormulaState, Occupations, StarOccupations)

"""States on phase space: the Wigner function and where it starts from, one line each in `STATES`."""

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
    "Packet",
    "WignerFunction",
    "component_names",
    "pack",
    "unpack",
]

#: Every initial state a run file can name by its `kind`.
STATES = (Packet, Fermi, Filled, FormulaState)

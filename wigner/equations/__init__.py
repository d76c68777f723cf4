"""How a state moves: one equation a file."""

from .harmonic_form import HarmonicForm
from .moyal import Moyal
from .operator_form import OperatorForm
from .schrodinger import Schrodinger
from .star_projected import StarProjected
from .truncated_moyal import TruncatedMoyal

__all__ = [
    "EQUATIONS",
    "HarmonicForm",
    "Moyal",
    "OperatorForm",
    "Schrodinger",
    "StarProjected",
    "TruncatedMoyal",
]

#: Every equation of motion; all but the truncated one are Moyal's, each in the variable that suits a problem.
EQUATIONS = (Moyal, Schrodinger, OperatorForm, HarmonicForm, TruncatedMoyal)

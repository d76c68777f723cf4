"""How a state moves: one equation a file."""

from .boltzmann import Boltzmann
from .harmonic_form import HarmonicForm
from .moyal import Moyal
from .operator_form import OperatorForm
from .schrodinger import Schrodinger
from .separable import Separable
from .star_projected import StarProjected
from .truncated_moyal import TruncatedMoyal
from .wong_tserkovnyak import DecoupledBands, WongTserkovnyak

__all__ = [
    "EQUATIONS",
    "KINETIC",
    "Boltzmann",
    "DecoupledBands",
    "HarmonicForm",
    "Moyal",
    "OperatorForm",
    "Schrodinger",
    "Separable",
    "StarProjected",
    "TruncatedMoyal",
    "WongTserkovnyak",
]

#: Every equation of motion; all but the truncated one are Moyal's, each in the variable that suits a problem.
EQUATIONS = (Moyal, Schrodinger, OperatorForm, HarmonicForm, TruncatedMoyal)

#: Kinetic equations of bands, expanded in ħ.
KINETIC = (Boltzmann, WongTserkovnyak, DecoupledBands, Separable, StarProjected)

"""How steps are taken: one scheme a file."""

from .chebyshev import Chebyshev
from .runge_kutta import RungeKutta
from .spectral import Spectral
from .splitting import COMPOSITIONS, Composition, Splitting
from .step_size import StepChoice, choose_step
from .wave_functions import WaveFunctions

__all__ = [
    "COMPOSITIONS",
    "Chebyshev",
    "Composition",
    "RungeKutta",
    "Spectral",
    "Splitting",
    "StepChoice",
    "WaveFunctions",
    "choose_step",
]

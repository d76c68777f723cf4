"""How steps are taken: one scheme a file."""

from .spectral import Spectral
from .splitting import COMPOSITIONS, Composition, Splitting
from .step_size import StepChoice, choose_step

__all__ = ["COMPOSITIONS", "Composition", "Spectral", "Splitting", "StepChoice", "choose_step"]

"""How a state moves: one equation a file."""

from .moyal import Moyal
from .truncated_moyal import TruncatedMoyal

__all__ = ["EQUATIONS", "Moyal", "TruncatedMoyal"]

#: Every equation of motion.
EQUATIONS = (Moyal, TruncatedMoyal)

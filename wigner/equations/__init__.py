"""How a state moves: one equation a file."""

from .moyal import Moyal

__all__ = ["EQUATIONS", "Moyal"]

#: Every equation of motion.
EQUATIONS = (Moyal,)

"""Free particles with a parabolic band."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Gt

from ..algebra.formula import MatrixFormula
from ..algebra.phase_space import PhaseSpace

__all__ = ["Schrodinger"]


@dataclass(frozen=True)
class Schrodinger:
    """One parabolic band, H = Σ_a k_a²/2m, in any number of dimensions; the potential makes the problem.

    Parameters
    ----------
    mass : m > 0.
    """

    kind: ClassVar[str] = "schrodinger"

    mass: Annotated[float, Gt(0)] = 1.0

    def symbol(self, space: PhaseSpace) -> MatrixFormula:
        """H on the momenta of `space`."""
        momenta = [axis.name for axis in space.momenta]
        return MatrixFormula.parse(
            "(" + " + ".join(f"{k}**2" for k in momenta) + ")/(2*m)",
            variables=momenta,
            parameters={"m": self.mass},
        )

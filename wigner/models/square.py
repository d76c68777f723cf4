"""The square lattice with one orbital a cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Gt

from ..algebra.formula import MatrixFormula
from ..algebra.phase_space import PhaseSpace
from .plane_lattice import plane_symbol

__all__ = ["Square"]


@dataclass(frozen=True)
class Square:
    r"""Square lattice, one band; in a field, Hofstadter's butterfly.

    .. math:: H = −2t [\cos(k_x a/ħ) + \cos(k_y a/ħ)]

    Parameters
    ----------
    hopping : t, energy.
    spacing : a > 0, the lattice constant; one Brillouin zone is 2πħ/a along either axis.

    Notes
    -----
    {kx, ky} = b threads the flux θ = a²b/ħ through a cell, in radians; θ = 2π/q on a matched zone of 2q points an axis.

    Raises
    ------
    ModelError : if the momenta are not kx and ky.
    """

    kind: ClassVar[str] = "square"

    hopping: float = 1.0
    spacing: Annotated[float, Gt(0)] = 1.0

    def symbol(self, space: PhaseSpace) -> MatrixFormula:
        """H on kx and ky of `space`."""
        return plane_symbol(
            self.kind, "-2*t*(cos(a*kx) + cos(a*ky))", space, self.spacing, {"t": self.hopping}
        )

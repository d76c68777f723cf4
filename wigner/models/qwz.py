"""The Chern insulator of Qi, Wu and Zhang."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Gt

from ..algebra.formula import MatrixFormula
from ..algebra.phase_space import PhaseSpace
from .plane_lattice import plane_symbol

__all__ = ["QiWuZhang"]


@dataclass(frozen=True)
class QiWuZhang:
    r"""Qi–Wu–Zhang Chern insulator on the square lattice, two bands.

    .. math:: H = t [\sin(k_x a/ħ) σ_x + \sin(k_y a/ħ) σ_y + (u + \cos(k_x a/ħ) + \cos(k_y a/ħ)) σ_z]

    Parameters
    ----------
    mass : u; the gap closes at −2, 0 and 2.
    hopping : t, energy.
    spacing : a > 0, the lattice constant; one Brillouin zone is 2πħ/a along either axis.

    Notes
    -----
    Chern number of the lower band, with Ω = ∂_xA_y − ∂_yA_x and A = i⟨u|∂u⟩: +1 for −2 < u < 0, −1 for 0 < u < 2, 0 beyond.
    Source: Qi, Wu and Zhang, Phys. Rev. B 74, 085308 (2006).

    Raises
    ------
    ModelError : if the momenta are not kx and ky.
    """

    kind: ClassVar[str] = "qwz"

    mass: float = -1.0
    hopping: float = 1.0
    spacing: Annotated[float, Gt(0)] = 1.0

    def symbol(self, space: PhaseSpace) -> MatrixFormula:
        """H on kx and ky of `space`."""
        return plane_symbol(
            self.kind,
            "t*(sin(a*kx)*sigma_x + sin(a*ky)*sigma_y + (u + cos(a*kx) + cos(a*ky))*sigma_z)",
            space,
            self.spacing,
            {"t": self.hopping, "u": self.mass},
        )

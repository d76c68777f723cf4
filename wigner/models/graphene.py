"""The honeycomb lattice of graphene."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Gt

from ..algebra.formula import MatrixFormula
from ..algebra.phase_space import PhaseSpace
from .plane_lattice import plane_symbol

__all__ = ["Graphene"]


@dataclass(frozen=True)
class Graphene:
    r"""Honeycomb lattice with two orbitals a cell, in reduced momenta along its two lattice vectors.

    .. math:: H = −t [\operatorname{Re} f \, σ_x − \operatorname{Im} f \, σ_y] + m σ_z, \qquad
              f = 1 + e^{ik_1 a/ħ} + e^{ik_2 a/ħ}

    Here kx and ky stand for k₁ = k·a₁/a and k₂ = k·a₂/a with the lattice vectors a₁ and a₂ of length a, so that the
    hexagonal zone becomes a square of 2πħ/a, and {kx, ky} is √3/2 of the field.

    Parameters
    ----------
    hopping : t, energy.
    mass : m, energy, on-site difference/2 of the two orbitals; the gap is 2|m|.
    spacing : a > 0, the lattice constant.

    Notes
    -----
    The bands touch at (k₁, k₂)a/ħ = ±(2π/3, −2π/3) without mass. {kx, ky} = b threads the flux θ = a²b/ħ through a cell,
    in radians. Near zero energy the Landau levels are ±t√(√3n|θ|), without the lattice's share −√3n|θ|/12 of themselves and
    what is of higher order in θ.

    Raises
    ------
    ModelError : if the momenta are not kx and ky.
    """

    kind: ClassVar[str] = "graphene"

    hopping: float = 1.0
    mass: float = 0.0
    spacing: Annotated[float, Gt(0)] = 1.0

    def symbol(self, space: PhaseSpace) -> MatrixFormula:
        """H on kx and ky of `space`."""
        return plane_symbol(
            self.kind,
            "-t*((1 + cos(a*kx) + cos(a*ky))*sigma_x - (sin(a*kx) + sin(a*ky))*sigma_y) + m*sigma_z",
            space,
            self.spacing,
            {"t": self.hopping, "m": self.mass},
        )

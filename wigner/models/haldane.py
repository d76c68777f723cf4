"""Haldane's Chern insulator on the honeycomb lattice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Gt

from ..algebra.formula import MatrixFormula
from ..algebra.phase_space import PhaseSpace
from .plane_lattice import plane_symbol

__all__ = ["Haldane"]


@dataclass(frozen=True)
class Haldane:
    r"""Honeycomb lattice with complex hops between next neighbours, a Chern insulator without a field.

    .. math:: H = −t [\operatorname{Re} f \, σ_x − \operatorname{Im} f \, σ_y]
              + 2t_2 \cos φ \, [\cos κ_1 + \cos κ_2 + \cos(κ_1 − κ_2)]
              + (m − 2t_2 \sin φ \, [\sin κ_1 − \sin κ_2 − \sin(κ_1 − κ_2)]) σ_z

    with κ = ka/ħ and f = 1 + e^{iκ_1} + e^{iκ_2}; kx and ky stand for the two reduced momenta, as in `Graphene`.

    Parameters
    ----------
    hopping : t, energy.
    second_hopping : t₂, energy, between next neighbours.
    phase : φ, radians; ⟨R|H|R + a₁⟩ is t₂e^{iφ} on the first sublattice and t₂e^{−iφ} on the second.
    mass : m, energy, on-site difference/2 of the two orbitals.
    spacing : a > 0, the lattice constant.

    Notes
    -----
    The masses at the two valleys (κ₁, κ₂) = ±(2π/3, −2π/3) are m ∓ 3√3 t₂ sin φ; the lower band has the Chern number
    sgn(t₂ sin φ) where |m| < 3√3|t₂ sin φ| and none beyond, with Ω = ∂_xA_y − ∂_yA_x and A = i⟨u|∂u⟩.
    Source: Haldane, Phys. Rev. Lett. 61, 2015 (1988).

    Raises
    ------
    ModelError : if the momenta are not kx and ky.
    """

    kind: ClassVar[str] = "haldane"

    hopping: float = 1.0
    second_hopping: float = 0.1
    phase: float = 1.5707963267948966
    mass: float = 0.0
    spacing: Annotated[float, Gt(0)] = 1.0

    def symbol(self, space: PhaseSpace) -> MatrixFormula:
        """H on kx and ky of `space`."""
        return plane_symbol(
            self.kind,
            "-t*((1 + cos(a*kx) + cos(a*ky))*sigma_x - (sin(a*kx) + sin(a*ky))*sigma_y)"
            " + 2*s*cos(p)*(cos(a*kx) + cos(a*ky) + cos(a*(kx - ky)))*sigma_0"
            " + (m - 2*s*sin(p)*(sin(a*kx) - sin(a*ky) - sin(a*(kx - ky))))*sigma_z",
            space,
            self.spacing,
            {"t": self.hopping, "s": self.second_hopping, "p": self.phase, "m": self.mass},
        )

"""A Weyl semimetal on the cubic lattice: two nodes of opposite chirality."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Gt

from ..algebra.formula import MatrixFormula
from ..algebra.phase_space import PhaseSpace
from ..errors import ModelError

__all__ = ["WeylLattice"]


@dataclass(frozen=True)
class WeylLattice:
    r"""Weyl semimetal on the cubic lattice, two bands that touch at k_z = ±k₀.

    .. math:: H = t [\sin(k_x a/ħ) σ_x + \sin(k_y a/ħ) σ_y
              + (\cos(k_z a/ħ) − \cos κ − 2 + \cos(k_x a/ħ) + \cos(k_y a/ħ)) σ_z], \qquad κ = k_0 a/ħ

    Parameters
    ----------
    node : κ = k₀a/ħ in radians, 0 < κ < π; the nodes are at k_z a/ħ = ±κ, k_x = k_y = 0.
    hopping : t, energy.
    spacing : a > 0, the lattice constant; one Brillouin zone is 2πħ/a along each axis.

    Notes
    -----
    Chirality −1 at +k₀ and +1 at −k₀ for t > 0. Planes |k_z| < k₀ are Chern insulators with lower-band Chern number +1, with
    Ω = ∂_xA_y − ∂_yA_x and A = i⟨u|∂u⟩, the others have none: |σ_xy| = k₀/2π²ħ². {kx, ky} = b threads the flux θ = a²b/ħ
    through a cell of the plane, in radians.
    Source: Yang, Lu and Ran, Phys. Rev. B 84, 075129 (2011), with the slab of Chern insulators between the nodes.

    Raises
    ------
    ModelError : without the three momentum axes.
    """

    kind: ClassVar[str] = "weyl_lattice"

    node: Annotated[float, Gt(0)] = 1.5707963267948966
    hopping: float = 1.0
    spacing: Annotated[float, Gt(0)] = 1.0

    def symbol(self, space: PhaseSpace) -> MatrixFormula:
        """H on the momenta of `space`."""
        momenta = [axis.name for axis in space.momenta]
        if momenta != ["kx", "ky", "kz"]:
            raise ModelError(
                f"model weyl_lattice: expected the momentum axes kx, ky and kz, got {', '.join(momenta)}"
            )
        return MatrixFormula.parse(
            "t*(sin(a*kx)*sigma_x + sin(a*ky)*sigma_y"
            " + (cos(a*kz) - cos(node) - 2 + cos(a*kx) + cos(a*ky))*sigma_z)",
            variables=momenta,
            parameters={"t": self.hopping, "node": self.node, "a": self.spacing / space.hbar},
        )

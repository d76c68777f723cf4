"""A single Weyl node in three dimensions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Gt

from ..algebra.formula import MatrixFormula
from ..algebra.phase_space import PhaseSpace
from ..errors import ModelError

__all__ = ["Weyl"]


@dataclass(frozen=True)
class Weyl:
    r"""Weyl node, two bands ±v|k| that touch at k = 0.

    .. math:: H = χ v (k_x σ_x + k_y σ_y + k_z σ_z)

    Parameters
    ----------
    chirality : χ, 1 or −1.
    velocity : v > 0, length/time.

    Notes
    -----
    With {kx, ky} = b the Landau levels are ±v√(2nħ|b| + kz²) for n ≥ 1 and one more, E₀ = χ v kz sgn b.

    Raises
    ------
    ModelError : without the three momentum axes.
    """

    kind: ClassVar[str] = "weyl"

    chirality: Literal[1, -1] = 1
    velocity: Annotated[float, Gt(0)] = 1.0

    def symbol(self, space: PhaseSpace) -> MatrixFormula:
        """H on the momenta of `space`."""
        momenta = [axis.name for axis in space.momenta]
        if momenta != ["kx", "ky", "kz"]:
            raise ModelError(
                f"model weyl: expected the momentum axes kx, ky and kz, got {', '.join(momenta)}"
            )
        return MatrixFormula.parse(
            "v*(kx*sigma_x + ky*sigma_y + kz*sigma_z)",
            variables=momenta,
            parameters={"v": self.chirality * self.velocity},
        )

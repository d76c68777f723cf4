"""Massive Dirac fermions in one and two dimensions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Gt

from ..algebra.formula import MatrixFormula
from ..algebra.phase_space import PhaseSpace
from ..errors import ModelError

__all__ = ["Dirac"]


@dataclass(frozen=True)
class Dirac:
    r"""Massive Dirac fermion, two bands ±√(v²k² + m²), in one or two space dimensions.

    .. math:: H = v k σ_x + m σ_z \quad (d=1), \qquad H = v (k_x σ_x + k_y σ_y) + m σ_z \quad (d=2)

    Parameters
    ----------
    mass : m, energy, any sign; the gap is 2|m|.
    velocity : v > 0, length/time.

    Notes
    -----
    Berry curvature of the lower band +m v²/(2E³), with Ω = ∂_xA_y − ∂_yA_x and A = i⟨u|∂u⟩.
    Good values: m = 0.5 … 2, v = 1, packets a few Compton lengths ħv/m wide.

    Raises
    ------
    ModelError : with three momentum axes, where two bands make a Weyl node instead.
    """

    kind: ClassVar[str] = "dirac"

    mass: float = 1.0
    velocity: Annotated[float, Gt(0)] = 1.0

    def symbol(self, space: PhaseSpace) -> MatrixFormula:
        """H on the momenta of `space`."""
        momenta = [axis.name for axis in space.momenta]
        if len(momenta) > 2:
            raise ModelError("model dirac: expected one or two momentum axes, got three")
        kinetic = " + ".join(f"v*{k}*{s}" for k, s in zip(momenta, ("sigma_x", "sigma_y"), strict=False))
        return MatrixFormula.parse(
            f"{kinetic} + m*sigma_z", variables=momenta, parameters={"v": self.velocity, "m": self.mass}
        )

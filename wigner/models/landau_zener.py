"""The avoided crossing that a force drives a packet through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Gt

from ..algebra.formula import MatrixFormula
from ..algebra.phase_space import PhaseSpace
from ..errors import ModelError

__all__ = ["LandauZener"]


@dataclass(frozen=True)
class LandauZener:
    r"""Two linear bands that avoid crossing at k = 0, swept by a uniform force F along x.

    .. math:: H = v k σ_z + m σ_x − F x, \qquad P = e^{−π m²/ħ v F}

    Parameters
    ----------
    mass : m, energy; half the gap at the crossing.
    velocity : v > 0; the slopes are ±v.
    force : F, energy/length; dk/dt = F.

    Notes
    -----
    P is the probability to stay on a linear branch, that is to change the local band, read far from the crossing
    (v|k| ≫ m), where the bands stop oscillating: the remainder falls as ħFvm/(v k)³.
    """

    kind: ClassVar[str] = "landau_zener"

    mass: float = 0.5
    velocity: Annotated[float, Gt(0)] = 1.0
    force: float = 1.0

    def symbol(self, space: PhaseSpace) -> MatrixFormula:
        """H on the single position and momentum of `space`."""
        if space.names not in (("x", "k"), ("x", "kx")):
            raise ModelError(f"model landau_zener: expected the axes x and k, got {', '.join(space.names)}")
        x, k = space.names
        return MatrixFormula.parse(
            f"v*{k}*sigma_z + m*sigma_x - F*{x}*sigma_0",
            variables=[x, k],
            parameters={"v": self.velocity, "m": self.mass, "F": self.force},
        )

"""Two Weyl nodes of opposite chirality in the continuum: four bands, and the two bands that meet at the nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Gt

from ..algebra.formula import MatrixFormula
from ..algebra.phase_space import PhaseSpace
from ..errors import ModelError

__all__ = ["WeylBlock", "WeylPair"]


@dataclass(frozen=True)
class WeylPair:
    r"""Two Weyl nodes that a magnetisation splits off a Dirac node, four bands.

    .. math:: H = v τ_z \, k·σ + Δ τ_x + b σ_z

    Parameters
    ----------
    splitting : b, energy; the nodes are at v k_z = ±√(b² − Δ²) for |b| > |Δ|. Zero leaves a Dirac node, for Δ = 0 a Dirac
        semimetal of two degenerate Weyl copies.
    mass : Δ, energy; for |Δ| > |b| there is a gap.
    velocity : v > 0, length/time.

    Notes
    -----
    Orbitals in the order (τ, σ) = (1, ↑), (1, ↓), (−1, ↑), (−1, ↓). Its bands are those of the two `WeylBlock`.
    Source: Sekine, Culcer and MacDonald, Eq. (69).

    Raises
    ------
    ModelError : without the three momentum axes.
    """

    kind: ClassVar[str] = "weyl_pair"

    splitting: float = 1.0
    mass: float = 0.5
    velocity: Annotated[float, Gt(0)] = 1.0

    def symbol(self, space: PhaseSpace) -> MatrixFormula:
        """H on the momenta of `space`."""
        rows = (
            ("v*kz + b", "v*(kx - i*ky)", "m", "0"),
            ("v*(kx + i*ky)", "-v*kz - b", "0", "m"),
            ("m", "0", "b - v*kz", "-v*(kx - i*ky)"),
            ("0", "m", "-v*(kx + i*ky)", "v*kz - b"),
        )
        parameters = {"v": self.velocity, "b": self.splitting, "m": self.mass}
        return MatrixFormula.parse(rows, variables=_momenta(self.kind, space), parameters=parameters)


@dataclass(frozen=True)
class WeylBlock:
    r"""One of the two blocks of `WeylPair`, two bands; the lower sign has the nodes.

    .. math:: H_± = v (k_x σ_x + k_y σ_y) + m_±(k_z) σ_z, \qquad m_± = b ± \sqrt{v^2 k_z^2 + Δ^2}

    Parameters
    ----------
    sign : which block, 1 or −1.
    splitting : b, energy.
    mass : Δ, energy. At Δ = 0, b = 0 the block −1 is no Weyl node: m_− = −v|k_z|.
    velocity : v > 0, length/time.

    Notes
    -----
    Source: Sekine, Culcer and MacDonald, Eq. (70).

    Raises
    ------
    ModelError : without the three momentum axes.
    """

    kind: ClassVar[str] = "weyl_block"

    sign: Literal[1, -1] = -1
    splitting: float = 1.0
    mass: float = 0.5
    velocity: Annotated[float, Gt(0)] = 1.0

    def symbol(self, space: PhaseSpace) -> MatrixFormula:
        """H on the momenta of `space`."""
        return MatrixFormula.parse(
            "v*(kx*sigma_x + ky*sigma_y) + (b + s*sqrt(v**2*kz**2 + m**2))*sigma_z",
            variables=_momenta(self.kind, space),
            parameters={"v": self.velocity, "b": self.splitting, "m": self.mass, "s": float(self.sign)},
        )


def _momenta(kind: str, space: PhaseSpace) -> list[str]:
    momenta = [axis.name for axis in space.momenta]
    if momenta != ["kx", "ky", "kz"]:
        raise ModelError(f"model {kind}: expected the momentum axes kx, ky and kz, got {', '.join(momenta)}")
    return momenta

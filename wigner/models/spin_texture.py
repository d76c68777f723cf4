"""Electrons in magnetic textures: domain wall, helix and skyrmion lattice, at rest or moving."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
from annotated_types import Gt

from ..algebra.formula import MatrixFormula
from ..algebra.phase_space import Axis, PhaseSpace
from ..errors import ModelError

__all__ = ["SpinTexture"]

# Two real functions, mz and what lies in the plane along (cos γ, sin γ), of X = (x − vt)/λ.
_LINES = {"domain_wall": ("tanh(X)", "sech(X)"), "helix": ("cos(2*pi*X)", "sin(2*pi*X)")}
# How far, in periods, a ring may be from whole ones.
_WHOLE = 1e-9


@dataclass(frozen=True)
class SpinTexture:
    r"""Electron whose spin is exchange-coupled to a magnetic texture m(r, t), |m| = 1, two bands.

    .. math:: H = T(k) + J \, m(x − vt, y)·σ, \qquad T = \sum_j \frac{k_j^2}{2M}

    .. math:: m_{wall} = \tanh X \, \hat z + \operatorname{sech} X \, e_γ, \qquad
              m_{helix} = \cos 2πX \, \hat z + \sin 2πX \, e_γ, \qquad X = (x − vt)/λ

    .. math:: m_{skyrmions} = \frac{d}{|d|}, \qquad
              d = R_γ (\sin 2πX, \sin 2πY) + (1 − \cos 2πX − \cos 2πY) \hat z, \qquad Y = y/λ

    with e_γ = (cos γ, sin γ, 0) and R_γ the turn by γ about z. On a ``zone`` of width K a momentum has the band of hops
    between neighbours with the same mass, T = (K/2π)²(1 − cos 2πk/K)/M, so that H is periodic.

    Parameters
    ----------
    texture : ``domain_wall``, ``helix`` or ``skyrmion_lattice``; the last in two dimensions, a square cell of side λ.
    exchange : J, energy; the gap is 2|J| everywhere, and the lower band has its spin along −m for J > 0.
    mass : M > 0, of the electron.
    length : λ > 0, length; period of helix and skyrmions, width of the wall.
    helicity : γ, radians; 0 is Néel's wall, cycloid and skyrmion, π/2 Bloch's and the proper screw.
    velocity : v, length/time, of the texture along x.

    Notes
    -----
    A skyrmion, m = −z at its core, has the charge ∫m·(∂_xm × ∂_ym)/4π = −1. The bands ±J feel the emergent field
    {k_x, k_y} = ∓(ħ/2) m·(∂_xm × ∂_ym), whose integral over a cell is ±2πħ, one flux quantum. Kinetics expands in
    ħ|∂T||∂m|/2J. At their highest waves the skyrmions have 5e-4 of their amplitude with 16 points a period, 2e-5 with 24.
    Source: Volovik, J. Phys. C 20, L83 (1987), for the fields that the electron feels.

    Raises
    ------
    ModelError : for skyrmions without x and y, a ring that does not hold whole periods, or a wall on a ring.
    """

    kind: ClassVar[str] = "spin_texture"

    texture: Literal["domain_wall", "helix", "skyrmion_lattice"] = "helix"
    exchange: float = 1.0
    mass: Annotated[float, Gt(0)] = 1.0
    length: Annotated[float, Gt(0)] = 5.0
    helicity: float = 0.0
    velocity: float = 0.0

    def symbol(self, space: PhaseSpace) -> MatrixFormula:
        """H on `space`, which holds x, and for skyrmions y."""
        names = [axis.name for axis in space.positions]
        wanted = ["x", "y"] if self.texture == "skyrmion_lattice" else ["x"]
        if names[: len(wanted)] != wanted:
            got = ", ".join(names) or "none"
            raise ModelError(
                f"model spin_texture: expected the position axes {' and '.join(wanted)} for {self.texture!r}, got {got}; "
                "add them to [space]"
            )
        for axis in space.positions[: len(wanted)]:
            self._check_ring(axis)
        numbers = {
            "J": self.exchange,
            "M": self.mass,
            "l": self.length,
            "g": self.helicity,
            "v": self.velocity,
        }
        kinetic, waves = _kinetic(space)
        return MatrixFormula.parse(
            f"({kinetic})/M*sigma_0 + J*({_direction(self.texture)})",
            variables=(*space.names, "t"),
            parameters=numbers | waves,
        )

    def _check_ring(self, axis: Axis) -> None:
        if not axis.is_periodic:
            return
        if self.texture == "domain_wall":
            raise ModelError(
                f"model spin_texture: expected a box for 'domain_wall', got the ring {axis.name}; use kind = \"box\""
            )
        periods = axis.extent / self.length
        if abs(periods - round(periods)) > _WHOLE * periods or round(periods) < 1:
            raise ModelError(
                f"model spin_texture: expected the ring {axis.name} to hold whole periods of {self.length:g}, "
                f"got {periods:g} of them; change the ring or length"
            )


def _direction(texture: str) -> str:
    """m·σ."""
    x, y = "(x - v*t)/l", "y/l"
    if texture in _LINES:
        up, along = (formula.replace("X", f"({x})") for formula in _LINES[texture])
        return f"{up}*sigma_z + {along}*(cos(g)*sigma_x + sin(g)*sigma_y)"
    sines = [f"sin(2*pi*{c})" for c in (f"({x})", y)]
    cosines = [f"cos(2*pi*{c})" for c in (f"({x})", y)]
    # |d|², whatever γ.
    square = f"1 + 2*(1 - {cosines[0]})*(1 - {cosines[1]})"
    return (
        f"((cos(g)*{sines[0]} - sin(g)*{sines[1]})*sigma_x + (sin(g)*{sines[0]} + cos(g)*{sines[1]})*sigma_y"
        f" + (1 - {cosines[0]} - {cosines[1]})*sigma_z)/sqrt({square})"
    )


def _kinetic(space: PhaseSpace) -> tuple[str, dict[str, float]]:
    """M T(k), periodic on zones, and the 2π/K of each zone by the name it has there."""
    terms, waves = [], {}
    for number, axis in enumerate(space.momenta):
        if axis.is_periodic:
            waves[f"w{number}"] = 2 * np.pi / axis.extent
            terms.append(f"(1 - cos(w{number}*{axis.name}))/w{number}**2")
        else:
            terms.append(f"{axis.name}**2/2")
    return " + ".join(terms), waves

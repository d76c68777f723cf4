"""Tight-binding chains with one or two orbitals a cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Gt

from ..algebra.formula import MatrixFormula
from ..algebra.phase_space import PhaseSpace
from ..errors import ModelError

__all__ = ["Lattice"]


@dataclass(frozen=True)
class Lattice:
    r"""Tight-binding chain: one band, Su–Schrieffer–Heeger, or Rice–Mele.

    .. math::
        H_{single} = −2 t_1 \cos(ka/ħ), \qquad
        H_{ssh} = [t_1 + t_2 \cos(ka/ħ)] σ_x + t_2 \sin(ka/ħ) σ_y, \qquad
        H_{rice-mele} = H_{ssh} + δ σ_z

    Parameters
    ----------
    chain : ``single``, ``ssh`` or ``rice_mele``.
    hopping : t₁, energy; within the cell (between cells for ``single``).
    second_hopping : t₂, energy; between cells (two-orbital chains).
    staggering : δ, energy; on-site difference/2 of the two orbitals (``rice_mele``).
    spacing : a > 0, the lattice constant; one Brillouin zone is 2πħ/a.

    Notes
    -----
    Both orbitals sit at the centre of their cell, so H is periodic in the zone. On a ``zone`` axis with continuous x the
    phase space carries the whole bundle of lattices offset by less than a; expectation values average over the offsets.
    """

    kind: ClassVar[str] = "lattice"

    chain: Literal["single", "ssh", "rice_mele"] = "ssh"
    hopping: float = 1.0
    second_hopping: float = 0.6
    staggering: float = 0.0
    spacing: Annotated[float, Gt(0)] = 1.0

    def symbol(self, space: PhaseSpace) -> MatrixFormula:
        """H on the single momentum axis of `space`."""
        if len(space.momenta) != 1:
            raise ModelError(f"model lattice: expected one momentum axis, got {len(space.momenta)}")
        if self.chain != "rice_mele" and self.staggering != 0:
            raise ModelError(
                f"model lattice: expected staggering = 0 for chain {self.chain!r}, got {self.staggering}"
            )
        name = space.momenta[0].name
        hops = {
            "t1": self.hopping,
            "t2": self.second_hopping,
            "d": self.staggering,
            "a": self.spacing / space.hbar,
        }
        formula = {
            "single": f"-2*t1*cos(a*{name})",
            "ssh": f"(t1 + t2*cos(a*{name}))*sigma_x + t2*sin(a*{name})*sigma_y",
            "rice_mele": f"(t1 + t2*cos(a*{name}))*sigma_x + t2*sin(a*{name})*sigma_y + d*sigma_z",
        }[self.chain]
        return MatrixFormula.parse(formula, variables=[name], parameters=hops)

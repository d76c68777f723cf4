"""What a diagnostic is: named quantities with axes and units, and a measurement of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from ..algebra.phase_space import PhaseSpace
from ..models.hamiltonian import Hamiltonian
from ..simulation.evolve import Measured, Measurement

__all__ = ["Diagnostic", "Measured", "Measurement", "Quantity", "per_volume"]


@dataclass(frozen=True)
class Quantity:
    """A recorded quantity.

    Parameters
    ----------
    name : name of the variable in the archive.
    dims : axis names; ``band`` for one number a band, ``component`` for one a real component of F, ``level`` for one a
        level, each before the axes; empty for a scalar.
    units : in natural units, for labels: ``1``, ``energy``, ``1/length`` …
    long_name : what a plot's axis says.
    lengths : number of entries of a dimension that the grid and the bands do not tell, ``level``.
    """

    name: str
    dims: tuple[str, ...]
    units: str
    long_name: str
    lengths: Mapping[str, int] = field(default_factory=dict)


class Diagnostic(Protocol):
    """Reads a state and never changes it. The first line of the docstring is shown by ``wigner list``."""

    name: ClassVar[str]

    def quantities(self, hamiltonian: Hamiltonian) -> tuple[Quantity, ...]:
        """What it records for this Hamiltonian."""
        ...

    def prepare(self, hamiltonian: Hamiltonian) -> Measurement:
        """Tabulate what does not change and return the function (state, t) → values by quantity name."""
        ...


def per_volume(units: str, space: PhaseSpace) -> str:
    """Units of what is integrated over phase space: where positions are missing it counts what is in a unit of volume."""
    missing = len(space.momenta) - len(space.positions)
    return f"{units}/length{f'^{missing}' if missing > 1 else ''}" if missing > 0 else units

"""What a diagnostic is: named quantities with axes and units, and a measurement of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from ..models.hamiltonian import Hamiltonian
from ..simulation.evolve import Measured, Measurement

__all__ = ["Diagnostic", "Measured", "Measurement", "Quantity"]


@dataclass(frozen=True)
class Quantity:
    """A recorded quantity.

    Parameters
    ----------
    name : name of the variable in the archive.
    dims : axis names, and ``band`` for one number a band; empty for a scalar.
    units : in natural units, for labels: ``1``, ``energy``, ``1/length`` …
    long_name : what a plot's axis says.
    """

    name: str
    dims: tuple[str, ...]
    units: str
    long_name: str


class Diagnostic(Protocol):
    """Reads a state and never changes it. The first line of the docstring is shown by ``wigner list``."""

    name: ClassVar[str]

    def quantities(self, hamiltonian: Hamiltonian) -> tuple[Quantity, ...]:
        """What it records for this Hamiltonian."""
        ...

    def prepare(self, hamiltonian: Hamiltonian) -> Measurement:
        """Tabulate what does not change and return the function (state, t) → values by quantity name."""
        ...

"""Trace, energy and purity: what exact dynamics keeps."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction
from .quantity import Measured, Measurement, Quantity, per_volume

__all__ = ["Conserved"]


class Conserved:
    """Number of particles, energy ∫tr(F H), and purity ∫tr F²."""

    name: ClassVar[str] = "conserved"

    def quantities(self, hamiltonian: Hamiltonian) -> tuple[Quantity, ...]:
        number, energy = (per_volume(units, hamiltonian.space) for units in ("1", "energy"))
        return (
            Quantity("trace", (), number, "number of particles"),
            Quantity("energy", (), energy, "energy"),
            Quantity("purity", (), number, "purity Tr ρ²"),
        )

    def prepare(self, hamiltonian: Hamiltonian) -> Measurement:
        space = hamiltonian.space
        static: dict[int, np.ndarray] = {}

        def values(number: int, t: float) -> np.ndarray:
            term = hamiltonian.parts[number]
            coordinates = {name: space.coordinate(name) for name in term.coordinates}
            if not term.is_static:
                return term.symbol(t=t, **coordinates)
            if number not in static:
                static[number] = term.symbol(**coordinates)
            return static[number]

        def measure(state: WignerFunction, t: float) -> Measured:
            # Term by term, because each needs only a marginal of F.
            energy = sum(
                (
                    state.expectation(values(number, t), term.coordinates)
                    for number, term in enumerate(hamiltonian.parts)
                ),
                0.0,
            )
            return {"trace": state.trace(), "energy": energy, "purity": state.purity()}

        return measure

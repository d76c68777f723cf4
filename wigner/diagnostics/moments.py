"""First and second moments of every coordinate."""

from __future__ import annotations

from typing import ClassVar

from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction
from .quantity import Measured, Measurement, Quantity, per_volume

__all__ = ["Moments"]


class Moments:
    """∫ z tr F and ∫ z² tr F for every axis z, exact for any ħ (a particle number N gives N⟨z⟩)."""

    name: ClassVar[str] = "moments"

    def quantities(self, hamiltonian: Hamiltonian) -> tuple[Quantity, ...]:
        out = []
        for axis in hamiltonian.space.axes:
            unit = "length" if axis.is_position else "momentum"
            first, second = (per_volume(units, hamiltonian.space) for units in (unit, f"{unit}^2"))
            out.append(Quantity(f"mean_{axis.name}", (), first, f"⟨{axis.name}⟩"))
            out.append(Quantity(f"mean_{axis.name}_squared", (), second, f"⟨{axis.name}²⟩"))
        return tuple(out)

    def prepare(self, hamiltonian: Hamiltonian) -> Measurement:
        def measure(state: WignerFunction, t: float) -> Measured:
            out: dict[str, float] = {}
            for axis in state.space.axes:
                weights = state.marginal([axis.name]) * state.space.measure([axis.name])
                out[f"mean_{axis.name}"] = float(weights @ axis.values)
                out[f"mean_{axis.name}_squared"] = float(weights @ axis.values**2)
            return out

        return measure

"""Densities in position and in momentum."""

from __future__ import annotations

from typing import ClassVar

from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction
from .quantity import Measured, Measurement, Quantity, per_volume

__all__ = ["Density"]


class Density:
    """Marginals of tr F: particle density ρ(r) and momentum density n(k), each with unit measure dr or dk."""

    name: ClassVar[str] = "density"

    def quantities(self, hamiltonian: Hamiltonian) -> tuple[Quantity, ...]:
        space = hamiltonian.space
        positions = tuple(axis.name for axis in space.positions)
        momenta = tuple(axis.name for axis in space.momenta)
        power = f"^{space.dimension}" if space.dimension > 1 else ""
        units = per_volume(f"1/momentum{power}", space)
        out = [Quantity("momentum_density", momenta, units, "momentum density n(k)")]
        if positions:
            power = f"^{len(positions)}" if len(positions) > 1 else ""
            out.insert(0, Quantity("density", positions, f"1/length{power}", "density ρ(r)"))
        return tuple(out)

    def prepare(self, hamiltonian: Hamiltonian) -> Measurement:
        def measure(state: WignerFunction, t: float) -> Measured:
            space = state.space
            momenta = [axis.name for axis in space.momenta]
            # `marginal` integrates positions with dr; per dk, the remaining momenta carry 1/2πħ each.
            per_momentum = space.measure(momenta)
            for name in momenta:
                per_momentum /= space.axis(name).spacing
            out = {"momentum_density": state.marginal(momenta) * per_momentum}
            if space.positions:
                out["density"] = state.density()
            return out

        return measure

"""How many particles are in each local band."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ..algebra.formula import MatrixFormula
from ..bands.local import band_projectors
from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction, pack
from .quantity import Measured, Measurement, Quantity, per_volume

__all__ = ["BandPopulations"]


class BandPopulations:
    r"""Population of each band of the local Hamiltonian, counted from below, and its density in space.

    .. math:: ρ_n(r) = ∫ \frac{d^dk}{(2πħ)^d} \operatorname{tr}[P_n(r,k,t) F], \qquad N_n = ∫ d^dr \, ρ_n(r), \qquad
              H P_n = ε_n P_n

    The densities of the bands add up to the density; one alone can be negative where bands interfere.

    Terms proportional to the identity do not move P_n and are left out, so that T(k) + V(r)·1 needs projectors in k alone.
    """

    name: ClassVar[str] = "band_populations"

    def quantities(self, hamiltonian: Hamiltonian) -> tuple[Quantity, ...]:
        units = per_volume("1", hamiltonian.space)
        population = Quantity("band_population", ("band",), units, "population of the local band")
        positions = tuple(axis.name for axis in hamiltonian.space.positions)
        if not positions:
            return (population,)
        power = f"^{len(positions)}" if len(positions) > 1 else ""
        density = Quantity(
            "band_density", ("band", *positions), f"1/length{power}", "density of the local band"
        )
        return (population, density)

    def prepare(self, hamiltonian: Hamiltonian) -> Measurement:
        space = hamiltonian.space
        terms = [term for term in hamiltonian.parts if not term.symbol.is_scalar]
        names = tuple(name for name in space.names if any(name in term.coordinates for term in terms))
        static = all(term.is_static for term in terms)
        cache: list[np.ndarray] = []

        def weights(t: float) -> np.ndarray:
            """Real components of every P_n, off-diagonal ones twice: tr(P F) is then a plain sum of products."""
            coordinates = {name: space.coordinate(name) for name in names}
            # Where every term is a multiple of the identity the split is that of a degenerate point.
            total = MatrixFormula.zero(hamiltonian.bands)(t=t, **coordinates)
            each = band_projectors(sum((term.symbol(t=t, **coordinates) for term in terms), total))
            out = np.array([pack(projector) for projector in each])
            out[:, hamiltonian.bands :] *= 2
            return out

        def measure(state: WignerFunction, t: float) -> Measured:
            if static and not cache:
                cache.append(weights(t))
            each = cache[0] if static else weights(t)
            momenta = tuple(range(len(space.positions), len(space.axes)))
            # Axes no projector depends on are summed before anything is multiplied, positions excepted.
            data = state.reduced(tuple(dict.fromkeys((*(a.name for a in space.positions), *names))))
            integrated = [a.name for a in space.momenta if a.name in names]
            density = np.array(
                [sum((w * f).sum(axis=momenta) for w, f in zip(band, data, strict=True)) for band in each]
            ) * space.measure(integrated)
            if not space.positions:
                return {"band_population": density}
            cell = space.measure([axis.name for axis in space.positions])
            population = density.reshape(len(density), -1).sum(axis=1) * cell
            return {"band_population": population, "band_density": density}

        return measure

"""How many particles are in each local band."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ..algebra.formula import MatrixFormula
from ..bands.local import band_projectors
from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction
from .quantity import Measured, Measurement, Quantity

__all__ = ["BandPopulations"]


class BandPopulations:
    r"""Population of each band of the local Hamiltonian, counted from below.

    .. math:: N_n = ∫ \frac{d^dr\,d^dk}{(2πħ)^d} \operatorname{tr}[P_n(r,k,t) F], \qquad H P_n = ε_n P_n

    Terms proportional to the identity do not move P_n and are left out, so that T(k) + V(r)·1 needs projectors in k alone.
    """

    name: ClassVar[str] = "band_populations"

    def quantities(self, hamiltonian: Hamiltonian) -> tuple[Quantity, ...]:
        return (Quantity("band_population", ("band",), "1", "population of the local band"),)

    def prepare(self, hamiltonian: Hamiltonian) -> Measurement:
        space = hamiltonian.space
        terms = [term for term in hamiltonian.parts if not term.symbol.is_scalar]
        names = tuple(name for name in space.names if any(name in term.coordinates for term in terms))
        static = all(term.is_static for term in terms)
        cache: list[np.ndarray] = []

        def projectors(t: float) -> np.ndarray:
            coordinates = {name: space.coordinate(name) for name in names}
            # Where every term is a multiple of the identity the split is that of a degenerate point.
            total = MatrixFormula.zero(hamiltonian.bands)(t=t, **coordinates)
            return band_projectors(sum((term.symbol(t=t, **coordinates) for term in terms), total))

        def measure(state: WignerFunction, t: float) -> Measured:
            if static and not cache:
                cache.append(projectors(t))
            each = cache[0] if static else projectors(t)
            return {"band_population": np.array([state.expectation(p, names) for p in each])}

        return measure

"""How far a state is from a classical distribution."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction
from .quantity import Measured, Measurement, Quantity, per_volume

__all__ = ["Negativity"]


class Negativity:
    """∫|tr F| − ∫tr F, twice the weight of the negative part; zero for a classical distribution.

    The kinks of |tr F| at its zeros make the sum over the grid converge about as Δz², not monotonically: compare two grids.
    """

    name: ClassVar[str] = "negativity"

    def quantities(self, hamiltonian: Hamiltonian) -> tuple[Quantity, ...]:
        return (Quantity("negativity", (), per_volume("1", hamiltonian.space), "negativity ∫|tr F| − ∫tr F"),)

    def prepare(self, hamiltonian: Hamiltonian) -> Measurement:
        def measure(state: WignerFunction, t: float) -> Measured:
            scalar = state.scalar()
            return {"negativity": float((np.abs(scalar).sum() - scalar.sum()) * state.space.cell)}

        return measure

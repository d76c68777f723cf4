"""Expectation values of the user's own symbols."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ..algebra.formula import MatrixFormula
from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction
from .quantity import Measured, Measurement, Quantity

__all__ = ["Observables"]


class Observables:
    """⟨A⟩ = ∫tr(F A) of symbols A(r, k, t) given as formulas; a scalar formula stands for itself times the identity.

    Parameters
    ----------
    formulas : symbol by name; ``step(x - 3)`` counts what is beyond x = 3, ``sigma_z`` the polarisation.
    """

    name: ClassVar[str] = "observables"

    def __init__(self, formulas: Mapping[str, MatrixFormula]) -> None:
        self.formulas = dict(formulas)

    def quantities(self, hamiltonian: Hamiltonian) -> tuple[Quantity, ...]:
        def shown(formula: MatrixFormula) -> str:
            return str(
                MatrixFormula.from_entries([[formula.entries[0, 0]]]) if formula.is_scalar else formula
            )

        units = "that of its formula"
        return tuple(
            Quantity(name, (), units, f"⟨{shown(formula)}⟩") for name, formula in self.formulas.items()
        )

    def prepare(self, hamiltonian: Hamiltonian) -> Measurement:
        space = hamiltonian.space
        static: dict[str, np.ndarray] = {}

        def values(name: str, t: float) -> np.ndarray:
            formula = self.formulas[name]
            coordinates = {n: space.coordinate(n) for n in space.names if n in formula.variables}
            if "t" in formula.variables:
                return formula(t=t, **coordinates)
            if name not in static:
                static[name] = formula(**coordinates)
            return static[name]

        def measure(state: WignerFunction, t: float) -> Measured:
            return {
                name: state.expectation(
                    values(name, t), tuple(n for n in space.names if n in self.formulas[name].variables)
                )
                for name in self.formulas
            }

        return measure

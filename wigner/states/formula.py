"""An initial Wigner function written by the user."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from ..algebra.formula import FormulaSpec, MatrixFormula
from ..errors import ModelError
from ..models.hamiltonian import Hamiltonian
from .wigner_function import WignerFunction

__all__ = ["FormulaState"]


@dataclass(frozen=True)
class FormulaState:
    """Any N×N Hermitian matrix of formulas in the axis names and named parameters.

    Parameters
    ----------
    matrix : a formula or a nested list of formulas; a scalar formula stands for itself times the identity.
    parameters : value of each further name.
    normalise : scale to trace 1; otherwise F is taken as written (an occupation).

    Raises
    ------
    ModelError : if the matrix is not Hermitian, has the wrong size, or is not finite on the grid.
    """

    kind: ClassVar[str] = "formula"

    matrix: FormulaSpec
    parameters: dict[str, float] = field(default_factory=dict)
    normalise: bool = False

    def wigner_function(self, hamiltonian: Hamiltonian, *, t: float = 0.0) -> WignerFunction:
        """F on the grid of `hamiltonian`, at whatever time."""
        space = hamiltonian.space
        formula = MatrixFormula.parse(self.matrix, variables=space.names, parameters=self.parameters)
        if formula.size == 1:
            formula = formula.promoted(hamiltonian.bands)
        if formula.size != hamiltonian.bands:
            raise ModelError(
                f"state formula: expected a {hamiltonian.bands}×{hamiltonian.bands} matrix, got size {formula.size}"
            )
        defect = formula.hermiticity_defect()
        if defect is not None:
            raise ModelError(
                f"state formula: expected a Hermitian matrix, got entry {defect} unlike its conjugate"
            )
        values = formula(**space.coordinates())
        if not np.isfinite(values).all():
            raise ModelError(
                "state formula: expected finite values on the whole grid, got infinity or not-a-number"
            )
        state = WignerFunction.from_matrix(space, values)
        if self.normalise:
            trace = state.trace()
            if not trace > 0:
                raise ModelError(f"state formula: expected a positive trace to normalise, got {trace:.3g}")
            state.data[:] /= trace
        return state

"""A Hamiltonian written by the user."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from ..algebra.formula import FormulaSpec, MatrixFormula
from ..algebra.phase_space import PhaseSpace

__all__ = ["FormulaModel"]


@dataclass(frozen=True)
class FormulaModel:
    """Any N×N Hermitian matrix of formulas in the axis names, t and named parameters.

    Parameters
    ----------
    matrix : a formula (``"k*sigma_x + m*sigma_z"``) or a nested list of formulas, N×N, N = 1 … 16.
    parameters : value of each further name.

    Notes
    -----
    Exact splitting needs a sum of terms of commuting coordinates, T(k, t) + V(r, t), both matrix-valued.
    """

    kind: ClassVar[str] = "formula"

    matrix: FormulaSpec
    parameters: dict[str, float] = field(default_factory=dict)

    def symbol(self, space: PhaseSpace) -> MatrixFormula:
        """H on the axes of `space`."""
        return MatrixFormula.parse(self.matrix, variables=(*space.names, "t"), parameters=self.parameters)

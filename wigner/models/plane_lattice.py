"""What lattices in the plane have in common: a formula in the two reduced momenta ka/ħ."""

from __future__ import annotations

from collections.abc import Mapping

from ..algebra.formula import FormulaSpec, MatrixFormula
from ..algebra.phase_space import PhaseSpace
from ..errors import ModelError

__all__ = ["plane_symbol"]


def plane_symbol(
    kind: str, matrix: FormulaSpec, space: PhaseSpace, spacing: float, parameters: Mapping[str, float]
) -> MatrixFormula:
    """H on kx and ky of `space` from a formula in kx, ky and a, which stands for a/ħ.

    Raises
    ------
    ModelError : if the momenta are not kx and ky.
    """
    momenta = [axis.name for axis in space.momenta]
    if momenta != ["kx", "ky"]:
        raise ModelError(f"model {kind}: expected the momentum axes kx and ky, got {', '.join(momenta)}")
    return MatrixFormula.parse(
        matrix, variables=momenta, parameters={**parameters, "a": spacing / space.hbar}
    )

"""Formulas of a run file, checked entry by entry so that a message points at the one that is wrong."""

from __future__ import annotations

from collections.abc import Mapping

from ..algebra.formula import FormulaSpec, MatrixFormula
from ..algebra.formula_printer import text_of
from ..errors import WignerError
from .locate import Path
from .problems import Problems

__all__ = ["checked_formula", "unfit_parameters", "with_remedy"]


def checked_formula(
    spec: FormulaSpec, names: tuple[str, ...], parameters: Mapping[str, float], path: Path, problems: Problems
) -> MatrixFormula | None:
    """The formula if its parameters, each of its entries and the Hermiticity of the whole are sound."""
    before = len(problems)
    for name, message in unfit_parameters(parameters, names).items():
        problems.add((*path[:-1], "parameters", name), message)
    if len(problems) > before:
        return None
    rows = spec if isinstance(spec, tuple) else ()
    for a, row in enumerate(rows):
        for b, entry in enumerate(row):
            try:
                MatrixFormula.parse(entry, variables=names, parameters=parameters)
            except WignerError as error:
                problems.add((*path, a, b), with_remedy(str(error), "correct it"))
    if len(problems) > before:
        return None
    try:
        formula = MatrixFormula.parse(spec, variables=names, parameters=parameters)
    except WignerError as error:
        problems.add(path, with_remedy(str(error), "correct it"))
        return None
    defect = formula.hermiticity_defect()
    if defect is not None:
        a, b = defect
        entry = _short(formula, a, b)
        if a == b:
            message = f"expected a Hermitian matrix, got {entry} in [{a}][{a}]; make it real"
        else:
            other = _short(formula, b, a)
            message = (
                f"expected a Hermitian matrix, got {entry} in [{a}][{b}] and {other} in [{b}][{a}]; "
                "make one the conjugate of the other"
            )
        problems.add((*path, a, b) if rows else path, message)
        return None
    return formula


def unfit_parameters(parameters: Mapping[str, float], names: tuple[str, ...]) -> dict[str, str]:
    """What is wrong with the names of parameters beside the variables `names`, by name."""
    unfit = {}
    for name, value in parameters.items():
        try:
            MatrixFormula.parse("0", variables=names, parameters={name: value})
        except WignerError as error:
            unfit[name] = with_remedy(str(error), "rename it")
    return unfit


def _short(formula: MatrixFormula, a: int, b: int) -> str:
    text = text_of(formula.entries[a, b])
    return text if len(text) <= 60 else f"{text[:57]}..."


def with_remedy(message: str, remedy: str) -> str:
    """`message`, with `remedy` after a semicolon if it has none of its own."""
    return message if ";" in message else f"{message}; {remedy}"

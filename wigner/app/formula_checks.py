"""Formulas of a run file, checked entry by entry so that a message points at the one that is wrong."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from ..algebra.formula import FormulaSpec, MatrixFormula
from ..algebra.formula_printer import text_of
from ..algebra.phase_space import PhaseSpace
from ..errors import WignerError
from .locate import Path
from .problems import Problems

__all__ = ["TRIAL_SIZE", "checked_formula", "unfit_parameters", "where_not_finite", "with_remedy"]

#: Largest number of matrix entries on which a formula or a state is tried out.
TRIAL_SIZE = 2**22


def checked_formula(
    spec: FormulaSpec, names: tuple[str, ...], parameters: Mapping[str, float], path: Path, problems: Problems
) -> MatrixFormula | None:
    """The formula if its parameters, each of its entries and the Hermiticity of the whole are sound."""
    # Of a formula in a list the number goes with its key.
    table = path[:-1] if isinstance(path[-1], str) else path[:-2]
    unfit = unfit_parameters(parameters, names)
    for name, message in unfit.items():
        problems.add((*table, "parameters", name), message)
    if unfit:
        return None
    before = len(problems)
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


def where_not_finite(formula: MatrixFormula, space: PhaseSpace, times: tuple[float, ...]) -> str | None:
    """The first point of the grid (thinned out if it is large) and time at which the formula has no value."""
    names = [name for name in space.names if name in formula.variables]
    size = math.prod(space.axis(name).points for name in names) * formula.size**2
    stride = math.ceil((size / TRIAL_SIZE) ** (1 / len(names))) if size > TRIAL_SIZE and names else 1
    axes = np.ix_(*(space.axis(name).values[::stride] for name in names))
    for t in times:
        bad = ~np.isfinite(formula(t=t, **dict(zip(names, axes, strict=True)))).all(axis=(0, 1))
        if bad.any():
            first = np.argwhere(bad)[0]
            point = [f"{n} = {a.ravel()[i]:g}" for n, a, i in zip(names, axes, first, strict=True)]
            return ", ".join([*point, f"t = {t:g}"])
    return None


def _short(formula: MatrixFormula, a: int, b: int) -> str:
    text = text_of(formula.entries[a, b])
    return text if len(text) <= 60 else f"{text[:57]}..."


def with_remedy(message: str, remedy: str) -> str:
    """`message`, with `remedy` after a semicolon if it has none of its own."""
    return message if ";" in message else f"{message}; {remedy}"

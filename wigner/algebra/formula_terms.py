"""Formula expressions: their derivative, coordinates and additive terms, and whether they are zero."""

from __future__ import annotations

import random
from functools import reduce
from math import comb
from typing import Any

import numpy as np
import sympy

from .formula_values import evaluate

__all__ = ["coordinates", "derivative", "separated", "vanishes"]

_CORNERED = (sympy.Abs, sympy.sign, sympy.Heaviside, sympy.Min, sympy.Max)
_MAX_TERMS = 300
_DIGITS = 50
_LARGEST_ARGUMENT = 1e9


def coordinates(expression: Any) -> frozenset[str]:
    """Names of the variables that occur, without t."""
    return frozenset(s.name for s in expression.free_symbols) - {"t"}


def derivative(expression: Any, variable: Any) -> Any:
    """∂expression/∂variable with |u|' = sign(u) u'; sympy's own rule would not take √x and log x for real."""
    unknowns = {node: sympy.Dummy(nonnegative=True) for node in expression.atoms(sympy.Abs)}
    hidden = expression.xreplace(unknowns)
    total = hidden.diff(variable)
    for node, unknown in unknowns.items():
        slope = hidden.diff(unknown)
        if slope != 0:
            total += slope * sympy.sign(node.args[0]) * derivative(node.args[0], variable)
    return total.xreplace({unknown: node for node, unknown in unknowns.items()})


def separated(entry: Any) -> list[Any]:
    """Additive terms of an entry, each multiplied out where no joint term in its coordinates remains."""
    terms = sympy.Add.make_args(entry)
    if all(len(coordinates(term)) < 2 for term in terms) or not expandable(entry):
        return list(terms)
    joint = {coordinates(term) for term in sympy.Add.make_args(entry.expand(log=False))}
    separated: list[Any] = []
    for term in terms:
        kept = len(coordinates(term)) < 2 or coordinates(term) in joint
        separated += [term] if kept else sympy.Add.make_args(term.expand(log=False))
    return separated


def expandable(expression: Any) -> bool:
    """True if multiplying everything out leaves a manageable number of terms."""
    return _terms(expression) <= _MAX_TERMS


def _terms(node: Any) -> int:
    counts = [_terms(argument) for argument in node.args]
    if any(count > _MAX_TERMS for count in counts):
        return _MAX_TERMS + 1
    if node.is_Add:
        return sum(counts)
    if node.is_Mul:
        return reduce(lambda a, b: min(a * b, _MAX_TERMS + 1), counts)
    if node.is_Pow and node.exp.is_Integer:
        return comb(abs(int(node.exp)) + counts[0] - 1, counts[0] - 1)
    return 1


def vanishes(expression: Any) -> bool:
    """True if the expression is zero for all real arguments.

    Decided by expansion, else by 50-digit values at three fixed pseudo-random points, which a nonzero
    analytic function escapes only by chance. abs, sign, step, min and max count as independent unknowns
    there: an identity that holds only through their definition is not seen.
    """
    unknowns = {node: sympy.Dummy(positive=True) for node in expression.atoms(*_CORNERED)}
    expression = expression.xreplace(unknowns)
    if not expression.is_Number and expandable(expression):
        expression = expression.expand()
    if expression.is_Number:
        return bool(expression == 0)
    numbers = random.Random(20)
    symbols = sorted(expression.free_symbols, key=sympy.default_sort_key)
    scale = _tame_scale(expression)
    if scale is None:
        return False
    for _ in range(3):
        point = {s: sympy.Float(scale * numbers.uniform(0.2, 1.2), _DIGITS) for s in symbols}
        terms = [term.evalf(_DIGITS, subs=point) for term in sympy.Add.make_args(expression)]
        size = sum((abs(term) for term in terms), sympy.Float(0))
        if not abs(sum(terms)) <= size * sympy.Float(10) ** (-30):
            return False
    return True


def _tame_scale(expression: Any) -> float | None:
    """Size of variables at which no function argument or exponent is too large for 50 digits."""
    nodes = (n for n in sympy.preorder_traversal(expression) if not (n.is_Add or n.is_Mul))
    arguments = {argument for node in nodes for argument in node.args}
    for scale in (1.0, 1e-1, 1e-2, 1e-4, 1e-8):
        values = {s.name: np.array(1.2 * scale) for s in expression.free_symbols}
        with np.errstate(all="ignore"):
            sizes = [abs(evaluate(argument, values, frozenset(), {})) for argument in arguments]
        if all(size <= _LARGEST_ARGUMENT for size in sizes):
            return scale
    return None

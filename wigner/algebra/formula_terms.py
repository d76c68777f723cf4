"""Questions about formula expressions: which coordinates, which additive terms, is it zero."""

from __future__ import annotations

import random
from functools import reduce
from math import comb
from typing import Any

import sympy

__all__ = ["coordinates", "separated", "vanishes"]

_CORNERED = (sympy.Abs, sympy.sign, sympy.Heaviside, sympy.Min, sympy.Max)
_MAX_TERMS = 3000
_DIGITS = 50


def coordinates(expression: Any) -> frozenset[str]:
    return frozenset(s.name for s in expression.free_symbols) - {"t"}


def separated(entry: Any) -> list[Any]:
    """Additive terms of an entry, multiplied out only where the joint term they contain cancels or never was."""
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

    Decided by expansion, else by 50-digit values at three fixed pseudo-random points, which an analytic function that is
    not zero escapes only by chance. abs, sign, step, min and max count as independent unknowns there: an identity that
    holds only through their definition is not seen.
    """
    expression = expression.xreplace(
        {node: sympy.Dummy(positive=True) for node in expression.atoms(*_CORNERED)}
    )
    if not expression.is_Number and expandable(expression):
        expression = expression.expand()
    if expression.is_Number:
        return bool(expression == 0)
    numbers = random.Random(20)
    symbols = sorted(expression.free_symbols, key=sympy.default_sort_key)
    for _ in range(3):
        point = {s: sympy.Float(numbers.uniform(0.2, 1.2), _DIGITS) for s in symbols}
        terms = [term.evalf(_DIGITS, subs=point) for term in sympy.Add.make_args(expression)]
        size = sum((abs(term) for term in terms), sympy.Float(0))
        if not abs(sum(terms)) <= size * sympy.Float(10) ** (-30):
            return False
    return True

"""Values of formula expressions on arrays, and the nodes that may occur in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cache, reduce
from math import inf
from typing import Any

import numpy as np
import sympy
from scipy.special import erf
from sympy import I

from ..errors import FormulaError

__all__ = ["check_supported", "evaluate", "is_finite", "shared_parts"]

#: Each function that parsing, differentiation or sympy's own rewriting can bring in.
_UFUNCS: dict[type, Callable[..., np.ndarray]] = {
    sympy.sin: np.sin,
    sympy.cos: np.cos,
    sympy.tan: np.tan,
    sympy.cot: lambda z: 1 / np.tan(z),
    sympy.sec: lambda z: 1 / np.cos(z),
    sympy.csc: lambda z: 1 / np.sin(z),
    sympy.sinh: np.sinh,
    sympy.cosh: np.cosh,
    sympy.tanh: np.tanh,
    sympy.coth: lambda z: 1 / np.tanh(z),
    sympy.sech: lambda z: 1 / np.cosh(z),
    sympy.csch: lambda z: 1 / np.sinh(z),
    sympy.exp: np.exp,
    sympy.log: np.log,
    sympy.Abs: np.abs,
    sympy.atan: np.arctan,
    sympy.erf: erf,
    sympy.sign: np.sign,
    sympy.Heaviside: lambda z, at_zero: np.heaviside(z, at_zero),
    sympy.Min: lambda *z: reduce(np.minimum, z),
    sympy.Max: lambda *z: reduce(np.maximum, z),
}
_ATOMS = (sympy.Symbol, sympy.Rational, type(sympy.pi), type(sympy.E), type(I))


def check_supported(expression: Any) -> None:
    """Refuse expressions without a plain value.

    Raises
    ------
    FormulaError : for a division by zero, a Dirac δ, or a function outside the known ones.
    """
    for node in sympy.preorder_traversal(expression):
        if (node.is_Number and not (node.is_Rational and node.is_finite)) or node is sympy.zoo:
            raise FormulaError(f"expected finite values, got {expression}; look for a division by zero")
        if isinstance(node, sympy.DiracDelta):
            raise FormulaError(
                f"expected a differentiable formula, got a jump at {node.args[0]} = 0; smooth it (tanh)"
            )
        if node.is_Pow:
            constant = node.base.is_number and not node.exp.is_Integer
            if constant and (node.base.is_negative or node.base.has(I)):
                raise FormulaError(
                    f"expected a real power, got {node}, a root of a negative or complex number"
                )
        elif not (node.is_Add or node.is_Mul or isinstance(node, _ATOMS) or node.func in _UFUNCS):
            raise FormulaError(f"expected known functions of real arguments, got {node}")


def is_finite(number: Any) -> bool:
    """True if an expression without variables has a finite value in double precision."""
    check_supported(number)
    with np.errstate(all="ignore"):
        return bool(np.isfinite(evaluate(number, {}, frozenset(), {})))


def shared_parts(expressions: Iterable[Any]) -> frozenset[Any]:
    """Subexpressions that occur more than once, worth keeping during one evaluation."""
    counts = Counter(node for e in expressions for node in sympy.preorder_traversal(e) if node.args)
    return frozenset(node for node, count in counts.items() if count > 1)


def evaluate(
    expression: Any,
    values: Mapping[str, np.ndarray],
    shared: frozenset[Any],
    kept: dict[Any, np.ndarray],
) -> Any:
    """Value of a supported expression, each part only as large as its own variables make it.

    Parameters
    ----------
    expression : what to evaluate.
    values : float64 arrays by variable name.
    shared : the subexpressions to keep in `kept`.
    kept : values found so far; written.
    """
    if expression in kept:
        return kept[expression]
    if expression.is_Symbol:
        return values[expression.name]
    if expression.is_Rational:
        return _double(expression)
    if expression is I:
        return np.complex128(1j)
    if not expression.args:
        return _irrational(expression)
    if expression.is_Pow and expression.exp.is_Integer:
        result = _integer_power(evaluate(expression.base, values, shared, kept), int(expression.exp))
    else:
        parts = [evaluate(argument, values, shared, kept) for argument in expression.args]
        if expression.is_Add:
            result = reduce(np.add, sorted(parts, key=np.size))
        elif expression.is_Mul:
            result = reduce(np.multiply, sorted(parts, key=np.size))
        elif expression.is_Pow:
            half = expression.exp == sympy.S.Half
            result = np.sqrt(parts[0]) if half else np.power(*parts)
        else:
            result = _UFUNCS[expression.func](*parts)
    if expression in shared:
        kept[expression] = result
    return result


@cache
def _irrational(number: Any) -> np.float64:
    # sympy evaluates π anew each time, which costs more than a sum over a small grid.
    return np.float64(float(number))


@cache
def _double(number: sympy.Rational) -> np.float64:
    # Division of Python integers rounds correctly, so 1/10 is the double 0.1 again.
    try:
        return np.float64(int(number.p) / int(number.q))
    except OverflowError:
        return np.float64(inf if number > 0 else -inf)


def _integer_power(base: np.ndarray, exponent: int) -> Any:
    """Repeated squaring: much quicker than `numpy.power` and defined for negative bases."""
    result, square, left = None, base, abs(exponent)
    while left:
        if left & 1:
            result = square if result is None else result * square
        left >>= 1
        if left:
            square = square * square
    return result if exponent > 0 else 1 / np.asarray(result)

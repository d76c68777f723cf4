"""The words of the formula language."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from numbers import Integral, Real
from typing import Any

import sympy
from sympy import I, ImmutableDenseMatrix

from ..errors import FormulaError

__all__ = ["CONSTANTS", "FUNCTIONS", "OTHER_SPELLINGS", "REAL_ONLY", "Value", "exact", "symbol"]

#: A sympy expression or an ImmutableDenseMatrix of them; sympy's types say too little to be more precise.
Value = Any

#: Functions of one real argument unless noted; `min` and `max` take two.
FUNCTIONS: dict[str, Callable[..., Value]] = {
    "sin": sympy.sin,
    "cos": sympy.cos,
    "tan": sympy.tan,
    "sinh": sympy.sinh,
    "cosh": sympy.cosh,
    "tanh": sympy.tanh,
    "sech": sympy.sech,
    "exp": sympy.exp,
    "log": sympy.log,
    "sqrt": sympy.sqrt,
    "abs": sympy.Abs,
    "atan": sympy.atan,
    "erf": sympy.erf,
    "step": sympy.Heaviside,
    "sign": sympy.sign,
    "min": sympy.Min,
    "max": sympy.Max,
}
#: Numbers and matrices with a fixed name.
CONSTANTS: dict[str, Value] = {
    "pi": sympy.pi,
    "i": I,
    "sigma_0": ImmutableDenseMatrix([[1, 0], [0, 1]]),
    "sigma_x": ImmutableDenseMatrix([[0, 1], [1, 0]]),
    "sigma_y": ImmutableDenseMatrix([[0, -I], [I, 0]]),
    "sigma_z": ImmutableDenseMatrix([[1, 0], [0, -1]]),
}
#: What users coming from other languages write.
OTHER_SPELLINGS = {
    "ln": "log",
    "arctan": "atan",
    "heaviside": "step",
    "theta": "step",
    "I": "i",
    "j": "i",
    "e": "exp(1)",
    "E": "exp(1)",
}
#: Functions without a meaning on complex arguments.
REAL_ONLY = frozenset({"abs", "atan", "erf", "step", "sign", "min", "max"})


def symbol(name: str) -> sympy.Symbol:
    """The real symbol of a variable."""
    return sympy.Symbol(name, real=True)


def exact(value: object, what: str) -> Any:
    """The fraction that the shortest decimal of a number names: 0.1 is 1/10, so that equal terms cancel.

    Raises
    ------
    FormulaError : if `value` is no finite real number.
    """
    if isinstance(value, Real) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            fraction = Fraction(int(value)) if isinstance(value, Integral) else Fraction(repr(number))
            return sympy.Rational(fraction.numerator, fraction.denominator)
    raise FormulaError(f"{what}: expected a finite real number, got {str(value)[:40]!r}")

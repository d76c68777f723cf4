"""Formulas back to text, in the language the parser reads."""

from __future__ import annotations

from typing import Any

import sympy
from sympy.printing.str import StrPrinter

__all__ = ["text_of"]


def text_of(expression: Any) -> str:
    """The expression as text; 3/5 is written 0.6, and long fractions are rounded to be read."""
    decimals = {r: sympy.Float(r, 17) for r in expression.atoms(sympy.Rational) if r.q % 5 == 0 or r.q > 1000}
    return str(_Printer().doprint(expression.xreplace(decimals)))


class _Printer(StrPrinter):
    def _print_ImaginaryUnit(self, expr: Any) -> str:
        return "i"

    def _print_Exp1(self, expr: Any) -> str:
        return "exp(1)"

    def _print_Float(self, expr: Any) -> str:
        return repr(float(expr))

    def _print_Function(self, expr: Any) -> str:
        names = {sympy.Heaviside: "step", sympy.Abs: "abs", sympy.Min: "min", sympy.Max: "max"}
        arguments = expr.args[:1] if isinstance(expr, sympy.Heaviside) else expr.args
        return f"{names.get(expr.func, expr.func.__name__)}({self.stringify(arguments, ', ')})"

    _print_Heaviside = _print_Abs = _print_Min = _print_Max = _print_LatticeOp = _print_Function

"""Formula text to sympy expressions by a white-list of Python's own grammar; no text is ever executed."""

from __future__ import annotations

import ast
import keyword
import warnings
from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import Any

from sympy import I, ImmutableDenseMatrix

from ..errors import FormulaError, did_you_mean
from .formula_names import CONSTANTS, FUNCTIONS, OTHER_SPELLINGS, REAL_ONLY, Value, exact, symbol
from .formula_values import is_finite

__all__ = ["FormulaSpec", "Reader", "described", "parse_spec", "vocabulary"]

#: A formula, a number, or N rows of N of those.
FormulaSpec = str | int | float | Sequence[Sequence[str | int | float]]

_MAX_LENGTH = 2000
_MAX_DEPTH = 60
_MAX_POWER = 64
_MAX_BITS = 2048


def parse_spec(
    spec: FormulaSpec, variables: Sequence[str], parameters: Mapping[str, float]
) -> ImmutableDenseMatrix:
    """Read a formula, a number or rows of them into a square matrix of sympy expressions.

    Raises
    ------
    FormulaError : for anything else.
    """
    names = vocabulary(variables, parameters)
    if isinstance(spec, (str, Real)):
        value = _read(spec, names)
        return value if isinstance(value, ImmutableDenseMatrix) else ImmutableDenseMatrix([[value]])
    listed = list(spec) if isinstance(spec, (list, tuple)) else []
    if not listed or any(not isinstance(row, (list, tuple)) or len(row) != len(listed) for row in listed):
        raise FormulaError(f"expected a formula, a number, or N rows of N of those, got {str(spec)[:60]}")
    read = [[_read(entry, names) for entry in row] for row in listed]
    for a, row in enumerate(read):
        for b, entry in enumerate(row):
            if isinstance(entry, ImmutableDenseMatrix):
                raise FormulaError(
                    f"entry [{a}][{b}]: expected a scalar formula, got a matrix; use sigma_ only outside rows"
                )
    return ImmutableDenseMatrix(read)


def _read(spec: object, names: Mapping[str, Value]) -> Value:
    return Reader(spec, names).read() if isinstance(spec, str) else exact(spec, "formula")


def vocabulary(variables: Iterable[str], parameters: Mapping[str, float]) -> dict[str, Value]:
    """What every name of a formula stands for.

    Raises
    ------
    FormulaError : for a name that is none, or has a meaning already.
    """
    names: dict[str, Value] = dict(CONSTANTS)
    for name in variables:
        _check_name(name, "variable", CONSTANTS.keys() | FUNCTIONS.keys())
        names[name] = symbol(name)
    for name, value in parameters.items():
        _check_name(name, "parameter", names.keys() | FUNCTIONS.keys())
        names[name] = exact(value, f"parameter {name!r}")
    return names


def _check_name(name: str, role: str, taken: Iterable[str]) -> None:
    if not name.isidentifier() or keyword.iskeyword(name):
        raise FormulaError(f"expected a {role} name of letters, digits and _, got {name!r}; rename it")
    if name in taken:
        raise FormulaError(f"{role} {name!r}: this name already has a meaning; rename it")


class Reader:
    """Walks the syntax tree of one formula; every node type that is not named here is refused."""

    def __init__(self, text: str, names: Mapping[str, Value]) -> None:
        # A TOML formula may run over several lines.
        self.text = " ".join(text.split())
        self.names = names

    def fail(self, message: str) -> FormulaError:
        shown = self.text if len(self.text) <= 60 else self.text[:57] + "..."
        return FormulaError(f"formula {shown!r}: {message}")

    def read(self) -> Value:
        if not self.text:
            raise self.fail("expected a formula, got nothing; write 0 for none")
        if len(self.text) > _MAX_LENGTH:
            raise self.fail(
                f"expected at most {_MAX_LENGTH} characters, got {len(self.text)}; use parameters"
            )
        if "#" in self.text:
            raise self.fail("expected no comment, got '#'; put comments outside the formula")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(self.text, mode="eval")
        except (SyntaxError, ValueError) as error:
            reason = error.msg if isinstance(error, SyntaxError) else str(error)
            raise self.fail(
                f"expected a formula such as '2*k + sin(x)', got {reason}; write every * out"
            ) from None
        except (RecursionError, MemoryError):
            raise self.too_deep() from None
        return self.value(tree.body, 0)

    def too_deep(self) -> FormulaError:
        return self.fail(f"expected at most {_MAX_DEPTH} nested levels, got more; split the formula")

    def value(self, node: ast.expr, depth: int) -> Value:
        if depth > _MAX_DEPTH:
            raise self.too_deep()
        match node:
            case ast.BinOp():
                result = self.chain(node, depth)
            case ast.UnaryOp(op=ast.USub()):
                result = -self.value(node.operand, depth + 1)
            case ast.UnaryOp(op=ast.UAdd()):
                result = self.value(node.operand, depth + 1)
            case ast.Constant():
                result = self.number(node.value)
            case ast.Name():
                result = self.name(node.id)
            case ast.Call():
                result = self.call(node, depth)
            case ast.Compare() | ast.IfExp() | ast.BoolOp():
                raise self.fail(
                    "expected arithmetic, got a comparison or condition; write cases with step(...)"
                )
            case _:
                raise self.fail(f"expected arithmetic of names and numbers, got {described(node)}")
        return result

    def chain(self, node: ast.expr, depth: int) -> Value:
        """a + b − c + …: a loop, because a long sum is a deep tree yet not a nested formula."""
        pending: list[tuple[ast.operator, ast.expr]] = []
        while isinstance(node, ast.BinOp):
            pending.append((node.op, node.right))
            node = node.left
        result = self.value(node, depth + 1)
        for operator, right in reversed(pending):
            result = self.operate(operator, result, self.value(right, depth + 1))
        return result

    def operate(self, operator: ast.operator, left: Value, right: Value) -> Value:
        matrices = [isinstance(v, ImmutableDenseMatrix) for v in (left, right)]
        match operator:
            case ast.Add() | ast.Sub():
                if matrices[0] != matrices[1]:
                    raise self.fail(
                        "expected number + number or matrix + matrix, got one of each; multiply by sigma_0"
                    )
                return self.checked(left + right if isinstance(operator, ast.Add) else left - right)
            case ast.Mult():
                return self.checked(left * right)
            case ast.Div():
                if matrices[1]:
                    raise self.fail("expected division by a scalar, got division by a matrix")
                if right == 0:
                    raise self.fail("expected a divisor other than 0, got 0")
                return self.checked(left / right)
            case ast.Pow():
                return self.power(left, right)
            case ast.BitXor():
                raise self.fail("expected one of + - * / **, got ^; use **")
            case _:
                raise self.fail(f"expected one of + - * / **, got the operator {type(operator).__name__}")

    def power(self, base: Value, exponent: Value) -> Value:
        if isinstance(exponent, ImmutableDenseMatrix):
            raise self.fail("expected a scalar exponent, got a matrix")
        if exponent.is_number and exponent.is_real and abs(exponent) > _MAX_POWER:
            raise self.fail(
                f"expected a power between -{_MAX_POWER} and {_MAX_POWER}, got a larger one; use exp"
            )
        if isinstance(base, ImmutableDenseMatrix):
            if not (exponent.is_Integer and exponent >= 0):
                raise self.fail("expected a power 0, 1, 2, ... of a matrix, got another")
            result = ImmutableDenseMatrix.eye(2)
            for _ in range(int(exponent)):
                result = self.checked((result * base).expand())
            return result
        if base.is_number and not exponent.is_Integer and (base.is_negative or base.has(I)):
            raise self.fail(
                "expected a positive base of a power that is no integer, got a negative or complex one"
            )
        if base == 0 and exponent.is_negative:
            raise self.fail("expected a divisor other than 0, got 0")
        if base.is_Rational and exponent.is_Integer and _bits(base) * abs(int(exponent)) > _MAX_BITS:
            raise self.out_of_range()
        result = base**exponent
        # (x**64)**64 reaches here as x**4096.
        if result.is_Pow and result.exp.is_number and result.exp.is_real and abs(result.exp) > _MAX_POWER:
            raise self.fail(
                f"expected a power between -{_MAX_POWER} and {_MAX_POWER}, got a larger one; use exp"
            )
        return self.checked(result)

    def checked(self, value: Value) -> Value:
        """Stop numbers that outgrow a double before they outgrow the memory."""
        for entry in value if isinstance(value, ImmutableDenseMatrix) else (value,):
            coefficient = entry.as_coeff_Mul()[0]
            if coefficient.is_Rational and _bits(coefficient) > 2 * _MAX_BITS:
                raise self.out_of_range()
        return value

    def out_of_range(self) -> FormulaError:
        return self.fail("expected numbers within double precision, got one far outside")

    def number(self, value: object) -> Value:
        if isinstance(value, complex):
            return I * exact(value.imag, "imaginary literal")
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            try:
                return exact(value, "number")
            except FormulaError:
                raise self.out_of_range() from None
        raise self.fail(f"expected numbers and names, got the literal {value!r}")

    def name(self, name: str) -> Value:
        if name in self.names:
            return self.names[name]
        if name in FUNCTIONS:
            raise self.fail(f"expected {name}(...), got the function {name} without its argument")
        raise self.fail(f"{name!r} is unknown{self.nearest(name, [*self.names, *FUNCTIONS])}")

    def nearest(self, name: str, known: Iterable[str]) -> str:
        other = OTHER_SPELLINGS.get(name)
        return f"; did you mean {other!r}?" if other else did_you_mean(name, known)

    def call(self, node: ast.Call, depth: int) -> Value:
        if not isinstance(node.func, ast.Name):
            raise self.fail(
                f"expected a function name before '(', got {described(node.func)}; write every * out"
            )
        name = node.func.id
        if name in self.names:
            raise self.fail(f"{name!r} is not a function; write {name}*(...) for a product")
        if name not in FUNCTIONS:
            raise self.fail(f"function {name!r} is unknown{self.nearest(name, FUNCTIONS)}")
        wanted = 2 if name in ("min", "max") else 1
        if node.keywords:
            raise self.fail(f"expected {name}(value), got a keyword argument; write the value alone")
        if len(node.args) != wanted:
            count = "1 argument" if wanted == 1 else "2 arguments"
            raise self.fail(f"expected {name} with {count}, got {len(node.args)}")
        arguments = [self.value(argument, depth + 1) for argument in node.args]
        for argument in arguments:
            if isinstance(argument, ImmutableDenseMatrix):
                raise self.fail(f"expected a scalar argument of {name}, got a matrix")
            if name in ("sqrt", "log") and argument.is_number and (argument.is_negative or argument.has(I)):
                raise self.fail(
                    f"expected a positive argument of {name}, got a negative or complex number; use i"
                )
            if name == "log" and argument == 0:
                raise self.fail("expected a positive argument of log, got 0")
        try:
            result = FUNCTIONS[name](*arguments)
        except (ValueError, TypeError):
            result = I
        if name in REAL_ONLY and result.has(I):
            raise self.fail(f"expected a real argument of {name}, got a complex one")
        # A tower such as exp(exp(exp(9))) would keep sympy busy for ever.
        if result.is_number and not is_finite(result):
            raise self.out_of_range()
        return self.checked(result)


def _bits(number: Any) -> int:
    return max(int(number.p).bit_length(), int(number.q).bit_length())


def described(node: ast.AST) -> str:
    """A piece of syntax in words."""
    known = {
        "Attribute": "an attribute (name.name)",
        "Subscript": "an index (name[...])",
        "JoinedStr": "an f-string",
        "Call": "a call of a call",
        "BinOp": "a bracket",
        "Constant": "a number",
    }
    return known.get(type(node).__name__, f"the Python form {type(node).__name__}")

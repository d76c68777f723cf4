r"""Formulas of fields on the grid, with derivatives and Poisson brackets of whole expressions: `FieldFormula`."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import I, ImmutableDenseMatrix

from ..errors import FormulaError
from .derivatives import spectral_derivative
from .formula_names import Value, symbol
from .formula_parser import Reader, described, vocabulary
from .formula_values import check_supported, evaluate
from .phase_space import PhaseSpace

__all__ = ["FieldFormula", "FieldsAt"]

#: Value of a field by name and time: a number, or an array (…, *grid).
FieldsAt = Callable[[str, float], Any]

_DERIVATIVE, _BRACKET = "D", "bracket"


@dataclass(frozen=True)
class _Operation:
    """∂ of an expression along an axis, or the bracket of two; `axis` is empty for a bracket."""

    axis: str
    operands: tuple[Any, ...]


@dataclass(frozen=True)
class FieldFormula:
    r"""A scalar formula of real fields on phase space.

    .. math:: \texttt{D(a, x)} = ∂_x a, \qquad \texttt{D(a, x, k)} = ∂_x∂_k a, \qquad
              \texttt{\{a, b\}} = \texttt{bracket(a, b)} = ∂_i a \, J^{ij} ∂_j b

    Beside these, everything that `MatrixFormula` knows, but for i and the Pauli matrices. D and the bracket act on whole
    expressions, ``D(g_xx*D(e, k), x)``. Text is read by a white-list and never executed.

    Parameters
    ----------
    text : as written.

    Notes
    -----
    Derivatives along axes are spectral, of the product as it stands on the grid, which must be periodic and resolved there;
    in t a difference of fourth order.
    """

    text: str
    expression: Any
    operations: Mapping[str, _Operation]

    @classmethod
    def parse(
        cls,
        text: str,
        *,
        fields: Iterable[str],
        axes: Iterable[str],
        aliases: Mapping[str, str],
        parameters: Mapping[str, float],
        moving: Iterable[str] = (),
    ) -> FieldFormula:
        """Read a formula.

        Parameters
        ----------
        fields : names that stand for fields.
        axes : what D may derive along, t included where H may depend on it.
        aliases : other spellings of fields.
        parameters : value of each further name.
        moving : fields whose rate in t is what is sought: D(…, t) may not contain them.

        Raises
        ------
        FormulaError : for unknown names, unsafe or unparsable text, or what is not one real number a point.
        """
        reader = _FieldReader(text, list(fields), list(axes), aliases, parameters, frozenset(moving))
        value = reader.read()
        if isinstance(value, ImmutableDenseMatrix):
            raise reader.fail("expected a number at every point, got a matrix; write its components out")
        if value.has(I):
            raise reader.fail("expected a real number at every point, got a complex one; leave i out")
        for expression in (value, *(part for op in reader.operations.values() for part in op.operands)):
            try:
                check_supported(expression)
            except FormulaError as error:
                raise reader.fail(str(error)) from None
        return cls(reader.text, value, dict(reader.operations))

    @property
    def names(self) -> frozenset[str]:
        """Names of the fields that occur, inside derivatives too."""
        return _names(self.expression, self.operations)

    def __call__(self, fields: FieldsAt, t: float, space: PhaseSpace, dt: float) -> np.ndarray:
        """Values at time t, float64 (…, *grid).

        Parameters
        ----------
        fields : function (name, t) → field.
        space : the phase space, any Poisson tensor.
        dt : step of the differences in t.
        """
        kept: dict[tuple[str, float], np.ndarray] = {}

        def value(expression: Any, time: float) -> np.ndarray:
            named = {}
            for s in expression.free_symbols:
                inner = s.name in self.operations
                named[s.name] = operate(s.name, time) if inner else np.asarray(fields(s.name, time))
            with np.errstate(all="ignore"):
                found = np.asarray(evaluate(expression, named, frozenset(), {}))
            if found.ndim < len(space.shape):
                return np.full(space.shape, found)
            return np.array(np.broadcast_to(found, np.broadcast_shapes(found.shape, space.shape)))

        def operate(name: str, time: float) -> np.ndarray:
            if (name, time) not in kept:
                operation = self.operations[name]
                if operation.axis == "t":
                    near, far = (
                        value(operation.operands[0], time + n * dt)
                        - value(operation.operands[0], time - n * dt)
                        for n in (1, 2)
                    )
                    kept[name, time] = (8 * near - far) / (12 * dt)
                elif operation.axis:
                    along = space.index(operation.axis)
                    kept[name, time] = spectral_derivative(value(operation.operands[0], time), space, along)
                else:
                    first, second = operation.operands
                    kept[name, time] = _poisson(value(first, time), value(second, time), space)
            return kept[name, time]

        return value(self.expression, t)


def _poisson(a: np.ndarray, b: np.ndarray, space: PhaseSpace) -> np.ndarray:
    """∂_i a J^{ij} ∂_j b, point by point."""
    tensor, axes = space.poisson_tensor, range(len(space.axes))
    slopes = [[spectral_derivative(field, space, i) for i in axes] for field in (a, b)]
    pairs = np.argwhere(tensor)
    return np.sum([tensor[i, j] * slopes[0][i] * slopes[1][j] for i, j in pairs], axis=0)


def _names(expression: Any, operations: Mapping[str, _Operation]) -> frozenset[str]:
    out: frozenset[str] = frozenset()
    for s in expression.free_symbols:
        if s.name in operations:
            out = out.union(*(_names(part, operations) for part in operations[s.name].operands))
        else:
            out |= {s.name}
    return out


class _FieldReader(Reader):
    """`Reader` that also knows D(…), bracket(…) and {…, …}; each is a symbol of its own in what it returns."""

    def __init__(
        self,
        text: str,
        fields: list[str],
        axes: list[str],
        aliases: Mapping[str, str],
        parameters: Mapping[str, float],
        moving: frozenset[str],
    ) -> None:
        names = vocabulary([*fields, *aliases], parameters)
        names |= {name: symbol(field) for name, field in aliases.items()}
        super().__init__(text, names)
        self.known = [*fields, *parameters, _DERIVATIVE, _BRACKET]
        self.axes, self.moving = axes, moving
        self.operations: dict[str, _Operation] = {}

    def value(self, node: ast.expr, depth: int) -> Value:
        if isinstance(node, ast.Set):
            if len(node.elts) != 2:
                raise self.fail(f"expected {{a, b}} of two fields, got {len(node.elts)}; write two")
            return self.bracket(node.elts, depth)
        return super().value(node, depth)

    def call(self, node: ast.Call, depth: int) -> Value:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in (_DERIVATIVE, _BRACKET):
            return super().call(node, depth)
        if node.keywords:
            raise self.fail(
                f"expected {name}(…) without names, got a keyword argument; write the value alone"
            )
        if name == _BRACKET:
            if len(node.args) != 2:
                raise self.fail(
                    f"expected bracket with 2 arguments, got {len(node.args)}; write bracket(a, b)"
                )
            return self.bracket(node.args, depth)
        if len(node.args) < 2:
            raise self.fail(
                f"expected D(field, {self.axes[0]}), got {len(node.args)} arguments; name an axis"
            )
        result = self.scalar(node.args[0], "D", depth)
        for along in node.args[1:]:
            if not isinstance(along, ast.Name) or along.id not in self.axes:
                got = repr(along.id) if isinstance(along, ast.Name) else described(along)
                raise self.fail(f"expected an axis to derive along, got {got}; use {', '.join(self.axes)}")
            moving = sorted(_names(result, self.operations) & self.moving) if along.id == "t" else ()
            if moving:
                raise self.fail(
                    f"expected D(…, t) of fields of H, got one of {moving[0]}, whose rate is what is sought; "
                    "bring it to the other side"
                )
            result = self.operation(_Operation(along.id, (result,)))
        return result

    def bracket(self, nodes: list[ast.expr], depth: int) -> Value:
        first, second = (self.scalar(node, "a bracket", depth) for node in nodes)
        return self.operation(_Operation("", (first, second)))

    def scalar(self, node: ast.expr, what: str, depth: int) -> Value:
        value = self.value(node, depth + 1)
        if isinstance(value, ImmutableDenseMatrix) or value.has(I):
            raise self.fail(
                f"expected a real number at every point in {what}, got another; leave i and sigma out"
            )
        return value

    def operation(self, operation: _Operation) -> Value:
        """The symbol that stands for it; one for equal ones, so that they are computed once."""
        for name, known in self.operations.items():
            if known == operation:
                return symbol(name)
        # A name with a blank is no field.
        name = f"operation {len(self.operations)}"
        self.operations[name] = operation
        return symbol(name)

    def nearest(self, name: str, known: Iterable[str]) -> str:
        near = difflib.get_close_matches(name, sorted({*known, *self.known}), n=1)
        if near:
            return f"; did you mean {near[0]!r}?"
        # Of a field for every pair of axes one stands for all.
        first = {field.partition("_")[0]: field for field in reversed(self.known)}
        return f"; known: {', '.join(sorted(first.values()))}"

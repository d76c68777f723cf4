"""Matrix functions of phase-space coordinates written as text: `MatrixFormula`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import sympy
from sympy import I, ImmutableDenseMatrix

from ..errors import FormulaError
from .formula_names import exact, symbol
from .formula_parser import FormulaSpec, parse_spec
from .formula_printer import text_of
from .formula_terms import coordinates, derivative, separated, vanishes
from .formula_values import check_supported, evaluate, shared_parts

__all__ = ["FormulaSpec", "MatrixFormula", "constant"]


@dataclass(frozen=True)
class MatrixFormula:
    """An N×N matrix of formulas in real variables; frozen and hashable.

    Parameters
    ----------
    entries : N×N sympy matrix; its free symbols are real (`parse` makes them).

    Notes
    -----
    Text may hold ``+ - * / **``, numbers, ``pi``, ``i``, the variables and parameters, the functions
    sin cos tan sinh cosh tanh sech exp log sqrt abs atan erf step sign min(a, b) max(a, b), and the Pauli
    matrices sigma_0 sigma_x sigma_y sigma_z, whose products are matrix products. step(0) = 1/2, sign(0) = 0.
    The functions are real ones: sqrt and log of a negative value are nan. Numbers are exact fractions until
    evaluation; no code is generated, so nothing is compiled and no text can be executed.

    Raises
    ------
    FormulaError : if the matrix is not square or holds an expression without plain values.
    """

    entries: ImmutableDenseMatrix

    def __post_init__(self) -> None:
        rows, columns = self.entries.shape
        if rows != columns or rows == 0:
            raise FormulaError(f"expected a square matrix, got {rows}×{columns}")
        for entry in self.entries:
            check_supported(entry)

    # --- construction ---------------------------------------------------------------------------------------

    @classmethod
    def parse(
        cls,
        spec: FormulaSpec,
        *,
        variables: Iterable[str],
        parameters: Mapping[str, float] | None = None,
        size: int | None = None,
    ) -> MatrixFormula:
        """Read a formula, or rows of formulas, without ever executing text.

        Parameters
        ----------
        spec : one formula (1×1, 2×2 with Pauli matrices), or N rows of N scalar formulas or numbers.

        Other Parameters
        ----------------
        variables : names that stay variable.
        parameters : value of every further name; substituted.
        size : the N that is required; None accepts any. A scalar is not promoted, see `promoted`.

        Raises
        ------
        FormulaError : for unknown names, unsafe or unparsable text, or another size.
        """
        entries = parse_spec(spec, tuple(variables), dict(parameters or {}))
        got = entries.shape[0]
        if size is not None and got != size:
            raise FormulaError(
                f"formula {str(spec)[:60]!r}: expected a {size}×{size} matrix, got {got}×{got}; "
                f"write {size} rows of {size} entries" + (" or use sigma_0 ... sigma_z" if size == 2 else "")
            )
        try:
            return cls(entries)
        except FormulaError as error:
            raise FormulaError(f"formula {str(spec)[:60]!r}: {error}") from None

    @classmethod
    def from_entries(cls, entries: Sequence[Sequence[Any]] | sympy.MatrixBase) -> MatrixFormula:
        """Wrap N rows of N sympy expressions of real symbols."""
        return cls(ImmutableDenseMatrix(entries))

    @classmethod
    def identity(cls, size: int) -> MatrixFormula:
        """The N×N unit matrix."""
        return cls(ImmutableDenseMatrix.eye(size))

    @classmethod
    def zero(cls, size: int) -> MatrixFormula:
        """The N×N zero matrix."""
        return cls(ImmutableDenseMatrix.zeros(size, size))

    def promoted(self, size: int) -> MatrixFormula:
        """This formula as N×N: a scalar times the unit matrix, an N×N formula itself.

        Raises
        ------
        FormulaError : for any other size.
        """
        if self.size == size:
            return self
        if self.size == 1:
            return MatrixFormula(ImmutableDenseMatrix(self.entries[0, 0] * ImmutableDenseMatrix.eye(size)))
        raise FormulaError(
            f"expected a scalar or a {size}×{size} matrix formula, got {self.size}×{self.size}"
        )

    # --- properties -----------------------------------------------------------------------------------------

    @property
    def size(self) -> int:
        """N."""
        return int(self.entries.shape[0])

    @cached_property
    def variables(self) -> frozenset[str]:
        """Names that really occur."""
        return frozenset(s.name for s in self.entries.free_symbols)

    @cached_property
    def is_zero(self) -> bool:
        """True if every entry vanishes identically."""
        return all(vanishes(entry) for entry in self.entries)

    @cached_property
    def is_scalar(self) -> bool:
        """True if the matrix is proportional to the unit matrix."""
        first = self.entries[0, 0]
        return all(
            vanishes(self.entries[a, b] - (first if a == b else 0))
            for a in range(self.size)
            for b in range(self.size)
        )

    @cached_property
    def _defect(self) -> tuple[int, int] | None:
        for a in range(self.size):
            for b in range(a, self.size):
                # Every function of the language obeys f(z*) = f(z)*, so conjugation is i -> -i.
                if not vanishes(self.entries[a, b] - self.entries[b, a].xreplace({I: -I})):
                    return a, b
        return None

    def is_hermitian(self) -> bool:
        """True if H_ab = H_ba* for all real arguments; accuracy as in `hermiticity_defect`."""
        return self._defect is None

    def hermiticity_defect(self) -> tuple[int, int] | None:
        """First (a, b), a ≤ b from 0, with H_ab ≠ H_ba*; None for a Hermitian matrix.

        Decided symbolically, else from 50-digit values at three fixed pseudo-random points.
        """
        return self._defect

    # --- values ---------------------------------------------------------------------------------------------

    @cached_property
    def _shared(self) -> frozenset[Any]:
        return shared_parts(self.entries)

    def __call__(self, **values: Any) -> np.ndarray:
        """Evaluate on arrays of real numbers.

        Parameters
        ----------
        values : a real array or number for every occurring variable; others only take part in broadcasting.

        Returns
        -------
        complex128, shape (N, N, *broadcast shape); nan and inf are passed on without a warning.

        Raises
        ------
        FormulaError : for a missing variable, a complex value, or shapes that do not broadcast.
        """
        missing = self.variables - values.keys()
        if missing:
            given = ", ".join(values) or "none"
            raise FormulaError(f"expected a value for {', '.join(sorted(missing))}, got values for {given}")
        arrays: dict[str, np.ndarray] = {}
        for name, value in values.items():
            if np.iscomplexobj(value):
                raise FormulaError(f"expected real values of {name}, got complex ones")
            arrays[name] = np.asarray(value, dtype=np.float64)
        try:
            shape = np.broadcast_shapes(*(array.shape for array in arrays.values()))
        except ValueError:
            shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
            raise FormulaError(f"expected shapes that broadcast, got {shapes}") from None
        result = np.zeros((self.size, self.size, *shape), dtype=np.complex128)
        kept: dict[Any, np.ndarray] = {}
        with np.errstate(all="ignore"):
            for a in range(self.size):
                for b in range(self.size):
                    if self.entries[a, b] != 0:
                        result[a, b] = evaluate(self.entries[a, b], arrays, self._shared, kept)
        return result

    # --- algebra --------------------------------------------------------------------------------------------

    def derivative(self, name: str) -> MatrixFormula:
        """∂H/∂name; abs gives sign, min and max give steps.

        Raises
        ------
        FormulaError : where step or sign would have to be differentiated: a Dirac δ has no grid value.
        """
        return MatrixFormula(self.entries.applyfunc(lambda entry: derivative(entry, symbol(name))))

    def __add__(self, other: MatrixFormula) -> MatrixFormula:
        self._check_size(other)
        return MatrixFormula(ImmutableDenseMatrix(self.entries + other.entries))

    def __sub__(self, other: MatrixFormula) -> MatrixFormula:
        self._check_size(other)
        return MatrixFormula(ImmutableDenseMatrix(self.entries - other.entries))

    def __neg__(self) -> MatrixFormula:
        return MatrixFormula(ImmutableDenseMatrix(-self.entries))

    def _check_size(self, other: MatrixFormula) -> None:
        if self.size != other.size:
            raise FormulaError(
                f"expected formulas of one size, got {self.size}×{self.size} and {other.size}×{other.size}"
            )

    def scaled(self, factor: complex) -> MatrixFormula:
        """The formula times a number."""
        number = complex(factor)
        total = exact(number.real, "factor") + I * exact(number.imag, "factor")
        return MatrixFormula(ImmutableDenseMatrix(self.entries * total))

    def additive_parts(self) -> dict[frozenset[str], MatrixFormula]:
        """Split into a sum of parts, one for each set of coordinates (variables other than t) they depend on.

        ``k**2/2 + x*y + 1`` gives {k}, {x, y} and the empty set. Products of sums are multiplied out where
        that separates coordinates, and left alone where it does not: (x − y)**8 would lose digits. Parts that
        vanish are left out.
        """
        groups: dict[frozenset[str], sympy.MutableDenseMatrix] = {}
        for a in range(self.size):
            for b in range(self.size):
                for term in separated(self.entries[a, b]):
                    blank = sympy.MutableDenseMatrix.zeros(self.size, self.size)
                    groups.setdefault(coordinates(term), blank)[a, b] += term
        parts = {names: MatrixFormula(ImmutableDenseMatrix(matrix)) for names, matrix in groups.items()}
        return {names: part for names, part in parts.items() if not part.is_zero}

    def __str__(self) -> str:
        rows = [[text_of(e) for e in row] for row in self.entries.tolist()]
        return rows[0][0] if self.size == 1 else "[" + ", ".join(f"[{', '.join(row)}]" for row in rows) + "]"


def constant(spec: str | int | float, parameters: Mapping[str, float] | None = None) -> float:
    """Value of a formula without variables, for example ``"2*pi/0.5"``.

    Raises
    ------
    FormulaError : if it does not parse, is a matrix, or has no finite real value.
    """
    value = complex(MatrixFormula.parse(spec, variables=(), parameters=parameters, size=1)()[0, 0])
    if not np.isfinite(value) or abs(value.imag) > 1e-14 * abs(value):
        raise FormulaError(f"formula {spec!r}: expected a finite real number, got {value}")
    return value.real

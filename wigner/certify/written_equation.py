"""A kinetic equation as somebody wrote it: named terms, each a formula of the fields of bands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from ..algebra.formula_fields import FieldFormula
from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction
from .band_fields import BandFields, field_names, spelt

__all__ = ["WrittenEquation", "parse_term"]

# Differences in t, in units of the fastest change of H; derivatives of it that are looked at.
_SHARE = 0.02
_RATES = 3


def parse_term(
    text: str, hamiltonian: Hamiltonian, variable: str, order: int, parameters: Mapping[str, float]
) -> FieldFormula:
    """Read one term in the fields that `BandFields` has for this Hamiltonian.

    Raises
    ------
    FormulaError : for unknown names, unsafe or unparsable text, or what is not one real number a point.
    """
    names = field_names(hamiltonian.space, hamiltonian.bands, variable, order)
    return FieldFormula.parse(
        text,
        fields=names,
        axes=(*hamiltonian.space.names, "t"),
        aliases=spelt(names),
        parameters=parameters,
        moving=(variable, f"{variable}_other"),
    )


class WrittenEquation:
    r"""An equation for the occupations of bands, to be audited.

    .. math:: ∂_t n = \sum_{\text{terms}} R(n, ε, h, Ω, g, …)

    Parameters
    ----------
    hamiltonian : H, static or driven.
    state : the state at `start`, from which the occupations are taken.
    terms : the right-hand side by name, see `parse_term`.
    variable, order : as of `BandFields`; order is also the power of ħ to which the equation claims to be right.

    Attributes
    ----------
    columns : the occupations, float64 (bands, *grid).
    filtered : share of ∫n² above two thirds of the wave numbers of an axis, or of the terms that have been added, of the
        largest of them: what a grid that is too coarse gets wrong.

    Raises
    ------
    ModelError : where bands touch, or a symbol is not resolved on the grid.
    """

    def __init__(
        self,
        hamiltonian: Hamiltonian,
        state: WignerFunction,
        terms: Mapping[str, FieldFormula],
        variable: str,
        order: int,
        *,
        start: float = 0.0,
    ) -> None:
        self.space, self.order = hamiltonian.space, order
        self._formulas, self._variable = dict(terms), variable
        self._fields = BandFields(hamiltonian, variable, order)
        self._dt = _step(hamiltonian, start)
        self.columns = self._fields.occupations(state, start)
        high, whole = self._above(self.columns)
        self._occupied = high / whole if whole > 0 else 0.0
        self._high = self._whole = 0.0

    @property
    def filtered(self) -> float:
        return max(self._occupied, self._high / self._whole if self._whole > 0 else 0.0)

    @property
    def terms(self) -> Mapping[str, Callable[[np.ndarray, float, np.ndarray], None]]:
        """Functions (n, t, out) that add one term each, by name."""
        return {name: partial(self._add, formula) for name, formula in self._formulas.items()}

    def _add(self, formula: FieldFormula, columns: np.ndarray, t: float, out: np.ndarray) -> None:
        moving = {self._variable: columns, f"{self._variable}_other": columns.sum(axis=0) - columns}

        def field(name: str, time: float) -> object:
            return moving[name] if name in moving else self._fields(name, time)

        part = formula(field, t, self.space, self._dt)
        high, whole = self._above(part)
        self._high, self._whole = max(self._high, high), max(self._whole, whole)
        out += part

    def _above(self, columns: np.ndarray) -> tuple[float, float]:
        """∫ of a field squared above two thirds of the wave numbers of an axis, and whole."""
        axes = tuple(range(columns.ndim - len(self.space.shape), columns.ndim))
        spectrum = np.abs(np.fft.fftn(columns, axes=axes)) ** 2
        low = np.ones(self.space.shape, dtype=bool)
        for number, axis in enumerate(self.space.axes):
            counts = np.abs(np.fft.fftfreq(axis.points)) * 3 < 1
            low &= counts.reshape([-1 if n == number else 1 for n in range(low.ndim)])
        return float(np.sum(spectrum * ~low)), float(spectrum.sum())


def _step(hamiltonian: Hamiltonian, t: float) -> float:
    """Step of differences in t: a share of the time in which H changes by itself."""
    symbol, coordinates = hamiltonian.symbol, hamiltonian.space.coordinates()
    size = float(np.abs(symbol(t=t, **coordinates)).max())
    fastest = 0.0
    for n in range(1, _RATES + 1):
        if "t" not in symbol.variables:
            break
        symbol = symbol.derivative("t")
        fastest = max(fastest, float((np.abs(symbol(t=t, **coordinates)).max() / size) ** (1 / n)))
    return _SHARE / fastest if fastest > 0 else _SHARE

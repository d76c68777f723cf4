"""Which term of a kinetic equation is wrong: the coefficient that exact dynamics asks of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..equations import HarmonicForm
from ..errors import ModelError
from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction
from ..steppers import Chebyshev
from .orders import OrderRow, expansion_parameter, judge_order

__all__ = ["AuditRow", "Audited", "Form", "audit", "exact_rate"]

# Differences of fourth order over this share of the fastest turn of F: errors of 1e-10 of the rate.
_SHARE = 0.02
# Terms below this share of the rate have no coefficient.
_ABSENT = 1e-9
_FEWEST = 2
# A coefficient this near to 1, or nearer than its own uncertainty allows, is right.
_NEAR = 0.02
_DEVIATIONS = 3.0


class Form(Protocol):
    """A kinetic equation as a sum of named terms."""

    columns: np.ndarray

    @property
    def order(self) -> int:
        """Power of ħ to which the equation claims to be right."""

    @property
    def filtered(self) -> float:
        """Share of what moves, squared, that the grid does not hold."""

    @property
    def terms(self) -> Mapping[str, Callable[[np.ndarray, float, np.ndarray], None]]: ...


@dataclass(frozen=True)
class AuditRow:
    """One term.

    Parameters
    ----------
    term : its name.
    coefficient : what exact dynamics asks for, carried to ħ → 0; not-a-number where the term vanishes.
    uncertainty : how much that changes when the largest ħ is left out.
    values : coefficient at each ħ.
    verdict : ``right``, ``wrong`` or ``absent``.
    """

    term: str
    coefficient: float
    uncertainty: float
    values: tuple[float, ...]
    verdict: str


@dataclass(frozen=True)
class Audited:
    """What an audit found.

    Parameters
    ----------
    rows : a row for each term.
    residual : what the terms as they stand leave of the rate, and how it falls with ħ; an equation that is right to ħⁿ
        leaves ħ^{n+1}.
    unexplained : what they leave with the coefficients that fit best at each ħ. Where this too falls slower than claimed, no
        coefficient is to blame: a term is missing, or made of the wrong fields.
    """

    rows: tuple[AuditRow, ...]
    residual: OrderRow
    unexplained: OrderRow

    @property
    def right(self) -> bool:
        """False if a term is wrong or the residual falls slower than claimed."""
        return self.residual.verdict != "fails" and all(row.verdict != "wrong" for row in self.rows)


def exact_rate(
    hamiltonian: Hamiltonian,
    state: WignerFunction,
    t: float,
    read: Callable[[WignerFunction, float], np.ndarray],
) -> np.ndarray:
    r"""∂_t of a variable that is read from F, under exact dynamics.

    .. math:: ∂_t X ≈ \frac{8[X(t+δ) − X(t−δ)] − [X(t+2δ) − X(t−2δ)]}{12 δ}

    Parameters
    ----------
    read : function (F, t) → the variable.

    Notes
    -----
    F moves by the harmonics of H, to rounding; δ is a fiftieth of its fastest turn over the reach of H's harmonics.

    Raises
    ------
    ModelError : for an H that is no sum of harmonics on its grid.
    """
    form = HarmonicForm(hamiltonian, state, np.empty_like(state.data))
    delta = _SHARE * 2 * np.pi / max(form.generator([(1.0, t)], t).reach, 1e-12) * 4

    def moved(shift: float) -> np.ndarray:
        data = np.empty_like(state.data)
        stepper = Chebyshev(HarmonicForm(hamiltonian, state, data))
        stepper.advance(t, shift, 1)
        stepper.settle()
        return read(WignerFunction(state.space, data), t + shift)

    near, far = (moved(n * delta) - moved(-n * delta) for n in (1, 2))
    return (8 * near - far) / (12 * delta)


def _parts(form: Form, t: float) -> dict[str, np.ndarray]:
    """The terms as they stand, by name."""
    parts = {}
    for name, add in form.terms.items():
        parts[name] = np.zeros_like(form.columns)
        add(form.columns, t, parts[name])
    return parts


def _fit(parts: Mapping[str, np.ndarray], wanted: np.ndarray) -> dict[str, float]:
    r"""Coefficients of the terms that come nearest to a rate, by name; terms that vanish are left out.

    .. math:: \sum_n ∫ \Big(∂_t f_n − \sum_i c_i R_{i,n}\Big)^2 = \min
    """
    floor = _ABSENT * np.linalg.norm(wanted)
    there = {name: part.ravel() for name, part in parts.items() if np.linalg.norm(part) > floor}
    if not there:
        raise ModelError(
            "expected a state that the equation's terms move, got one that stands still; choose another"
        )
    matrix = np.array(list(there.values())).T
    size = np.linalg.norm(matrix, axis=0)
    found = np.linalg.lstsq(matrix / size, wanted.ravel(), rcond=None)[0] / size
    return {name: float(c) for name, c in zip(there, found, strict=True)}


def audit(
    problem: Callable[[float], tuple[Hamiltonian, WignerFunction]],
    equation: Callable[[Hamiltonian, WignerFunction, float], Form],
    hbars: Sequence[float],
    t: float,
) -> Audited:
    r"""Fit the coefficients of an equation's terms to exact dynamics at several ħ and carry them to ħ → 0.

    .. math:: \frac{\|∂_t f − \sum_i R_i\|}{\|∂_t f\|} ∝ ħ^{n+1}

    Parameters
    ----------
    problem : function ħ → (Hamiltonian, state at t inside its bands).
    equation : function (Hamiltonian, F, t) → the equation with the variable that it reads from F.
    hbars : two values or more; c + O(ħ) is extrapolated by the polynomial through all.
    t : time at which rates are compared.

    Raises
    ------
    ModelError : if there are fewer than two ħ, or the equation does not apply.
    """
    if len(set(hbars)) < _FEWEST:
        raise ModelError(f"expected {_FEWEST} different values of ħ or more, got {len(set(hbars))}; add some")
    found, names, expansion = [], [], []
    left: dict[str, list[float]] = {"residual": [], "unexplained": []}
    order, filtered = 0, 0.0
    ordered = sorted(hbars, reverse=True)
    for hbar in ordered:
        hamiltonian, state = problem(hbar)
        form = equation(hamiltonian, state, t)
        names, order = list(form.terms), form.order

        def read(f: WignerFunction, time: float, h: Hamiltonian = hamiltonian) -> np.ndarray:
            return equation(h, f, time).columns

        wanted, parts = exact_rate(hamiltonian, state, t, read), _parts(form, t)
        found.append(_fit(parts, wanted))
        size = np.linalg.norm(wanted)
        fitted = sum(found[-1].get(name, 1.0) * part for name, part in parts.items())
        left["residual"].append(float(np.linalg.norm(wanted - sum(parts.values())) / size))
        left["unexplained"].append(float(np.linalg.norm(wanted - fitted) / size))
        expansion.append(expansion_parameter(hamiltonian, t))
        filtered = max(filtered, float(np.sqrt(form.filtered)))
    rows = []
    for name in names:
        values = tuple(row.get(name, float("nan")) for row in found)
        if not np.all(np.isfinite(values)):
            rows.append(AuditRow(name, float("nan"), float("nan"), values, "absent"))
            continue
        best, coarse = (float(np.polyfit(ordered[n:], values[n:], len(values) - 1 - n)[-1]) for n in (0, 1))
        uncertainty = abs(best - coarse)
        right = abs(best - 1) <= max(_NEAR, min(_DEVIATIONS * uncertainty, 0.5))
        rows.append(AuditRow(name, best, uncertainty, values, "right" if right else "wrong"))
    residual, unexplained = (
        judge_order("audit", name, order + 1, ordered, errors, expansion, filtered=filtered, fewest=_FEWEST)
        for name, errors in left.items()
    )
    return Audited(tuple(rows), residual, unexplained)

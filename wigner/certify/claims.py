"""Claims: a number measured by a run against a number from elsewhere, within a tolerance that says how honest both are."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, MinLen

from ..algebra.formula import constant
from ..errors import MeasurementError, did_you_mean
from ..states.wigner_function import component_names
from .oscillation import fit_oscillation
from .problem import ReferenceProblem
from .reference import evaluate_reference

__all__ = [
    "ENTRIES",
    "SWEPT",
    "Claim",
    "Evidence",
    "Reduction",
    "Verdict",
    "gather_evidence",
    "judge",
    "reduce_series",
    "winding",
]

Reduction = Literal[
    "final",
    "initial",
    "maximum",
    "minimum",
    "mean",
    "integral",
    "drift",
    "change",
    "winding",
    "frequency",
    "period",
    "amplitude",
]

#: Dimensions that are not axes, each also the key of a claim that picks one entry of it; they stand before the axes.
ENTRIES = ("band", "level", "component")

#: Quantities of claims that [compare] and [audit] measure instead of the run itself.
SWEPT = ("order", "error", "coefficient")


@dataclass(frozen=True)
class Claim:
    """``[[claims]]``: a number the run must reproduce.

    Parameters
    ----------
    quantity : a recorded quantity or observable; a profile such as ``density`` is compared point by point at the end and
        needs a `reference`. Or what a sweep measures of one equation: ``order``, the slope of its error in [compare];
        ``error``, the error there at the smallest value, or the one `at`; ``coefficient`` of one of its terms in [audit].
    tolerance : largest |measured − expected| that passes, > 0, in the quantity's units; number, or formula as `expected`.
    source : where the expected value comes from: paper and equation, or the method.
    reduce : how a series becomes a number: ``final``, ``initial``, ``maximum``, ``minimum``, ``mean``;
        ``integral`` = ∫q dt by the trapezoidal rule, to rounding for a pulse that begins and ends smoothly; ``drift`` =
        max|q − q(0)|; ``change`` = q(end) − q(0); ``winding``, the change of a quantity
        modulo one, followed from record to record; ``frequency`` (angular), ``period`` or ``amplitude`` of the oscillation
        fitted to it.
    at : time of the record to read instead of the last; of ``error`` the value of the sweep.
    since, until : use records from this time on, or up to this time, only.
    band : which entry of a per-band quantity, 0 the lowest.
    level : which entry of ``star_level``, ``landau_level`` and so on, 0 the lowest recorded.
    component : which entry of a probe: ``00``, ``11``, … or ``re01``, ``im01``, …
    equation : whose ``order``, ``error`` or ``coefficient``, as [compare] or [audit] name it.
    of : the quantity whose ``order`` or ``error`` it is: ``bands``, the equation's own variable (or by its name, ``n_s``,
        ``f_n``), ``F``, ``density``, ``current`` (without its curl in two dimensions and three), ``energy``, ``level``, the
        lowest of the operators of its bands' energies, without positions ``pumped_charge_x``, or
        an observable by its name, relative to its exact value.
    term : the term whose ``coefficient`` it is.
    expected : number, or formula in the same names as observables, without axes and t.
    reference : name of an independent solution to compare with, instead of `expected`.
    reference_options : its settings.
    note : anything a reader should know.
    """

    quantity: str
    tolerance: float | str
    source: Annotated[str, MinLen(1)]
    reduce: Reduction = "final"
    at: float | None = None
    since: float | None = None
    until: float | None = None
    band: Annotated[int, Ge(0)] | None = None
    level: Annotated[int, Ge(0)] | None = None
    component: str | None = None
    equation: str | None = None
    of: str | None = None
    term: str | None = None
    expected: float | str | None = None
    reference: str | None = None
    reference_options: dict[str, Any] = field(default_factory=dict)
    note: str = ""

    @property
    def label(self) -> str:
        """Quantity and reduction as the table shows them."""
        if self.quantity in SWEPT:
            of = self.term if self.quantity == "coefficient" else self.of or "bands"
            at = "" if self.at is None else f" at {self.at:g}"
            return f"{self.quantity} of {self.equation}, {of}{at}"
        entry = next((getattr(self, key) for key in ENTRIES if getattr(self, key) is not None), None)
        name = self.quantity if entry is None else f"{self.quantity}[{entry}]"
        if self.at is not None:
            return f"{name} at t = {self.at:g}"
        return name if self.reduce == "final" else f"{self.reduce} of {name}"

    def entry(self, values: np.ndarray) -> int | None:
        """Index of the entry that is read of a series (times, entries, …), None for the whole."""
        if self.component is not None:
            return component_names(math.isqrt(values.shape[1])).index(self.component)
        return self.band if self.band is not None else self.level


@dataclass(frozen=True)
class Verdict:
    """A judged claim; the fields are the columns of ``wigner verify`` and of its JSON."""

    run: str
    quantity: str
    measured: float
    expected: float
    tolerance: float
    source: str
    passed: bool


def winding(values: np.ndarray) -> np.ndarray:
    """How far a series modulo one has come since its first record, each step taken the short way."""
    steps = np.diff(values, prepend=values[:1])
    return np.cumsum(steps - np.rint(steps))


def reduce_series(claim: Claim, times: np.ndarray, values: np.ndarray) -> float:
    """The number a claim makes of a scalar series.

    Raises
    ------
    MeasurementError : if no record is at the asked time, or an oscillation cannot be fitted.
    """
    if claim.until is not None:
        keep = times <= claim.until + 1e-9
        times, values = times[keep], values[keep]
    if len(times) == 0:
        raise MeasurementError(
            f"claim on {claim.quantity}: expected records until t = {claim.until}, got none"
        )
    if claim.since is not None:
        keep = times >= claim.since - 1e-9
        times, values = times[keep], values[keep]
    if len(times) == 0:
        raise MeasurementError(
            f"claim on {claim.quantity}: expected records since t = {claim.since}, got none"
        )
    if claim.at is not None:
        nearest = int(np.argmin(np.abs(times - claim.at)))
        if abs(times[nearest] - claim.at) > 1e-9 * max(1.0, abs(claim.at)):
            raise MeasurementError(
                f"claim on {claim.quantity}: expected a record at t = {claim.at:g}, nearest is {times[nearest]:.10g}; "
                "change record.every or the claim's 'at'"
            )
        return float(values[nearest])
    match claim.reduce:
        case "final":
            return float(values[-1])
        case "initial":
            return float(values[0])
        case "maximum":
            return float(np.max(values))
        case "minimum":
            return float(np.min(values))
        case "mean":
            return float(np.mean(values))
        case "integral":
            return float(np.trapezoid(values, times))
        case "drift":
            return float(np.max(np.abs(values - values[0])))
        case "change":
            return float(values[-1] - values[0])
        case "winding":
            return float(winding(values)[-1])
        case "frequency":
            return fit_oscillation(times, values)[0]
        case "period":
            return 2 * math.pi / fit_oscillation(times, values)[0]
        case "amplitude":
            return fit_oscillation(times, values)[1]


@dataclass(frozen=True)
class Evidence:
    """What a claim on a run compares.

    Parameters
    ----------
    times : of the records, (times,).
    measured : the recorded quantity, or one entry of it, (times, …).
    expected : a number, the same series, or the same profile at those times.
    tolerance : largest distance that passes.
    """

    times: np.ndarray
    measured: np.ndarray
    expected: np.ndarray
    tolerance: float

    @property
    def is_profile(self) -> bool:
        """True where points are compared at the last time, not numbers in time."""
        return self.measured.ndim > 1


def gather_evidence(
    claim: Claim, times: np.ndarray, series: Mapping[str, np.ndarray], problem: ReferenceProblem
) -> Evidence:
    """The recorded series (time first) that a claim reads, and what it is to be compared with.

    Raises
    ------
    MeasurementError : if the quantity was not recorded, or the reference cannot be had or has another shape.
    """
    if claim.quantity not in series:
        raise MeasurementError(
            f"claim on {claim.quantity!r}: not recorded{did_you_mean(claim.quantity, series)}"
        )
    values = series[claim.quantity]
    entry = claim.entry(values)
    if entry is not None:
        values = values[:, entry]
    if claim.reference is not None:
        options = {**problem.options, **claim.reference_options}
        found = evaluate_reference(claim.reference, replace(problem, options=options), claim.quantity)
        expected = np.asarray(found, dtype=float)
        if entry is not None and expected.ndim > 1:
            expected = expected[:, entry]
    elif claim.expected is not None:
        expected = np.asarray(constant(claim.expected, problem.parameters), dtype=float)
    else:
        raise MeasurementError(
            f"claim on {claim.quantity!r}: expected 'expected' or 'reference', got neither"
        )
    if values.ndim > 1 and expected.shape != values.shape:
        raise MeasurementError(
            f"claim on {claim.quantity!r}: a profile needs a reference that gives that profile"
        )
    return Evidence(times, values, expected, constant(claim.tolerance, problem.parameters))


def judge(run: str, claim: Claim, evidence: Evidence) -> Verdict:
    """Measure a claim on its evidence.

    A profile is judged by its largest deviation over its largest expected value, against 0.

    Raises
    ------
    MeasurementError : if the series does not give the number, or the expected profile vanishes.
    """
    values, expected = evidence.measured, evidence.expected
    if evidence.is_profile:
        scale = np.max(np.abs(expected[-1]))
        if scale == 0:
            raise MeasurementError(
                f"claim on {claim.quantity!r}: expected a reference profile that is not zero everywhere"
            )
        label, wanted = f"deviation of {claim.label}", 0.0
        measured = float(np.max(np.abs(values[-1] - expected[-1])) / scale)
    else:
        label, measured = claim.label, reduce_series(claim, evidence.times, values)
        wanted = reduce_series(claim, evidence.times, expected) if expected.ndim else float(expected)
    passed = bool(abs(measured - wanted) <= evidence.tolerance)
    return Verdict(run, label, measured, wanted, evidence.tolerance, claim.source, passed)

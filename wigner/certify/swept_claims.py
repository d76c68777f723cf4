"""Claims on what a sweep measures: orders of errors, errors, coefficients of terms."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from ..algebra.formula import constant
from ..errors import MeasurementError
from .audit import AuditRow
from .claims import Claim, Verdict
from .orders import BANDS, OrderRow

__all__ = ["judge_swept"]


def judge_swept(
    run: str,
    claim: Claim,
    orders: Sequence[OrderRow],
    audits: Mapping[str, Sequence[AuditRow]],
    numbers: Mapping[str, float],
) -> Verdict:
    """Compare the slope or the error of an equation, or the coefficient of one of its terms, with what is claimed.

    Parameters
    ----------
    run : name of the run file.
    orders : rows of its comparison.
    audits : rows of its audits by the name of the equation.
    numbers : what formulas in `claim.expected` and `claim.tolerance` may name.

    Raises
    ------
    MeasurementError : if there is no such row, or nothing could be fitted.
    """
    if claim.expected is None:
        raise MeasurementError(f"claim on {claim.label}: expected a number to compare with, got none")
    measured: float
    uncertainty: float | None
    if claim.quantity == "coefficient":
        measured, uncertainty = _coefficient(claim, audits)
    else:
        measured, uncertainty = _order_or_error(claim, orders)
    expected, tolerance = (constant(value, numbers) for value in (claim.expected, claim.tolerance))
    label = claim.label if uncertainty is None else f"{claim.label} (±{uncertainty:.1g})"
    passed = bool(abs(measured - expected) <= tolerance)
    return Verdict(run, label, measured, expected, tolerance, claim.source, passed)


def _order_or_error(claim: Claim, rows: Sequence[OrderRow]) -> tuple[float, float | None]:
    of = claim.of or BANDS
    row = next((row for row in rows if row.equation == claim.equation and row.is_of(of)), None)
    if row is None:
        measured = ", ".join(f"{row.quantity} of {row.equation}" for row in rows)
        raise MeasurementError(f"claim on {claim.label}: expected one of {measured}")
    if claim.quantity == "error":
        at = min(row.values) if claim.at is None else claim.at
        nearest = min(range(len(row.values)), key=lambda n: abs(row.values[n] - at))
        if not math.isclose(row.values[nearest], at, rel_tol=1e-9):
            raise MeasurementError(f"claim on {claim.label}: expected a value of the sweep, got {at:g}")
        return row.errors[nearest], None
    if not math.isfinite(row.slope):
        raise MeasurementError(f"claim on {claim.label}: {row.verdict}")
    return row.slope, row.uncertainty


def _coefficient(claim: Claim, audits: Mapping[str, Sequence[AuditRow]]) -> tuple[float, float]:
    rows = audits.get(claim.equation or "", ())
    row = next((row for row in rows if row.term == claim.term), None)
    if row is None:
        raise MeasurementError(
            f"claim on {claim.label}: expected a term of {', '.join(r.term for r in rows)}"
        )
    if not math.isfinite(row.coefficient):
        raise MeasurementError(f"claim on {claim.label}: the term vanishes for this Hamiltonian and state")
    return row.coefficient, row.uncertainty

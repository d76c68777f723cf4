"""Checks of [compare] and [audit], and of the claims on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..certify.claims import SWEPT, Claim
from ..certify.orders import COMPARED, FITTED
from ..errors import WignerError, did_you_mean
from .locate import Path
from .problems import Problems, shown
from .sweep import contenders, swept_numbers

__all__ = ["check_sweeps", "check_swept_claim"]

_KEYS = {"order": ("equation", "of"), "error": ("equation", "of", "at"), "coefficient": ("equation", "term")}
_UNSOUND = object()
_OTHERS = ("equation", "of", "term")


def check_sweeps(tables: Mapping[str, Any], problems: Problems) -> None:
    """Check the tables [compare] and [audit] among the sound tables of a file."""
    compare, audit = tables.get("compare"), tables.get("audit")
    if compare is not None:
        _check_equations(compare.equations, ("compare", "equations"), problems)
        ordered = any(claim.quantity == "order" for claim in tables["claims"].values())
        _check_values(compare.values, FITTED if ordered else 1, ("compare", "values"), problems)
        numbers = swept_numbers(tables)
        # Where a table is not sound, what it holds is not known.
        if compare.parameter not in numbers and tables.keys() >= {"space", "model", "state"}:
            problems.add(
                ("compare", "parameter"),
                f"expected hbar or a number of the run, got {shown(compare.parameter)}"
                f"{did_you_mean(compare.parameter, numbers)}",
            )
        for name in tables["record"].observables if "record" in tables else ():
            if name in COMPARED:
                message = f"expected a name that [compare] does not use itself, got {name!r}; rename it"
                problems.add(("record", "observables", name), message)
    if audit is not None:
        _check_equations(audit.equations, ("audit", "equations"), problems)
        for number, name in enumerate(audit.equations):
            if not _misnamed(name) and not contenders([name])[0].is_kinetic:
                place = ("audit", "equations", number)
                problems.add(place, f"expected a kinetic equation, got {shown(name)}; choose one of bands")
        _check_values(audit.hbar, 2, ("audit", "hbar"), problems)


def _check_equations(names: Sequence[str], path: Path, problems: Problems) -> None:
    for number, name in enumerate(names):
        mistake = _misnamed(name)
        if mistake:
            problems.add((*path, number), mistake)


def _misnamed(name: str) -> str:
    """What is wrong with the name of an equation, nothing if it is one."""
    try:
        contenders([name])
    except WignerError as error:
        return str(error)
    return ""


def _check_values(values: Sequence[float], fewest: int, path: Path, problems: Problems) -> None:
    if min(values) <= 0:
        problems.add(path, f"expected values > 0, got {min(values):g}; leave it out")
    elif len(set(values)) < fewest:
        problems.add(path, f"expected {fewest} different values or more, got {len(set(values))}; add some")


def check_swept_claim(claim: Claim, tables: Mapping[str, Any], path: Path, problems: Problems) -> bool:
    """Check a claim on a sweep among the sound tables of a file; False if it is a claim on the run itself."""
    if claim.quantity not in SWEPT:
        for key in _OTHERS:
            if getattr(claim, key) is not None:
                problems.add(
                    (*path, key),
                    f"expected {key} beside order, error or coefficient, got it beside {claim.quantity}; remove it",
                )
        return False
    name = "audit" if claim.quantity == "coefficient" else "compare"
    table = tables.get(name, _UNSOUND)
    if table is None:
        message = f"expected a sweep to measure it, got none; add [{name}]"
        problems.add((*path, "quantity"), message)
    elif (
        table is not _UNSOUND
        and claim.equation not in table.equations
        and not any(map(_misnamed, table.equations))
    ):
        got = "nothing" if claim.equation is None else shown(claim.equation)
        problems.add(
            (*path, "equation"),
            f"expected one of {', '.join(table.equations)} of [{name}], got {got}; add it",
        )
    if claim.quantity == "coefficient" and claim.term is None:
        problems.add((*path, "term"), "expected the name of a term, got nothing; add term = …")
    for key in ("band", "level", "component", "until", "at", "of", "term", "reference"):
        if getattr(claim, key) is not None and key not in _KEYS[claim.quantity]:
            got = f"{key} = {getattr(claim, key)}"
            problems.add((*path, key), f"expected no {key} for {claim.quantity}, got {got}; remove it")
    if claim.reduce != "final":
        problems.add((*path, "reduce"), f"expected no reduce for {claim.quantity}, got one; remove it")
    return True

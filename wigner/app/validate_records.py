"""What a run file records and claims: does it exist, and when?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..algebra.formula import constant
from ..certify.claims import ENTRIES
from ..certify.levels import LEVELS
from ..certify.reference import REFERENCES
from ..diagnostics import DEFAULT_DIAGNOSTICS, DIAGNOSTICS, ON_DEMAND, Probes, Quantity
from ..errors import FormulaError, MeasurementError, did_you_mean
from ..models import Hamiltonian
from ..states import component_names
from .formula_checks import checked_formula, where_not_finite
from .locate import Path
from .problems import Problems, shown
from .recorded import on_demand
from .setup import record_intervals
from .sweep_checks import check_swept_claim
from .tables import Claim, Evolution, Guards, Record

__all__ = ["check_claims", "check_observables", "check_on_demand", "check_record"]

_MOST_RECORDS = 1_000_000
_EDGES = "edges"
# What the tables of levels record, by name, and the table.
_LEVELS = LEVELS | dict.fromkeys(("landau_filling", "landau_density"), "landau_levels")


def check_record(
    record: Record, evolution: Evolution | None, guards: Guards | None, problems: Problems
) -> None:
    """Check the times of records and the names of diagnostics."""
    known = [diagnostic.name for diagnostic in DIAGNOSTICS]
    for place, name in enumerate(record.diagnostics or ()):
        if name in [diagnostic.name for diagnostic in ON_DEMAND]:
            message = f"expected the name of a diagnostic without settings, got {name!r}"
            problems.add(("record", "diagnostics", place), f"{message}; write [record.{name}] instead")
        elif name not in known:
            message = f"expected the name of a diagnostic, got {shown(name)}{did_you_mean(name, known)}"
            problems.add(("record", "diagnostics", place), message)
        elif name in (record.diagnostics or ())[:place]:
            problems.add(
                ("record", "diagnostics", place), f"expected each name once, got {name!r} again; remove it"
            )
    selected = DEFAULT_DIAGNOSTICS if record.diagnostics is None else record.diagnostics
    if guards is not None and guards.edge_action != "ignore" and _EDGES not in selected:
        problems.add(
            ("record", "diagnostics"),
            f"expected {_EDGES!r}, which guards.edge_action = {guards.edge_action!r} reads, got none; "
            "add it, or set guards.edge_action = 'ignore'",
        )
    if evolution is not None:
        _check_times(record, evolution, problems)


def _check_times(record: Record, evolution: Evolution, problems: Problems) -> None:
    duration = evolution.t_end - evolution.t_start
    if record.every is not None and record.every > duration * (1 + 1e-12):
        message = f"expected at most t_end − t_start = {duration:g}, got {record.every:g}; choose it smaller"
        problems.add(("record", "every"), message)
        return
    if record.every is not None and duration / record.every > _MOST_RECORDS:
        message = (
            f"expected at most {_MOST_RECORDS} records, got {duration / record.every:.3g}; choose it larger"
        )
        problems.add(("record", "every"), message)
        return
    intervals = record_intervals(evolution, record)
    if intervals % record.snapshots:
        near = max(n for n in range(1, min(record.snapshots, intervals) + 1) if intervals % n == 0)
        problems.add(
            ("record", "snapshots"),
            f"expected a divisor of the {intervals} record intervals, got {record.snapshots}; try {near}",
        )


def check_observables(
    record: Record,
    hamiltonian: Hamiltonian | None,
    variables: tuple[str, ...],
    numbers: Mapping[str, float],
    times: tuple[float, ...],
    problems: Problems,
) -> None:
    """Check names and formulas of observables and profiles; sizes and values where there is a sound Hamiltonian."""
    taken = _taken(hamiltonian, variables)
    if record.profiles and hamiltonian is not None and not hamiltonian.space.positions:
        message = "expected position axes, got momenta alone; record observables instead"
        problems.add(("record", "profiles"), message)
    written = [("observables", name, spec) for name, spec in record.observables.items()]
    written += [("profiles", name, spec) for name, spec in record.profiles.items()]
    for table, name, spec in written:
        path: Path = ("record", table, name)
        _check_name(name, taken | record.observables.keys() if table == "profiles" else taken, path, problems)
        formula = checked_formula(spec, variables, numbers, path, problems)
        if formula is None or hamiltonian is None:
            continue
        if formula.size not in (1, hamiltonian.bands):
            size, got = f"{hamiltonian.bands}×{hamiltonian.bands}", f"{formula.size}×{formula.size}"
            message = f"expected a scalar or a {size} matrix like the model, got {got}; change its size"
            problems.add(path, message)
        place = where_not_finite(formula, hamiltonian.space, times)
        if place is not None:
            problems.add(path, f"expected finite values on the whole grid, got none at {place}; change it")


def _taken(hamiltonian: Hamiltonian | None, variables: tuple[str, ...]) -> set[str]:
    """Names that nothing of the user's may have in a run folder."""
    taken = {*variables, *ENTRIES, "wigner_function", "t_snapshot", *_LEVELS}
    if hamiltonian is not None:
        taken |= {quantity.name for d in DIAGNOSTICS for quantity in d.quantities(hamiltonian)}
    return taken


def _check_name(name: str, taken: set[str], path: Path, problems: Problems) -> None:
    """Check a name that the user gives to something recorded."""
    if not name.isidentifier():
        problems.add(path, f"expected a name of letters, digits and _, got {shown(name)}; rename it")
    elif name in taken:
        problems.add(path, f"expected a name that is not recorded already, got {name!r}; rename it")


def check_on_demand(record: Record, hamiltonian: Hamiltonian, problems: Problems) -> None:
    """Check points of probes and the levels of a star-spectrum, on a Hamiltonian that is finite on its grid."""
    taken = (
        _taken(hamiltonian, (*hamiltonian.space.names, "t"))
        | record.observables.keys()
        | record.profiles.keys()
    )
    for name, point in record.probes.items():
        path: Path = ("record", "probes", name)
        _check_name(name, taken, path, problems)
        try:
            Probes({name: point}).prepare(hamiltonian)
        except MeasurementError as error:
            problems.add(path, str(error) if ";" in str(error) else f"{error}; name each axis once")
    for table in dict.fromkeys(LEVELS.values()):
        levels = getattr(record, table)
        if levels is None:
            continue
        path = ("record", table)
        if levels.below + levels.above == 0:
            problems.add(path, "expected at least one level, got below = 0 and above = 0; ask for some")
            continue
        spectrum = next(each for each in on_demand(record) if each.name == table)
        try:
            with np.errstate(all="ignore"):
                spectrum.prepare(hamiltonian)
        except MeasurementError as error:
            problems.add(path, str(error).removeprefix(f"{table}: "))


# --- claims -------------------------------------------------------------------------------------------------


def check_claims(
    claims: Mapping[int, Claim],
    record: Record | None,
    evolution: Evolution | None,
    hamiltonian: Hamiltonian | None,
    bands: int | None,
    numbers: Mapping[str, float] | None,
    tables: Mapping[str, Any],
    problems: Problems,
) -> None:
    """Check that each claim names something measured, and something to compare it with; `bands` if they are known."""
    for number, claim in claims.items():
        path: Path = ("claims", number)
        _check_expected(claim, numbers, path, problems)
        if check_swept_claim(claim, tables, path, problems):
            continue
        if record is not None and hamiltonian is not None:
            quantity = _find_quantity(claim, record, hamiltonian, path, problems)
            if quantity is not None and bands is not None:
                _check_entry(claim, quantity, bands, path, problems)
        if record is not None and evolution is not None:
            _check_at(claim, record, evolution, path, problems)


def _check_expected(
    claim: Claim, numbers: Mapping[str, float] | None, path: Path, problems: Problems
) -> None:
    if claim.expected is None and claim.reference is None:
        problems.add(
            (*path, "expected"), "expected a number here or a reference, got neither; add expected = …"
        )
    elif claim.expected is not None and claim.reference is not None:
        problems.add((*path, "reference"), "expected either expected or reference, got both; remove one")
    _number(claim.expected, "expected", numbers, path, problems)
    tolerance = _number(claim.tolerance, "tolerance", numbers, path, problems)
    if tolerance is not None and tolerance <= 0:
        problems.add(
            (*path, "tolerance"), f"expected a number > 0, got {shown(claim.tolerance)}; choose a larger one"
        )
    if claim.reference is not None and claim.reference not in REFERENCES:
        message = f"expected the name of a reference, got {shown(claim.reference)}"
        problems.add((*path, "reference"), message + did_you_mean(claim.reference, REFERENCES))
    if claim.reference is None and claim.reference_options:
        problems.add(
            (*path, "reference_options"), "expected a reference beside its options, got none; name it"
        )


def _number(
    spec: float | str | None, key: str, numbers: Mapping[str, float] | None, path: Path, problems: Problems
) -> float | None:
    """The value of a claim's number; None where there is none, or what its formula may name is not known."""
    if spec is None or (isinstance(spec, str) and numbers is None):
        return None
    try:
        return constant(spec, numbers)
    except FormulaError as error:
        problems.add((*path, key), f"expected a number or a formula in the run's numbers, got: {error}")
        return None


def _find_quantity(
    claim: Claim, record: Record, hamiltonian: Hamiltonian, path: Path, problems: Problems
) -> Quantity | None:
    selected = DEFAULT_DIAGNOSTICS if record.diagnostics is None else record.diagnostics
    offered = {
        quantity.name: (quantity, d.name) for d in DIAGNOSTICS for quantity in d.quantities(hamiltonian)
    }
    recorded = {name: quantity for name, (quantity, source) in offered.items() if source in selected}
    recorded |= {q.name: q for d in on_demand(record) for q in d.quantities(hamiltonian)}
    if claim.quantity in recorded:
        return recorded[claim.quantity]
    message = f"expected a recorded quantity, got {shown(claim.quantity)}"
    if claim.quantity in _LEVELS:
        remedy = f"; add [record.{_LEVELS[claim.quantity]}]"
    elif claim.quantity in offered:
        remedy = f"; add {offered[claim.quantity][1]!r} to record.diagnostics"
    else:
        remedy = did_you_mean(claim.quantity, [*offered, *recorded])
    problems.add((*path, "quantity"), message + remedy)
    return None


def _check_entry(claim: Claim, quantity: Quantity, bands: int, path: Path, problems: Problems) -> None:
    for key in ENTRIES:
        value = getattr(claim, key)
        names, count = component_names(bands), quantity.lengths.get(key, bands)
        entries = names if key == "component" else range(count)
        offered = ", ".join(names) if key == "component" else f"0 … {count - 1}"
        if key not in quantity.dims:
            if value is not None:
                problems.add((*path, key), f"expected no {key} for {quantity.name}, got {value}; remove it")
        elif value is None:
            if claim.reference is None:
                message = f"expected the {key} of {quantity.name}, got nothing; add {key} = {offered}"
                problems.add((*path, key), message)
        elif value not in entries:
            remedy = "choose one" if key == "component" else "count from 0"
            problems.add((*path, key), f"expected a {key} in {offered}, got {value}; {remedy}")
    picked = [key for key in ENTRIES if getattr(claim, key) is not None or claim.reference is None]
    profile = [name for name in quantity.dims if name not in picked]
    part = any(key is not None for key in (claim.at, claim.since, claim.until))
    if profile and (claim.reduce != "final" or part):
        problems.add(
            (*path, "quantity"),
            f"expected no reduce, at, since or until with {quantity.name}, compared at the end; remove them",
        )
    if profile and claim.expected is not None:
        over = ", ".join(profile)
        problems.add(
            (*path, "quantity"),
            f"expected a number in time, got {quantity.name}, a profile over {over}; use a reference",
        )


def _check_at(claim: Claim, record: Record, evolution: Evolution, path: Path, problems: Problems) -> None:
    if claim.until is not None and not evolution.t_start < claim.until <= evolution.t_end:
        times = f"{evolution.t_start:g} < until ≤ {evolution.t_end:g}"
        problems.add((*path, "until"), f"expected {times}, got {claim.until:g}; choose a time of the run")
    latest = evolution.t_end if claim.until is None else claim.until
    if claim.since is not None and not evolution.t_start <= claim.since < latest:
        times = f"{evolution.t_start:g} ≤ since < {latest:g}"
        problems.add((*path, "since"), f"expected {times}, got {claim.since:g}; choose a time of the run")
    if claim.at is None:
        return
    if claim.reduce != "final" or claim.until is not None or claim.since is not None:
        message = f"expected no reduce, since or until beside at, got at = {claim.at:g} with one; remove one"
        problems.add((*path, "at"), message)
    intervals = record_intervals(evolution, record)
    step = (evolution.t_end - evolution.t_start) / intervals
    place = (claim.at - evolution.t_start) / step
    nearest = evolution.t_start + min(max(round(place), 0), intervals) * step
    # The tolerance within which a claim finds its record.
    if abs(claim.at - nearest) > 1e-9 * max(1.0, abs(claim.at)):
        problems.add(
            (*path, "at"),
            f"expected the time of a record, every {step:g} from t_start, got {claim.at:g}; "
            f"the nearest is {nearest:.12g}",
        )

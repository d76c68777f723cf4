"""The physics of a run file: do its tables make a grid, a Hamiltonian, a state, records and claims?

Each check needs the tables it reads to be sound and goes on without the others: one look finds every mistake.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, get_type_hints

import numpy as np

from ..algebra.formula import FormulaSpec, MatrixFormula
from ..algebra.phase_space import Axis, PhaseSpace
from ..diagnostics.current import moving_parts
from ..errors import FormulaError, MeasurementError, ModelError, PhaseSpaceError, WignerError
from ..models import Hamiltonian, UniformFields
from .field_checks import check_fields
from .formula_checks import TRIAL_SIZE, checked_formula, unfit_parameters, where_not_finite, with_remedy
from .locate import Path
from .method_checks import TRUNCATING, check_derivatives, check_memory, check_method, must_split
from .problems import Problems
from .recorded import matrix_formula
from .region_checks import check_regions
from .setup import build_hamiltonian, run_numbers
from .space_table import Space
from .sweep_checks import check_sweeps
from .tables import Engine, Potential
from .validate_records import check_claims, check_observables, check_on_demand, check_record

__all__ = ["check_physics"]

_MOST_BANDS = 16
_SEPARATE = "separate these coordinates, or match the grid: leave out min and max of the momenta"
_CHANGE = "change it, or the axes of [space]"
_AXIS_NAMES = ("x", "y", "z", "k", "kx", "ky", "kz")


def check_physics(tables: Mapping[str, Any], problems: Problems) -> None:
    """Tell `problems` every mistake in the structurally sound `tables`; claims by number in the file."""
    evolution = tables.get("evolution")
    if evolution is not None and not evolution.t_end > evolution.t_start:
        got = f"t_start = {evolution.t_start:g} and t_end = {evolution.t_end:g}"
        problems.add(("evolution", "t_end"), f"expected t_end > t_start, got {got}; choose a later t_end")
        evolution = None
    space = _check_space(tables["space"], problems) if "space" in tables else None
    # Formulas need only the names of the axes, which may be there even where the grid is faulty.
    names = tuple(name for name in _AXIS_NAMES if ("space", name) in problems.lines)
    numbers = _check_numbers(tables, names, problems) if evolution is not None else None
    tables = {name: table for name, table in tables.items() if _formulas_sound(name, table, names, problems)}
    times = (0.0,) if evolution is None else (evolution.t_start, evolution.t_end)
    fields = check_fields(tables["fields"], space, times, problems) if "fields" in tables else None
    hamiltonian = _check_hamiltonian(space, tables, fields, problems) if space is not None else None
    if hamiltonian is not None and evolution is not None:
        check_method(hamiltonian, evolution, problems)
        if evolution.star_order is not None and evolution.method in TRUNCATING:
            check_derivatives(hamiltonian, evolution.star_order, problems)
        if "record" in tables and "current" in (tables["record"].diagnostics or ()):
            _check_current(hamiltonian, problems)
    # Names and sizes can be checked even where H cannot be built: one band of zero energy stands in for it.
    stand_in = hamiltonian or (None if space is None else Hamiltonian(space, MatrixFormula.zero(1)))
    fits = stand_in is not None and check_memory(
        stand_in, evolution, tables.get("engine", Engine()), problems
    )
    finite = hamiltonian is not None and fits and _check_finite(hamiltonian, tables, times, problems)
    if hamiltonian is not None and finite and "state" in tables:
        _check_state(hamiltonian, tables["state"], times[0], problems)
    if "record" in tables:
        check_record(tables["record"], evolution, tables.get("guards"), problems)
        if names and numbers is not None:
            grid = hamiltonian if fits else None
            check_observables(tables["record"], grid, (*names, "t"), numbers, times, problems)
        if hamiltonian is not None and finite:
            check_on_demand(tables["record"], hamiltonian, problems)
            if numbers is not None:
                check_regions(tables["record"], hamiltonian, numbers, problems)
    bands = None if hamiltonian is None else hamiltonian.bands
    check_sweeps(tables, problems)
    check_claims(
        tables["claims"], tables.get("record"), evolution, stand_in, bands, numbers, tables, problems
    )


# --- space --------------------------------------------------------------------------------------------------


def _check_space(space: Space, problems: Problems) -> PhaseSpace | None:
    sound = True
    for name in (*space.positions, *space.momenta):
        try:
            space.axis(name)
        except PhaseSpaceError as error:
            sound = False
            partner = "" if name in space.positions else name[1:] or next(iter(space.positions), "")
            if partner in space.positions and not _has_range(space.positions[partner]):
                continue  # the matched range fails because of the position axis, which has its own line
            message = str(error).removeprefix(f"axis {name}: ")
            if "min < max" in message:
                message += "; choose max above min"
            problems.add(("space", name), message)
    if not sound:
        return None
    try:
        return space.phase_space()
    except PhaseSpaceError as error:
        key: Path = ("space", "brackets") if str(error).startswith("bracket") else ("space",)
        problems.add(key, f"{error}; change the axes of [space]")
        return None


def _has_range(axis: Any) -> bool:
    return bool(axis.max > axis.min)


# --- Hamiltonian --------------------------------------------------------------------------------------------


def _formulas_sound(name: str, table: Any, names: tuple[str, ...], problems: Problems) -> bool:
    """True if every formula of a model, potential or state is sound in the axes `names`."""
    if name not in ("model", "potential", "state") or table is None or not names:
        return True
    variables = names if name == "state" else (*names, "t")
    parameters = getattr(table, "parameters", {})
    formulas = [
        checked_formula(spec, variables, parameters, (name, *path), problems)
        for path, spec in _formulas_of(table)
    ]
    return None not in formulas


def _check_hamiltonian(
    space: PhaseSpace, tables: Mapping[str, Any], fields: UniformFields | None, problems: Problems
) -> Hamiltonian | None:
    """H if every table it needs is sound; `fields` is None if they are not."""
    potential = tables.get("potential")
    splits = must_split(space, tables, fields)
    separable = potential is None or _check_potential(space, potential, fields, splits, problems)
    symbol = _check_model(space, tables["model"], fields, splits, problems) if "model" in tables else None
    if symbol is None or not separable or "potential" not in tables or fields is None:
        return None
    try:
        return build_hamiltonian(space, tables["model"], potential, fields)
    except FormulaError as error:
        size = f"{symbol.size}×{symbol.size}"
        message = f"expected a scalar or a {size} matrix like the model: {error}"
        problems.add(("potential", "formula"), with_remedy(message, "change its size"))
        return None


def _check_potential(
    space: PhaseSpace, potential: Potential, fields: UniformFields | None, splits: bool, problems: Problems
) -> bool:
    try:
        symbol = matrix_formula(potential.formula, space, potential.parameters)
        if splits:
            Hamiltonian(space, symbol, fields).terms  # noqa: B018
    except WignerError as error:
        problems.add(("potential", "formula"), with_remedy(str(error), _SEPARATE))
        return False
    return True


def _check_model(
    space: PhaseSpace, model: Any, fields: UniformFields | None, splits: bool, problems: Problems
) -> MatrixFormula | None:
    try:
        symbol: MatrixFormula = model.symbol(space)
        if splits:
            Hamiltonian(space, symbol, fields).terms  # noqa: B018
    except WignerError as error:
        message = str(error).removeprefix(f"model {model.kind}: ")
        remedy = _SEPARATE if isinstance(error, ModelError) and "together" in message else _CHANGE
        problems.add(_blamed(model, message, "model"), with_remedy(message, remedy))
        return None
    if symbol.size > _MOST_BANDS:
        message = f"expected at most {_MOST_BANDS} bands, got {symbol.size}; use a smaller matrix"
        problems.add(_blamed(model, message, "model"), message)
        return None
    return symbol


def _check_current(hamiltonian: Hamiltonian, problems: Problems) -> None:
    try:
        moving_parts(hamiltonian)
    except MeasurementError as error:
        problems.add(("record", "diagnostics"), str(error))


def _check_numbers(
    tables: Mapping[str, Any], names: tuple[str, ...], problems: Problems
) -> dict[str, float] | None:
    """The numbers of the run, if their tables are sound and each name means one thing."""
    if not tables.keys() >= {"space", "model", "potential", "fields", "evolution"}:
        return None
    potential, fields_table = tables["potential"], tables["fields"]
    hbar, evolution = tables["space"].hbar, tables["evolution"]
    numbers = run_numbers(hbar, tables["model"], None, None, evolution)
    fixed = {"hbar": hbar, "t_start": evolution.t_start, "t_end": evolution.t_end}
    sources = [(("model", "parameters"), getattr(tables["model"], "parameters", {}), fixed)]
    if potential is not None:
        sources.append((("potential", "parameters"), potential.parameters, numbers))
    if fields_table is not None:
        known = run_numbers(hbar, tables["model"], potential, None, evolution)
        sources.append((("fields", "parameters"), fields_table.parameters, known))
    clear = True
    for path, parameters, known in sources:
        clear = clear and not unfit_parameters(parameters, (*names, "t"))
        for name, value in parameters.items():
            if name in known and known[name] != value:
                clear = False
                got = f"{value:g} beside {name} = {known[name]:g} of the run"
                problems.add((*path, name), f"expected one meaning of a name, got {name} = {got}; rename it")
    return run_numbers(hbar, tables["model"], potential, fields_table, evolution) if clear else None


# --- memory, finite values, state ---------------------------------------------------------------------------


def _check_finite(
    hamiltonian: Hamiltonian, tables: Mapping[str, Any], times: tuple[float, ...], problems: Problems
) -> bool:
    """True if H is finite on the grid at all `times`."""
    model = tables["model"]
    alone = Hamiltonian(hamiltonian.space, model.symbol(hamiltonian.space))
    # The model first: a potential is to blame only for what it adds.
    for part, key in ((alone, _blamed(model, "", "model")), (hamiltonian, ("potential", "formula"))):
        for term in part.parts:
            place = where_not_finite(term.symbol, hamiltonian.space, times)
            if place is not None:
                problems.add(
                    key,
                    f"expected finite energies on the whole grid, got infinity or not-a-number at {place}; "
                    "move the axis off this point or change the formula",
                )
                return False
    return True


def _check_state(hamiltonian: Hamiltonian, state: Any, t: float, problems: Problems) -> None:
    try:
        with np.errstate(all="ignore"):
            try:
                built = state.wigner_function(_coarse(hamiltonian), t=t)
            except ModelError:
                # A coarse grid may miss a state that the real one resolves; only the real one may refuse it.
                built = state.wigner_function(hamiltonian, t=t)
    except WignerError as error:
        message = str(error).removeprefix(f"state {state.kind}: ")
        problems.add(_blamed(state, message, "state"), with_remedy(message, "correct it"))
        return
    except ArithmeticError:
        built = None
    if built is None or not np.isfinite(built.data).all():
        message = (
            "expected a state of finite values, got infinity or not-a-number; choose less extreme numbers"
        )
        problems.add(("state",), message)


def _coarse(hamiltonian: Hamiltonian) -> Hamiltonian:
    """The same Hamiltonian, on fewer points if there are many."""
    space = hamiltonian.space
    excess = space.points * hamiltonian.bands**2 / TRIAL_SIZE
    if excess <= 1:
        return hamiltonian
    factor = excess ** (1 / len(space.axes))
    axes = (Axis(a.name, a.kind, a.start, a.stop, max(4, int(a.points / factor))) for a in space.axes)
    return Hamiltonian(
        PhaseSpace(tuple(axes), space.hbar, space.brackets), hamiltonian.symbol, hamiltonian.fields
    )


# --- who is to blame ----------------------------------------------------------------------------------------


def _formula_fields(value: Any) -> list[str]:
    hints = get_type_hints(type(value))
    return [field.name for field in fields(value) if hints[field.name] == FormulaSpec]


def _formulas_of(value: Any) -> list[tuple[Path, FormulaSpec]]:
    """Every formula of a table, those in lists of formulas too, with its place."""
    hints = get_type_hints(type(value))
    found: list[tuple[Path, FormulaSpec]] = [((key,), getattr(value, key)) for key in _formula_fields(value)]
    for field in fields(value):
        if hints[field.name] == tuple[FormulaSpec, ...]:
            found += [((field.name, n), spec) for n, spec in enumerate(getattr(value, field.name))]
    return found


def _blamed(value: Any, message: str, table: str) -> Path:
    """The key a message is about: the field it expects something of, else a formula, else the table."""
    names = [field.name for field in fields(value) if re.search(rf"expected {field.name}\b", message)]
    return (table, *(names or _formula_fields(value))[:1])

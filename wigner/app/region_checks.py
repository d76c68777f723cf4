"""Diagnostics with regions, checked weight by weight so that a message points at the one that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ..algebra.formula import FormulaSpec, MatrixFormula
from ..algebra.phase_space import PhaseSpace
from ..errors import MeasurementError, ModelError, WignerError
from ..models import Hamiltonian
from .formula_checks import checked_formula, where_not_finite, with_remedy
from .locate import Path
from .problems import Problems, shown
from .recorded import REGIONAL, formulas_of, on_demand, read_formulas
from .tables import Record, SpectralFlowRegions

__all__ = ["check_regions"]

# Keys whose formulas are components of vectors.
_VECTORS = ("band", "spectator")


def check_regions(
    record: Record, hamiltonian: Hamiltonian, numbers: Mapping[str, float], problems: Problems
) -> None:
    """Check names and formulas of regions, and that what is collected over them can be had."""
    if record.spectral_flow is not None:
        _check_flow(record.spectral_flow, problems)
    taken = {*record.observables, *record.profiles, *record.probes}
    for table, weights in formulas_of(record).items():
        if table not in REGIONAL:
            continue
        before = len(problems)
        for place, spec in weights.items():
            _check_weight(("record", table, *place), place, spec, hamiltonian.space, numbers, problems)
        if len(problems) > before:
            continue
        alone = replace(Record(), **{table: getattr(record, table)})
        formulas = read_formulas(alone, hamiltonian.space, numbers, hamiltonian.bands)
        (diagnostic,) = on_demand(alone, formulas)
        names = [quantity.name for quantity in diagnostic.quantities(hamiltonian)]
        twice = [name for place, name in enumerate(names) if name in names[:place] or name in taken]
        if twice:
            problems.add(
                ("record", table),
                f"expected a name for each quantity, got {twice[0]!r} again; rename a region or what else has that name",
            )
            continue
        try:
            with np.errstate(all="ignore"):
                # What is dear to prepare can say more cheaply whether it applies.
                getattr(diagnostic, "check", diagnostic.prepare)(hamiltonian)
        except (MeasurementError, ModelError) as error:
            problems.add(
                ("record", table), with_remedy(str(error).removeprefix(f"{table}: "), f"leave {table} out")
            )


def _check_flow(flow: SpectralFlowRegions, problems: Problems) -> None:
    if not flow.regions:
        message = "expected at least one region, got none; write { all = 1 } for everything"
        problems.add(("record", "spectral_flow", "regions"), message)
    if flow.window is not None and not flow.window[0] < flow.energy < flow.window[1]:
        low, high = flow.window
        problems.add(
            ("record", "spectral_flow", "window"),
            f"expected lowest < energy < highest, got {low:g}, {flow.energy:g}, {high:g}; widen it",
        )


def _check_weight(
    path: Path,
    place: Path,
    spec: FormulaSpec,
    space: PhaseSpace,
    numbers: Mapping[str, float],
    problems: Problems,
) -> None:
    """One formula; components of vectors may be complex."""
    before = len(problems)
    if place[0] in _VECTORS:
        try:
            formula = MatrixFormula.parse(spec, variables=space.names, parameters=dict(numbers))
        except WignerError as error:
            problems.add(path, with_remedy(str(error), "correct it"))
            return
    else:
        if not str(place[1]).isidentifier():
            problems.add(path, f"expected a name of letters, digits and _, got {shown(place[1])}; rename it")
        # A spectral flow follows regions of canonical momenta in time.
        names = (*space.names, "t") if path[1] == "spectral_flow" else space.names
        read = checked_formula(spec, names, numbers, path, problems)
        if read is None or len(problems) > before:
            return
        formula = read
    if formula.size != 1:
        problems.add(path, f"expected one formula, got {formula.size}×{formula.size}; write one")
        return
    where = where_not_finite(formula, space, (0.0,))
    if where is not None:
        problems.add(path, f"expected finite values on the whole grid, got none at {where}; change it")

"""Diagnostics with regions, checked weight by weight so that a message points at the one that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ..errors import MeasurementError, ModelError
from ..models import Hamiltonian
from .formula_checks import checked_formula, where_not_finite, with_remedy
from .locate import Path
from .problems import Problems, shown
from .setup import on_demand, region_formulas, regions_of
from .tables import Record

__all__ = ["check_regions"]


def check_regions(
    record: Record, hamiltonian: Hamiltonian, numbers: Mapping[str, float], problems: Problems
) -> None:
    """Check names and formulas of regions, and that what is collected over them can be had."""
    taken = {*record.observables, *record.probes}
    for table, regions in regions_of(record).items():
        before = len(problems)
        for name, spec in regions.items():
            path: Path = ("record", table, "regions", name)
            if not name.isidentifier():
                problems.add(path, f"expected a name of letters, digits and _, got {shown(name)}; rename it")
            formula = checked_formula(spec, hamiltonian.space.names, numbers, path, problems)
            if formula is None:
                continue
            if formula.size != 1:
                problems.add(
                    path, f"expected a weight, one real formula, got {formula.size}×{formula.size}; write one"
                )
                continue
            place = where_not_finite(formula, hamiltonian.space, (0.0,))
            if place is not None:
                problems.add(
                    path, f"expected finite values on the whole grid, got none at {place}; change it"
                )
        if len(problems) > before:
            continue
        alone = replace(Record(), **{table: getattr(record, table)})
        formulas = region_formulas(alone, hamiltonian.space, numbers)
        (diagnostic,) = on_demand(alone, {}, formulas)
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
                diagnostic.prepare(hamiltonian)
        except (MeasurementError, ModelError) as error:
            problems.add(
                ("record", table), with_remedy(str(error).removeprefix(f"{table}: "), f"leave {table} out")
            )

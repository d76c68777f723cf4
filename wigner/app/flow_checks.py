"""The table ``[record.spectral_flow]``: are its regions real weights, and does the grid have levels to count?"""

from __future__ import annotations

from collections.abc import Mapping

from ..diagnostics import SpectralFlow
from ..errors import MeasurementError
from ..models import Hamiltonian
from .formula_checks import checked_formula, where_not_finite
from .locate import Path
from .problems import Problems
from .tables import Record
from .validate_records import check_name

__all__ = ["check_regions"]


def check_regions(
    record: Record,
    hamiltonian: Hamiltonian | None,
    variables: tuple[str, ...],
    numbers: Mapping[str, float],
    times: tuple[float, ...],
    problems: Problems,
) -> None:
    """Check the regions of a spectral flow, and the grid where there is a sound Hamiltonian."""
    flow = record.spectral_flow
    if flow is None:
        return
    if not flow.regions:
        message = "expected at least one region, got none; write { all = 1 } for everything"
        problems.add(("record", "spectral_flow", "regions"), message)
    if flow.window is not None and not flow.window[0] < flow.energy < flow.window[1]:
        low, high = flow.window
        problems.add(
            ("record", "spectral_flow", "window"),
            f"expected lowest < energy < highest, got {low:g}, {flow.energy:g}, {high:g}; widen it",
        )
    others = {*record.observables, *record.probes}
    for name, spec in flow.regions.items():
        path: Path = ("record", "spectral_flow", "regions", name)
        for recorded in (f"{kind}_{name}" for kind in ("electrons", "holes", "excess")):
            check_name(recorded, others, path, problems)
        formula = checked_formula(spec, variables, numbers, path, problems)
        if formula is None:
            continue
        if formula.size != 1:
            problems.add(path, f"expected one formula, a weight, got a {formula.size}×{formula.size} matrix")
        elif hamiltonian is not None:
            place = where_not_finite(formula, hamiltonian.space, times)
            if place is not None:
                problems.add(
                    path, f"expected finite values on the whole grid, got none at {place}; change it"
                )
    if hamiltonian is not None:
        try:
            SpectralFlow({}).transform(hamiltonian.space_at(times[0]))
        except MeasurementError as error:
            problems.add(("record", "spectral_flow"), str(error))

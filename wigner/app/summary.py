"""What is said of a run at its end: judged claims, final values, drifts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import __version__
from ..algebra.formula import constant
from ..certify.claims import ENTRIES, SWEPT, Evidence, Verdict, gather_evidence, judge
from ..certify.levels import LEVELS
from ..certify.problem import ReferenceProblem
from ..certify.swept_claims import judge_swept
from ..errors import MeasurementError, WignerError
from ..records import one_line
from ..simulation import Outcome, Schedule
from .assembly import Assembly
from .config import RunConfig, Setup
from .recorded import by_name
from .sweeps import Sweeps

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["evaluate_claims", "summarise"]


def evaluate_claims(
    config: RunConfig, setup: Setup, recorded: xr.Dataset, sweeps: Sweeps
) -> tuple[tuple[Verdict, ...], dict[int, Evidence]]:
    """Judge every claim of a run file on what the run recorded, or its sweeps; one that cannot be measured fails with the
    reason. Also what was compared, by the number of the claim, of those on the run itself."""
    if not config.claims:
        return (), {}
    times = recorded["t"].values
    series = {str(n): v.values for n, v in recorded.data_vars.items() if v.dims[:1] == ("t",)}
    options = {
        "observables": by_name(setup.formulas, "observables"),
        "profiles": by_name(setup.formulas, "profiles"),
        "probes": config.record.probes,
        **{table: asdict(found) for table in LEVELS.values() if (found := getattr(config.record, table))},
    }
    problem = ReferenceProblem(setup.hamiltonian, setup.state, times, setup.numbers, options)
    orders = () if sweeps.comparison is None else sweeps.comparison.rows
    name, verdicts, compared = config.path.stem, [], {}
    for number, claim in enumerate(config.claims):
        try:
            if claim.quantity in SWEPT and sweeps.failure:
                raise MeasurementError(sweeps.failure)
            if claim.quantity in SWEPT:
                verdicts.append(judge_swept(name, claim, orders, sweeps.audits, setup.numbers))
            else:
                evidence = gather_evidence(claim, times, series, problem)
                compared[number] = evidence
                verdicts.append(judge(name, claim, evidence))
        # A solver that does not converge raises what its library likes; the run and its other claims stand.
        except (WignerError, ArithmeticError, ValueError) as error:
            nothing = float("nan")
            reason = f"cannot be judged: {one_line(error)}"
            tolerance = constant(claim.tolerance, setup.numbers)
            verdicts.append(Verdict(name, claim.label, nothing, nothing, tolerance, reason, False))
    return tuple(verdicts), compared


def _final_values(recorded: xr.Dataset) -> dict[str, Any]:
    """The last record; of a profile its extremes."""
    final: dict[str, Any] = {}
    for name, series in recorded.data_vars.items():
        if series.dims[:1] != ("t",):
            continue
        value = series.values[-1]
        profile = set(series.dims) - {"t", *ENTRIES}
        extremes = {"minimum": float(value.min()), "maximum": float(value.max())}
        final[str(name)] = extremes if profile else value.tolist()
    return final


def _drifts(recorded: xr.Dataset, keeps_energy: bool) -> dict[str, float]:
    """max|q(t) − q(0)| of what the exact dynamics keeps: energy only where H and the fields allow."""
    kept = ("trace", "energy", "purity") if keeps_energy else ("trace", "purity")
    series = {name: recorded[name].values for name in kept if name in recorded}
    return {name: float(np.max(np.abs(values - values[0]))) for name, values in series.items()}


def summarise(
    assembly: Assembly,
    schedule: Schedule,
    outcome: Outcome,
    recorded: xr.Dataset,
    carried: Mapping[str, Any],
    verdicts: tuple[Verdict, ...],
) -> dict[str, Any]:
    """What ``summary.json`` holds.

    Parameters
    ----------
    recorded : the run, as `open_run` gives it.
    carried : what the run carries from process to process: seconds, guard reports, how dt was chosen.
    """
    return {
        "title": assembly.config.title or assembly.config.path.stem,
        "wigner_version": __version__,
        "run_file": str(assembly.config.path),
        "stop_reason": outcome.reason,
        "t": outcome.t,
        "t_end": schedule.t_end,
        "steps": outcome.step,
        "dt": schedule.dt,
        "dt_chosen_from": carried.get("step_choice"),
        "equation": assembly.config.evolution.equation,
        "method": assembly.choice.method,
        "method_reason": assembly.choice.reason,
        "threads": assembly.threads,
        "filtered": float(getattr(getattr(assembly.stepper, "equation", None), "filtered", 0.0)),
        "final": _final_values(recorded),
        "drift": _drifts(recorded, assembly.setup.hamiltonian.keeps_energy),
        "warnings": carried.get("reports", []),
        "seconds": carried["seconds"],
        "claims": [vars(verdict) for verdict in verdicts],
    }

"""Run and resume: the loop with its observers, the run folder, and its end."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..algebra.fourier import export_wisdom, import_wisdom
from ..certify.claims import Verdict
from ..errors import ArchiveError
from ..records import (
    Archive,
    Checkpoint,
    erase,
    holds_run,
    is_being_written,
    load_latest,
    open_run,
    read_summary,
    save,
    write_references,
    write_summary,
)
from ..simulation import EdgeGuard, GuardReport, Outcome, Schedule, Tick, evolve
from ..simulation.evolve import Measured
from ..states import WignerFunction
from .archive_state import ArchiveState
from .assembly import Assembly, assemble, fit_schedule, quantities_of
from .config import RunConfig, parse
from .interruption import Interruption
from .progress import NoProgress
from .summary import evaluate_claims, summarise
from .sweeps import make_sweeps, write_sweeps

__all__ = ["Finished", "resume", "run"]


@dataclass(frozen=True)
class Finished:
    """What is left when the loop has ended: where, how, and the judged claims (none if interrupted)."""

    folder: Path
    outcome: Outcome
    verdicts: tuple[Verdict, ...]
    summary: dict[str, Any]


class _Recorder:
    """Writes records, snapshots and checkpoints."""

    def __init__(
        self, archive: Archive, assembly: Assembly, schedule: Schedule, carried: dict[str, Any]
    ) -> None:
        self._archive = archive
        self._assembly = assembly
        self._schedule = schedule
        self._saved_at = time.monotonic()
        self.carried = carried

    def recorded(self, tick: Tick, values: Measured, state: WignerFunction, snapshot: bool) -> None:
        self._archive.append(tick.t, values)
        if snapshot:
            self._archive.snapshot(tick.t, state.data)

    def advanced(self, tick: Tick) -> None:
        # The first at once: whoever finds records finds a state to go on from.
        elapsed = time.monotonic() - self._saved_at
        if tick.step == 0 or elapsed >= self._assembly.config.record.checkpoint_seconds:
            self.checkpoint(tick.step, tick.t)

    def guarded(self, report: GuardReport) -> None:
        self.carried.setdefault("reports", []).append(str(report))
        self.carried.setdefault("crossed", []).append(report.quantity)

    def checkpoint(self, step: int, t: float) -> None:
        """Records first, then the state: a resumed run finds every record up to its checkpoint."""
        self._archive.flush()
        config = json.dumps(self._assembly.config.resolved())
        state = self._assembly.moving
        save(
            self._archive.folder,
            Checkpoint(step, t, self._schedule.dt, state, config, export_wisdom(), self.carried),
        )
        self._saved_at = time.monotonic()


class _Reporter:
    """Tells the progress display."""

    def __init__(self, progress: NoProgress) -> None:
        self._progress = progress
        self._readout: dict[str, float] = {}

    def recorded(self, tick: Tick, values: Measured, state: WignerFunction, snapshot: bool) -> None:
        self._readout = {n: float(values[n]) for n in ("trace", "energy", "purity") if n in values}
        edges = [float(value) for name, value in values.items() if "edge_weight_" in name]
        if edges:
            self._readout["edge_weight"] = max(edges)
        self.advanced(tick)

    def advanced(self, tick: Tick) -> None:
        self._progress.update(tick.t, tick.step, tick.steps_per_second, self._readout)

    def guarded(self, report: GuardReport) -> None:
        self._progress.message(f"warning: {report}")


def run(
    config: RunConfig, folder: Path, *, progress: NoProgress | None = None, force: bool = False
) -> Finished:
    """Run a checked run file into a new folder.

    Parameters
    ----------
    force : replace an earlier run in `folder`; files that no run wrote stay.

    Raises
    ------
    ArchiveError : if the folder has files and is not a run to be replaced by `force`.
    SteppingError : if no step resolves the motion, or a number stops being finite.
    KeyboardInterrupt : at a signal before the first step, at the second signal, and at one while claims are judged.
    """
    progress = progress or NoProgress()
    _check_free(folder, force)
    source = config.state if isinstance(config.state, ArchiveState) else None
    if source is not None and Path(source.folder).resolve() == folder.resolve():
        raise ArchiveError(
            f"{folder}: expected another folder than that of the state, got the same; use --output to choose one"
        )
    with Interruption() as interruption:
        progress.message("planning transforms, compiling, choosing dt …")
        assembly = assemble(config)
        begin = time.perf_counter()
        schedule, choice = fit_schedule(assembly)
        assembly.seconds["choose_dt"] = time.perf_counter() - begin
        attributes: dict[str, str | int | float] = {
            "title": config.title or config.path.stem,
            "config_text": config.text,
            "config_json": json.dumps(config.resolved()),
            "dt": schedule.dt,
            "method": assembly.choice.method,
            "method_reason": assembly.choice.reason,
        }
        if force:
            erase(folder)
        archive = Archive.create(
            folder,
            space=assembly.setup.space,
            quantities=quantities_of(config, assembly.setup),
            bands=assembly.setup.hamiltonian.bands,
            attributes=attributes,
        )
        if source is not None:
            archive.keep_initial(config.evolution.t_start, assembly.state.data)
        carried: dict[str, Any] = {"seconds": dict(assembly.seconds), "path": str(config.path)}
        if choice is not None:
            carried["step_choice"] = {"coarse_dt": choice.coarse_dt, "coarse_error": choice.coarse_error}
        return _loop(assembly, schedule, archive, carried, progress, interruption)


def _check_free(folder: Path, force: bool) -> None:
    """Refuse a folder that a run cannot have, before anything is computed."""
    if folder.exists() and not folder.is_dir():
        raise ArchiveError(f"{folder}: expected a folder, got a file; use --output to choose another")
    if is_being_written(folder):
        raise ArchiveError(
            f"{folder}: expected no other writer, got a run still going on; wait for it or stop it"
        )
    if force and holds_run(folder):
        return
    if folder.exists() and any(path.name != ".writer" for path in folder.iterdir()):
        remedy = "use --force to replace it, " if holds_run(folder) else "use "
        what = "a run" if holds_run(folder) else "other files"
        raise ArchiveError(
            f"{folder}: expected an empty folder, got one with {what}; {remedy}--output to choose another"
        )


def resume(folder: Path, *, progress: NoProgress | None = None) -> Finished:
    """Go on with a run that was interrupted or killed, to the bit-identical end of the uninterrupted one.

    Raises
    ------
    ArchiveError : if the folder holds no checkpoint, the run has ended, or is still going on.
    KeyboardInterrupt : as for `run`.
    """
    progress = progress or NoProgress()
    if not folder.is_dir():
        got = "a file" if folder.exists() else "nothing there"
        raise ArchiveError(f"{folder}: expected a run folder, got {got}; check its name")
    if is_being_written(folder):
        raise ArchiveError(
            f"{folder}: expected a run that stopped, got one still going on; wait for it or stop it"
        )
    summary = read_summary(folder)
    if summary is not None and summary.get("stop_reason") != "interrupted":
        raise ArchiveError(
            f"{folder}: this run has ended ({summary.get('stop_reason')}); there is nothing to resume"
        )
    checkpoint, warnings = load_latest(folder)
    for warning in warnings:
        progress.message(f"warning: {warning}")
    with Interruption() as interruption:
        # A context-free read of the run's own text: the file it came from may have changed since.
        with open_run(folder) as recorded:
            text = str(recorded.attrs["config_text"])
        config = parse(text, Path(checkpoint.extra["path"]), kept=folder)
        progress.message(f"resuming {folder} at t = {checkpoint.time:g}")
        assembly = assemble(config, wisdom=lambda: import_wisdom(checkpoint.wisdom))
        np.copyto(assembly.moving, checkpoint.components)
        assembly.stepper.settle()
        schedule, _ = fit_schedule(assembly, dt=checkpoint.dt)
        archive = Archive.reopen(folder, checkpoint.time)
        carried, start = dict(checkpoint.extra), checkpoint.step
        for phase, seconds in assembly.seconds.items():
            carried["seconds"][phase] = carried["seconds"].get(phase, 0.0) + seconds
        return _loop(assembly, schedule, archive, carried, progress, interruption, start=start, resumed=True)


def _loop(
    assembly: Assembly,
    schedule: Schedule,
    archive: Archive,
    carried: dict[str, Any],
    progress: NoProgress,
    interruption: Interruption,
    *,
    start: int = 0,
    resumed: bool = False,
) -> Finished:
    config = assembly.config
    spent: dict[str, float] = carried["seconds"]
    recorder = _Recorder(archive, assembly, schedule, carried)
    guard = EdgeGuard(
        config.guards.edge_threshold, config.guards.edge_action, set(carried.get("crossed", []))
    )
    progress.start(schedule.t_end - schedule.t_start, schedule.t_start, config.title or config.path.stem)
    with interruption.deferred() as should_stop, archive:
        try:
            outcome = evolve(
                assembly.stepper,
                assembly.state,
                schedule,
                assembly.measurements,
                guard=guard,
                observers=[recorder, _Reporter(progress)],
                start=start,
                resumed=resumed,
                seconds=spent,
                should_stop=should_stop,
            )
        finally:
            progress.close()
        if outcome.reason == "interrupted":
            recorder.checkpoint(outcome.step, outcome.t)
    folder = archive.folder
    if outcome.reason != "interrupted" and any(claim.reference for claim in config.claims):
        progress.message("solving the references of the claims …")
    with open_run(folder) as recorded:
        begin = time.perf_counter()
        verdicts: tuple[Verdict, ...] = ()
        if outcome.reason != "interrupted":
            sweeps = make_sweeps(config, progress.message)
            write_sweeps(config, sweeps, folder)
            verdicts, compared = evaluate_claims(config, assembly.setup, recorded, sweeps)
            write_references(folder, {n: evidence.expected for n, evidence in compared.items()})
        spent["claims"] = time.perf_counter() - begin
        summary = summarise(assembly, schedule, outcome, recorded, carried, verdicts)
    write_summary(folder, summary)
    if outcome.reason != "interrupted":
        for name in ("checkpoint-a.h5", "checkpoint-b.h5"):
            (folder / name).unlink(missing_ok=True)
    return Finished(folder, outcome, verdicts, summary)

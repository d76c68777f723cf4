"""Run and resume: the loop with its observers, the run folder, and what is said of it at the end."""

from __future__ import annotations

import json
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from .. import __version__
from ..algebra.fourier import export_wisdom, import_wisdom
from ..certify.claims import Verdict, judge
from ..certify.problem import ReferenceProblem
from ..errors import ArchiveError, WignerError
from ..records import Archive, Checkpoint, load_latest, open_run, read_summary, save, write_summary
from ..simulation import EdgeGuard, GuardReport, Outcome, Schedule, Tick, evolve
from ..simulation.evolve import Measured
from ..states import WignerFunction
from .assembly import Assembly, assemble, fit_schedule, quantities_of
from .config import RunConfig, Setup, parse
from .console import NoProgress

__all__ = ["Finished", "evaluate_claims", "resume", "run"]


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
        self.first: dict[str, float] = carried.setdefault("first", {})
        self.drift: dict[str, float] = carried.setdefault("drift", {})
        self.last: Mapping[str, Any] = {}

    def recorded(self, tick: Tick, values: Measured, state: WignerFunction, snapshot: bool) -> None:
        self._archive.append(tick.t, values)
        if snapshot:
            self._archive.snapshot(tick.t, state.data)
        if tick.step == 0:
            # After the first record, so that whoever finds a checkpoint finds records too.
            self.checkpoint(0, tick.t)
        self.last = values
        for name in ("trace", "energy", "purity"):
            if name in values:
                value = float(values[name])
                start = self.first.setdefault(name, value)
                self.drift[name] = max(self.drift.get(name, 0.0), abs(value - start))

    def advanced(self, tick: Tick, state: WignerFunction) -> None:
        if time.monotonic() - self._saved_at >= self._assembly.config.record.checkpoint_seconds:
            self.checkpoint(tick.step, tick.t)

    def guarded(self, report: GuardReport) -> None:
        self.carried.setdefault("reports", []).append(str(report))
        self.carried.setdefault("crossed", []).append(report.quantity)

    def checkpoint(self, step: int, t: float) -> None:
        """Records first, then the state: a resumed run finds every record up to its checkpoint."""
        self._archive.flush()
        config = json.dumps(self._assembly.config.resolved())
        state = self._assembly.state.data
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
        self.advanced(tick, state)

    def advanced(self, tick: Tick, state: WignerFunction) -> None:
        self._progress.update(tick.t, tick.step, tick.steps_per_second, self._readout)

    def guarded(self, report: GuardReport) -> None:
        self._progress.message(f"warning: {report}")


@contextmanager
def _stop_requests() -> Iterator[Callable[[], bool]]:
    """The first SIGINT or SIGTERM asks the loop to stop; the second does what it always did."""
    asked: list[int] = []
    previous: dict[int, Any] = {}

    def ask(number: int, frame: FrameType | None) -> None:
        asked.append(number)
        for each, handler in previous.items():
            signal.signal(each, handler)

    try:
        for watched in (signal.SIGINT, signal.SIGTERM):
            previous[watched] = signal.signal(watched, ask)
    except ValueError:  # not the main thread: nobody sends us signals
        previous.clear()
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def run(
    config: RunConfig, folder: Path, *, progress: NoProgress | None = None, force: bool = False
) -> Finished:
    """Run a checked run file into a new folder.

    Parameters
    ----------
    force : delete an earlier run in `folder` first.

    Raises
    ------
    ArchiveError : if the folder holds a run and `force` is not given.
    SteppingError : if no step resolves the motion, or a number stops being finite.
    """
    progress = progress or NoProgress()
    if force and (folder / ".writer").exists():
        shutil.rmtree(folder)
    if folder.exists() and any(folder.iterdir()):
        raise ArchiveError(
            f"{folder}: expected an empty folder, got one with files; use --force to replace a run there, "
            "--output to choose another"
        )
    with _stop_requests() as should_stop:
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
        }
        archive = Archive.create(
            folder,
            space=assembly.setup.space,
            quantities=quantities_of(config, assembly.setup),
            bands=assembly.setup.hamiltonian.bands,
            attributes=attributes,
        )
        carried: dict[str, Any] = {"seconds": dict(assembly.seconds), "path": str(config.path)}
        if choice is not None:
            carried["step_choice"] = {"coarse_dt": choice.coarse_dt, "coarse_error": choice.coarse_error}
        return _loop(assembly, schedule, archive, carried, progress, should_stop)


def resume(folder: Path, *, progress: NoProgress | None = None) -> Finished:
    """Go on with a run that was interrupted or killed, to the bit-identical end of the uninterrupted one.

    Raises
    ------
    ArchiveError : if the folder holds no checkpoint, or the run has ended.
    """
    progress = progress or NoProgress()
    summary = read_summary(folder)
    if summary is not None and summary.get("stop_reason") != "interrupted":
        raise ArchiveError(
            f"{folder}: this run has ended ({summary.get('stop_reason')}); there is nothing to resume"
        )
    checkpoint, warnings = load_latest(folder)
    for warning in warnings:
        progress.message(f"warning: {warning}")
    with _stop_requests() as should_stop:
        # A context-free read of the run's own text: the file it came from may have changed since.
        with open_run(folder) as recorded:
            text = str(recorded.attrs["config_text"])
        config = parse(text, Path(checkpoint.extra["path"]))
        progress.message(f"resuming {folder} at t = {checkpoint.time:g}")
        assembly = assemble(config, wisdom=lambda: import_wisdom(checkpoint.wisdom))
        np.copyto(assembly.state.data, checkpoint.components)
        schedule, _ = fit_schedule(assembly, dt=checkpoint.dt)
        archive = Archive.reopen(folder, checkpoint.time)
        carried, start = dict(checkpoint.extra), checkpoint.step
        return _loop(assembly, schedule, archive, carried, progress, should_stop, start=start, resumed=True)


def _loop(
    assembly: Assembly,
    schedule: Schedule,
    archive: Archive,
    carried: dict[str, Any],
    progress: NoProgress,
    should_stop: Callable[[], bool],
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
    with archive:
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
    begin = time.perf_counter()
    verdicts = () if outcome.reason == "interrupted" else evaluate_claims(config, assembly.setup, folder)
    spent["claims"] = time.perf_counter() - begin
    summary = _summary(assembly, schedule, outcome, recorder, spent, verdicts)
    write_summary(folder, summary)
    if outcome.reason != "interrupted":
        for name in ("checkpoint-a.h5", "checkpoint-b.h5"):
            (folder / name).unlink(missing_ok=True)
    return Finished(folder, outcome, verdicts, summary)


def evaluate_claims(config: RunConfig, setup: Setup, folder: Path) -> tuple[Verdict, ...]:
    """Judge every claim of a run file on what the run recorded; a claim that cannot be measured fails with the reason."""
    if not config.claims:
        return ()
    with open_run(folder) as recorded:
        times = recorded["t"].values
        series = {str(n): v.values for n, v in recorded.data_vars.items() if v.dims[:1] == ("t",)}
    problem = ReferenceProblem(
        setup.hamiltonian, setup.state, times, setup.numbers, {"observables": setup.observables}
    )
    verdicts = []
    for claim in config.claims:
        try:
            verdicts.append(judge(config.path.stem, claim, times, series, problem))
        except WignerError as error:
            nothing = float("nan")
            reason = f"cannot be judged: {error}"
            verdicts.append(
                Verdict(config.path.stem, claim.label, nothing, nothing, claim.tolerance, reason, False)
            )
    return tuple(verdicts)


def _summary(
    assembly: Assembly,
    schedule: Schedule,
    outcome: Outcome,
    recorder: _Recorder,
    spent: dict[str, float],
    verdicts: tuple[Verdict, ...],
) -> dict[str, Any]:
    final: dict[str, Any] = {}
    for name, value in recorder.last.items():
        array = np.asarray(value)
        if array.ndim == 0:
            final[name] = float(array)
        elif array.size <= 16:
            final[name] = array.tolist()
        else:
            final[name] = {"minimum": float(array.min()), "maximum": float(array.max())}
    return {
        "title": assembly.config.title or assembly.config.path.stem,
        "wigner_version": __version__,
        "run_file": str(assembly.config.path),
        "stop_reason": outcome.reason,
        "t": outcome.t,
        "t_end": schedule.t_end,
        "steps": outcome.step,
        "dt": schedule.dt,
        "dt_chosen_from": recorder.carried.get("step_choice"),
        "method": assembly.config.evolution.method,
        "threads": assembly.threads,
        "final": final,
        "drift": recorder.drift,
        "warnings": recorder.carried.get("reports", []),
        "seconds": spent,
        "claims": [vars(verdict) for verdict in verdicts],
    }

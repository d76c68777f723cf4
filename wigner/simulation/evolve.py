"""The time loop. There is one, and everything else hangs on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np

from ..errors import SteppingError
from ..states.wigner_function import WignerFunction
from .guards import EdgeGuard, GuardReport, not_finite
from .schedule import Schedule

__all__ = ["Measured", "Measurement", "Observer", "Outcome", "Stepper", "Tick", "evolve"]

#: Values of quantities by name, and the function (state, t) that reads them.
Measured = Mapping[str, "np.ndarray | float"]
Measurement = Callable[[WignerFunction, float], Measured]

StopReason = Literal["finished", "interrupted", "edge"]


class Stepper(Protocol):
    """What the loop needs to move the state."""

    @property
    def moving(self) -> np.ndarray | None:
        """All that `advance` changes, float64; None where that is the state itself."""

    def prepare(self, dt: float, steps: Sequence[int]) -> None: ...

    def advance(self, t: float, dt: float, steps: int) -> None: ...

    def settle(self) -> None:
        """Bring the state up to date with what was moved."""


@dataclass(frozen=True)
class Tick:
    """Where the loop stands at the end of a chunk."""

    step: int
    t: float
    steps_per_second: float


class Observer(Protocol):
    """Is told what happens; writes files, draws bars, keeps lists. Never changes the state."""

    def recorded(self, tick: Tick, values: Measured, state: WignerFunction, snapshot: bool) -> None: ...

    def advanced(self, tick: Tick) -> None:
        """At the start and after every chunk, its record and guards included; not after a guard stopped the run."""

    def guarded(self, report: GuardReport) -> None: ...


@dataclass
class Outcome:
    """How a run ended.

    Parameters
    ----------
    reason : ``finished``, ``interrupted`` (a stop was asked for) or ``edge`` (a guard stopped it).
    step, t : where.
    reports : every guard report.
    """

    reason: StopReason
    step: int
    t: float
    reports: list[GuardReport] = field(default_factory=list)


def evolve(
    stepper: Stepper,
    state: WignerFunction,
    schedule: Schedule,
    measurements: Sequence[Measurement],
    *,
    guard: EdgeGuard | None = None,
    observers: Sequence[Observer] = (),
    start: int = 0,
    resumed: bool = False,
    seconds: dict[str, float] | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Move `state` through `schedule`, measuring at every record.

    Parameters
    ----------
    stepper : acts on ``state.data``, in place or when it settles.
    state : the state at ``schedule.time(start)``.
    schedule : when to step and record.
    measurements : functions (state, t) → values, see `diagnostics`.

    Other parameters
    ----------------
    guard : what to do when edge weights cross a threshold.
    observers : told of every record, chunk and guard report.
    start : step to begin from.
    resumed : the record due at `start`, if any, was taken before.
    seconds : wall time by phase is added to this (``stepping``, ``measuring``, ``observing``).
    should_stop : asked at the end of each chunk.

    Raises
    ------
    SteppingError : if a measured number is not finite.
    """
    guard = guard or EdgeGuard(action="ignore")
    spent = seconds if seconds is not None else {}
    for phase in ("stepping", "measuring", "observing"):
        spent.setdefault(phase, 0.0)
    outcome = Outcome("finished", start, schedule.time(start))
    stepper.prepare(schedule.dt, schedule.chunk_sizes())
    done, before = 0, spent["stepping"]

    def tick() -> Tick:
        elapsed = spent["stepping"] - before
        return Tick(outcome.step, outcome.t, done / elapsed if elapsed > 0 else 0.0)

    def record() -> None:
        begin = time.perf_counter()
        stepper.settle()
        values: dict[str, np.ndarray | float] = {}
        for measure in measurements:
            values.update(measure(state, outcome.t))
        measured = time.perf_counter()
        spent["measuring"] += measured - begin
        for observer in observers:
            observer.recorded(tick(), values, state, schedule.is_snapshot(outcome.step))
        if bad := not_finite(values):
            raise SteppingError(
                f"t = {outcome.t:.6g}: expected finite numbers, got infinity or not-a-number in {', '.join(bad)}; "
                "check the formulas at that time"
            )
        for report in guard.inspect(outcome.t, values):
            outcome.reports.append(report)
            if report.stop:
                outcome.reason = "edge"
            for observer in observers:
                observer.guarded(report)
        spent["observing"] += time.perf_counter() - measured

    def tell() -> None:
        begin = time.perf_counter()
        for observer in observers:
            observer.advanced(tick())
        spent["observing"] += time.perf_counter() - begin

    if not resumed:
        record()
        if outcome.reason == "finished":
            tell()
    while outcome.step < schedule.total_steps and outcome.reason == "finished":
        begin = time.perf_counter()
        size = schedule.next_chunk(outcome.step)
        stepper.advance(outcome.t, schedule.dt, size)
        outcome.step += size
        outcome.t = schedule.time(outcome.step)
        done += size
        moved = time.perf_counter()
        spent["stepping"] += moved - begin
        if schedule.is_record(outcome.step):
            record()
        if outcome.reason == "finished":
            tell()
            if outcome.step < schedule.total_steps and should_stop():
                outcome.reason = "interrupted"
    return outcome

"""One row of the table, and how times are taken."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

__all__ = ["Row", "interleaved", "once"]


@dataclass(frozen=True)
class Row:
    """A measured number and what it must reach.

    Parameters
    ----------
    name, what : of the row.
    value : the number; None where it could not be measured, and then `details` says why.
    limit : what it must reach; at least that, or at most with `at_most`.
    unit : behind both numbers.
    laps : how many times were taken of everything compared.
    details : what the number was made from.
    compile_seconds : the first call, in which kernels are compiled or read from numba's cache.
    """

    name: str
    what: str
    value: float | None
    limit: float
    unit: str
    laps: int
    details: str
    at_most: bool = False
    compile_seconds: float | None = None

    @property
    def met(self) -> bool | None:
        if self.value is None:
            return None
        return self.value <= self.limit if self.at_most else self.value >= self.limit

    @property
    def target(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.limit:g}{self.unit}"

    @property
    def measured(self) -> str:
        return "–" if self.value is None else f"{self.value:.3g}{self.unit}"

    @property
    def verdict(self) -> str:
        return {True: "yes", False: "no", None: "not measured"}[self.met]


def once(step: Callable[[], object]) -> float:
    """Seconds of one call."""
    begin = time.perf_counter()
    step()
    return time.perf_counter() - begin


def interleaved(steps: Mapping[str, Callable[[], object]], laps: int, repeats: int = 1) -> dict[str, float]:
    """Median seconds a call, everything in turn, lap by lap; `repeats` calls make a lap, as in a run."""
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(laps):
        for name, step in steps.items():
            begin = time.perf_counter()
            for _ in range(repeats):
                step()
            times[name].append((time.perf_counter() - begin) / repeats)
    return {name: statistics.median(values) for name, values in times.items()}

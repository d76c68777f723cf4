"""When things happen: records, snapshots, and the chunks of steps between two looks at the world."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Schedule", "make_schedule"]


@dataclass(frozen=True)
class Schedule:
    """A time base of equal record intervals, each an integer number of steps, each walked in chunks.

    Flows merge inside a chunk and not across its ends, so the chunks are part of the arithmetic: they follow from the run
    file alone, never from the clock, and a resumed run repeats them bit for bit.

    Parameters
    ----------
    t_start : time of record 0.
    t_end : time of the last record.
    records : number of intervals; records 0 … `records` are taken.
    steps : steps per interval.
    chunk : most steps between two looks at signals, progress and checkpoints.
    snapshot_every : a snapshot of the state at each multiple of this many records.
    """

    t_start: float
    t_end: float
    records: int
    steps: int
    chunk: int
    snapshot_every: int

    @property
    def interval(self) -> float:
        """Time between records."""
        return (self.t_end - self.t_start) / self.records

    @property
    def dt(self) -> float:
        return self.interval / self.steps

    @property
    def total_steps(self) -> int:
        return self.records * self.steps

    def record_time(self, record: int) -> float:
        """Time of a record, computed from its number so that it does not drift."""
        if record == self.records:
            return self.t_end
        return self.t_start + record * self.interval

    def time(self, step: int) -> float:
        """Time after `step` steps from the start."""
        record, rest = divmod(step, self.steps)
        return self.record_time(record) + rest * self.dt

    def next_chunk(self, step: int) -> int:
        """Steps of the chunk that begins at `step`, which is 0 or the end of a chunk."""
        rest = self.steps - step % self.steps
        return min(self.chunk, rest)

    def chunk_sizes(self) -> tuple[int, ...]:
        """The different sizes `next_chunk` can return."""
        rest = self.steps % self.chunk
        sizes = {min(self.chunk, self.steps)} | ({rest} if rest else set())
        return tuple(sorted(sizes))

    def is_record(self, step: int) -> bool:
        return step % self.steps == 0

    def is_snapshot(self, step: int) -> bool:
        return self.is_record(step) and (step // self.steps) % self.snapshot_every == 0


def make_schedule(
    t_start: float, t_end: float, every: float, snapshots: int, dt: float, points: int
) -> Schedule:
    """Fit records, snapshots and steps together.

    Parameters
    ----------
    every : wanted record interval; made to divide the run.
    snapshots : wanted number of snapshots after the initial one.
    dt : longest step allowed; the one used is the record interval over the next integer.
    points : grid points; a chunk is about four million point updates.
    """
    records = max(1, round((t_end - t_start) / every))
    interval = (t_end - t_start) / records
    steps = max(1, math.ceil(interval / dt * (1 - 1e-12)))
    chunk = int(min(256, max(1, 2**22 // points)))
    return Schedule(t_start, t_end, records, steps, chunk, max(1, records // max(1, snapshots)))

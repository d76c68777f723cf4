"""The progress of a run in the terminal: a live bar with a readout, or a line now and then."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Mapping

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from .console import has_screen, print_plain

__all__ = ["NoProgress", "RunProgress"]

# Seconds of history from which the time left is estimated.
_WINDOW = 30.0
_REDRAW = 0.1
# An edge weight is coloured as a warning from this share of the threshold on.
_NEAR = 0.1


class NoProgress:
    """A listener that shows nothing; the interface every progress display has."""

    def start(self, total_time: float, t_start: float, title: str) -> None:
        """Announce a run from `t_start` over `total_time`."""

    def update(
        self, t: float, steps_done: int, steps_per_second: float, readout: Mapping[str, float]
    ) -> None:
        """Report the time reached.

        Parameters
        ----------
        t : time of the simulation.
        steps_done : since the start of the run.
        steps_per_second : of late.
        readout : ``trace``, ``energy``, ``purity`` and ``edge_weight`` (the worst over all axes and conjugate
            axes); further entries are shown as they are.
        """

    def message(self, text: str) -> None:
        """Show a line that stays."""

    def close(self) -> None:
        """End the display; harmless when repeated."""


class RunProgress(NoProgress):
    """Progress of a run: a live bar with a readout in a terminal, a line now and then elsewhere.

    The lines are ``key=value`` pairs, so that a log can be read back: the first and the last report, and one
    every `interval` seconds between them.

    Parameters
    ----------
    console : where to write; by default standard error, which leaves standard output to results.

    Other Parameters
    ----------------
    edge_threshold : the guard's limit; edge weights turn yellow near it and red beyond it.
    interval : seconds between plain lines.
    clock : seconds, for the estimate of the time left.
    """

    def __init__(
        self,
        console: Console | None = None,
        *,
        edge_threshold: float = 1e-8,
        interval: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.console = console or Console(stderr=True)
        self._threshold = edge_threshold
        self._interval = interval
        self._clock = clock
        self._live: Live | None = None
        self._closed = True

    def start(self, total_time: float, t_start: float, title: str) -> None:
        self.close()
        self._t_start, self._t_end = t_start, t_start + total_time
        self._history: deque[tuple[float, float]] = deque()
        self._first: dict[str, float] = {}
        self._report: tuple[float, int, float, dict[str, float]] | None = None
        self._shown_at = -math.inf
        self._printed = True
        self._closed = False
        if has_screen(self.console):
            self.console.print(Text(title, style="bold"))
            self._live = Live(self._draw(), console=self.console, auto_refresh=False, transient=False)
            self._live.start()
        else:
            print_plain(self.console, f"start t={t_start:g} t_end={self._t_end:g} title={title!r}")

    def update(
        self, t: float, steps_done: int, steps_per_second: float, readout: Mapping[str, float]
    ) -> None:
        now = self._clock()
        if not self._history or now - self._history[-1][0] >= _REDRAW:
            self._history.append((now, t))
        while len(self._history) > 2 and now - self._history[0][0] > _WINDOW:
            self._history.popleft()
        self._first = self._first or dict(readout)
        self._report = (t, steps_done, steps_per_second, dict(readout))
        self._printed = False
        if now - self._shown_at >= (_REDRAW if self._live else self._interval):
            self._show(now)

    def message(self, text: str) -> None:
        if has_screen(self.console):
            self.console.print(Text(text))
        else:
            print_plain(self.console, text)

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        if not self._printed:
            self._show(self._clock())
        if self._live:
            self._live.stop()
            self._live = None

    def _show(self, now: float) -> None:
        self._shown_at, self._printed = now, True
        if self._live:
            self._live.update(self._draw(), refresh=True)
        else:
            print_plain(self.console, self._line())

    def _time_left(self) -> float | None:
        """Seconds, from the pace of the last half minute; None before there is one."""
        if self._report is not None and self._report[0] >= self._t_end:
            return 0.0
        if len(self._history) < 2:
            return None
        (then, t_then), (now, t_now) = self._history[0], self._history[-1]
        if t_now <= t_then:
            return None
        return max(0.0, self._t_end - t_now) * (now - then) / (t_now - t_then)

    def _line(self) -> str:
        assert self._report is not None
        t, steps, speed, readout = self._report
        left = self._time_left()
        parts = [f"t={t:.6g}", f"t_end={self._t_end:g}", f"steps={steps}", f"steps_per_second={speed:.4g}"]
        parts.append("seconds_left=" + ("unknown" if left is None else f"{left:.0f}"))
        return " ".join(parts + [f"{name}={float(value)!r}" for name, value in readout.items()])

    def _draw(self) -> RenderableType:
        t, steps, speed, readout = self._report or (self._t_start, 0, 0.0, {})
        bar = Table.grid(padding=(0, 2, 0, 0))
        bar.add_row(
            ProgressBar(
                total=self._t_end - self._t_start,
                completed=t - self._t_start,
                width=28,
                complete_style="cyan",
                finished_style="green",
            ),
            f"t = {t:.4g} / {self._t_end:.4g}",
            _duration(self._time_left()),
            f"{speed:.3g} steps/s" if steps else "preparing",
        )
        return Group(bar, self._readout(readout)) if readout else bar

    def _readout(self, readout: Mapping[str, float]) -> Table:
        headings = [_HEADINGS.get(name, name.replace("_", " ")) for name in readout]
        values: list[Text] = []
        for name, value in readout.items():
            if name in _CONSERVED:
                values.append(Text(f"{value:.6g} ({value - self._first.get(name, value):+.1e})"))
            elif "edge_weight" in name:
                values.append(Text(f"{value:.1e}", style=self._edge_style(value)))
            else:
                values.append(Text(f"{value:.10g}"))
        widths = [max(len(head), len(shown)) + 3 for head, shown in zip(headings, values, strict=True)]
        if sum(widths) > self.console.width:
            table = Table.grid(padding=(0, 3, 0, 0))
            for head, shown in zip(headings, values, strict=True):
                table.add_row(Text(head, style="dim"), shown)
            return table
        table = Table(box=None, padding=(0, 3, 0, 0), header_style="dim", pad_edge=False)
        for head in headings:
            table.add_column(head, no_wrap=True)
        table.add_row(*values)
        return table

    def _edge_style(self, weight: float) -> str:
        if weight > self._threshold:
            return "bold red"
        return "yellow" if weight > _NEAR * self._threshold else "green"


_CONSERVED = ("trace", "energy", "purity")
_HEADINGS = {name: f"{name} (change)" for name in _CONSERVED} | {"edge_weight": "worst edge weight"}


def _duration(seconds: float | None) -> str:
    """Time left, as ``4 s left``, ``2 min 05 s left`` or ``3 h 20 min left``."""
    if seconds is None:
        return "time left unknown"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s left"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s left"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min left"

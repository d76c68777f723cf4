"""The progress of a run, in a terminal and in a log."""

from __future__ import annotations

import pytest
from terminals import plain, terminal, text

from wigner.app.progress import NoProgress, RunProgress


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def readout(**changes: float) -> dict[str, float]:
    return {"trace": 1.0, "energy": 0.5, "purity": 1.0, "edge_weight": 1e-15} | changes


def parsed(line: str) -> dict[str, str]:
    return dict(part.split("=") for part in line.split())


def test_plain_lines_come_first_last_and_every_interval() -> None:
    console, clock = plain(), Clock()
    progress = RunProgress(console, interval=5.0, clock=clock)
    progress.start(10.0, 2.0, "a [bold] title")
    for step in range(1, 9):
        clock.now += 1.0
        progress.update(2.0 + step, 10 * step, 10.0, readout(trace=1 + step * 1e-13))
    progress.close()
    progress.close()
    first, *lines = text(console).splitlines()
    assert first == "start t=2 t_end=12 title='a [bold] title'"
    reports = [parsed(line) for line in lines]
    assert [report["t"] for report in reports] == ["3", "8", "10"]
    assert reports[0]["seconds_left"] == "unknown"
    assert [report["seconds_left"] for report in reports[1:]] == ["4", "2"]
    assert float(reports[-1]["trace"]) == 1 + 8e-13
    assert reports[-1]["steps"] == "80"


def test_a_narrow_terminal_shows_every_number_whole() -> None:
    console = terminal(50)
    progress = RunProgress(console)
    progress.start(10.0, 0.0, "narrow")
    progress.update(5.0, 10, 1.0, readout(trace=1 + 1e-9))
    progress.close()
    shown = text(console)
    assert "…" not in shown
    assert all(
        name in shown for name in ("trace (change)", "energy (change)", "worst edge weight", "1.0e-15")
    )


def test_last_line_is_not_repeated_and_the_end_leaves_no_time() -> None:
    console, clock = plain(), Clock()
    progress = RunProgress(console, clock=clock)
    progress.start(1.0, 0.0, "short")
    progress.update(1.0, 4, 100.0, readout())
    progress.close()
    lines = text(console).splitlines()
    assert len(lines) == 2
    assert parsed(lines[1])["seconds_left"] == "0"


def test_time_left_of_a_resumed_run_counts_from_where_it_resumed() -> None:
    console, clock = plain(), Clock()
    progress = RunProgress(console, interval=0.0, clock=clock)
    progress.start(100.0, 0.0, "resumed")
    progress.update(90.0, 900, 1.0, readout())
    clock.now += 10.0
    progress.update(95.0, 950, 1.0, readout())
    progress.close()
    assert parsed(text(console).splitlines()[-1])["seconds_left"] == "10"


def test_time_left_follows_the_recent_pace() -> None:
    console, clock = plain(), Clock()
    progress = RunProgress(console, interval=0.0, clock=clock)
    progress.start(1000.0, 0.0, "slowing down")
    t = 0.0
    for second in range(200):
        clock.now += 1.0
        t += 5.0 if second < 100 else 1.0
        progress.update(t, second, 1.0, readout())
    progress.close()
    assert parsed(text(console).splitlines()[-1])["seconds_left"] == "400"


def test_messages_are_whole_lines() -> None:
    console = plain()
    progress = RunProgress(console)
    progress.start(1.0, 0.0, "x")
    progress.message("edge of [x] reached " + "far " * 40 + "end")
    progress.close()
    assert text(console).splitlines()[1].endswith("far end")


def test_live_display_shows_bar_pace_and_readout() -> None:
    console, clock = terminal(), Clock()
    progress = RunProgress(console, clock=clock)
    progress.start(20.0, 0.0, "Quickstart [bold]")
    progress.update(4.0, 100, 312.0, readout())
    clock.now += 75.0
    progress.update(8.0, 200, 312.0, readout(trace=1 + 3e-13, energy=0.5 - 2e-9))
    progress.message("half [way]")
    progress.close()
    shown = text(console)
    for part in ("Quickstart [bold]", "t = 8 / 20", "312 steps/s", "3 min 45 s left", "half [way]"):
        assert part in shown
    assert "1 (+3.0e-13)" in shown and "0.5 (-2.0e-09)" in shown
    assert shown.endswith("\x1b[?25h")  # the cursor is back


@pytest.mark.parametrize(
    ("weight", "colour"), [(1e-12, "\x1b[32m"), (5e-9, "\x1b[33m"), (2e-8, "\x1b[1;31m")]
)
def test_edge_weight_is_coloured_by_the_guard(weight: float, colour: str) -> None:
    console = terminal()
    progress = RunProgress(console, edge_threshold=1e-8)
    progress.start(1.0, 0.0, "x")
    progress.update(0.5, 1, 1.0, readout(edge_weight=weight))
    progress.close()
    assert f"{colour}{weight:.1e}" in text(console)


def test_live_display_redraws_at_most_ten_times_a_second() -> None:
    console, clock = terminal(), Clock()
    progress = RunProgress(console, clock=clock)
    progress.start(1000.0, 0.0, "fast")
    for step in range(1000):
        clock.now += 1e-3
        progress.update(float(step), step, 1000.0, readout())
    progress.close()
    assert text(console).count("steps/s") < 20


def test_a_second_run_on_the_same_display() -> None:
    console = terminal()
    progress = RunProgress(console)
    progress.start(1.0, 0.0, "first")
    progress.start(1.0, 0.0, "second")
    progress.close()
    assert "second" in text(console)


def test_a_display_closed_before_it_started_is_harmless() -> None:
    console = plain()
    RunProgress(console).close()
    assert text(console) == ""


def test_no_progress_takes_the_same_calls() -> None:
    progress = NoProgress()
    progress.start(1.0, 0.0, "x")
    progress.update(0.5, 1, 1.0, readout())
    progress.message("x")
    progress.close()
    assert isinstance(RunProgress(plain()), NoProgress)

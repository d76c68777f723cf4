"""Run many files and collect their verdicts."""

from __future__ import annotations

import json
import math
import multiprocessing
import signal
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ..certify.claims import Verdict
from ..errors import WignerError
from ..records import one_line, read_summary
from .config import RunConfig
from .execute import run
from .report import write_report

__all__ = ["gather", "verify_runs", "write_json"]

# Seconds in which an interrupted run may write its checkpoint.
_GRACE = 10.0


def gather(paths: Iterable[Path]) -> list[Path]:
    """Run files named, and those in folders named, sorted within each folder; each once.

    Raises
    ------
    WignerError : if a folder holds no run file.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(path.glob("*.toml"))
            if not inside:
                raise WignerError(f"{path}: expected a folder with run files (*.toml), got none")
            found |= dict.fromkeys(inside)
        else:
            found[path] = None
    return list(found)


def verify_runs(
    configs: Sequence[RunConfig],
    folder: Path,
    *,
    say: Callable[[str], None],
    pages: bool = False,
    jobs: int = 1,
) -> list[Verdict]:
    """Run each file in a folder of its own under `folder`; a run that does not reach its end is a failed row.

    Parameters
    ----------
    say : told one line per run, with the first of its warnings.
    pages : write the page of each run that ended.
    jobs : runs at once, ≥ 1, in processes of their own where there are several.

    Returns
    -------
    The verdicts in the order of `configs`.

    Raises
    ------
    KeyboardInterrupt : at the first signal.
    WignerError : if a process was killed.
    """
    names: dict[str, int] = {}
    tasks = []
    for config in configs:
        name = config.path.stem
        # Files of one name from different folders must not replace each other's runs.
        names[name] = names.get(name, 0) + 1
        tasks.append((config, folder / (name if names[name] == 1 else f"{name}-{names[name]}"), pages))
    found: dict[int, list[Verdict]] = {}
    with closing(_side_by_side(tasks, jobs) if jobs > 1 else _in_turn(tasks)) as ended:
        for number, judged in ended:
            found[number] = judged.verdicts
            held = sum(verdict.passed for verdict in judged.verdicts)
            say(
                f"[{len(found)}/{len(tasks)}] {configs[number].path.stem}: {held} of {len(judged.verdicts)} claims hold, "
                f"{judged.seconds:.1f} s{_told(judged.warnings)}"
            )
    return [verdict for number in sorted(found) for verdict in found[number]]


#: A run file, the folder it runs in, and whether its page is written.
_Task = tuple[RunConfig, Path, bool]


@dataclass(frozen=True)
class _Judged:
    verdicts: list[Verdict]
    warnings: list[str]
    seconds: float


def _judged(task: _Task) -> _Judged:
    config, place, pages = task
    begin = time.perf_counter()
    verdicts, warnings = _verify(config, place)
    if pages and read_summary(place) is not None:
        write_report(place)
    return _Judged(verdicts, warnings, time.perf_counter() - begin)


def _in_turn(tasks: Sequence[_Task]) -> Generator[tuple[int, _Judged], None, None]:
    yield from enumerate(map(_judged, tasks))


def _side_by_side(tasks: Sequence[_Task], jobs: int) -> Generator[tuple[int, _Judged], None, None]:
    """The number of each task and what came of it, as they end."""
    # A fresh process has none of this one's threads and FFT plans.
    pool = ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))
    waiting = iter(enumerate(tasks))
    running: dict[Future[_Judged], int] = {}
    # A SIGTERM must reach the runs too, which then end at their next step, as they do at a Ctrl-C.
    earlier = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        while True:
            # What the pool held in store could not be called back.
            for number, task in islice(waiting, jobs - len(running)):
                running[pool.submit(_judged, task)] = number
            if not running:
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                yield running.pop(future), future.result()
    except BrokenProcessPool:
        raise WignerError(
            "a run was killed, perhaps for memory; use fewer --jobs, or run its file alone"
        ) from None
    finally:
        signal.signal(signal.SIGTERM, earlier)
        if running:
            processes = multiprocessing.active_children()
            for process in processes:
                process.terminate()
            wait(running, timeout=_GRACE)
            # One that has ended its run would wait for another.
            for process in processes:
                process.kill()
        pool.shutdown()


def _verify(config: RunConfig, folder: Path) -> tuple[list[Verdict], list[str]]:
    name = config.path.stem
    try:
        finished = run(config, folder, force=True)
    # Whatever stops one run, the table is of all of them.
    except Exception as error:
        nothing = float("nan")
        kind = "" if isinstance(error, WignerError) else f"{type(error).__name__}: "
        source = f"did not end: {kind}{one_line(error)}"
        return [Verdict(name, "run", nothing, nothing, 0.0, source, False)], []
    outcome, verdicts = finished.outcome, list(finished.verdicts)
    if outcome.reason == "interrupted":
        raise KeyboardInterrupt
    warnings = [str(warning) for warning in finished.summary["warnings"]]
    if outcome.reason == "edge":
        t_end = config.evolution.t_end
        verdicts.append(Verdict(name, "last time", outcome.t, t_end, 0.0, f"stopped: {warnings[-1]}", False))
    return verdicts, warnings


def _told(warnings: Sequence[str]) -> str:
    if not warnings:
        return ""
    return f", {len(warnings)} warning{'s' if len(warnings) > 1 else ''}: {warnings[0]}"


def write_json(path: Path, rows: Iterable[Verdict]) -> None:
    """Write verdicts as a list of objects; numbers that JSON has not, infinity and not-a-number, are null.

    Raises
    ------
    WignerError : if the file cannot be written.
    """

    def plain(value: object) -> object:
        return None if isinstance(value, float) and not math.isfinite(value) else value

    table = [{key: plain(value) for key, value in vars(row).items()} for row in rows]
    text = json.dumps(table, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise WignerError(
            f"{path}: cannot be written: {error.strerror}; choose another --json file"
        ) from None

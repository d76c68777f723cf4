"""Run many files and collect their verdicts."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from ..certify.claims import Verdict
from ..errors import WignerError
from ..records import one_line, read_summary
from .config import RunConfig
from .execute import run
from .report import write_report

__all__ = ["gather", "verify_runs", "write_json"]


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
    configs: Sequence[RunConfig], folder: Path, *, say: Callable[[str], None], pages: bool = False
) -> list[Verdict]:
    """Run each file in a folder of its own under `folder`; a run that does not reach its end is a failed row.

    Parameters
    ----------
    say : told one line per run, with the first of its warnings.
    pages : write the page of each run that ended.

    Raises
    ------
    KeyboardInterrupt : at the first signal.
    """
    rows: list[Verdict] = []
    names: dict[str, int] = {}
    for number, config in enumerate(configs, start=1):
        begin = time.perf_counter()
        name = config.path.stem
        # Files of one name from different folders must not replace each other's runs.
        names[name] = names.get(name, 0) + 1
        place = folder / (name if names[name] == 1 else f"{name}-{names[name]}")
        verdicts, warnings = _verify(config, place)
        rows.extend(verdicts)
        if pages and read_summary(place) is not None:
            write_report(place)
        held = sum(verdict.passed for verdict in verdicts)
        say(
            f"[{number}/{len(configs)}] {name}: {held} of {len(verdicts)} claims hold, "
            f"{time.perf_counter() - begin:.1f} s{_told(warnings)}"
        )
    return rows


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

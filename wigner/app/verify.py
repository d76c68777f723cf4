"""Run many files and collect their verdicts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from ..certify.claims import Verdict
from ..errors import WignerError
from .config import RunConfig
from .execute import run

__all__ = ["gather", "verify_runs"]


def gather(paths: Iterable[Path]) -> list[Path]:
    """Run files named, and those in folders named, sorted within each folder.

    Raises
    ------
    WignerError : if a folder holds no run file.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(path.glob("*.toml"))
            if not inside:
                raise WignerError(f"{path}: expected a folder with run files (*.toml), got none")
            found.extend(inside)
        else:
            found.append(path)
    return found


def verify_runs(configs: Sequence[RunConfig], folder: Path, *, say: Callable[[str], None]) -> list[Verdict]:
    """Run each file in a folder of its own under `folder`; a run that cannot end is a failed row with its reason.

    Parameters
    ----------
    say : told one line per run.
    """
    rows: list[Verdict] = []
    for number, config in enumerate(configs, start=1):
        begin = time.perf_counter()
        name = config.path.stem
        try:
            verdicts: Sequence[Verdict] = run(config, folder / name, force=True).verdicts
        except WignerError as error:
            nothing = float("nan")
            verdicts = [Verdict(name, "run", nothing, nothing, 0.0, f"did not end: {error}", False)]
        rows.extend(verdicts)
        held = sum(verdict.passed for verdict in verdicts)
        say(
            f"[{number}/{len(configs)}] {name}: {held} of {len(verdicts)} claims hold, "
            f"{time.perf_counter() - begin:.1f} s"
        )
    return rows

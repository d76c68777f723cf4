"""Every exception of the project: each message is one line that a user can act on."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "ArchiveError",
    "ConfigError",
    "FormulaError",
    "MeasurementError",
    "ModelError",
    "PhaseSpaceError",
    "Problem",
    "SteppingError",
    "WignerError",
    "did_you_mean",
]


class WignerError(Exception):
    """Base of all errors a user can cause or meet; `str` of it is one line."""


class FormulaError(WignerError):
    """A formula is unsafe, unparsable, or uses a name that is not known."""


class PhaseSpaceError(WignerError):
    """Axes or Poisson tensor do not make a phase space."""


class ModelError(WignerError):
    """A Hamiltonian or an initial state cannot be built on this phase space."""


class SteppingError(WignerError):
    """The equation and the stepper do not fit, or the evolution left the finite numbers."""


class MeasurementError(WignerError):
    """A claim or diagnostic asks for something the run did not record."""


class ArchiveError(WignerError):
    """A run folder or one of its files cannot be read or written."""


@dataclass(frozen=True)
class Problem:
    """One mistake in a run file.

    Parameters
    ----------
    file : the run file.
    line : 1-based line, or 0 when the mistake belongs to the whole file.
    key : dotted key, for example ``space.x.points``.
    message : what was expected, what came, the remedy.
    """

    file: Path
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else f"{self.file}"
        return f"{where}: {self.key}: {self.message}" if self.key else f"{where}: {self.message}"


class ConfigError(WignerError):
    """All mistakes of one run file together, one line each."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` most probably stands for, None if there is none near."""
    return next(iter(difflib.get_close_matches(name, sorted(known), n=1)), None)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the nearest known name, else ``"; known: a, b, c"``."""
    names = sorted(known)
    close = nearest(name, names)
    if close:
        return f"; did you mean {close!r}?"
    return f"; known: {', '.join(names)}" if names else ""

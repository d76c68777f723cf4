"""TOML files: what is wrong with one as a file or as TOML, and where each of its keys stands."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from ..errors import ConfigError, Problem
from .locate import locate
from .problems import Problems

__all__ = ["parse_toml", "read_text"]

_MOST_BYTES = 2**20


def read_text(file: Path) -> str:
    """The text of a file, of which no more is read than `parse_toml` takes.

    Raises
    ------
    ConfigError : if it cannot be read or is not UTF-8.
    """
    try:
        with file.open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
        return data.decode("utf-8")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        message = f"expected a readable file, got: {reason}; check its name"
        raise ConfigError([Problem(file, 0, "", message)]) from None
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        message = f"expected UTF-8 text, got the byte 0x{data[error.start]:02x}; save the file as UTF-8"
        raise ConfigError([Problem(file, line, "", message)]) from None


def parse_toml(text: str, file: Path) -> tuple[dict[str, Any], Problems]:
    """The tables of a text, and an empty collection of mistakes that knows the line of each key.

    Raises
    ------
    ConfigError : for what is no TOML, or longer than 1 MiB.
    """
    if len(text) > _MOST_BYTES:
        raise ConfigError(
            [Problem(file, 1, "", "expected at most 1 MiB of TOML, got more; shorten the file")]
        )
    try:
        return tomllib.loads(text), Problems(file, locate(text))
    except RecursionError:
        message = "expected arrays a few levels deep, got far more; simplify the file"
        raise ConfigError([Problem(file, 1, "", message)]) from None
    except ValueError as error:
        raise ConfigError([_syntax_problem(file, text, str(error))]) from None


def _syntax_problem(file: Path, text: str, reason: str) -> Problem:
    """What the TOML reader says, which ends in "(at line 3, column 5)" or "(at end of document)"."""
    line, where = max(1, len(text.splitlines())), ""
    found = re.search(r" ?\(at (?:line (\d+), column (\d+)|end of document)\)", reason)
    if found:
        reason = reason.replace(found.group(), "")
        if found.group(1):
            line, where = int(found.group(1)), f" at column {found.group(2)}"
    reason = " ".join(reason.split())
    message = f"expected TOML, got an error{where}: {reason[:1].lower()}{reason[1:]}; correct this line"
    return Problem(file, line, "", message)

"""Mistakes of a run file in words: one line each, with what was expected, what came and the remedy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date, time
from pathlib import Path as FilePath
from typing import Any

from ..errors import Problem, did_you_mean
from .locate import Path, dotted, line_of

__all__ = ["Problems", "shown", "wording"]

_LONGEST = 60


class Problems:
    """Collects the mistakes of one file.

    Parameters
    ----------
    file : the run file, as the user named it.
    lines : line of each path, from `locate`.
    """

    def __init__(self, file: FilePath, lines: Mapping[Path, int]) -> None:
        self.file = file
        self.lines = lines
        self._found: dict[Problem, None] = {}

    def __len__(self) -> int:
        return len(self._found)

    def add(self, path: Path, message: str) -> None:
        """Note a mistake at `path`, once; line breaks in `message` become blanks."""
        line = line_of(self.lines, path)
        self._found[Problem(self.file, line, dotted(path), " ".join(message.split()))] = None

    def sorted(self) -> list[Problem]:
        """All of them in the order of the file; those without a line come first."""
        return sorted(self._found, key=lambda problem: problem.line)


def shown(value: object) -> str:
    """A value as its file has it, shortened, on one line."""
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, (date, time)):
        return f"the date or time {value}"
    if isinstance(value, str):
        return repr(value) if len(value) <= _LONGEST else repr(value[: _LONGEST - 3] + "...")
    if isinstance(value, (list, tuple)):
        text = json.dumps(value, default=str, ensure_ascii=False)
    else:
        text = str(value).lower() if isinstance(value, bool) else repr(value)
        text = text.removesuffix(".0")
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def wording(error: Mapping[str, Any], known: Iterable[str] = ()) -> str:
    """Message of one pydantic error.

    Parameters
    ----------
    error : an entry of ``ValidationError.errors()``.
    known : the keys of the table the error is in, for misspelt ones.
    """
    kind, context, got = error["type"], error.get("ctx", {}), shown(error.get("input"))
    name = str(error["loc"][-1]) if error["loc"] else ""
    match kind:
        case "worded":
            return str(context["text"])
        case "missing" if isinstance(error["loc"][-1], int):
            return f"expected at least {error['loc'][-1] + 1} entries, got fewer; add the missing ones"
        case "missing":
            return f"expected this key, got nothing; add {name} = …"
        case "extra_forbidden":
            return f"expected a known key, got {name!r}{did_you_mean(name, known)}"
        case "literal_error":
            options = re.findall(r"'([^']*)'", context["expected"])
            value = error.get("input")
            remedy = did_you_mean(value, options) if isinstance(value, str) else "; choose one of these"
            return f"expected {_either(options)}, got {got}{remedy}"
        case "greater_than":
            return f"expected a number > {context['gt']:g}, got {got}; choose a larger one"
        case "greater_than_equal":
            return f"expected a number ≥ {context['ge']:g}, got {got}; choose a larger one"
        case "less_than":
            return f"expected a number < {context['lt']:g}, got {got}; choose a smaller one"
        case "less_than_equal":
            return f"expected a number ≤ {context['le']:g}, got {got}; choose a smaller one"
        case "string_too_short":
            return f"expected a text, got {got}; fill it in"
        case "too_long":
            return f"expected at most {context['max_length']} entries, got {got}; remove the others"
    expected, remedy = _TYPES.get(kind, (None, ""))
    if expected is None:
        return f"{str(error['msg']).lower()}, got {got}; correct it"
    return f"expected {expected}, got {got}; {remedy}"


_TYPES = {
    "int_type": ("an integer", "write digits without a point or quotes"),
    "int_from_float": ("an integer", "write digits without a point"),
    "int_parsing_size": ("an integer", "choose a smaller one"),
    "bool_type": ("true or false", "write it without quotes"),
    "string_type": ("a text", 'write it in quotes, "…"'),
    "tuple_type": ("an array", "write it in brackets, [ … ]"),
    "dict_type": ("a table", "write { name = value, … }"),
    "model_type": ("a table", "write { key = value, … }"),
}


def _either(options: list[str]) -> str:
    quoted = [repr(option) for option in options]
    return " or ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)

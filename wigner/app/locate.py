"""Where each key of a TOML text stands: the line of every path, which TOML readers do not tell."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping

__all__ = ["Path", "dotted", "line_of", "locate"]

#: A path into the parsed file, for example ``("claims", 1, "tolerance")``.
Path = tuple[str | int, ...]

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_NOISE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BLANK = re.compile(r"[ \t]*")
_REST_OF_LINE = re.compile(r"[^\n]*")
_SCALAR = re.compile(r"[^,\]}#\n]*")
_STRINGS = {
    # The longest run of closing quotes belongs to the string: it may end in one or two quotes of its own.
    '"""': re.compile(r'"""(?:[^\\]|\\[\s\S])*?"{3,5}(?!")'),
    "'''": re.compile(r"'''[\s\S]*?'{3,5}(?!')"),
    '"': re.compile(r'"(?:[^"\\\n]|\\.)*"'),
    "'": re.compile(r"'[^'\n]*'"),
}
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_SHORT_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b"}


def locate(text: str) -> dict[Path, int]:
    """Return the 1-based line of every table, key and array element of a TOML text.

    Parameters
    ----------
    text : a text that a TOML reader has already accepted; this scanner follows it but does not judge it.

    Returns
    -------
    dict : path -> line where it first appears; elements of arrays and of ``[[tables]]`` are numbered from 0.
    """
    return _Scanner(text).document()


def line_of(lines: Mapping[Path, int], path: Path) -> int:
    """Line of `path`, or of the nearest table around it, or 0 if there is none."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return 0


def dotted(path: Path) -> str:
    """``claims[1].tolerance`` for ``("claims", 1, "tolerance")``."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")


class _Scanner:
    """Recursive descent over well-formed TOML that notes positions and skips values."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.ends = [match.start() for match in re.finditer("\n", text)]
        self.lines: dict[Path, int] = {}
        self.counts: dict[Path, int] = {}

    def document(self) -> dict[Path, int]:
        table: Path = ()
        self.skip(_NOISE)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.pair(table)
            self.skip(_REST_OF_LINE)
            self.skip(_NOISE)
        return self.lines

    def header(self) -> Path:
        start = self.at
        is_array = self.text.startswith("[[", start)
        self.at += 2 if is_array else 1
        self.skip(_BLANK)
        *parents, name = self.key()
        path: Path = ()
        for part in parents:
            path = self.current((*path, part), start)
        path = (*path, name)
        if is_array:
            self.counts[path] = self.counts.get(path, 0) + 1
        return self.current(path, start)

    def current(self, path: Path, start: int) -> Path:
        """`path`, extended to the latest element if it names an array of tables."""
        self.note(path, start)
        if path in self.counts:
            path = (*path, self.counts[path] - 1)
            self.note(path, start)
        return path

    def pair(self, table: Path) -> None:
        """``key = value`` in `table`, leaving the position right after the value."""
        start = self.at
        path = table
        for part in self.key():
            path = (*path, part)
            self.note(path, start)
        self.at += 1  # the equals sign
        self.skip(_BLANK)
        self.value(path)

    def key(self) -> list[str]:
        """The parts of a dotted key, leaving the position on the character after it."""
        parts = []
        while True:
            if self.text[self.at] in "\"'":
                parts.append(_unquote(self.take(_STRINGS[self.text[self.at]])))
            else:
                parts.append(self.take(_BARE_KEY))
            self.skip(_BLANK)
            if not self.text.startswith(".", self.at):
                return parts
            self.at += 1
            self.skip(_BLANK)

    def value(self, path: Path) -> None:
        if self.text[self.at] == "[":
            self.elements(path, closing="]")
        elif self.text[self.at] == "{":
            self.elements(path, closing="}")
        else:
            quote = next((quote for quote in _STRINGS if self.text.startswith(quote, self.at)), None)
            self.skip(_STRINGS[quote] if quote else _SCALAR)

    def elements(self, path: Path, *, closing: str) -> None:
        """An array or an inline table."""
        self.at += 1
        number = 0
        while True:
            self.skip(_NOISE)
            if self.text[self.at] == closing:
                self.at += 1
                return
            if closing == "}":
                self.pair(path)
            else:
                self.note((*path, number), self.at)
                self.value((*path, number))
            number += 1
            self.skip(_NOISE)
            if self.text[self.at] == ",":
                self.at += 1

    def note(self, path: Path, position: int) -> None:
        self.lines.setdefault(path, bisect_left(self.ends, position) + 1)

    def skip(self, pattern: re.Pattern[str]) -> None:
        self.take(pattern)

    def take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise ValueError(f"expected well-formed TOML at character {self.at}")
        self.at = match.end()
        return match.group()


def _unquote(quoted: str) -> str:
    body = quoted[1:-1]
    if quoted[0] == "'":
        return body

    def plain(match: re.Match[str]) -> str:
        code = match.group(1) or match.group(2)
        return chr(int(code, 16)) if code else _SHORT_ESCAPES.get(match.group(3), match.group(3))

    return _ESCAPE.sub(plain, body)

"""Consoles whose output can be read back."""

from __future__ import annotations

import io

from rich.console import Console


def plain() -> Console:
    return Console(file=io.StringIO(), width=60, force_terminal=False)


def terminal(width: int = 160) -> Console:
    return Console(
        file=io.StringIO(),
        width=width,
        force_terminal=True,
        color_system="standard",
        _environ={"TERM": "xterm"},
    )


def text(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()

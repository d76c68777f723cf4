"""What `wigner list` has to say: everything a run file can name."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from ..certify.reference import REFERENCES
from ..diagnostics import DEFAULT_DIAGNOSTICS, DIAGNOSTICS, ON_DEMAND
from ..equations import KINETIC
from ..models import MODELS
from ..simulation.method import METHODS
from ..states import STATES
from ..steppers import COMPOSITIONS
from .archive_state import ArchiveState

__all__ = ["first_line", "list_sections"]


def first_line(thing: Any) -> str:
    """What the docstring of a class or a function says first."""
    return (thing.__doc__ or "").strip().splitlines()[0].removeprefix('r"""')


def list_sections() -> list[tuple[str, list[tuple[str, str]]]]:
    """Everything a run file can name."""

    def described(classes: Iterable[Any]) -> list[tuple[str, str]]:
        rows = []
        for each in classes:
            keys = ", ".join(field.name for field in dataclasses.fields(each))
            rows.append((each.kind, f"{first_line(each)} Keys: {keys}."))
        return rows

    methods = [(c.name, f"order {c.order}; {c.source}") for c in COMPOSITIONS]
    named = {c.name for c in COMPOSITIONS}
    methods += [(name, meaning) for name, meaning in METHODS.items() if name not in named]
    methods.insert(0, ("auto", "the one with the least estimated work"))
    diagnostics = [
        (d.name, f"{first_line(type(d))}{'' if d.name in DEFAULT_DIAGNOSTICS else ' (on demand)'}")
        for d in DIAGNOSTICS
    ]
    return [
        ("models, [model] kind", described(MODELS)),
        ("states, [state] kind", described((*STATES, ArchiveState))),
        ("diagnostics, [record] diagnostics", diagnostics),
        ("diagnostics with settings, [record.NAME]", [(d.name, first_line(d)) for d in ON_DEMAND]),
        ("methods, [evolution] method", methods),
        ("kinetic equations, [evolution] equation", [(each.kind, first_line(each)) for each in KINETIC]),
        ("references, [[claims]] reference", [(n, first_line(f)) for n, f in REFERENCES.items()]),
    ]

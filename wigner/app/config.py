"""Run files: TOML text in, a checked `RunConfig` out, or every mistake of the file at once."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any, get_args, get_type_hints

from ..errors import ConfigError, did_you_mean, nearest
from .archive_state import ArchiveState, KeptState
from .locate import Path
from .problems import Problems, shown
from .schema import json_schema, read_table
from .setup import Setup, build, default_diagnostics, record_intervals
from .tables import OneOf, RunFile
from .toml_text import parse_toml, read_text
from .validate import check_physics

__all__ = ["RunConfig", "Setup", "build", "load", "parse", "schema_json"]

_PLAIN = {
    "str": (str, 'a text, got {}; write it in quotes, "…"'),
    "bool": (bool, "true or false, got {}; write one of them"),
}
_REGISTERED = ("model", "state")


@dataclasses.dataclass(frozen=True)
class RunConfig(RunFile):
    """A checked run file, defaults filled in; `dt` and `memory_limit` stay None where they are left out.

    Parameters
    ----------
    path : where it was read from.
    text : the file, verbatim.
    """

    path: FilePath = FilePath()
    text: str = ""

    def resolved(self) -> dict[str, Any]:
        """Every key of the file with its value, defaults included, as plain JSON types."""
        tables: dict[str, Any] = {}
        for field in dataclasses.fields(RunFile):
            value = getattr(self, field.name)
            tables[field.name] = _plain(value)
            if field.name in _REGISTERED:
                tables[field.name] = {"kind": value.kind, **tables[field.name]}
        return dict(json.loads(json.dumps(tables, default=str)))


def load(path: FilePath | str) -> RunConfig:
    """Read and check a run file.

    Raises
    ------
    ConfigError : with every mistake of the file, one `Problem` each.
    """
    file = FilePath(path)
    return parse(read_text(file), file)


def parse(text: str, path: FilePath | str = "run.toml", *, kept: FilePath | None = None) -> RunConfig:
    """Check the text of a run file.

    Parameters
    ----------
    text : TOML.
    path : how messages name it; a state from an archive is looked for beside it.
    kept : folder of the run whose text this is, which keeps such a state itself.

    Raises
    ------
    ConfigError : with every mistake of the text, one `Problem` each.
    """
    file = FilePath(path)
    data, problems = parse_toml(text, file)
    tables = _read_tables(data, problems)
    state = tables.get("state")
    if isinstance(state, ArchiveState):
        tables["state"] = state.beside(file) if kept is None else KeptState(str(kept), state.time)
    check_physics(tables, problems)
    if problems:
        raise ConfigError(problems.sorted())
    claims = tuple(tables.pop("claims").values())
    config = RunConfig(**tables, claims=claims, path=file, text=text)
    evolution, record = config.evolution, config.record
    record = dataclasses.replace(
        record,
        every=(evolution.t_end - evolution.t_start) / record_intervals(evolution, record),
        diagnostics=default_diagnostics(build(config).hamiltonian)
        if record.diagnostics is None
        else record.diagnostics,
    )
    return dataclasses.replace(config, record=record)


def schema_json() -> str:
    """JSON schema of run files, for editors: a first line ``#:schema run.schema.json`` names it."""
    return json_schema(RunFile)


def _read_tables(data: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    """The structurally sound tables by name, absent ones by default; claims by their number in the file."""
    hints = get_type_hints(RunFile, include_extras=True)
    for name in data.keys() - hints.keys():
        problems.add((name,), f"expected a known table, got {shown(name)}{did_you_mean(name, hints)}")
    # A table whose name is misspelt is there, but not sound: what needs it says nothing more.
    misspelt = {nearest(name, hints) for name in data.keys() - hints.keys()} - data.keys()
    tables: dict[str, Any] = {"claims": {}}
    for field in dataclasses.fields(RunFile):
        path: Path = (field.name,)
        if field.name in data:
            value = data[field.name]
            if field.name == "claims":
                tables["claims"] = _read_claims(get_args(hints["claims"])[0], value, problems)
            elif field.type in _PLAIN:
                kind, expected = _PLAIN[field.type]
                if isinstance(value, kind):
                    tables[field.name] = value
                else:
                    problems.add(path, f"expected {expected.format(shown(value))}")
            else:
                _read_into(
                    tables, field.name, _table_type(hints[field.name], value, path, problems), value, problems
                )
        elif field.name in misspelt - {"claims"}:
            continue
        elif field.default is dataclasses.MISSING:
            problems.add(path, f"expected this table, got nothing; add [{field.name}]")
        elif field.name != "claims":
            tables[field.name] = field.default
    return tables


def _read_into(tables: dict[str, Any], name: str, table: type | None, data: Any, problems: Problems) -> None:
    if table is not None:
        value, mistakes = read_table(table, data)
        for path, message in mistakes:
            problems.add((name, *path), message)
        # With a table inside it misspelt it is not sound either: claims on what that table records would be refused.
        misspelt = {path[0] for path, _ in mistakes if len(path) == 1} - {
            f.name for f in dataclasses.fields(table)
        }
        if value is not None and not any(isinstance(data[key], Mapping) for key in misspelt):
            tables[name] = value


def _read_claims(table: type, entries: Any, problems: Problems) -> dict[int, Any]:
    if not isinstance(entries, list):
        problems.add(("claims",), f"expected an array of tables, got {shown(entries)}; write [[claims]]")
        return {}
    claims = {}
    for number, entry in enumerate(entries):
        value, mistakes = read_table(table, entry)
        for path, message in mistakes:
            problems.add(("claims", number, *path), message)
        if value is not None:
            claims[number] = value
    return claims


def _table_type(annotation: Any, data: Any, path: Path, problems: Problems) -> type | None:
    """The dataclass for this table; where a registry offers several, the one that `kind` names."""
    registry = next(
        (mark for mark in getattr(annotation, "__metadata__", ()) if isinstance(mark, OneOf)), None
    )
    if registry is None:
        members = (annotation, *get_args(annotation))
        return next(t for t in members if isinstance(t, type) and dataclasses.is_dataclass(t))
    kinds: dict[str, type] = {getattr(table, "kind", ""): table for table in registry.classes}
    if not isinstance(data, Mapping):
        problems.add(path, f"expected a table, got {shown(data)}; write [{path[0]}]")
        return None
    if "kind" not in data:
        problems.add((*path, "kind"), f"expected one of {', '.join(kinds)}, got nothing; add kind = …")
        return None
    kind = data["kind"]
    if isinstance(kind, str) and kind in kinds:
        return kinds[kind]
    remedy = did_you_mean(kind, kinds) if isinstance(kind, str) else f"; choose one of {', '.join(kinds)}"
    problems.add((*path, "kind"), f"expected a kind of {path[0]}, got {shown(kind)}{remedy}")
    return None


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    return (
        dataclasses.asdict(value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type)
        else value
    )

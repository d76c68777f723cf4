"""Frozen dataclasses as a schema: what pydantic makes of their annotations. Only this module knows pydantic.

A table is a plain dataclass; its annotations are the types and, with annotated_types, the ranges; the
parameter list of its docstring describes the keys. A new model or state therefore needs nothing here.
"""

from __future__ import annotations

import copy
import dataclasses
import json
import math
import re
import types
from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, Union, cast, get_args, get_origin, get_type_hints

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Strict,
    ValidationError,
    WithJsonSchema,
    WrapValidator,
    create_model,
)
from pydantic_core import PydanticCustomError

from ..algebra.formula import FormulaSpec, constant
from ..errors import FormulaError
from .locate import Path
from .problems import shown, wording
from .tables import OneOf

__all__ = ["json_schema", "read_table"]


def read_table(table: type, data: Any) -> tuple[Any, list[tuple[Path, str]]]:
    """Make a dataclass of parsed TOML.

    Parameters
    ----------
    table : the dataclass.
    data : what stands in the file.

    Returns
    -------
    The instance, or None where the data do not allow one; and every mistake as (path in the table, message).
    Unknown keys are mistakes that still allow an instance.
    """
    model = _model(table)
    try:
        return model.model_validate(data).value(), []
    except ValidationError as failure:
        errors = failure.errors(include_url=False)
    mistakes = []
    pruned = copy.deepcopy(data)
    for error in errors:
        *parents, last = error["loc"] or ("",)
        mistakes.append((error["loc"], wording(error, _keys(table, parents))))
        if error["type"] == "extra_forbidden":
            inner = pruned
            for part in parents:
                inner = inner[part]
            del inner[last]
    if any(error["type"] != "extra_forbidden" for error in errors):
        return None, mistakes
    return model.model_validate(pruned).value(), mistakes


def json_schema(table: type) -> str:
    """JSON schema of a dataclass and everything in it."""
    return json.dumps(_model(table).model_json_schema(), indent=1, ensure_ascii=False)


class _Table(BaseModel):
    """Base of all derived models: unknown keys are errors, and the value is the dataclass itself."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())
    target: ClassVar[type]

    def value(self) -> Any:
        fields = (field.name for field in dataclasses.fields(self.target))
        return self.target(**{name: getattr(self, name) for name in fields})


@cache
def _model(table: type) -> type[_Table]:
    hints = get_type_hints(table, include_extras=True)
    descriptions = _descriptions(table)
    fields: dict[str, Any] = {}
    kind = getattr(table, "kind", None)
    if isinstance(kind, str):
        fields["kind"] = (Literal[kind], ...)
    for field in dataclasses.fields(table):
        options: dict[str, Any] = {"description": descriptions.get(field.name)}
        if field.default is not dataclasses.MISSING:
            options["default"] = field.default
        elif field.default_factory is not dataclasses.MISSING:
            options["default_factory"] = field.default_factory
        fields[field.name] = (_type(hints[field.name]), Field(**options))
    model = create_model(table.__name__, __base__=_Table, __doc__=_summary(table), **fields)
    model.target = table
    return model


def _type(annotation: Any) -> Any:
    """The pydantic type that reads `annotation`, strictly: no text or boolean passes for a number."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation == FormulaSpec:
        return Annotated[Any, BeforeValidator(_formula), WithJsonSchema(_FORMULA_SCHEMA)]
    if annotation is float:
        return _number_type(())
    if annotation in (int, str, bool):
        return Annotated[annotation, Strict()]
    if origin is Annotated:
        base, *marks = arguments
        registry = next((mark for mark in marks if isinstance(mark, OneOf)), None)
        if registry is not None:
            choices = tuple(_model(cls) for cls in registry.classes)
            return Annotated[Union[choices], Discriminator("kind")]  # noqa: UP007
        return _number_type(marks) if base is float else Annotated[_type(base), *marks]
    if origin in (Union, types.UnionType):
        return _union_type([member for member in arguments if member is not type(None)])
    if origin is tuple:
        return tuple[tuple(item if item is Ellipsis else _type(item) for item in arguments)]  # type: ignore[misc]
    if origin is dict:
        return dict[str, _type(arguments[1])]  # type: ignore[misc]
    if dataclasses.is_dataclass(annotation):
        return Annotated[_model(cast(type, annotation)), AfterValidator(_Table.value)]
    return annotation


def _number_type(marks: Any) -> Any:
    bounds = {}
    for mark in marks:
        for name, keyword in _BOUNDS.items():
            if hasattr(mark, name):
                bounds[keyword] = getattr(mark, name)
    schema = {
        "anyOf": [{"type": "number", **bounds}, {"type": "string", "description": "a constant formula"}]
    }
    return Annotated[float, *marks, BeforeValidator(_number), WithJsonSchema(schema)]


def _union_type(members: list[Any]) -> Any:
    """Alternatives, with one message for all of them."""
    if len(members) == 1:
        return _type(members[0])
    # Next to a text, a number is taken as it is: the text may be a formula with a meaning of its own.
    plain = str in members
    read = [
        Annotated[float, BeforeValidator(_plain_number)] if plain and m is float else _type(m)
        for m in members
    ]
    expected = " or ".join(_noun(member) for member in members)

    def one_message(value: Any, read_value: Callable[[Any], Any]) -> Any:
        try:
            return read_value(value)
        except ValidationError as failure:
            # A branch that recognised the value knows better what is wrong with it than the list of branches.
            for error in failure.errors(include_url=False):
                inside = isinstance(value, list) and len(error["loc"]) > 1
                recognised = error["type"] == "worded" and isinstance(value, (str, float)) and not plain
                if inside or recognised or error["type"].startswith(("greater", "less")):
                    raise _worded(wording(error)) from None
            raise _worded(f"expected {expected}, got {shown(value)}; write one of these") from None

    return Annotated[Union[tuple(read)], WrapValidator(one_message)]  # noqa: UP007


def _noun(annotation: Any) -> str:
    if get_origin(annotation) is Annotated:
        return _noun(get_args(annotation)[0])
    if get_origin(annotation) is Literal:
        return " or ".join(repr(option) for option in get_args(annotation))
    if get_origin(annotation) is tuple:
        return f"an array, each entry {_noun(get_args(annotation)[0])}"
    if get_origin(annotation) in (Union, types.UnionType):
        return " or ".join(_noun(member) for member in get_args(annotation))
    return {float: "a number", int: "an integer", str: "a formula in quotes"}.get(annotation, "a value")


# --- values -------------------------------------------------------------------------------------------------


def _worded(text: str) -> PydanticCustomError:
    return PydanticCustomError("worded", "{text}", {"text": text})


def _number(value: Any) -> float:
    if isinstance(value, str):
        try:
            return constant(value)
        except FormulaError as error:
            raise _worded(f"expected a number or a constant formula, got {shown(value)}; {error}") from None
    return _plain_number(value)


def _plain_number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _worded(f'expected a number, got {shown(value)}; write it like 0.5 or "pi/2"')
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise _worded(f"expected a finite number, got {shown(value)}; choose a finite one")
    return number


def _formula(value: Any) -> Any:
    """A formula with rows as tuples, so that tables stay immutable."""
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        try:
            return _plain_number(value)
        except PydanticCustomError:
            raise _worded(
                f"expected a formula or N rows of N formulas, got {shown(value)}; put it in quotes"
            ) from None
    if not value or any(not isinstance(row, list) or len(row) != len(value) for row in value):
        raise _worded(f"expected a formula or N rows of N formulas, got {shown(value)}; make it square")
    for entry in (entry for row in value for entry in row):
        if isinstance(entry, (list, Mapping)):
            raise _worded(
                f"expected a formula in each place of the matrix, got {shown(entry)}; put it in quotes"
            )
    return tuple(tuple(_formula(entry) for entry in row) for row in value)


_BOUNDS = {"gt": "exclusiveMinimum", "ge": "minimum", "lt": "exclusiveMaximum", "le": "maximum"}
_ENTRY_SCHEMA = {"type": ["string", "number"]}
_FORMULA_SCHEMA = {
    "anyOf": [
        {"type": ["string", "number"], "description": "a formula"},
        {
            "type": "array",
            "items": {"type": "array", "items": _ENTRY_SCHEMA},
            "description": "rows of formulas",
        },
    ]
}


# --- docstrings ---------------------------------------------------------------------------------------------


def _summary(table: type) -> str:
    return (table.__doc__ or "").strip().split("\n\n")[0].split("\n")[0]


def _descriptions(table: type) -> dict[str, str]:
    """Text of each parameter in a numpydoc docstring."""
    body = re.search(r"Parameters\n\s*-+\n(.*?)(?:\n\s*\n|\Z)", table.__doc__ or "", re.DOTALL)
    found: dict[str, str] = {}
    names: list[str] = []
    for line in (body.group(1) if body else "").splitlines():
        start = re.match(r"    (\w+(?:, \w+)*) : (.*)", line)
        if start:
            names = start.group(1).split(", ")
            found |= dict.fromkeys(names, start.group(2))
        else:
            found |= {name: f"{found[name]} {line.strip()}".strip() for name in names}
    return found


def _keys(table: type, parents: list[Any]) -> list[str]:
    """The keys allowed in the table at `parents` inside `table`."""
    for part in parents:
        annotation = get_type_hints(table).get(str(part))
        inner = [member for member in (annotation, *get_args(annotation)) if isinstance(member, type)]
        found = [member for member in inner if dataclasses.is_dataclass(member)]
        if not found:
            return []
        table = found[0]
    return list(_model(table).model_fields)

"""What sweeps share: the run at another ħ or number, states inside their bands, and the kinetic equations by name."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..algebra.formula import constant
from ..equations import KINETIC, StarProjected, WongTserkovnyak
from ..errors import FormulaError, WignerError, did_you_mean
from ..models import Hamiltonian
from ..states import WignerFunction

if TYPE_CHECKING:
    from .config import RunConfig

__all__ = ["Contender", "at_value", "contenders", "inside_bands", "parse_values", "swept_numbers"]

HBAR = "hbar"
_TABLES = ("model", "state", "potential", "fields")


@dataclass(frozen=True)
class Contender:
    """An expanded equation: its kind, the order, and whether its printed sign is to be shown, which does not hold."""

    kind: str
    order: int
    printed: bool = False

    @property
    def name(self) -> str:
        if self.printed:
            return f"{self.kind}:printed"
        return f"{self.kind}:{self.order}" if self.kind == StarProjected.kind else self.kind

    @property
    def options(self) -> dict[str, Any]:
        """What its class is given beside a state."""
        if self.printed:
            return {"printed": True}
        return {"order": self.order} if self.kind == StarProjected.kind else {}

    def form(self, hamiltonian: Hamiltonian, state: WignerFunction, data: np.ndarray, start: float) -> Any:
        """The equation with the variable that it reads from `state`."""
        equation = next(each for each in KINETIC if each.kind == self.kind)
        return equation(hamiltonian, state, data, start=start, **self.options)


def contenders(names: Sequence[str] = ()) -> list[Contender]:
    """The equations named, ``star_projected:1`` with its order and ``wong_tserkovnyak:printed`` with the printed sign; by
    default all, but for that.

    Raises
    ------
    WignerError : for a name that is none.
    """
    known = [
        Contender(each.kind, order)
        for each in KINETIC
        for order in ((0, 1, 2) if each is StarProjected else (getattr(each, "order", 0),))
    ]
    printed = Contender(WongTserkovnyak.kind, WongTserkovnyak.order, printed=True)
    by_name = {contender.name: contender for contender in (*known, printed)}
    for name in names:
        if name not in by_name:
            raise WignerError(f"expected kinetic equations, got {name!r}{did_you_mean(name, by_name)}")
    return [by_name[name] for name in names] or known


def parse_values(text: str, hbar: float) -> list[float]:
    """Values of ħ from the command line; by default `hbar` and three halvings of it.

    Raises
    ------
    WignerError : for what is no positive number.
    """
    if not text:
        return [hbar / 2**n for n in range(4)]
    values = []
    for entry in text.split(","):
        try:
            value = constant(entry.strip())
        except FormulaError as error:
            raise WignerError(
                f"--hbar: expected numbers separated by commas, got {entry.strip()!r}; {error}"
            ) from None
        if value <= 0:
            raise WignerError(f"--hbar: expected ħ > 0, got {value:g}; leave it out")
        values.append(value)
    return values


def swept_numbers(tables: Mapping[str, Any]) -> dict[str, float]:
    """What a sweep may change, by name with its value: ``hbar`` and the numbers of model, state, potential and fields."""
    found = {HBAR: tables["space"].hbar} if "space" in tables else {}
    for name in _TABLES:
        found |= _numbers(tables.get(name))
    return found


def _numbers(table: Any) -> dict[str, float]:
    """The numbers of one table, those of its formulas included."""
    if table is None:
        return {}
    plain = {field.name: getattr(table, field.name) for field in dataclasses.fields(table)}
    found = {name: float(value) for name, value in plain.items() if isinstance(value, float)}
    return found | dict(plain.get("parameters") or {})


def _with_number(table: Any, name: str, value: float) -> Any:
    """A table in which a number has another value."""
    if name not in _numbers(table):
        return table
    if name in (getattr(table, "parameters", None) or {}):
        return dataclasses.replace(table, parameters={**table.parameters, name: value})
    return dataclasses.replace(table, **{name: value})


def at_value(config: RunConfig, parameter: str, value: float) -> RunConfig:
    """The run with another ħ or another number wherever it stands, and nothing to warn of.

    It has one record, at its end; without positions its own, over which currents are integrated.
    """
    evolution = dataclasses.replace(
        config.evolution, equation="moyal", order=None, star_order=None, method="auto"
    )
    every = evolution.t_end - evolution.t_start if config.space.positions else config.record.every
    changed: dict[str, Any] = {
        name: _with_number(getattr(config, name), parameter, value) for name in _TABLES
    }
    if parameter == HBAR:
        changed["space"] = dataclasses.replace(config.space, hbar=value)
    return dataclasses.replace(
        config,
        **changed,
        evolution=dataclasses.replace(evolution, dt=None),
        record=dataclasses.replace(config.record, every=every, snapshots=1, diagnostics=()),
    )


def inside_bands(hamiltonian: Hamiltonian, state: WignerFunction, t: float) -> WignerFunction:
    """The part of a state inside its bands, coherence between them left out through second order in ħ."""
    data = np.empty_like(state.data)
    StarProjected(hamiltonian, state, data, order=2, start=t).settle(t)
    return WignerFunction(hamiltonian.space, data)

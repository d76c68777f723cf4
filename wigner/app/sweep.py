"""What sweeps share: the run at another ħ or number, states inside their bands, and the kinetic equations by name."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..algebra.formula import constant
from ..equations import KINETIC, StarProjected, TruncatedMoyal, WongTserkovnyak
from ..equations.band_current import CURRENT_TERMS
from ..errors import ConfigError, FormulaError, ModelError, WignerError, did_you_mean
from ..models import Hamiltonian
from ..states import WignerFunction

if TYPE_CHECKING:
    from .config import RunConfig

__all__ = [
    "Contender",
    "at_value",
    "blaming",
    "contenders",
    "inside_bands",
    "parse_values",
    "swept_numbers",
    "swept_symbol",
]

HBAR = "hbar"
_TABLES = ("model", "state", "potential", "fields")

# Where a truncated star product may be cut.
_HIGHEST = 16


@dataclass(frozen=True)
class Contender:
    """An expanded equation.

    Parameters
    ----------
    kind, order : which, and the power of ħ to which it is right, or at which it cuts the star product.
    printed : with its printed sign, which does not hold.
    without : name of a term that is left out.
    dealias : a star-projected one moves the lower two thirds of the wave numbers, else all.
    """

    kind: str
    order: int
    printed: bool = False
    without: str = ""
    dealias: bool = True

    @property
    def name(self) -> str:
        name = f"{self.kind}:printed" if self.printed else self.kind
        if self.kind in (StarProjected.kind, TruncatedMoyal.kind):
            name += f":{self.order}"
        return name + (f"-{self.without}" if self.without else "")

    @property
    def is_kinetic(self) -> bool:
        """True for an equation of bands, False for one of the whole matrix."""
        return self.kind != TruncatedMoyal.kind

    @property
    def powers(self) -> Mapping[str, int]:
        """Power of ħ of every term, by name, of its rate and of its energies."""
        if self.kind == StarProjected.kind:
            return {name: power for name, power in CURRENT_TERMS.items() if power <= self.order}
        return {**self._equation.powers, **self._equation.energy_powers} if self.is_kinetic else {}

    @property
    def moves(self) -> bool:
        """False where the term that is left out is one of the energies, and the motion is that of the whole equation."""
        return not self.is_kinetic or self.without not in self._equation.energy_powers

    @property
    def claimed(self) -> int:
        """Power of ħ with which its error must fall: without a term that of the term, if the term matters."""
        if self.without:
            return self.powers[self.without]
        return self.order + 1 if self.is_kinetic else self.order

    @property
    def options(self) -> dict[str, Any]:
        """What its class is given beside a state."""
        printed = {"printed": True} if self.printed else {}
        projected = self.kind == StarProjected.kind
        order = {"order": self.order, "dealias": self.dealias} if projected else {}
        return printed | order | ({"weights": {self.without: 0.0}} if self.without else {})

    def form(self, hamiltonian: Hamiltonian, state: WignerFunction, data: np.ndarray, start: float) -> Any:
        """The equation with the variable that it reads from `state`.

        Raises
        ------
        WignerError : for an equation of the whole matrix.
        """
        if not self.is_kinetic:
            raise WignerError(f"expected a kinetic equation, got {self.name!r}; choose one of bands")
        return self._equation(hamiltonian, state, data, start=start, **self.options)

    def band_symbols(self, hamiltonian: Hamiltonian, t: float) -> np.ndarray:
        """Energies of the bands as symbols in canonical variables, float64 (N, *grid).

        Raises
        ------
        ModelError : for an equation that has none.
        """
        if not self.is_kinetic:
            raise ModelError(f"expected an equation of bands, got {self.name}; use boltzmann or separable")
        dropped = self.without if self.without in self._equation.energy_powers else ""
        return np.asarray(self._equation.band_symbols(hamiltonian, t, without=dropped))

    @property
    def _equation(self) -> Any:
        return next(each for each in KINETIC if each.kind == self.kind)


def contenders(names: Sequence[str] = ()) -> list[Contender]:
    """The equations named, by default every kinetic one.

    ``star_projected:1`` has its order, ``wong_tserkovnyak:printed`` the printed sign, ``truncated_moyal:2`` the power of ħ
    at which the star product is cut, and ``separable-gradient`` is without its term of that name. Without a term of its
    energies, as ``separable-metric_energy``, an equation has other levels and moves as it does.

    Raises
    ------
    WignerError : for a name that is none.
    """
    known = [
        Contender(each.kind, order)
        for each in KINETIC
        for order in ((0, 1, 2) if each is StarProjected else (each.order,))
    ]
    printed = Contender(WongTserkovnyak.kind, WongTserkovnyak.order, printed=True)
    truncated = (Contender(TruncatedMoyal.kind, order) for order in range(_HIGHEST + 1))
    by_name = {contender.name: contender for contender in (*known, printed, *truncated)}
    return [_named(name, by_name) for name in names] or known


def _named(name: str, by_name: Mapping[str, Contender]) -> Contender:
    whole, minus, term = name.partition("-")
    if whole not in by_name:
        raise WignerError(
            f"expected equations that are expanded in ħ, got {name!r}{did_you_mean(whole, by_name)}"
        )
    found = by_name[whole]
    if minus and term not in found.powers:
        raise WignerError(
            f"expected a term of {whole} to leave out, got {term!r}{did_you_mean(term, found.powers)}"
            if found.powers
            else f"expected {whole} alone, got {name!r}; it has no terms to leave out"
        )
    return dataclasses.replace(found, without=term)


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


def swept_symbol(parameter: str) -> str:
    """How texts write what is swept."""
    return "ħ" if parameter == HBAR else parameter


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


@contextmanager
def blaming(*where: object) -> Iterator[None]:
    """What goes wrong inside is told with the file, and what else of it, in front."""
    try:
        yield
    except ConfigError:
        raise
    except WignerError as error:
        raise WignerError(": ".join(map(str, (*where, error)))) from None


def inside_bands(hamiltonian: Hamiltonian, state: WignerFunction, t: float) -> WignerFunction:
    """The part of a state inside its bands, coherence between them left out through second order in ħ."""
    data = np.empty_like(state.data)
    StarProjected(hamiltonian, state, data, order=2, start=t).settle(t)
    return WignerFunction(hamiltonian.space, data)

"""Expanded equations beside exact dynamics, from one state, on one time base, over a sweep of ħ or another number."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..certify.band_errors import band_errors, relative_error
from ..certify.orders import LEVEL, OrderRow, judge_order, largest_expansion
from ..errors import ModelError, WignerError
from ..models import Hamiltonian
from ..simulation import evolve, make_schedule
from ..states import StarOccupations, WignerFunction
from ..steppers import RungeKutta, choose_step
from .assembly import assemble, fit_schedule
from .compare_levels import level_errors
from .compare_observables import observable_errors
from .config import RunConfig, build
from .pumped import ChargeCount
from .setup import record_intervals
from .sweep import HBAR, Contender, at_value, blaming, inside_bands, swept_symbol
from .tables import Compare

__all__ = ["Comparison", "compare"]

# Exact dynamics makes this share of the errors that the steps of the equations may make.
_EXACT_SHARE = 0.1


@dataclass(frozen=True)
class Comparison:
    """What a sweep found.

    Parameters
    ----------
    rows : a row for each equation and quantity.
    parameter, values : what was swept.
    expansion : expansion parameter at each value.
    left_out : equations that do not apply, with the reason.
    filtered : largest amplitude that the filter of an equation took out of what moves, relative, by name.
    fields : tr F at the end, at the largest value, by name: ``exact`` and each equation that is whole.
    """

    rows: tuple[OrderRow, ...]
    parameter: str
    values: tuple[float, ...]
    expansion: tuple[float, ...]
    left_out: dict[str, str]
    filtered: dict[str, float]
    fields: dict[str, np.ndarray]


def compare(
    config: RunConfig,
    values: Sequence[float],
    equations: Sequence[Contender],
    *,
    parameter: str = HBAR,
    quantities: Collection[str] = (),
    say: Callable[[str], None] = lambda text: None,
) -> Comparison:
    """Run exact dynamics and every equation at each value of ħ, or of another number, and fit the orders of their errors.

    Of fewer than three values there are errors and no order.

    The state of the run file is first projected onto its bands, through second order in ħ, so that all start from one F that
    the expansion can hold; one of star_occupations is there already, through its own order. Exact values of an equation's
    variable are read from the exact F at the end, by the definition that the equation itself starts from. Observables are
    compared too, relative to their exact values.

    Other parameters
    ----------------
    parameter : what is swept, see `at_value`.
    quantities : what is wanted; all that the motion gives by default. Only with ``level`` are ground levels compared, and
        with ``level`` alone nothing is moved.
    say : told what is under way.

    Raises
    ------
    WignerError : if bands touch, or no equation applies.
    """
    with blaming(config.path):
        return _swept(config, values, equations, parameter, quantities, say)


def _swept(
    config: RunConfig,
    values: Sequence[float],
    equations: Sequence[Contender],
    parameter: str,
    quantities: Collection[str],
    say: Callable[[str], None],
) -> Comparison:
    errors: dict[tuple[str, str], list[float]] = {}
    filtered: dict[str, float] = {}
    left_out: dict[str, str] = {}
    expansion: list[float] = []
    fields: dict[str, np.ndarray] = {}
    dealias = _table(config).dealias
    for value in values:
        at, told = at_value(config, parameter, value), f"{swept_symbol(parameter)} = {value:g}"
        setup = build(at)
        t_start, t_end = at.evolution.t_start, at.evolution.t_end
        expansion.append(largest_expansion(setup.hamiltonian, t_start, t_end))
        if LEVEL in quantities:
            say(f"{told}: levels …")
            levels, without_levels = level_errors(setup.hamiltonian, equations, t_start)
            for name, off in levels.items():
                errors.setdefault((name, LEVEL), []).append(off)
            if set(quantities) == {LEVEL}:
                left_out |= without_levels
                continue
        say(f"{told}: exact dynamics …")
        start = setup.state.wigner_function(setup.hamiltonian, t=t_start)
        if not isinstance(setup.state, StarOccupations):
            start = inside_bands(setup.hamiltonian, start, t_start)
        crossed = ChargeCount(setup.hamiltonian)
        exact = _whole(at, start, crossed)
        shared: dict[tuple[str, int], tuple[float, np.ndarray]] = {}
        # Four panels show the sweep where its errors can be seen.
        shown = value == max(values)
        if shown:
            fields["exact"] = exact.scalar()
        for contender in (dataclasses.replace(each, dealias=dealias) for each in equations):
            if contender.name in left_out or not contender.moves:
                continue
            say(f"{told}: {contender.name} …")
            try:
                final, found, lost = _moved(at, setup.hamiltonian, contender, start, exact, crossed, shared)
            except ModelError as error:
                left_out[contender.name] = str(error)
                continue
            found |= observable_errors(setup, final, exact, t_end)
            filtered[contender.name] = max(filtered.get(contender.name, 0.0), lost)
            for quantity, off in found.items():
                errors.setdefault((contender.name, quantity), []).append(off)
            if shown and not contender.without:
                fields[contender.name] = final.scalar()
    orders = {each.name: float(each.claimed) for each in equations}

    def claimed(name: str, quantity: str) -> float:
        """Nothing in another parameter, nor of an observable, which may itself be a power of ħ."""
        known = parameter == HBAR and quantity not in config.record.observables
        return orders[name] if known else float("nan")

    rows = tuple(
        judge_order(
            name,
            quantity,
            claimed(name, quantity),
            values,
            found_errors,
            expansion,
            parameter=parameter,
            filtered=filtered.get(name, 0.0),
        )
        for (name, quantity), found_errors in errors.items()
        # What vanishes at one value, or an equation that does not apply there, has no slope.
        if len(found_errors) == len(values)
    )
    if not rows:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in left_out.items())
        raise WignerError(f"expected an equation that applies, got none: {reasons}")
    return Comparison(rows, parameter, tuple(values), tuple(expansion), left_out, filtered, fields)


def _table(config: RunConfig) -> Compare | type[Compare]:
    """[compare], or where there is none its defaults."""
    return config.compare or Compare


def _target(config: RunConfig) -> float:
    return _table(config).error_target


def _whole(
    config: RunConfig, start: WignerFunction, count: ChargeCount, star_order: int | None = None
) -> WignerFunction:
    """The state at t_end by the matrix equation, exact or cut at a power of ħ, and in `count` what has crossed."""
    evolution = dataclasses.replace(
        config.evolution, error_target=_EXACT_SHARE * _target(config), star_order=star_order
    )
    assembly = assemble(dataclasses.replace(config, evolution=evolution), wisdom=lambda: None, state=start)
    schedule, _ = fit_schedule(assembly)
    evolve(assembly.stepper, assembly.state, schedule, count.measurements)
    return assembly.state


def _moved(
    config: RunConfig,
    hamiltonian: Hamiltonian,
    contender: Contender,
    start: WignerFunction,
    exact: WignerFunction,
    crossed: ChargeCount,
    shared: dict[tuple[str, int], tuple[float, np.ndarray]],
) -> tuple[WignerFunction, dict[str, float], float]:
    """The state at t_end by one equation, its errors, and the largest amplitude that a filter took out.

    `shared` keeps what an equation has in common with and without a term: its step, and its variable of the exact state.
    """
    count = ChargeCount(hamiltonian)
    if not contender.is_kinetic:
        whole = _whole(config, start, count, star_order=contender.order)
        return whole, {"F": relative_error(whole.data, exact.data), **count.errors(crossed, start)}, 0.0
    t_end = config.evolution.t_end
    key = contender.kind, contender.order
    known = shared.get(key)
    final, form, dt = _kinetic(config, hamiltonian, contender, start, count, known[0] if known else None)
    if known is None:
        shared[key] = known = dt, form.read(exact, t_end)
    errors = band_errors(hamiltonian, exact, known[1], form, t_end)
    errors |= {"F": relative_error(final.data, exact.data), **count.errors(crossed, start)}
    return final, errors, float(np.sqrt(form.filtered))


def _kinetic(
    config: RunConfig,
    hamiltonian: Hamiltonian,
    contender: Contender,
    start: WignerFunction,
    count: ChargeCount,
    dt: float | None,
) -> tuple[WignerFunction, Any, float]:
    """The state at t_end by a kinetic equation, the equation with its variable, and the step; in `count` what crossed."""
    t_start, t_end = config.evolution.t_start, config.evolution.t_end
    every = (t_end - t_start) / record_intervals(config.evolution, config.record)
    final = WignerFunction(hamiltonian.space, np.empty_like(start.data))
    form = contender.form(hamiltonian, start, final.data, t_start)
    stepper = RungeKutta(form, start=t_start)
    # A little less than stable, for the radius may grow with t.
    longest = min(every, 0.9 * stepper.longest_step(t_start))
    if dt is None:
        dt = choose_step(stepper, stepper.moving, t_start, t_end, _target(config), longest=longest).dt
    points = hamiltonian.space.points
    schedule = make_schedule(t_start, t_end, every, 1, min(dt, longest), points)
    # Where nothing is counted F need not be formed for the start.
    evolve(stepper, final, schedule, count.measurements, resumed=not count.measurements)
    return final, form, dt

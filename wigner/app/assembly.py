"""Everything a run needs, made before its loop begins: plans and buffers first, then the state that fills them."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..diagnostics import DIAGNOSTICS, Diagnostic, Quantity
from ..equations import Moyal, TruncatedMoyal
from ..equations.moyal import Flow
from ..errors import WignerError
from ..records.wisdom import load_wisdom, save_wisdom
from ..simulation import Schedule, make_schedule
from ..simulation.evolve import Measurement
from ..states import WignerFunction
from ..steppers import COMPOSITIONS, Spectral, Splitting, StepChoice, choose_step
from .config import RunConfig, Setup, build
from .setup import on_demand

__all__ = ["Assembly", "assemble", "chosen_diagnostics", "fit_schedule", "quantities_of"]


@dataclass
class Assembly:
    """A run ready to start.

    Parameters
    ----------
    config, setup : the run file and the problem it poses.
    state : the state, filled with the initial one.
    stepper : moves it in place.
    flows : the stepper's flows, none for an eigendecomposition.
    threads : worker threads used.
    measurements : functions (state, t) → values.
    seconds : wall time of building (``plan``, ``compile``, ``state``).
    """

    config: RunConfig
    setup: Setup
    state: WignerFunction
    stepper: Splitting | Spectral
    flows: tuple[Flow, ...]
    threads: int
    measurements: list[Measurement]
    seconds: dict[str, float]

    @property
    def nbytes(self) -> int:
        """Bytes held while stepping: the state, index arrays, tables and block buffers."""
        return self.state.data.nbytes + sum(flow.product.nbytes for flow in self.flows)


def chosen_diagnostics(config: RunConfig, setup: Setup) -> list[Diagnostic]:
    """The diagnostics a run file names, and those that have a table of their own."""
    chosen: list[Diagnostic] = [d for d in DIAGNOSTICS if d.name in (config.record.diagnostics or ())]
    return [*chosen, *on_demand(config.record, setup.observables)]


def quantities_of(config: RunConfig, setup: Setup) -> list[Quantity]:
    """Everything each record of the run holds."""
    return [q for d in chosen_diagnostics(config, setup) for q in d.quantities(setup.hamiltonian)]


def assemble(config: RunConfig, *, wisdom: Callable[[], object] = load_wisdom) -> Assembly:
    """Build flows, compile kernels and fill the state.

    Parameters
    ----------
    wisdom : called before planning, to bring back the plans of an earlier process.
    """
    seconds: dict[str, float] = {}
    setup = build(config)
    begin = time.perf_counter()
    wisdom()
    order = config.evolution.star_order
    equation = Moyal(setup.hamiltonian) if order is None else TruncatedMoyal(setup.hamiltonian, order)
    data = equation.allocate()
    threads, flows, stepper = _stepper(config, equation, data)
    seconds["plan"] = time.perf_counter() - begin
    begin = time.perf_counter()
    for flow in flows:
        flow.apply(0.0, config.evolution.t_start)
        flow.forget()
    seconds["compile"] = time.perf_counter() - begin
    begin = time.perf_counter()
    np.copyto(data, setup.state.wigner_function(setup.hamiltonian, t=config.evolution.t_start).data)
    # Making the state has planned transforms too.
    save_wisdom()
    seconds["state"] = time.perf_counter() - begin
    return Assembly(
        config,
        setup,
        WignerFunction(setup.space, data),
        stepper,
        flows,
        threads,
        [d.prepare(setup.hamiltonian) for d in chosen_diagnostics(config, setup)],
        seconds,
    )


def _stepper(
    config: RunConfig, equation: Moyal, data: np.ndarray
) -> tuple[int, tuple[Flow, ...], Splitting | Spectral]:
    """Threads, flows and the stepper that the run file's method asks for."""
    if config.evolution.method == "spectral":
        return 1, (), Spectral(equation.hamiltonian, data)
    threads, flows = _race(config, equation, data)
    composition = next(c for c in COMPOSITIONS if c.name == config.evolution.method)
    return threads, flows, Splitting(flows, composition)


def _race(config: RunConfig, equation: Moyal, data: np.ndarray) -> tuple[int, tuple[Flow, ...]]:
    """Flows on the number of threads asked for; ``auto`` races one against all on the zero state and keeps the faster.

    Results do not depend on the winner: blocks are independent and each is transformed by one thread.
    """
    wanted = config.engine.threads
    candidates = [1, os.cpu_count() or 1] if wanted == "auto" else [wanted]
    try:
        built = {
            n: equation.flows(data, threads=n, library=config.engine.fft) for n in dict.fromkeys(candidates)
        }
    except ImportError as error:
        raise WignerError(str(error)) from None
    if len(built) == 1:
        return next(iter(built.items()))

    def median(flows: tuple[Flow, ...]) -> float:
        for flow in flows:
            flow.apply(0.0, config.evolution.t_start)
        laps = []
        for _ in range(7):
            begin = time.perf_counter()
            for flow in flows:
                flow.apply(0.0, config.evolution.t_start)
            laps.append(time.perf_counter() - begin)
        return statistics.median(laps)

    # More threads must win clearly: on a busy machine they also take the cores of others.
    times = {n: median(flows) * (1.0 if n == 1 else 1.1) for n, flows in built.items()}
    best = min(times, key=lambda n: times[n])
    return best, built[best]


def fit_schedule(assembly: Assembly, dt: float | None = None) -> tuple[Schedule, StepChoice | None]:
    """The time base of the run: with `dt` given (a resumed run) or the run file's, else chosen from its error target."""
    config = assembly.config
    evolution, record = config.evolution, config.record
    every = record.every if record.every is not None else (evolution.t_end - evolution.t_start) / 100
    choice = None
    # An eigendecomposition is exact over any step: one from record to record.
    wanted = dt or (evolution.dt if isinstance(assembly.stepper, Splitting) else every)
    if wanted is None and isinstance(assembly.stepper, Splitting):
        choice = choose_step(
            assembly.stepper,
            assembly.state.data,
            evolution.t_start,
            evolution.t_end,
            evolution.error_target,
            longest=every,
        )
        wanted = choice.dt
    schedule = make_schedule(
        evolution.t_start,
        evolution.t_end,
        every,
        record.snapshots,
        wanted or every,
        assembly.setup.space.points,
    )
    return schedule, choice

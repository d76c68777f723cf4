"""Everything a run needs, made before its loop begins: plans and buffers first, then the state that fills them."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..algebra.fourier import FFTLibrary, check_installed
from ..algebra.threads import limit_linear_algebra
from ..algebra.weyl import WeylTransform
from ..diagnostics import DIAGNOSTICS, Diagnostic, Quantity
from ..equations import KINETIC, HarmonicForm, Moyal, OperatorForm, Schrodinger, TruncatedMoyal
from ..equations.moyal import AnyFlow
from ..equations.schrodinger import WaveFlow
from ..errors import ConfigError, Problem, WignerError
from ..models import Hamiltonian
from ..records.wisdom import load_wisdom, save_wisdom
from ..simulation import Schedule, make_schedule
from ..simulation.evolve import Measurement
from ..simulation.method import METHODS, MethodChoice, applicable, choose_method
from ..states import DensityFactor, WignerFunction
from ..steppers import (
    COMPOSITIONS,
    Chebyshev,
    RungeKutta,
    Spectral,
    Splitting,
    StepChoice,
    WaveFunctions,
    choose_step,
)
from .config import RunConfig, Setup, build
from .locate import locate
from .method_checks import check_memory
from .problems import Problems
from .recorded import on_demand
from .setup import record_intervals

__all__ = ["Assembly", "assemble", "chosen_diagnostics", "fit_schedule", "quantities_of"]


@dataclass
class Assembly:
    """A run ready to start.

    Parameters
    ----------
    config, setup : the run file and the problem it poses.
    state : the state, filled with the initial one.
    stepper : moves it.
    flows : the stepper's flows, none where it moves operators.
    threads : worker threads used.
    choice : the method and why.
    measurements : functions (state, t) → values.
    seconds : wall time of building (``plan``, ``compile``, ``state``).
    """

    config: RunConfig
    setup: Setup
    state: WignerFunction
    stepper: Splitting | WaveFunctions | Spectral | Chebyshev | RungeKutta
    flows: tuple[AnyFlow, ...] | tuple[WaveFlow, ...]
    threads: int
    choice: MethodChoice
    measurements: list[Measurement]
    seconds: dict[str, float]

    @property
    def moving(self) -> np.ndarray:
        """All that changes in a step, float64: what a checkpoint holds."""
        return self.state.data if self.stepper.moving is None else self.stepper.moving

    @property
    def nbytes(self) -> int:
        """Bytes held while stepping: the state, index arrays, tables and block buffers, or operators."""
        held = sum(flow.product.nbytes for flow in self.flows if not isinstance(flow, WaveFlow))
        return self.state.data.nbytes + held + getattr(self.stepper, "nbytes", 0)


def _threads(config: RunConfig) -> int:
    """Threads asked for; ``auto`` is one a core."""
    return (os.cpu_count() or 1) if config.engine.threads == "auto" else config.engine.threads


def chosen_diagnostics(config: RunConfig, setup: Setup) -> list[Diagnostic]:
    """The diagnostics a run file names, and those that have a table of their own."""
    chosen: list[Diagnostic] = [d for d in DIAGNOSTICS if d.name in (config.record.diagnostics or ())]
    return [*chosen, *on_demand(config.record, setup.formulas)]


def quantities_of(config: RunConfig, setup: Setup) -> list[Quantity]:
    """Everything each record of the run holds."""
    return [q for d in chosen_diagnostics(config, setup) for q in d.quantities(setup.hamiltonian)]


def assemble(
    config: RunConfig, *, wisdom: Callable[[], object] = load_wisdom, state: WignerFunction | None = None
) -> Assembly:
    """Build flows, compile kernels and fill the state.

    Parameters
    ----------
    wisdom : called before planning, to bring back the plans of an earlier process.
    state : the state to start from, instead of the run file's.
    """
    seconds: dict[str, float] = {}
    setup = build(config)
    begin = time.perf_counter()
    limit_linear_algebra(_threads(config))
    wisdom()
    initial = state or setup.state.wigner_function(setup.hamiltonian, t=config.evolution.t_start)
    seconds["state"] = time.perf_counter() - begin
    begin = time.perf_counter()
    choice = _choose(config, setup, initial)
    _check_fits(config, setup, choice)
    data = Moyal(setup.hamiltonian).allocate()
    threads, flows, stepper = _stepper(config, setup.hamiltonian, choice, initial, data)
    seconds["plan"] = time.perf_counter() - begin
    begin = time.perf_counter()
    for flow in flows:
        flow.apply(0.0, config.evolution.t_start)
        flow.forget()
    seconds["compile"] = time.perf_counter() - begin
    # Making the state has planned transforms too.
    save_wisdom()
    np.copyto(data, initial.data)
    return Assembly(
        config,
        setup,
        WignerFunction(setup.space, data),
        stepper,
        flows,
        threads,
        MethodChoice(choice.method, choice.reason),
        [d.prepare(setup.hamiltonian) for d in chosen_diagnostics(config, setup)],
        seconds,
    )


def _choose(config: RunConfig, setup: Setup, initial: WignerFunction) -> MethodChoice:
    """The method the run file names, or the one that costs least."""
    evolution = config.evolution
    if evolution.equation != "moyal":
        return MethodChoice("runge_kutta", "a kinetic equation provides a rate")
    if evolution.star_order is not None and evolution.method == "auto":
        method = "harmonics" if applicable("blanes_moan", setup.hamiltonian) else "blanes_moan"
        return MethodChoice(method, f"{METHODS[method]}; the first that can cut the star product")
    if evolution.method != "auto":
        return MethodChoice(evolution.method, "named in the run file")
    return choose_method(
        setup.hamiltonian,
        initial,
        evolution.t_end - evolution.t_start,
        record_intervals(evolution, config.record),
        dt=evolution.dt,
    )


def _check_fits(config: RunConfig, setup: Setup, choice: MethodChoice) -> None:
    """Refuse a method that ``auto`` chose for the state and that memory does not hold.

    Raises
    ------
    ConfigError : with the line of the space.
    """
    if config.evolution.method == "auto" and config.evolution.equation == "moyal":
        problems = Problems(config.path, locate(config.text))
        if not check_memory(setup.hamiltonian, config.evolution, config.engine, problems, choice.method):
            raise ConfigError(problems.sorted())


def _stepper(
    config: RunConfig,
    hamiltonian: Hamiltonian,
    choice: MethodChoice,
    initial: WignerFunction,
    data: np.ndarray,
) -> tuple[
    int,
    tuple[AnyFlow, ...] | tuple[WaveFlow, ...],
    Splitting | WaveFunctions | Spectral | Chebyshev | RungeKutta,
]:
    """Threads, flows and the stepper of the chosen method."""
    if choice.method == "runge_kutta":
        return 1, (), _kinetic(config, hamiltonian, initial, data)
    if choice.method == "spectral":
        return 1, (), Spectral(hamiltonian, initial, data)
    if choice.method == "harmonics":
        order = config.evolution.star_order
        return 1, (), Chebyshev(HarmonicForm(hamiltonian, initial, data, order=order))
    if choice.method in ("chebyshev", "wave_functions"):
        factor = choice.factor or _factor(config, hamiltonian, initial)
        if choice.method == "chebyshev":
            threads = _threads(config)
            return threads, (), Chebyshev(OperatorForm(hamiltonian, factor, data, threads=threads))
        composition = next(c for c in COMPOSITIONS if c.name == "blanes_moan")
        waves = Schrodinger(hamiltonian).flows(factor, library=_library(config))
        return 1, waves, WaveFunctions(waves, composition, factor, data)
    order = config.evolution.star_order
    equation = Moyal(hamiltonian) if order is None else TruncatedMoyal(hamiltonian, order)
    threads, flows = _race(config, equation, data)
    composition = next(c for c in COMPOSITIONS if c.name == choice.method)
    return threads, flows, Splitting(flows, composition)


def _kinetic(
    config: RunConfig, hamiltonian: Hamiltonian, initial: WignerFunction, data: np.ndarray
) -> RungeKutta:
    """The kinetic equation of the run file and its stepper.

    Raises
    ------
    ConfigError : if the equation does not hold for this Hamiltonian.
    """
    evolution = config.evolution
    equation = next(each for each in KINETIC if each.kind == evolution.equation)
    options = {} if evolution.order is None else {"order": evolution.order}
    try:
        form = equation(
            hamiltonian,
            initial,
            data,
            start=evolution.t_start,
            library=_library(config),
            **options,  # type: ignore[arg-type]
        )
    except WignerError as error:
        raise ConfigError([_problem(config, "equation", f"{evolution.equation}: {error}")]) from None
    return RungeKutta(form, start=evolution.t_start)


def _problem(config: RunConfig, key: str, message: str) -> Problem:
    """A mistake in [evolution] that only the state shows."""
    path = ("evolution", key)
    remedy = "" if ";" in message else "; choose another"
    return Problem(config.path, locate(config.text).get(path, 0), ".".join(path), message + remedy)


def _factor(config: RunConfig, hamiltonian: Hamiltonian, initial: WignerFunction) -> DensityFactor:
    """Wave functions of the initial state; for Chebyshev the propagator where there are too many of them.

    Raises
    ------
    ConfigError : if a run that names wave functions has a state without.
    """
    weyl = WeylTransform(hamiltonian.space)
    size = weyl.size(hamiltonian.bands)
    named = config.evolution.method == "wave_functions"
    factor = DensityFactor.low_rank(initial, weyl, size if named else size // 2)
    if factor is None and named:
        message = (
            "expected a positive state that clears the ends of its boxes for 'wave_functions', got one that wave "
            "functions do not give back; use 'auto'"
        )
        raise ConfigError([_problem(config, "method", message)])
    return factor or DensityFactor.full_rank(initial, weyl)


def _race(config: RunConfig, equation: Moyal, data: np.ndarray) -> tuple[int, tuple[AnyFlow, ...]]:
    """Flows on the number of threads asked for; ``auto`` races one against all on the zero state and keeps the faster.

    Results do not depend on the winner: blocks are independent and each is transformed by one thread.
    """
    wanted, library = config.engine.threads, _library(config)
    candidates = [1, os.cpu_count() or 1] if wanted == "auto" else [wanted]
    built = {n: equation.flows(data, threads=n, library=library) for n in dict.fromkeys(candidates)}
    if len(built) == 1:
        return next(iter(built.items()))

    def median(flows: tuple[AnyFlow, ...]) -> float:
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


def _library(config: RunConfig) -> FFTLibrary:
    """The transform library of the run file, if it is there."""
    try:
        check_installed(config.engine.fft)
    except ImportError as error:
        raise WignerError(str(error)) from None
    return config.engine.fft


def fit_schedule(assembly: Assembly, dt: float | None = None) -> tuple[Schedule, StepChoice | None]:
    """The time base of the run: with `dt` given (a resumed run) or the run file's, else chosen from its error target."""
    config = assembly.config
    evolution, record = config.evolution, config.record
    every = record.every if record.every is not None else (evolution.t_end - evolution.t_start) / 100
    choice = None
    # Without an error in time one step goes from record to record.
    exact = isinstance(assembly.stepper, Spectral) or (
        isinstance(assembly.stepper, Chebyshev) and assembly.stepper.is_exact
    )
    longest = np.inf
    if isinstance(assembly.stepper, RungeKutta):
        # A little less than stable, for the radius may grow with t.
        longest = 0.9 * assembly.stepper.longest_step(evolution.t_start)
    wanted = dt or (every if exact else evolution.dt)
    if wanted is None and not isinstance(assembly.stepper, Spectral):
        choice = choose_step(
            assembly.stepper,
            assembly.moving,
            evolution.t_start,
            evolution.t_end,
            evolution.error_target,
            longest=min(every, longest),
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

"""From the tables of a run file to the objects of physics; `check` and `run` both build them here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Protocol

from ..algebra.formula import FormulaSpec, MatrixFormula
from ..algebra.phase_space import PhaseSpace
from ..diagnostics import (
    DEFAULT_DIAGNOSTICS,
    Berry,
    Diagnostic,
    Hall,
    Observables,
    Probes,
    Profiles,
    StarSpectrum,
    Streda,
)
from ..diagnostics.current import moving_parts
from ..errors import MeasurementError
from ..models import Hamiltonian, UniformFields
from ..states import WignerFunction
from .locate import Path
from .tables import Evolution, Fields, Potential, Record, RunFile

__all__ = [
    "InitialState",
    "Model",
    "Setup",
    "build",
    "build_hamiltonian",
    "default_diagnostics",
    "matrix_formula",
    "on_demand",
    "record_intervals",
    "run_numbers",
    "uniform_fields",
    "weight_formulas",
    "weights_of",
]


class Model(Protocol):
    """What every class in `MODELS` does."""

    def symbol(self, space: PhaseSpace) -> MatrixFormula: ...


class InitialState(Protocol):
    """What every class in `STATES` does."""

    def wigner_function(self, hamiltonian: Hamiltonian, *, t: float = 0.0) -> WignerFunction: ...


@dataclass(frozen=True)
class Setup:
    """The problem a run file poses.

    Parameters
    ----------
    space : the phase space, with the brackets of a constant magnetic field.
    hamiltonian : model and potential together, in the fields.
    state : the initial state, not yet on the grid; ``state.wigner_function(hamiltonian)`` puts it there.
    observables, profiles : the user's symbols, N×N, by name.
    numbers : what the formulas of observables and claims may name, see `run_numbers`.
    weights : the user's formulas inside the tables of [record], by table and place in it.
    """

    space: PhaseSpace
    hamiltonian: Hamiltonian
    state: InitialState
    observables: dict[str, MatrixFormula]
    profiles: dict[str, MatrixFormula]
    numbers: dict[str, float]
    weights: dict[str, dict[Path, MatrixFormula]]


def build(run: RunFile) -> Setup:
    """Build everything a checked run file describes.

    Raises
    ------
    WignerError : never for a `RunConfig`, whose checking has built the same.
    """
    fields = uniform_fields(run.fields)
    hamiltonian = build_hamiltonian(run.space.phase_space(), run.model, run.potential, fields)
    space = hamiltonian.space
    numbers = run_numbers(space.hbar, run.model, run.potential, run.fields, run.evolution)
    observables, profiles = (
        {
            name: matrix_formula(spec, space, numbers).promoted(hamiltonian.bands)
            for name, spec in table.items()
        }
        for table in (run.record.observables, run.record.profiles)
    )
    return Setup(
        space,
        hamiltonian,
        run.state,
        observables,
        profiles,
        numbers,
        weight_formulas(run.record, space, numbers),
    )


def uniform_fields(table: Fields | None) -> UniformFields:
    """The fields of a run file; none of them without the table."""
    if table is None:
        return UniformFields()
    return UniformFields.parse(
        force=table.force, magnetic=table.magnetic, origin=table.origin, parameters=table.parameters
    )


def build_hamiltonian(
    space: PhaseSpace, model: Model, potential: Potential | None, fields: UniformFields | None = None
) -> Hamiltonian:
    """H of the model, plus the potential, a scalar one times the identity, in the fields."""
    symbol = model.symbol(space)
    if potential is not None:
        symbol = symbol + matrix_formula(potential.formula, space, potential.parameters).promoted(symbol.size)
    return Hamiltonian(space, symbol, fields)


def matrix_formula(spec: FormulaSpec, space: PhaseSpace, parameters: Mapping[str, float]) -> MatrixFormula:
    """A formula in the axis names and t; parameters it does not use may have any name."""
    return MatrixFormula.parse(spec, variables=(*space.names, "t"), parameters=parameters)


def run_numbers(
    hbar: float, model: Any, potential: Potential | None, fields_table: Fields | None, evolution: Evolution
) -> dict[str, float]:
    """Numbers of a run by name: hbar, t_start, t_end, the model's fields, all parameters of formulas."""
    numbers = {"hbar": hbar, "t_start": evolution.t_start, "t_end": evolution.t_end}
    for field in fields(model):
        value = getattr(model, field.name)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            numbers[field.name] = float(value)
        elif isinstance(value, dict):
            numbers |= value
    for table in (potential, fields_table):
        numbers |= {} if table is None else table.parameters
    return numbers


def record_intervals(evolution: Evolution, record: Record) -> int:
    """Number of equal intervals between records, as near to `every` as divides the run; 100 by default."""
    if record.every is None:
        return 100
    return max(1, round((evolution.t_end - evolution.t_start) / record.every))


def default_diagnostics(hamiltonian: Hamiltonian) -> tuple[str, ...]:
    """What is recorded when the file does not say; the current only where it can be read from H."""
    try:
        moving_parts(hamiltonian)
    except MeasurementError:
        return tuple(name for name in DEFAULT_DIAGNOSTICS if name != "current")
    return DEFAULT_DIAGNOSTICS


def weights_of(record: Record) -> dict[str, dict[Path, FormulaSpec]]:
    """Formulas in the coordinates inside the tables of [record], by table and by their place in it."""
    found: dict[str, dict[Path, FormulaSpec]] = {}
    for name in ("streda", "hall"):
        table = getattr(record, name)
        if table is not None:
            found[name] = {("regions", region): spec for region, spec in table.regions.items()}
    if record.berry is not None:
        found["berry"] = {("band", n): spec for n, spec in enumerate(record.berry.band)}
        found["berry"] |= {("spectator", n): spec for n, spec in enumerate(record.berry.spectator)}
        for loop, ways in record.berry.loops.items():
            found["berry"] |= {("loops", loop, way): spec for way, spec in ways.items()}
    return found


def weight_formulas(
    record: Record, space: PhaseSpace, numbers: Mapping[str, float]
) -> dict[str, dict[Path, MatrixFormula]]:
    """`weights_of`, as formulas."""
    return {
        table: {place: matrix_formula(spec, space, numbers) for place, spec in weights.items()}
        for table, weights in weights_of(record).items()
    }


def on_demand(
    record: Record,
    observables: Mapping[str, MatrixFormula],
    profiles: Mapping[str, MatrixFormula],
    weights: Mapping[str, Mapping[Path, MatrixFormula]] | None = None,
) -> list[Diagnostic]:
    """The diagnostics that have a table of their own in [record]; without `weights` only their names are right."""
    if weights is None:
        one = MatrixFormula.identity(1)
        weights = {table: dict.fromkeys(places, one) for table, places in weights_of(record).items()}
    chosen: list[Diagnostic] = []
    if observables:
        chosen.append(Observables(observables))
    if profiles:
        chosen.append(Profiles(profiles))
    if record.probes:
        chosen.append(Probes(record.probes))
    if record.star_spectrum is not None:
        chosen.append(StarSpectrum(**asdict(record.star_spectrum)))
    if record.streda is not None:
        chosen.append(Streda(record.streda.energy, _named(weights["streda"])))
    if record.hall is not None:
        chosen.append(Hall(_named(weights["hall"])))
    if record.berry is not None:
        band, spectator = (
            [formula for place, formula in weights["berry"].items() if place[0] == vector]
            for vector in ("band", "spectator")
        )
        loops = {
            loop: {way: weights["berry"]["loops", loop, way] for way in ways}
            for loop, ways in record.berry.loops.items()
        }
        chosen.append(Berry(band, spectator, loops))
    return chosen


def _named(weights: Mapping[Path, MatrixFormula]) -> dict[str, MatrixFormula]:
    """Regions by name."""
    return {str(place[1]): formula for place, formula in weights.items()}

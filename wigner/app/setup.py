"""From the tables of a run file to the objects of physics; `check` and `run` both build them here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Protocol

from ..algebra.formula import FormulaSpec, MatrixFormula
from ..algebra.phase_space import PhaseSpace
from ..diagnostics import DEFAULT_DIAGNOSTICS, Diagnostic, Hall, Observables, Probes, StarSpectrum, Streda
from ..errors import ModelError
from ..models import Hamiltonian, UniformFields
from ..states import WignerFunction
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
    "region_formulas",
    "regions_of",
    "run_numbers",
    "uniform_fields",
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
    observables : the user's symbols, N×N, by name.
    numbers : what the formulas of observables and claims may name, see `run_numbers`.
    regions : the user's weights over phase space, by table of [record] and name.
    """

    space: PhaseSpace
    hamiltonian: Hamiltonian
    state: InitialState
    observables: dict[str, MatrixFormula]
    numbers: dict[str, float]
    regions: dict[str, dict[str, MatrixFormula]]


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
    observables = {
        name: matrix_formula(spec, space, numbers).promoted(hamiltonian.bands)
        for name, spec in run.record.observables.items()
    }
    return Setup(
        space, hamiltonian, run.state, observables, numbers, region_formulas(run.record, space, numbers)
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
    """What is recorded when the file does not say; the current only where H is a sum of commuting terms."""
    try:
        hamiltonian.terms  # noqa: B018
    except ModelError:
        return tuple(name for name in DEFAULT_DIAGNOSTICS if name != "current")
    return DEFAULT_DIAGNOSTICS


def regions_of(record: Record) -> dict[str, Mapping[str, FormulaSpec]]:
    """Weights over phase space as they stand in [record], by table."""
    tables = {name: getattr(record, name) for name in ("streda", "hall")}
    return {name: table.regions for name, table in tables.items() if table is not None}


def region_formulas(
    record: Record, space: PhaseSpace, numbers: Mapping[str, float]
) -> dict[str, dict[str, MatrixFormula]]:
    """`regions_of`, as formulas."""
    return {
        table: {name: matrix_formula(spec, space, numbers) for name, spec in regions.items()}
        for table, regions in regions_of(record).items()
    }


def on_demand(
    record: Record,
    observables: Mapping[str, MatrixFormula],
    regions: Mapping[str, Mapping[str, MatrixFormula]] | None = None,
) -> list[Diagnostic]:
    """The diagnostics that have a table of their own in [record]; without `regions` only their names are right."""
    weights = regions or {
        table: dict.fromkeys(names, MatrixFormula.identity(1)) for table, names in regions_of(record).items()
    }
    chosen: list[Diagnostic] = []
    if observables:
        chosen.append(Observables(observables))
    if record.probes:
        chosen.append(Probes(record.probes))
    if record.star_spectrum is not None:
        chosen.append(StarSpectrum(**asdict(record.star_spectrum)))
    if record.streda is not None:
        chosen.append(Streda(record.streda.energy, weights["streda"]))
    if record.hall is not None:
        chosen.append(Hall(weights["hall"]))
    return chosen

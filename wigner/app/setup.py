"""From the tables of a run file to the objects of physics; `check` and `run` both build them here."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Protocol

from ..algebra.formula import MatrixFormula
from ..algebra.phase_space import PhaseSpace
from ..diagnostics import DEFAULT_DIAGNOSTICS
from ..diagnostics.current import moving_parts
from ..errors import MeasurementError
from ..models import Hamiltonian, UniformFields
from ..states import WignerFunction
from .recorded import Formulas, matrix_formula, read_formulas
from .tables import Evolution, Fields, Potential, Record, RunFile

__all__ = [
    "InitialState",
    "Model",
    "Setup",
    "build",
    "build_hamiltonian",
    "default_diagnostics",
    "record_intervals",
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
    formulas : the user's formulas in [record], by table and place in it, see `formulas_of`.
    numbers : what the formulas of observables and claims may name, see `run_numbers`.
    """

    space: PhaseSpace
    hamiltonian: Hamiltonian
    state: InitialState
    formulas: Formulas
    numbers: dict[str, float]


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
    formulas = read_formulas(run.record, space, numbers, hamiltonian.bands)
    return Setup(space, hamiltonian, run.state, formulas, numbers)


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

"""Methods of a run file: does the named one apply, what must a Hamiltonian then be, and does it all fit?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..algebra.phase_space import PhaseSpace
from ..equations.truncated_moyal import taylor_terms
from ..errors import FormulaError, WignerError
from ..models import Hamiltonian, UniformFields
from ..simulation.method import METHODS, applicable
from .formula_checks import with_remedy
from .locate import Path
from .memory import GIB, available_bytes, needed_bytes
from .problems import Problems
from .setup import build_hamiltonian
from .tables import Engine, Evolution

__all__ = ["TRUNCATING", "check_derivatives", "check_memory", "check_method", "must_split"]

#: Methods that can cut the star product.
TRUNCATING = ("auto", "strang", "blanes_moan", "harmonics")
_OPERATORS = ("spectral", "wave_functions", "chebyshev", "harmonics")
_SPLITTING = ("strang", "blanes_moan", "wave_functions")


def must_split(space: PhaseSpace, tables: Mapping[str, Any], fields: UniformFields | None) -> bool:
    """True where only a sum of terms in commuting coordinates can be moved."""
    evolution = tables.get("evolution")
    if evolution is not None and evolution.equation != "moyal":
        return False
    if evolution is not None and evolution.method in _SPLITTING:
        return True
    if evolution is None or evolution.method != "auto" or not tables.keys() >= {"model", "potential"}:
        return False
    try:
        hamiltonian = build_hamiltonian(space, tables["model"], tables["potential"], fields)
    except WignerError:
        return True
    candidates = METHODS if evolution.star_order is None else TRUNCATING[1:]
    return all(applicable(method, hamiltonian) for method in candidates)


def check_method(hamiltonian: Hamiltonian, evolution: Evolution, problems: Problems) -> None:
    """What a named method asks of the problem."""
    key: Path = ("evolution", "method")
    if evolution.order is not None and evolution.equation != "star_projected":
        message = (
            f"expected an order with equation = 'star_projected' alone, got {evolution.equation!r}; remove it"
        )
        problems.add(("evolution", "order"), message)
    if evolution.equation != "moyal":
        if evolution.method != "auto" or evolution.star_order is not None:
            message = (
                f"expected neither method nor star_order beside {evolution.equation!r}, got one; remove it"
            )
            problems.add(("evolution", "equation"), message)
        return
    if evolution.star_order is not None:
        if evolution.method not in TRUNCATING:
            got = f"got {evolution.method!r}; remove one of them"
            problems.add(key, f"expected a splitting method beside star_order, {got}")
        return
    if evolution.method == "auto":
        return
    obstacle = applicable(evolution.method, hamiltonian)
    if obstacle:
        message = f"method {evolution.method!r}: {obstacle}"
        problems.add(key, message if "; " in obstacle else f"{message}; use 'auto'")


def check_derivatives(hamiltonian: Hamiltonian, order: int, problems: Problems) -> None:
    """A truncated star product needs as many derivatives of H where its terms are exact flows."""
    if applicable("blanes_moan", hamiltonian):
        return
    try:
        for term in hamiltonian.terms:
            taylor_terms(term, order)
    except FormulaError as error:
        message = f"expected a Hamiltonian with {order} derivatives, got: {error}"
        problems.add(
            ("evolution", "star_order"), with_remedy(message, "leave it out, or use smooth functions")
        )


def check_memory(
    hamiltonian: Hamiltonian,
    evolution: Evolution | None,
    engine: Engine,
    problems: Problems,
    method: str | None = None,
) -> bool:
    """Whether a run fits, by `method` or the one it names; ``auto`` counts as one that splits until a state is there."""
    chooses = evolution is not None and evolution.dt is None
    operators = evolution is not None and (method or evolution.method) in _OPERATORS
    needed = needed_bytes(
        hamiltonian.space.points,
        hamiltonian.bands,
        choosing_dt=chooses,
        operators=operators,
        equation="moyal" if evolution is None else evolution.equation,
        order=None if evolution is None else evolution.order,
        axes=len(hamiltonian.space.axes),
    )
    limit = available_bytes() if engine.memory_limit is None else engine.memory_limit * GIB
    if limit is None or needed <= limit:
        return True
    grid = "×".join(str(points) for points in hamiltonian.space.shape)
    what = "engine.memory_limit" if engine.memory_limit is not None else "80 % of the available memory"
    problems.add(
        ("space",),
        f"expected a grid within {limit / GIB:.3g} GiB ({what}), got {grid} points with "
        f"N = {hamiltonian.bands}, {needed / GIB:.3g} GiB; use fewer points",
    )
    return False

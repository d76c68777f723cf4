r"""Which method moves a state: from the structure and the size of the problem, never from the clock."""

from __future__ import annotations

from dataclasses import dataclass
from math import log2

import numpy as np

from ..algebra.harmonics import harmonics_of
from ..algebra.weyl import WeylTransform, gauge_brackets, matched_pairs
from ..errors import ModelError, PhaseSpaceError, SteppingError
from ..models.hamiltonian import Hamiltonian
from ..states.density_factor import DensityFactor
from ..states.wigner_function import WignerFunction

__all__ = ["METHODS", "MethodChoice", "applicable", "choose_method"]

#: What moves a state, by the names a run file gives; the splitting of order 2, ``strang``, is chosen by name only.
METHODS = {
    "blanes_moan": "F moves by exact flows of its terms, composed to order 4",
    "spectral": "one eigendecomposition, exact in time",
    "wave_functions": "the wave functions of a state of low rank move, F is formed where it is read",
    "chebyshev": "Chebyshev polynomials of the Hamiltonian's operator move the propagator or the wave functions",
    "harmonics": "Chebyshev polynomials of the Hamiltonian's harmonics move the Fourier components of F",
}

# Nominal seconds on one core of today: of a number moved by a flow, of n³ in an eigendecomposition and in a product, of a
# number mapped between symbol and operator, of a column's number in a flow, of starting a flow, and of a number moved by a
# harmonic. Only ratios matter.
_SWEEP, _EIGEN, _PRODUCT, _MAP, _COLUMN, _START, _HARMONIC = 3e-9, 4e-10, 7e-11, 2e-8, 5e-10, 1e-6, 6e-9
_FLOWS_A_STEP = 6
# Operators beyond these rows, and states beyond these numbers, are left to the methods that move F where it is.
_LARGEST = 4096
_MOST_NUMBERS = 2**26
# Wave functions beyond this share of the size cost as much as the whole density matrix.
_LOW = 4


@dataclass(frozen=True)
class MethodChoice:
    """A method and why.

    Parameters
    ----------
    method : a key of `METHODS`.
    reason : one line.
    factor : the wave functions found on the way, for the methods that move them.
    """

    method: str
    reason: str
    factor: DensityFactor | None = None


def applicable(method: str, hamiltonian: Hamiltonian) -> str:
    """What keeps a method from this Hamiltonian; empty if nothing does. The state's rank is not looked at."""
    try:
        if method in ("strang", "blanes_moan"):
            hamiltonian.terms  # noqa: B018
            return ""
        fields = hamiltonian.fields
        if method == "harmonics":
            if fields is not None and fields.induced(hamiltonian.space):
                return "expected no changing field beside positions, got one in [fields]"
            harmonics_of(hamiltonian.values(), hamiltonian.space)
            return ""
        if fields is not None:
            return "expected no force and no changing field beside H, got [fields]"
        pairs = matched_pairs(hamiltonian.space)
        if method == "wave_functions":
            hamiltonian.terms  # noqa: B018
            if gauge_brackets(hamiltonian.space, pairs):
                return "expected no magnetic field beside positions, got one"
    except (ModelError, PhaseSpaceError) as error:
        return str(error)
    if method == "spectral" and not hamiltonian.is_static:
        return "expected a Hamiltonian without t, got one with t"
    return ""


def choose_method(
    hamiltonian: Hamiltonian,
    state: WignerFunction,
    duration: float,
    records: int,
    *,
    dt: float | None = None,
) -> MethodChoice:
    """The method with the least estimated work among those that apply.

    Parameters
    ----------
    state : the initial state, whose rank counts.
    duration, records : of the run.
    dt : the step of the run file; without one the methods that step are taken to need one turn of the fastest phase on the
        grid a step, as tight error targets do.

    Raises
    ------
    SteppingError : if no method applies, with what keeps each of them.
    """
    obstacles = {method: applicable(method, hamiltonian) for method in METHODS}
    names = [method for method, obstacle in obstacles.items() if not obstacle]
    if not names:
        reasons = "; ".join(f"{method}: {obstacle}" for method, obstacle in obstacles.items())
        raise SteppingError(f"expected a problem that some method can move, got none: {reasons}")
    numbers = hamiltonian.space.points * hamiltonian.bands**2
    steps = _steps(hamiltonian, duration, records, dt)
    seconds: dict[str, float] = {}
    factor = None
    if "blanes_moan" in names:
        seconds["blanes_moan"] = steps * _FLOWS_A_STEP * len(hamiltonian.terms) * numbers * _SWEEP
    if "chebyshev" in names:
        weyl = WeylTransform(hamiltonian.space)
        size = weyl.size(hamiltonian.bands)
        cheapest = min(seconds.values(), default=np.inf)
        if numbers * _MAP < cheapest and size <= _LARGEST and numbers <= _MOST_NUMBERS:
            factor = DensityFactor.low_rank(state, weyl, max(1, size // _LOW))
            seconds |= _operator_seconds(hamiltonian, weyl, factor, names, steps, duration, records)
    if "harmonics" in names:
        seconds["harmonics"] = _harmonic_seconds(hamiltonian, steps, duration, records)
    best = min(seconds, key=lambda name: seconds[name])
    others = ", ".join(f"{name} {value:.1g}" for name, value in seconds.items() if name != best)
    rank = f"; rank {factor.rank}" if factor is not None else ""
    reason = (
        f"{METHODS[best]}; estimated work {seconds[best]:.1g}{f' against {others}' if others else ''}{rank}"
    )
    kept = factor if best in ("wave_functions", "chebyshev") else None
    return MethodChoice(best, reason, kept)


def _operator_seconds(
    hamiltonian: Hamiltonian,
    weyl: WeylTransform,
    factor: DensityFactor | None,
    names: list[str],
    steps: float,
    duration: float,
    records: int,
) -> dict[str, float]:
    """Estimated work of the methods that move operators."""
    size, sets = weyl.size(hamiltonian.bands), weyl.sets
    numbers = hamiltonian.space.points * hamiltonian.bands**2
    out = {}
    if "spectral" in names:
        read = 2 * sets * size**3 * _PRODUCT + numbers * _MAP
        out["spectral"] = sets * size**3 * (_EIGEN + 2 * _PRODUCT) + numbers * _MAP + records * read
    moved, rank = (sets, size) if factor is None else factor.columns.shape[:2]
    read = sets * size**2 * rank * _PRODUCT + numbers * _MAP
    if factor is not None and "wave_functions" in names:
        flow = _START + moved * rank * size * _COLUMN * (2 + log2(weyl.sites))
        out["wave_functions"] = steps * _FLOWS_A_STEP * len(hamiltonian.terms) * flow + records * read
    product = moved * rank * size**2 * _PRODUCT
    turns = _width(hamiltonian) * duration / hamiltonian.space.hbar
    if hamiltonian.is_static:
        out["chebyshev"] = (turns + 20 * records) * product + records * read
    else:
        out["chebyshev"] = (turns + 40 * steps) * product + 2 * steps * numbers * _MAP + records * read
    return out


def _harmonic_seconds(hamiltonian: Hamiltonian, steps: float, duration: float, records: int) -> float:
    numbers = hamiltonian.space.points * hamiltonian.bands**2
    waves, coefficients = harmonics_of(hamiltonian.values(), hamiltonian.space)
    reach = 2 * float(np.linalg.norm(coefficients, 2, axis=(1, 2)).sum())
    starts = 20 * records if hamiltonian.is_static else 40 * steps
    products = reach * duration / hamiltonian.space.hbar + starts
    return products * len(waves) * hamiltonian.bands * numbers * _HARMONIC + records * numbers * _MAP


def _steps(hamiltonian: Hamiltonian, duration: float, records: int, dt: float | None) -> float:
    if dt is not None:
        return max(records, duration / dt)
    return max(records, _width(hamiltonian) * duration / (2 * np.pi * hamiltonian.space.hbar))


def _width(hamiltonian: Hamiltonian) -> float:
    """Sum of the widths of the parts of H on the grid, in energy: a bound of its width that is cheap."""
    space = hamiltonian.space
    total = 0.0
    for part in hamiltonian.parts:
        values = part.symbol(t=0.0, **{name: space.coordinate(name) for name in part.coordinates})
        levels = np.linalg.eigvalsh(np.moveaxis(values, (0, 1), (-2, -1)))
        total += float(levels.max() - levels.min())
    return total

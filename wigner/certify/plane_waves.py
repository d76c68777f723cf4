"""Electrons in a periodic texture, by dense matrices between plane waves."""

from __future__ import annotations

from functools import lru_cache
from itertools import product

import numpy as np

from ..algebra.formula import MatrixFormula
from ..algebra.phase_space import PhaseSpace
from ..errors import MeasurementError
from ..models import Hamiltonian
from .problem import ReferenceProblem

__all__ = ["density_matrices", "plane_waves"]

# Share of its largest value that the state may have at the ends of the momenta.
_EDGE = 1e-5


def plane_waves(problem: ReferenceProblem, quantity: str) -> np.ndarray:
    r"""An observable of electrons on rings under static H, by dense matrices between the plane waves that H couples.

    .. math:: ⟨p + \tfrac{ħw}{2}|\hat A|p − \tfrac{ħw}{2}⟩ = ∫ \frac{dr}{L} e^{−iw·r} A(r, p), \qquad
              ⟨A⟩ = \operatorname{tr} \hat A \, e^{−i\hat Ht/ħ} \hat ρ \, e^{i\hat Ht/ħ}

    Momenta q + 2πħn/L of one q are coupled to each other alone; the result is an average over q. The waves that are kept
    lie between the ends of the momenta, where the state must vanish, those of a zone included.

    Parameters
    ----------
    problem : static H on rings, each with its momentum; a state of kind ``formula``, or ``star_occupations`` of order 0 in
        two bands, Σ f_n P_n(r, k).
    quantity : an observable of the run.

    Other Parameters
    ----------------
    offsets : option; values of q along each momentum, default 1.
    beyond : option; waves kept beyond either end of each momentum, default 0.

    Returns
    -------
    Array over times. Converges exponentially in waves, and in offsets once neighbours turn against each other by less than
    a radian. Cost: an eigendecomposition of N·∏(waves of a momentum) rows for every q.

    Raises
    ------
    MeasurementError : if the problem or the quantity is not of this kind, or the state reaches the ends.
    """
    space, formula = problem.hamiltonian.space, problem.option("observables", {}).get(quantity)
    if formula is None:
        raise MeasurementError(f"reference plane_waves: expected an observable of the run, got {quantity!r}")
    if not isinstance(formula, MatrixFormula):
        formula = MatrixFormula.parse(formula, variables=space.names)
    solved = _solve(*_posed(problem))
    elapsed, total = problem.times - problem.times[0], np.zeros(len(problem.times))
    for waves, (levels, vectors, density) in solved:
        seen = vectors.conj().T @ waves.matrix(waves.values(formula, problem.hamiltonian.bands)) @ vectors
        phases = np.exp(-1j * np.multiply.outer(elapsed, levels) / space.hbar)
        total += np.einsum("tm,mn,tn->t", phases, density * seen.T, phases.conj(), optimize=True).real
    return total / len(solved)


def density_matrices(problem: ReferenceProblem) -> list[np.ndarray]:
    """ρ of the initial state between the plane waves of each q, complex (rows, rows); their mean trace counts particles."""
    return [vectors @ density @ vectors.conj().T for _, (_, vectors, density) in _solve(*_posed(problem))]


class _Waves:
    """The plane waves of one q, and the coordinates where a symbol must be known for its matrix between them."""

    def __init__(self, space: PhaseSpace, q: tuple[float, ...], beyond: int) -> None:
        self._space, self.at = space, {}
        self._counts, self._samples = [], []
        dimension = len(space.positions)
        for number, position in enumerate(space.positions):
            momentum = space.axis(str(space.partner(position.name)))
            unit = 2 * np.pi * space.hbar / position.extent
            first = int(np.ceil((momentum.start - q[number]) / unit)) - beyond
            last = int(np.ceil((momentum.stop - q[number]) / unit)) + beyond
            # Differences of n − n' are harmonics of r, of which twice as many samples hold all.
            count, samples = last - first, 2 * (last - first)
            middles = q[number] + unit * (first + 0.5 * np.arange(2 * count - 1))
            place = [1] * (2 * dimension)
            self.at[position.name] = (
                position.start + position.extent / samples * np.arange(samples)
            ).reshape([*place[:number], samples, *place[number + 1 :]])
            at = dimension + number
            self.at[momentum.name] = middles.reshape([*place[:at], 2 * count - 1, *place[at + 1 :]])
            self._counts.append(count)
            self._samples.append(samples)

    def values(self, formula: MatrixFormula, bands: int) -> np.ndarray:
        """A formula at the coordinates; a scalar stands for a multiple of the identity."""
        found = formula(**self.at)
        found = found.reshape(*found.shape[:2], *(found.shape[2:] or [1] * len(self.at)))
        return found * np.eye(bands).reshape(bands, bands, *[1] * len(self.at)) if len(found) == 1 else found

    def matrix(self, values: np.ndarray) -> np.ndarray:
        """The matrix of a symbol from its values: Hermitian if they are."""
        bands, dimension = len(values), len(self._counts)
        middles = [2 * count - 1 for count in self._counts]
        full = np.broadcast_to(values, (bands, bands, *self._samples, *middles))
        # Where r begins is a phase of each wave, the same for all symbols.
        harmonics = np.fft.fftn(full, axes=range(2, 2 + dimension), norm="forward")
        rows = np.indices((*self._counts, *self._counts))
        to, back = rows[:dimension], rows[dimension:]
        apart = [(a - b) % n for a, b, n in zip(to, back, self._samples, strict=True)]
        elements = harmonics[(slice(None), slice(None), *apart, *(to + back))]
        size = bands * int(np.prod(self._counts))
        order = [0, *range(2, 2 + dimension), 1, *range(2 + dimension, 2 + 2 * dimension)]
        return elements.transpose(order).reshape(size, size)


def _posed(problem: ReferenceProblem) -> tuple[Hamiltonian, tuple[MatrixFormula, ...], int, int]:
    """H, the formulas of the state, and the numbers of q and of further waves."""
    hamiltonian, state = problem.hamiltonian, problem.state
    space, kind = hamiltonian.space, getattr(problem.state, "kind", type(problem.state).__name__)
    if "t" in hamiltonian.symbol.variables or hamiltonian.fields is not None:
        raise MeasurementError("reference plane_waves: expected a static Hamiltonian without fields")
    if not space.positions or len(space.positions) != len(space.momenta) or space.brackets:
        raise MeasurementError("reference plane_waves: expected a position for each momentum, and no field")
    if any(axis.kind != "ring" for axis in space.positions):
        raise MeasurementError("reference plane_waves: expected rings for positions, got a box")
    if kind == "formula" and not state.normalise:
        texts = (state.matrix,)
    elif kind == "star_occupations" and state.order == 0 and hamiltonian.bands == 2:
        texts = state.bands
    else:
        raise MeasurementError(
            "reference plane_waves: expected a formula that is not normalised, or star_occupations of order 0 in two bands, "
            f"got a state of kind {kind!r}"
        )
    formulas = tuple(
        MatrixFormula.parse(text, variables=space.names, parameters=state.parameters) for text in texts
    )
    return hamiltonian, formulas, int(problem.option("offsets", 1)), int(problem.option("beyond", 0))


@lru_cache(maxsize=1)
def _solve(
    hamiltonian: Hamiltonian, state: tuple[MatrixFormula, ...], offsets: int, beyond: int
) -> list[tuple[_Waves, tuple[np.ndarray, np.ndarray, np.ndarray]]]:
    """For each q its waves, and levels and eigenvectors of H with ρ between them."""
    space = hamiltonian.space
    units = [2 * np.pi * space.hbar / axis.extent for axis in space.positions]
    out = []
    for shares in product(range(offsets), repeat=len(units)):
        waves = _Waves(space, tuple(u * s / offsets for u, s in zip(units, shares, strict=True)), beyond)
        energy = waves.values(hamiltonian.symbol, hamiltonian.bands)
        occupied = [waves.values(formula, hamiltonian.bands) for formula in state]
        field = occupied[0] if len(occupied) == 1 else _in_local_bands(energy, occupied)
        levels, vectors = np.linalg.eigh(waves.matrix(energy))
        density = vectors.conj().T @ waves.matrix(_of_one_zone(field, waves, space)) @ vectors
        out.append((waves, (levels, vectors, density)))
    return out


def _in_local_bands(energy: np.ndarray, occupied: list[np.ndarray]) -> np.ndarray:
    """f₀P₀ + f₁P₁ of two bands, P = (1 ∓ ĥ·σ)/2."""
    half = 0.5 * (energy[0, 0] - energy[1, 1])
    traceless = np.array([[half, energy[0, 1]], [energy[1, 0], -half]])
    unit = traceless / np.sqrt(np.abs(half) ** 2 + np.abs(energy[0, 1]) ** 2)
    lower, upper = occupied
    return 0.5 * (lower + upper + (upper[0, 0] - lower[0, 0]) * unit)


def _of_one_zone(field: np.ndarray, waves: _Waves, space: PhaseSpace) -> np.ndarray:
    """The state between the ends of its momenta, and 0 beyond them.

    Raises
    ------
    MeasurementError : if it does not vanish at an end.
    """
    largest = float(np.abs(field).max())
    for axis in space.momenta:
        k = waves.at[axis.name]
        inside = (k >= axis.start) & (k < axis.stop)
        field = np.where(inside, field, 0.0)
        place = field.ndim - k.ndim + int(np.argmax(k.shape))
        ends = np.flatnonzero(inside)[[0, -1]]
        share = (
            float(np.abs(np.take(field, ends, axis=place)).max() / largest) if field.shape[place] > 1 else 1.0
        )
        if share > _EDGE:
            raise MeasurementError(
                f"reference plane_waves: expected a state that vanishes at the ends of {axis.name}, got {share:.0e} of its "
                "largest value; widen the axis, or narrow the state"
            )
    return field

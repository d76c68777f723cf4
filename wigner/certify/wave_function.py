"""Wave functions of the same problem, moved by an independent method on their own grid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import scipy.fft

from ..errors import MeasurementError
from .problem import Packet, ReferenceProblem, momentum_amplitude

if TYPE_CHECKING:
    from ..models import Hamiltonian, Term

__all__ = ["WaveSolution", "solve_wave_function"]

# Symmetric composition of order 8, 17 stages: Kahan & Li, Math. Comp. 66, 1089 (1997); also Hairer, Lubich &
# Wanner, Geometric Numerical Integration (V.3.13).
_HALF = (
    0.13020248308889008088,
    0.56116298177510838456,
    -0.38947496264484728641,
    0.15884190655515560090,
    -0.39590389413323757734,
    0.18453964097831570709,
    0.25837438768632204729,
    0.29501172360931029887,
)
STAGES = (*_HALF, 1 - 2 * sum(_HALF), *reversed(_HALF))

_MAX_REFINEMENTS = 14


@dataclass(frozen=True, eq=False)
class WaveSolution:
    """Wave functions on the grid of a reference solution.

    Parameters
    ----------
    times : shape (times,).
    positions, momenta : samples of every axis, momenta in FFT order.
    hbar : ħ.
    psi : complex (times, N, *positions); Σ|ψ|² ∏Δr = 1.
    error : largest norm of ψ(step) − ψ(step/2) over the times, at the coarser of the two accepted steps.
    """

    times: np.ndarray
    positions: tuple[np.ndarray, ...]
    momenta: tuple[np.ndarray, ...]
    hbar: float
    psi: np.ndarray
    error: float

    @property
    def cell(self) -> float:
        """∏Δr."""
        return float(np.prod([x[1] - x[0] for x in self.positions]))

    def broadcast(self, arrays: tuple[np.ndarray, ...]) -> list[np.ndarray]:
        """One array an axis, shaped to broadcast over the grid."""
        return _broadcast(arrays)

    def fourier(self, index: int) -> np.ndarray:
        """Unitary transform of ψ(times[index]) over all space dimensions, norm as ψ's."""
        axes = tuple(range(1, len(self.positions) + 1))
        return np.asarray(scipy.fft.fftn(self.psi[index], axes=axes, norm="ortho"))


def solve_wave_function(problem: ReferenceProblem) -> WaveSolution:
    r"""Solve iħ ∂_tψ = H ψ for the packet of a problem, in one or more dimensions, to about 1e-10.

    .. math:: ψ(t+h) = \prod_s Φ_{γ_s h} ψ(t), \qquad
              Φ_τ = e^{−iA τ/2ħ} e^{−iB τ/ħ} e^{−iA τ/2ħ}, \quad H = A + B + … \text{ frozen at mid-step}

    Each Hamiltonian term is exponentiated point by point after a Fourier transform of the positions
    conjugate to its momenta. The 17-stage composition has order 8; the step is halved until ψ changes by
    less than `tolerance`.

    Other Parameters
    ----------------
    points : option; grid points an axis, default twice those of the run. A number or one an axis.
    extent : option; length of the box axes, centred on the run's, default the run's. A number or one an axis.
    tolerance : option; accepted change of ψ between step h and h/2, default 1e-9 (the error at h/2 is some
        200 times less).
    edge : option; largest probability allowed in the outer 2 % of a box axis and of the momenta, default
        1e-8.

    Raises
    ------
    MeasurementError : if the Poisson tensor is not canonical, the step does not converge, or ψ reaches an
    edge of its grid.
    """
    hamiltonian = problem.hamiltonian
    dimension = len(hamiltonian.space.positions)
    points = _vector(
        problem.option("points", [2 * axis.points for axis in hamiltonian.space.positions]), dimension
    )
    extent = _vector(
        problem.option("extent", [axis.extent for axis in hamiltonian.space.positions]), dimension
    )
    return _solve(
        hamiltonian,
        problem.packet,
        tuple(float(t) for t in problem.times),
        tuple(int(n) for n in points),
        tuple(float(length) for length in extent),
        float(problem.option("tolerance", 1e-9)),
        float(problem.option("edge", 1e-8)),
    )


# One run asks for several quantities of one solution: it is solved once.
@lru_cache(maxsize=2)
def _solve(
    hamiltonian: Hamiltonian,
    packet: Packet,
    times: tuple[float, ...],
    points: tuple[int, ...],
    extent: tuple[float, ...],
    tolerance: float,
    edge: float,
) -> WaveSolution:
    space = hamiltonian.space
    if space.brackets or len(space.momenta) != len(space.positions):
        raise MeasurementError(
            "reference wave_function: expected a canonical Poisson tensor, one momentum a position"
        )
    positions, momenta = [], []
    for axis, count, length in zip(space.positions, points, extent, strict=True):
        if axis.kind == "ring" and not np.isclose(length, axis.extent):
            raise MeasurementError(
                f"reference wave_function: expected the ring {axis.name} at its own extent"
            )
        start = axis.start + (axis.extent - length) / 2
        positions.append(start + length / count * np.arange(count))
        momenta.append(space.hbar * 2 * np.pi * np.fft.fftfreq(count, length / count))
    start_psi = _packet_on_grid(hamiltonian, packet, positions, momenta, times[0])
    mover = _Mover(hamiltonian, tuple(positions), tuple(momenta))
    coarse, previous = mover.run(start_psi, times, 1), np.inf
    cell = float(np.prod([x[1] - x[0] for x in positions]))
    for refinement in range(1, _MAX_REFINEMENTS):
        fine = mover.run(start_psi, times, 2**refinement)
        error = float(np.linalg.norm((fine - coarse).reshape(len(times), -1), axis=1).max() * np.sqrt(cell))
        if error <= tolerance:
            solution = WaveSolution(
                np.array(times), tuple(positions), tuple(momenta), space.hbar, fine, error
            )
            _check_edges(hamiltonian, solution, edge)
            return solution
        if error < 1e-6 and error > previous / 4:
            break  # rounding, which more steps only add to
        coarse, previous = fine, error
    raise MeasurementError(
        f"reference wave_function: ψ still changes by {error:.1e} when the step is halved; "
        "take fewer points or a smaller extent"
    )


def _vector(values: object, dimension: int) -> np.ndarray:
    return np.broadcast_to(np.atleast_1d(np.asarray(values)), (dimension,))


def _broadcast(arrays: tuple[np.ndarray, ...] | list[np.ndarray]) -> list[np.ndarray]:
    return [
        a.reshape([-1 if other == index else 1 for other in range(len(arrays))])
        for index, a in enumerate(arrays)
    ]


def _packet_on_grid(
    hamiltonian: Hamiltonian, packet: Packet, positions: list[np.ndarray], momenta: list[np.ndarray], t: float
) -> np.ndarray:
    """ψ as a Fourier sum of its momentum amplitudes, where the projection onto a band is pointwise."""
    amplitude = momentum_amplitude(hamiltonian, packet, _broadcast(momenta), t)
    axes = tuple(range(1, len(positions) + 1))
    for x, k in zip(_broadcast(positions), _broadcast(momenta), strict=True):
        amplitude = amplitude * np.exp(1j * k * x.flat[0] / hamiltonian.space.hbar)
    psi = np.asarray(scipy.fft.ifftn(amplitude, axes=axes))
    cell = np.prod([x[1] - x[0] for x in positions])
    return psi / np.sqrt(np.sum(np.abs(psi) ** 2) * cell)


def _check_edges(hamiltonian: Hamiltonian, solution: WaveSolution, edge: float) -> None:
    space = hamiltonian.space
    remedies = {}
    # Momenta first: a packet cut in momentum is spread out in position as well.
    for number, (position, momentum) in enumerate(zip(space.positions, space.momenta, strict=True)):
        k = solution.momenta[number]
        zones = k[1] * len(k) / momentum.extent
        # A grid of whole Brillouin zones may wrap: H is the same on either side.
        if momentum.kind == "box" or abs(zones - round(zones)) > 1e-9:
            remedies[space.names.index(momentum.name)] = (number, "points")
        if position.kind == "box":
            remedies[number] = (number, "extent")
    for index, t in enumerate(solution.times):
        densities = {
            "points": np.fft.fftshift(np.sum(np.abs(solution.fourier(index)) ** 2, axis=0)),
            "extent": np.sum(np.abs(solution.psi[index]) ** 2, axis=0),
        }
        for axis, (number, option) in sorted(remedies.items(), reverse=True):
            others = tuple(a for a in range(len(solution.positions)) if a != number)
            weight = densities[option].sum(axis=others) * solution.cell
            rim = max(1, len(weight) // 100)
            if weight[:rim].sum() + weight[-rim:].sum() > edge:
                raise MeasurementError(
                    f"reference wave_function: ψ reaches the edge of {space.names[axis]} on its own grid at "
                    f"t = {t:.6g}; raise reference_options.{option}"
                )


class _Mover:
    """Applies the composition; the exponentials of a static H are kept, one for each different stage."""

    def __init__(
        self, hamiltonian: Hamiltonian, positions: tuple[np.ndarray, ...], momenta: tuple[np.ndarray, ...]
    ) -> None:
        self.hbar = hamiltonian.space.hbar
        self.static = hamiltonian.is_static
        self.flows = [self._flow(hamiltonian, term, positions, momenta) for term in hamiltonian.terms]

    @staticmethod
    def _flow(
        hamiltonian: Hamiltonian,
        term: Term,
        positions: tuple[np.ndarray, ...],
        momenta: tuple[np.ndarray, ...],
    ) -> tuple[tuple[int, ...], Callable[[float], np.ndarray]]:
        """The transformed axes of ψ and the matrix of one term as a function of time."""
        space = hamiltonian.space
        names = [axis.name for axis in space.positions]
        partners = [space.partner(name) for name in names]
        values = dict(zip(names, _broadcast(positions), strict=True))
        values |= dict(zip([p or "" for p in partners], _broadcast(momenta), strict=True))
        own = {name: values[name] for name in term.coordinates}
        axes = tuple(1 + n for n, partner in enumerate(partners) if partner in term.coordinates)
        return axes, lambda t: np.asarray(term.symbol(t=t, **own))

    def run(self, psi: np.ndarray, times: tuple[float, ...], substeps: int) -> np.ndarray:
        """ψ at all times with `substeps` composition steps an interval."""
        result = [psi]
        gaps = np.diff(times)
        # Equal intervals differ in the last bit; one length for all of them lets the exponentials be kept.
        if gaps.size and np.ptp(gaps) <= 1e-10 * gaps.max():
            gaps = np.full_like(gaps, gaps.mean())
        self.kept: dict[tuple[int, float], np.ndarray] = {}
        for start, gap in zip(times[:-1], gaps, strict=True):
            h = float(gap) / substeps
            for step in range(substeps):
                t = start + step * h
                for stage in STAGES:
                    psi = self._strang(psi, t + stage * h / 2, stage * h)
                    t += stage * h
            result.append(psi)
        return np.array(result)

    def _strang(self, psi: np.ndarray, middle: float, step: float) -> np.ndarray:
        last = len(self.flows) - 1
        for number in [*range(last), last, *reversed(range(last))]:
            axes, matrix = self.flows[number]
            length = step if number == last else step / 2
            key = (number, length)
            factor = self.kept.get(key)
            if factor is None:
                factor = _exponential(matrix(middle), length / self.hbar)
                if self.static:
                    if len(self.kept) > 18 * len(self.flows):
                        self.kept.clear()
                    self.kept[key] = factor
            if axes:
                psi = scipy.fft.fftn(psi, axes=axes)
            psi = factor[0] * psi if len(psi) == 1 else np.sum(factor * psi, axis=1)
            if axes:
                psi = scipy.fft.ifftn(psi, axes=axes)
        return psi


def _exponential(matrix: np.ndarray, step: float) -> np.ndarray:
    """exp(−i M step) at every point; M of shape (N, N, *grid)."""
    if len(matrix) == 1:
        return np.asarray(np.exp(-1j * step * matrix.real))
    levels, vectors = np.linalg.eigh(np.moveaxis(matrix, (0, 1), (-2, -1)))
    product = (vectors * np.exp(-1j * step * levels)[..., None, :]) @ np.swapaxes(vectors.conj(), -1, -2)
    return np.ascontiguousarray(np.moveaxis(product, (-2, -1), (0, 1)))

"""A driven crystal without positions: every momentum by itself, and the Chern number of a cycle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import scipy.integrate
import scipy.special

from ..errors import MeasurementError
from ..models import Hamiltonian
from .problem import ReferenceProblem

__all__ = ["chern_pump", "crystal_momenta"]

_TOLERANCE = 1e-11
# What a pump is read from: its integral, or its winding.
_CHARGES = ("current_x", "polarisation_x")


def crystal_momenta(problem: ReferenceProblem, quantity: str) -> np.ndarray:
    r"""Current of a uniform crystal on one line of momenta, from the density matrix of each momentum by DOP853.

    .. math:: iħ \dot ρ_k = [H(k, t), ρ_k], \qquad ρ_k(t_0) = f(H(k, t_0)), \qquad
              j = ∫ \frac{dk}{2πħ} \operatorname{tr} ρ_k ∂_kH

    Parameters
    ----------
    problem : H(k, t) on the axis k alone; a `fermi` or `filled` state.
    quantity : ``current_x``; of ``polarisation_x`` its change, ∫j dt by the trapezoidal rule.

    Other Parameters
    ----------------
    points : option; momenta, default those of the run.

    Returns
    -------
    Array (times,), to about 1e-10 of the largest current.

    Raises
    ------
    MeasurementError : for another problem, state or quantity, or if the solver fails.
    """
    name, space = "crystal_momenta", problem.hamiltonian.space
    _check_line(problem, name)
    if quantity not in _CHARGES:
        raise MeasurementError(f"reference {name}: expected {' or '.join(_CHARGES)}, got {quantity!r}")
    points = int(problem.option("points", space.momenta[0].points))
    times = tuple(float(t) for t in problem.times)
    currents = _currents(problem.hamiltonian, _Filling.of(problem.state, name), times, points)
    if quantity == "current_x":
        return currents
    return np.asarray(scipy.integrate.cumulative_trapezoid(currents, times, initial=0.0))


def chern_pump(problem: ReferenceProblem, quantity: str) -> float:
    r"""Charge that a full cycle of filled bands carries: minus their Chern number over momentum and time.

    .. math:: Q = −\frac{1}{2π} ∫_0^T dt ∫ dk \, Ω_{kt}, \qquad Ω_{kt} = i \sum_n (⟨∂_ku_n|∂_tu_n⟩ − ⟨∂_tu_n|∂_ku_n⟩)

    By the phases of det⟨u_n|u_m⟩ around each plaquette of a grid in k and t, which add up to a whole number.

    Parameters
    ----------
    problem : H(k, t) on one zone of k alone, the same at the first and at the last of the times.
    quantity : ``current_x``, whose integral this is, or ``polarisation_x``, whose winding it is.

    Other Parameters
    ----------------
    filled : option; number of filled bands, default 1.
    points : option; samples of k and of t each, default 48.

    Raises
    ------
    MeasurementError : if H is not periodic in k and t, or the bands touch on the grid.

    Notes
    -----
    Source: Thouless, Phys. Rev. B 27, 6083 (1983); Fukui, Hatsugai and Suzuki, J. Phys. Soc. Jpn. 74, 1674 (2005).
    """
    name = "chern_pump"
    _check_line(problem, name)
    if quantity not in _CHARGES:
        raise MeasurementError(f"reference {name}: expected {' or '.join(_CHARGES)}, got {quantity!r}")
    axis, symbol = problem.hamiltonian.space.momenta[0], problem.hamiltonian.symbol
    filled, points = int(problem.option("filled", 1)), int(problem.option("points", 48))
    if not 0 < filled < problem.hamiltonian.bands:
        raise MeasurementError(f"reference {name}: expected filled in 1 … {problem.hamiltonian.bands - 1}")
    fractions = np.arange(points + 1) / points
    k = axis.start + axis.extent * fractions[:, None]
    t = problem.times[0] + (problem.times[-1] - problem.times[0]) * fractions[None, :]
    size = symbol.size
    h = np.moveaxis(
        np.broadcast_to(symbol(**{axis.name: k, "t": t}), (size, size, len(k), t.size)), (0, 1), (2, 3)
    )
    scale = float(np.abs(h).max())
    if (
        axis.kind != "zone"
        or max(np.abs(h[0] - h[-1]).max(), np.abs(h[:, 0] - h[:, -1]).max()) > 1e-9 * scale
    ):
        raise MeasurementError(
            f"reference {name}: expected H with the period of its zone, and of the run in time"
        )
    levels, vectors = np.linalg.eigh(h[:-1, :-1])
    if np.min(levels[..., filled] - levels[..., filled - 1]) < 1e-6 * scale:
        raise MeasurementError(f"reference {name}: expected a gap above {filled} bands at every k and t")
    u = vectors[..., :filled]
    links = [np.linalg.det(u.conj().swapaxes(-1, -2) @ np.roll(u, -1, axis)) for axis in (0, 1)]
    around = links[0] * np.roll(links[1], -1, 0) * np.roll(links[0], -1, 1).conj() * links[1].conj()
    # The phase of ⟨u|u'⟩ is −A dz with A = i⟨u|∂u⟩, and that around a plaquette −Ω dk dt.
    return float(np.angle(around).sum() / (2 * np.pi))


def _check_line(problem: ReferenceProblem, name: str) -> None:
    if len(problem.hamiltonian.space.axes) != 1:
        names = ", ".join(problem.hamiltonian.space.names)
        raise MeasurementError(f"reference {name}: expected one momentum and no position, got {names}")


@dataclass(frozen=True)
class _Filling:
    """f of the levels of a state: the lowest ones full, or Fermi's function."""

    filled: int | None = None
    potential: float = 0.0
    temperature: float = 0.0

    @classmethod
    def of(cls, state: Any, name: str) -> _Filling:
        kind = getattr(state, "kind", type(state).__name__)
        if kind == "filled":
            return cls(filled=state.filled)
        if kind == "fermi":
            return cls(potential=state.chemical_potential, temperature=state.temperature)
        raise MeasurementError(f"reference {name}: expected a state fermi or filled, got {kind!r}")

    def __call__(self, levels: np.ndarray) -> np.ndarray:
        if self.filled is not None:
            return np.broadcast_to(np.arange(levels.shape[-1]) < self.filled, levels.shape).astype(float)
        if self.temperature == 0:
            return np.heaviside(self.potential - levels, 0.5)
        return np.asarray(scipy.special.expit((self.potential - levels) / self.temperature))


@lru_cache(maxsize=2)
def _currents(
    hamiltonian: Hamiltonian,
    filling: Callable[[np.ndarray], np.ndarray],
    times: tuple[float, ...],
    points: int,
) -> np.ndarray:
    axis, hbar, size = hamiltonian.space.momenta[0], hamiltonian.space.hbar, hamiltonian.bands
    k = axis.start + axis.extent * np.arange(points) / points
    slope = hamiltonian.symbol.derivative(axis.name)

    def at(symbol: Callable[..., np.ndarray], t: float) -> np.ndarray:
        return np.moveaxis(np.broadcast_to(symbol(**{axis.name: k, "t": t}), (size, size, points)), -1, 0)

    levels, vectors = np.linalg.eigh(at(hamiltonian.symbol, times[0]))
    start = (vectors * filling(levels)[:, None, :]) @ vectors.conj().swapaxes(-1, -2)

    def rate(t: float, flat: np.ndarray) -> np.ndarray:
        rho, h = flat.reshape(points, size, size), at(hamiltonian.symbol, t)
        return np.asarray(-1j / hbar * (h @ rho - rho @ h)).ravel()

    solution = scipy.integrate.solve_ivp(
        rate, (times[0], times[-1]), start.ravel(), "DOP853", times, rtol=_TOLERANCE, atol=_TOLERANCE
    )
    if not solution.success:
        raise MeasurementError(f"reference crystal_momenta: {solution.message}")
    rho = solution.y.T.reshape(len(times), points, size, size)
    found = [np.einsum("kab,kba->", at(slope, t), r).real for t, r in zip(times, rho, strict=True)]
    return np.array(found) * axis.extent / points / (2 * np.pi * hbar)

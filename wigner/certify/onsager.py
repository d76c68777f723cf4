"""Levels of a closed orbit in a magnetic field, by semiclassical quantisation of H alone."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from ..errors import MeasurementError
from .levels import expect_quantity
from .problem import ReferenceProblem

__all__ = ["onsager"]

_ANGLES = 96
_STEP = 1e-4
# A Berry phase of π counts as −π sgn b, so that the level at a touching point is n = 0.
_EDGE = 1e-6


def onsager(problem: ReferenceProblem, quantity: str) -> float:
    r"""Level n of the orbit around a minimum of a band, with its Berry phase and its orbital moment.

    .. math:: S(E) − ħbγ(E) = 2πħ|b| (n + \tfrac12), \qquad S = \text{area of } \{k: ε(k) − ħbM(k) < E\}, \qquad
              γ = −\arg ∏_j ⟨u_j|u_{j+1}⟩, \quad −π ≤ γ \operatorname{sgn} b < π

    .. math:: M = \operatorname{Im} \sum_m \frac{⟨u|∂_xH|m⟩⟨m|∂_yH|u⟩}{ε − ε_m}

    Parameters
    ----------
    problem : {kx, ky} = b and no positions. Options: ``centre``, the two momenta of the minimum; ``band``, from below;
        ``n``, 0, 1, …; ``berry_phase`` and ``moment``, true unless one is to be left out.
    quantity : ``star_level`` or ``landau_level``.

    Returns
    -------
    The energy, with an error of second order in b. Orbits are found along rays from the centre, which must meet each once.
    Source: Onsager; Roth; Xiao, Chang and Niu, Rev. Mod. Phys. 82, 1959 (2010), section VII.

    Raises
    ------
    MeasurementError : for another problem, or if no orbit has that area.
    """
    name = "onsager"
    hamiltonian = problem.hamiltonian
    space, symbol = hamiltonian.space, hamiltonian.symbol
    expect_quantity(name, quantity, ("star_level", "landau_level"))
    if space.names != ("kx", "ky") or not space.poisson_tensor.any() or not hamiltonian.is_static:
        raise MeasurementError(
            f"reference {name}: expected a static H on kx and ky alone, with {{kx, ky}} = b"
        )
    field = space.hbar * float(space.poisson_tensor[0, 1])
    missing = [key for key in ("centre", "band", "n") if key not in problem.options]
    if missing:
        raise MeasurementError(f"reference {name}: expected {', '.join(missing)} in reference_options")
    centre, band = np.array(problem.option("centre", None), dtype=float), int(problem.option("band", 0))
    angles = 2 * np.pi * np.arange(_ANGLES) / _ANGLES
    rays = np.array([np.cos(angles), np.sin(angles)])

    def matrices(k: np.ndarray) -> np.ndarray:
        return np.moveaxis(symbol(kx=k[0], ky=k[1]), (0, 1), (-2, -1))

    def energy(k: np.ndarray) -> np.ndarray:
        """ε − ħbM at momenta (2, …)."""
        levels, vectors = np.linalg.eigh(matrices(k))
        shifted = levels[..., band]
        if not problem.option("moment", True):
            return np.asarray(shifted)
        adjoint = vectors.conj().swapaxes(-1, -2)
        x, y = (
            adjoint @ ((matrices(k + step) - matrices(k - step)) / (2 * _STEP)) @ vectors
            for step in (
                np.reshape([_STEP, 0], (2, *[1] * (k.ndim - 1))),
                np.reshape([0, _STEP], (2, *[1] * (k.ndim - 1))),
            )
        )
        gaps = levels[..., band, None] - levels
        gaps[..., band] = np.inf
        moment = np.sum((x[..., band, :] * y[..., :, band]).imag / gaps, axis=-1)
        return np.asarray(shifted - field * moment)

    def orbit(level: float) -> np.ndarray:
        """Distance from the centre along each ray, by bisection for all rays at once."""
        low, high = np.zeros(_ANGLES), np.full(_ANGLES, reach)
        for _ in range(60):
            middle = 0.5 * (low + high)
            inside = energy(centre[:, None] + middle * rays) < level
            low, high = np.where(inside, middle, low), np.where(inside, high, middle)
        return 0.5 * (low + high)

    def defect(level: float) -> float:
        radius = orbit(level)
        area = np.pi * float(np.mean(radius**2))
        phase = 0.0
        if problem.option("berry_phase", True):
            u = np.linalg.eigh(matrices(centre[:, None] + radius * rays))[1][..., band]
            links = np.einsum("ja,ja->j", u.conj(), np.roll(u, -1, axis=0))
            turn = np.sign(field) * -float(np.angle(np.prod(links)))
            phase = np.sign(field) * ((turn + np.pi + _EDGE) % (2 * np.pi) - np.pi - _EDGE)
        return area - field * phase - 2 * np.pi * abs(field) * (int(problem.option("n", 0)) + 0.5)

    reach = float(problem.option("reach", 0.45 * min(axis.extent for axis in space.axes) / 2))
    ring = energy(centre[:, None] + reach * rays)
    bottom = float(energy(centre[:, None] + 1e-6 * rays).min())
    low, high = bottom + 1e-9 * abs(float(ring.min()) - bottom), float(ring.min())
    if not defect(low) <= 0 <= defect(high):
        raise MeasurementError(
            f"reference {name}: expected an orbit around the centre with that area inside {reach:g}, got none; "
            "choose another n, or reference_options.reach"
        )
    return float(brentq(defect, low, high, xtol=1e-12))

"""The momentum-space fields of massive Dirac fermions whose mass changes, in closed form."""

from __future__ import annotations

import numpy as np

from ..errors import MeasurementError
from .problem import ReferenceProblem

__all__ = ["dirac_faraday"]

_SAME = 1e-9
_STEP = 1e-4


def dirac_faraday(problem: ReferenceProblem, quantity: str) -> np.ndarray:
    r"""Fictitious fields in the momenta of H = v(k_xσ_1 + k_yσ_2) + m(t)σ_3 that changes slowly.

    .. math:: 𝓔 = \frac{v^2 \dot m}{E^3} \hat z × k, \qquad \dot{𝓑} = \frac{v^2 \dot m (v^2k^2 − 2m^2)}{E^5}, \qquad
              E^2 = v^2k^2 + m^2

    Parameters
    ----------
    problem : two bands on kx and ky, with that H everywhere on the grid.
    quantity : ``momentum_electric_kx``, ``momentum_electric_ky`` or ``momentum_magnetic_rate``.

    Returns
    -------
    Array (times, points of kx, points of ky). ṁ by central differences of fourth order. Source: Wong and Tserkovnyak,
    section III B and Fig. 7.

    Raises
    ------
    MeasurementError : for another H or quantity.
    """
    name, known = "dirac_faraday", ("momentum_electric_kx", "momentum_electric_ky", "momentum_magnetic_rate")
    if quantity not in known:
        raise MeasurementError(f"reference {name}: expected one of {', '.join(known)}, got {quantity!r}")
    space, symbol = problem.hamiltonian.space, problem.hamiltonian.symbol
    if space.names != ("kx", "ky") or symbol.size != 2:
        raise MeasurementError(f"reference {name}: expected two bands on kx and ky alone")
    kx, ky = np.meshgrid(*(axis.values for axis in space.axes), indexing="ij")

    def at(x: float, y: float, t: float) -> np.ndarray:
        return np.asarray(symbol(kx=x, ky=y, t=t))

    out = []
    for t in map(float, problem.times):
        rest = at(0, 0, t)
        a, b = at(1, 0, t) - rest, at(0, 1, t) - rest
        square = float(np.trace(a @ a).real) / 2
        gamma = -1j * a @ b / square

        def mass(s: float, gamma: np.ndarray = gamma) -> float:
            return float(np.trace(at(0, 0, s) @ gamma).real) / 2

        m, h = mass(t), _STEP
        rate = (8 * (mass(t + h) - mass(t - h)) - mass(t + 2 * h) + mass(t - 2 * h)) / (12 * h)
        linear = (
            np.multiply.outer(a, kx) + np.multiply.outer(b, ky) + np.multiply.outer(m * gamma, 1 + 0 * kx)
        )
        conditions = (b @ b - square * np.eye(2), a @ b + b @ a, linear - symbol(kx=kx, ky=ky, t=t))
        if max(np.abs(matrix).max() for matrix in conditions) > _SAME * max(1.0, float(np.abs(linear).max())):
            raise MeasurementError(f"reference {name}: expected H = v(kx σ1 + ky σ2) + m(t) σ3")
        k2 = square * (kx**2 + ky**2)
        energy = np.sqrt(k2 + m**2)
        out.append(
            {
                "momentum_electric_kx": -square * rate * ky / energy**3,
                "momentum_electric_ky": square * rate * kx / energy**3,
                "momentum_magnetic_rate": square * rate * (k2 - 2 * m**2) / energy**5,
            }[quantity]
        )
    return np.array(out)

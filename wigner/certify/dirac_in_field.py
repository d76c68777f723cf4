"""Dirac and Weyl fermions in a magnetic field, in closed form: the filled sea and the Landau levels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.integrate import quad

from ..errors import MeasurementError
from .levels import LEVELS, expect_quantity, recorded_levels
from .problem import ReferenceProblem

__all__ = ["dirac_sea", "landau_levels"]

_SAME = 1e-9


@dataclass(frozen=True)
class _Dirac:
    """H = kx A + ky B + m Γ near the origin, with A² = B² = v², AB = iv²Γ, Γ² = 1; bracket = {kx, ky}, field = ħv² of it."""

    a: np.ndarray
    b: np.ndarray
    gamma: np.ndarray
    mass: float
    bracket: float
    field: float


def _read(problem: ReferenceProblem, name: str, **still: float) -> _Dirac:
    """Velocity matrices and mass of H at kx = ky = 0, where the momenta `still` have these values."""
    hamiltonian = problem.hamiltonian
    space, symbol = hamiltonian.space, hamiltonian.symbol
    if not {"kx", "ky"} <= set(space.names) or hamiltonian.bands != 2 or not hamiltonian.is_static:
        raise MeasurementError(f"reference {name}: expected two static bands on kx and ky")
    bracket = float(space.poisson_tensor[space.index("kx"), space.index("ky")])
    origin = {"kx": 0.0, "ky": 0.0, **still}
    a, b = (np.asarray(symbol.derivative(k)(**origin)) for k in ("kx", "ky"))
    rest, square = np.asarray(symbol(**origin)), a @ a
    speed = float(np.trace(square).real) / 2
    if bracket == 0 or speed <= 0:
        raise MeasurementError(f"reference {name}: expected {{kx, ky}} ≠ 0 and bands linear at the origin")
    gamma = -1j * a @ b / speed
    mass = float(np.trace(rest @ gamma).real) / 2
    conditions = (square - speed * np.eye(2), b @ b - square, a @ b + b @ a, rest - mass * gamma)
    if max(np.abs(matrix).max() for matrix in conditions) > _SAME * max(1.0, speed, abs(mass)):
        raise MeasurementError(f"reference {name}: expected H = v(kx σ1 + ky σ2) + m σ3 at the origin")
    return _Dirac(a, b, gamma, mass, bracket, space.hbar * speed * bracket)


def dirac_sea(problem: ReferenceProblem, quantity: str) -> np.ndarray:
    r"""The density matrix of the filled Dirac sea in a field at a probe, all components.

    .. math:: F = \tfrac12 (1 − S), \qquad S = \frac{1}{\sqrt π} ∫_0^∞ \frac{dt}{\sqrt t}
              e^{−t m^2 − (k^2/b) \tanh bt} \big[ (1 − \tanh^2 bt)\, k·σ + m σ_z + m \tanh bt \big]

    Parameters
    ----------
    problem : massive Dirac fermions at the origin of kx and ky, {kx, ky} = b; ħ = v = 1 above and any here. H may be cut off
        far from the origin.
    quantity : the name of a probe of the run.

    Returns
    -------
    Array (times, 4), the same at all times: the state is stationary.

    Raises
    ------
    MeasurementError : for another H, probe or state than the sea with the chemical potential in the gap.
    """
    name = "dirac_sea"
    point = problem.option("probes", {}).get(quantity)
    if point is None or set(point) != {"kx", "ky"}:
        raise MeasurementError(f"reference {name}: expected a probe at kx and ky, got {quantity!r}")
    dirac = _read(problem, name)
    state = problem.state
    cold = getattr(state, "temperature", None) == 0 and getattr(state, "star", False)
    if not cold or not abs(state.chemical_potential) < abs(dirac.mass):
        raise MeasurementError(
            f"reference {name}: expected the state fermi with star = true, temperature 0 and μ in the gap"
        )
    speed = float(np.trace(dirac.a @ dirac.a).real) / 2
    energy = speed * (point["kx"] ** 2 + point["ky"] ** 2)

    def integral(power: int) -> float:
        """∫dt t^{−1/2} e^{…} times (1 − tanh²), 1 or tanh, with t = u²."""

        def integrand(u: float) -> float:
            turn = np.tanh(dirac.field * u * u)
            weight = (1 - turn**2, 1.0, turn)[power]
            return float(2 * weight * np.exp(-((u * dirac.mass) ** 2) - energy / dirac.field * turn))

        return float(quad(integrand, 0, np.inf, epsabs=1e-13, epsrel=1e-12)[0]) / np.sqrt(np.pi)

    along, mass, twist = (integral(power) for power in range(3))
    momentum = point["kx"] * dirac.a + point["ky"] * dirac.b
    sign = along * momentum + dirac.mass * (mass * dirac.gamma + twist * np.eye(2))
    f = (np.eye(2) - sign) / 2
    components = [f[0, 0].real, f[1, 1].real, f[0, 1].real, f[0, 1].imag]
    return np.tile(components, (len(problem.times), 1))


def landau_levels(problem: ReferenceProblem, quantity: str) -> np.ndarray:
    r"""Landau levels of Dirac or Weyl fermions, those that the run records.

    .. math:: E_0 = m \operatorname{sgn} b, \qquad E_{±n} = ±\sqrt{2nħv^2|b| + m^2}, \; n = 1, 2, …

    With a third momentum m is what is left of H at kx = ky = 0, χvk_z for a Weyl node.

    Parameters
    ----------
    problem : Dirac or Weyl fermions at the origin of kx and ky, {kx, ky} = b.
    quantity : ``star_level``, ``landau_level``, or ``landau_degeneracy``, which is |b|/2πħ of each.

    Returns
    -------
    Array (times, levels), with a third momentum (times, levels, its points).

    Raises
    ------
    MeasurementError : for another H or quantity.
    """
    name = "landau_levels"
    expect_quantity(name, quantity, LEVELS)
    still = [axis for axis in problem.hamiltonian.space.axes if axis.name not in ("kx", "ky")]
    if len(still) > 1:
        raise MeasurementError(f"reference {name}: expected kx, ky and at most one more axis")
    wanted = problem.option(LEVELS[quantity], None) or {"below": 0, "above": 0}
    count = wanted["below"] + wanted["above"]
    rows, hbar = [], problem.hamiltonian.space.hbar
    for values in ([{axis.name: float(k)} for axis in still for k in axis.values]) or [{}]:
        dirac = _read(problem, name, **values)
        upper = np.sqrt(2 * abs(dirac.field) * np.arange(1, count + 2) + dirac.mass**2)
        levels = np.concatenate([upper, -upper, [dirac.mass * np.sign(dirac.field)]])
        rows.append(recorded_levels(problem, name, quantity, levels, abs(dirac.bracket) / (2 * np.pi * hbar)))
    each = np.array(rows).T if still else rows[0]
    return np.tile(each, (len(problem.times), *[1] * each.ndim))

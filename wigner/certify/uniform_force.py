"""Exact momentum-space solution of N bands in a uniform force: Landau–Zener and Bloch problems."""

from __future__ import annotations

import numpy as np
from scipy.integrate import solve_ivp

from ..algebra.formula import MatrixFormula
from ..errors import MeasurementError, did_you_mean
from .problem import (
    ReferenceProblem,
    band_projectors,
    momentum_amplitude,
    separated,
    uniform_force,
    wave_number_nodes,
)

__all__ = ["uniform_force_packet"]


def uniform_force_packet(problem: ReferenceProblem, quantity: str) -> np.ndarray:
    r"""A quantity of a packet in N bands T(k) under a uniform force F, each momentum on its own.

    .. math:: iħ \frac{d}{dt} χ_q(t) = T(q + F t) χ_q(t), \qquad ψ(k, t) = χ_{k−Ft}(t), \qquad
              \frac{d⟨x⟩}{dt} = ∫dq\, χ_q^†\, ∂_kT(q+Ft)\, χ_q

    The ordinary differential equations are integrated by DOP853 at uniform momenta over ±9 standard
    deviations of the packet.

    Parameters
    ----------
    problem : static, axes x and k, potential −F x.
    quantity : ``band_population``, ``mean_x``, ``mean_k``, ``mean_k_squared``, ``energy``, or a name in the
        option ``observables`` (a formula in the momentum only).

    Other Parameters
    ----------------
    nodes : option; momenta, odd, default 257; the answer with every second one must agree to 1e-8.

    Returns
    -------
    Array (times,), for ``band_population`` (times, N). Accuracy 1e-9.

    Raises
    ------
    MeasurementError : if the problem is not of this kind, the quantity is unknown, or the nodes are too few.
    """
    name = "uniform_force"
    axis = problem.hamiltonian.space.momenta[0]
    observables = problem.option("observables", {})
    known = [
        "mean_x",
        f"mean_{axis.name}",
        f"mean_{axis.name}_squared",
        "band_population",
        "energy",
        *observables,
    ]
    if quantity not in known:
        raise MeasurementError(f"reference {name}: no quantity {quantity!r}{did_you_mean(quantity, known)}")
    force, offset = uniform_force(problem, name)
    kinetic, _ = separated(problem, name)
    momenta, spacing, states, mean_x = _evolve(problem, force)
    if quantity == "mean_x":
        return mean_x
    if quantity == "energy":
        return _expectation(kinetic(momenta), states, spacing) + offset - force * mean_x
    if quantity == "band_population":
        projectors = band_projectors(kinetic(momenta))
        return np.stack([_expectation(projector, states, spacing) for projector in projectors], axis=-1)
    folded = axis.start + np.mod(momenta - axis.start, axis.extent) if axis.is_periodic else momenta
    if quantity in observables:
        spec = observables[quantity]
        if not isinstance(spec, MatrixFormula):
            spec = MatrixFormula.parse(spec, variables=[axis.name], parameters=dict(problem.parameters))
        if spec.variables - {axis.name}:
            raise MeasurementError(f"reference {name}: expected {quantity!r} to depend on {axis.name} only")
        return _expectation(spec(**{axis.name: folded}), states, spacing)
    moment = folded ** (2 if quantity.endswith("squared") else 1)
    return _expectation(moment[None, None], states, spacing)


def _evolve(problem: ReferenceProblem, force: float) -> tuple[np.ndarray, float, np.ndarray, np.ndarray]:
    """Momenta k (times, nodes), their spacing, ψ(k, t) (times, N, nodes) and ⟨x⟩(t)."""
    hamiltonian, packet, times = problem.hamiltonian, problem.packet, np.asarray(problem.times, dtype=float)
    space = hamiltonian.space
    hbar, axis = space.hbar, space.momenta[0]
    kinetic, _ = separated(problem, "uniform_force")
    q, spacing = wave_number_nodes(packet, hbar, int(problem.option("nodes", 257)) | 1)
    chi = momentum_amplitude(hamiltonian, packet, [q], times[0], centred=True)
    size, count = chi.shape
    modes = 2 * np.pi * np.fft.fftfreq(count, spacing)
    slope = np.fft.ifft(1j * modes * np.fft.fft(chi))
    # ψ(k) carries e^{−ikx₀/ħ}; what the projector adds to ⟨x⟩ is ⟨iħ∂_k⟩ of the rest.
    start_x = packet.position[0] - hbar * spacing * float(np.sum(chi.conj() * slope).imag)
    velocities = [
        term.symbol.derivative(axis.name) for term in hamiltonian.terms if term.coordinates == (axis.name,)
    ]

    def rate(t: float, flat: np.ndarray) -> np.ndarray:
        states = flat[:-2].reshape(size, count)
        k = q + force * (t - times[0])
        change = -1j / hbar * np.sum(kinetic(k) * states, axis=1)
        speeds = np.zeros(count)
        for velocity in velocities:
            speeds += np.sum(states.conj() * np.sum(velocity(**{axis.name: k}) * states, axis=1), axis=0).real
        return np.concatenate([change.ravel(), [speeds.sum() * spacing, speeds[::2].sum() * 2 * spacing]])

    flow = solve_ivp(
        rate,
        (times[0], times[-1]),
        np.concatenate([chi.ravel(), [start_x, start_x]]),
        method="DOP853",
        t_eval=times,
        rtol=1e-11,
        atol=1e-12,
    )
    if not flow.success:
        raise MeasurementError(f"reference uniform_force: {flow.message}")
    _compare(flow.y[-1].real, flow.y[-2].real)
    states = np.moveaxis(flow.y[:-2].reshape(size, count, len(times)), -1, 0)
    return q + force * (times - times[0])[:, None], spacing, states, flow.y[-2].real


def _expectation(matrix: np.ndarray, states: np.ndarray, spacing: float) -> np.ndarray:
    """∫dk ψ†Aψ for A of shape (N, N, times, nodes), or 1×1 for a multiple of the identity."""
    fields = np.moveaxis(states, 1, 0)
    image = matrix[0, 0] * fields if len(matrix) == 1 else np.sum(matrix * fields, axis=1)
    values = np.sum(fields.conj() * image, axis=0).real
    result = values.sum(axis=-1) * spacing
    _compare(values[:, ::2].sum(axis=-1) * 2 * spacing, result)
    return np.asarray(result)


def _compare(coarse: np.ndarray, fine: np.ndarray) -> None:
    change = float(np.abs(coarse - fine).max())
    if change > 1e-8 * max(1.0, float(np.abs(fine).max())):
        raise MeasurementError(
            f"reference uniform_force: every second node changes the answer by {change:.1e}; "
            "raise reference_options.nodes"
        )

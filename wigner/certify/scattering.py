"""Reflection of a packet of linear bands on a potential step or barrier, plane wave by plane wave."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.integrate import solve_ivp

from ..errors import MeasurementError
from .problem import (
    ReferenceProblem,
    band_projectors,
    momentum_amplitude,
    separated,
    wave_number_nodes,
)

__all__ = ["plane_wave_reflection", "reflection_probability", "sauter_reflection", "sharp_reflection"]


def plane_wave_reflection(problem: ReferenceProblem, quantity: str) -> float:
    r"""Probability that a packet from the left is reflected (or transmitted), long after the collision.

    .. math::
        R = ∫dk\, \sum_n |P_n(k)ψ(k)|^2\, R(E_n(k)), \qquad
        ∂_xφ = \frac{i}{ħ} A^{-1}\,[E − B − V(x)]\, φ, \qquad H = A k + B + V(x)

    Left-moving parts of the packet, v_n(k) < 0, never meet the step and count as reflected.

    Parameters
    ----------
    problem : two bands, static, axes x and k, T(k) = A k + B linear (``dirac``), V(x) constant at both ends
        of the x axis, the packet where V is constant on the left.
    quantity : a name beginning with ``reflect`` or ``transmit``, or any name with the option `channel`.

    Other Parameters
    ----------------
    channel : option; ``"reflected"`` or ``"transmitted"``.
    nodes : option; momenta, odd, default 257; the answer with every second one must agree to 1e-8.

    Returns
    -------
    Float; accuracy 1e-9 when all momenta of the packet are clear of thresholds (R has a square-root edge
    there).

    Raises
    ------
    MeasurementError : if the problem is not of this kind or a threshold spoils the average.
    """
    name = "plane_wave_reflection"
    kinetic, potential = separated(problem, name)
    hamiltonian, packet = problem.hamiltonian, problem.packet
    if hamiltonian.bands != 2:
        raise MeasurementError(f"reference {name}: expected two bands, got {hamiltonian.bands}")
    channel = problem.option("channel", "reflected" if quantity.startswith("reflect") else "transmitted")
    if channel not in ("reflected", "transmitted") or not (
        "channel" in problem.options or quantity.startswith(("reflect", "transmit"))
    ):
        raise MeasurementError(
            f"reference {name}: expected option channel = 'reflected' or 'transmitted' for {quantity!r}"
        )
    rest = kinetic(0.0)
    slope = (kinetic(1.0) - kinetic(-1.0)) / 2
    if np.abs(kinetic(2.7) - rest - 2.7 * slope).max() > 1e-12 * max(1.0, float(np.abs(slope).max())):
        raise MeasurementError(f"reference {name}: expected H linear in k")
    hbar, axis = hamiltonian.space.hbar, hamiltonian.space.positions[0]
    k, spacing = wave_number_nodes(packet, hbar, int(problem.option("nodes", 257)) | 1)
    amplitude = momentum_amplitude(hamiltonian, packet, [k], float(problem.times[0]), centred=True)
    left = potential(axis.start)
    incoming = kinetic(k) + left[:, :, None]
    levels = np.linalg.eigvalsh(np.moveaxis(incoming, -1, 0))
    total = np.zeros(len(k))
    for band, projector in enumerate(band_projectors(incoming)):
        part = np.sum(projector * amplitude, axis=1)
        weight = np.sum(np.abs(part) ** 2, axis=0)
        # Only bands the packet has weight in are scattered; 1e-14 of the peak cannot matter at 1e-9.
        used = weight > 1e-14 * weight.max(initial=0.0)
        speed = np.einsum("abk,ba->k", projector, slope).real
        moving = used & (speed > 0)
        total += np.where(speed > 0, 0.0, weight)
        if moving.any():
            total[moving] += weight[moving] * reflection_probability(
                levels[moving, band], slope, rest, potential, axis.start, axis.stop, hbar
            )
    reflected, check = float(total.sum() * spacing), float(total[::2].sum() * 2 * spacing)
    if abs(reflected - check) > 1e-8:
        raise MeasurementError(
            f"reference {name}: every second momentum changes the answer by {abs(reflected - check):.1e}; "
            "keep the packet clear of thresholds or raise reference_options.nodes"
        )
    return reflected if channel == "reflected" else 1 - reflected


def reflection_probability(
    energies: np.ndarray,
    slope: np.ndarray,
    rest: np.ndarray,
    potential: Callable[[float], np.ndarray],
    left: float,
    right: float,
    hbar: float,
) -> np.ndarray:
    """R(E) for H = slope·k + rest + potential(x), waves incident from the left, shape of `energies`.

    Starts from the outgoing or decaying solution at `right`, integrates to `left` by DOP853 (rtol 1e-12) and
    splits it into the incident and reflected waves; the ratio of their probability currents φ†Aφ is R.

    Raises
    ------
    MeasurementError : if the potential is not constant near `left` and `right`, or nothing can come in.
    """
    inverse = np.linalg.inv(slope)
    samples = np.array([potential(x) for x in np.linspace(left, right, 2001)])
    ends = (samples[0], samples[-1])
    for end, near in ((samples[0], samples[20]), (samples[-1], samples[-21])):
        if np.abs(end - near).max() > 1e-9 * max(1.0, float(np.abs(samples).max())):
            raise MeasurementError(
                "reference plane_wave_reflection: expected V(x) constant near both ends of the x axis"
            )
    # The step is integrated over the part of the axis where V really varies.
    varies = np.flatnonzero(
        (np.abs(samples - ends[0]).max(axis=(1, 2)) > 1e-14)
        & (np.abs(samples - ends[1]).max(axis=(1, 2)) > 1e-14)
    )
    grid = np.linspace(left, right, 2001)
    a, b = (
        (grid[max(varies[0] - 1, 0)], grid[min(varies[-1] + 1, 2000)])
        if varies.size
        else (0.0, 1e-9 * (right - left))
    )

    def generator(x_matrix: np.ndarray) -> np.ndarray:
        return 1j / hbar * inverse @ (energies[:, None, None] * np.eye(2) - rest - x_matrix)

    _, transmitted = _modes(generator(ends[1]), slope)

    def rate(x: float, flat: np.ndarray) -> np.ndarray:
        return (generator(potential(x)) @ flat.reshape(-1, 2, 1)).ravel()

    flow = solve_ivp(
        rate, (b, a), transmitted.ravel().astype(complex), method="DOP853", rtol=1e-12, atol=1e-13
    )
    if not flow.success:
        raise MeasurementError(f"reference plane_wave_reflection: {flow.message}")
    incident, reflected = _modes(generator(ends[0]), slope, incoming=True)
    parts = np.linalg.solve(np.stack([incident, reflected], axis=-1), flow.y[:, -1].reshape(-1, 2, 1))[..., 0]
    inward = np.einsum("ea,ab,eb->e", incident.conj(), slope, incident).real
    outward = np.einsum("ea,ab,eb->e", reflected.conj(), slope, reflected).real
    if (inward <= 1e-12).any():
        raise MeasurementError(
            "reference plane_wave_reflection: expected energies that can come in from the left"
        )
    return np.asarray(-(np.abs(parts[:, 1]) ** 2) * outward / (np.abs(parts[:, 0]) ** 2 * inward))


def _modes(
    generator: np.ndarray, slope: np.ndarray, *, incoming: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """The solutions e^{λx} of ∂_xφ = Gφ at every energy: (left-going or growing, right-going or decaying).

    With `incoming` the order is (right-going, left-going), as needed on the side of the source. Shapes
    (energies, 2).
    """
    values, vectors = np.linalg.eig(generator)
    currents = np.einsum("ean,ab,ebn->en", vectors.conj(), slope, vectors).real
    evanescent = np.abs(values.real) > 1e-9 * np.abs(values).max(axis=-1, keepdims=True)
    direction = np.where(evanescent, -values.real, currents)
    order = np.argsort(direction, axis=-1)
    first, second = (np.take_along_axis(vectors, order[:, None, n : n + 1], axis=2)[..., 0] for n in (0, 1))
    return (second, first) if incoming else (first, second)


def sauter_reflection(
    energy: np.ndarray, height: float, length: float, mass: float, velocity: float, hbar: float
) -> np.ndarray:
    r"""R of a Dirac wave, energy E > |m|, on the smooth step V = (V₀/2)[1 + tanh(x/L)].

    .. math::
        R = \frac{\sinh\frac{πL}{2ħ}\big(p − q' + V_0/v\big)\, \sinh\frac{πL}{2ħ}\big(p − q' − V_0/v\big)}
                 {\sinh\frac{πL}{2ħ}\big(p + q' + V_0/v\big)\, \sinh\frac{πL}{2ħ}\big(p + q' − V_0/v\big)},
        \quad vp = \sqrt{E^2−m^2}, \; vq' = ±\sqrt{(E−V_0)^2−m^2}

    with + above the step and − in the Klein zone E < V₀ − |m|; R = 1 between. Source: Sauter, Z. Phys. 73,
    547 (1932).
    """
    energy = np.asarray(energy, dtype=float)
    inside = (energy - height) ** 2 - mass**2
    p = np.sqrt(energy**2 - mass**2) / velocity
    q = np.sign(energy - height) * np.sqrt(np.maximum(inside, 0)) / velocity
    scale, kick = np.pi * length / (2 * hbar), height / velocity
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = (np.sinh(scale * (p - q + kick)) * np.sinh(scale * (p - q - kick))) / (
            np.sinh(scale * (p + q + kick)) * np.sinh(scale * (p + q - kick))
        )
    return np.asarray(np.where(inside > 0, ratio, 1.0))


def sharp_reflection(energy: np.ndarray, height: float, mass: float) -> np.ndarray:
    r"""R of a Dirac wave on the sharp step of height V₀, v and ħ drop out.

    .. math:: R = \Big(\frac{1−κ}{1+κ}\Big)^2, \quad κ = ±\sqrt{\frac{(E−V_0−m)(E+m)}{(E−V_0+m)(E−m)}}

    With group velocities counted, κ > 0 above the step and in the Klein zone alike; R = 1 in the gap.
    """
    energy = np.asarray(energy, dtype=float)
    ratio = (energy - height - mass) * (energy + mass) / ((energy - height + mass) * (energy - mass))
    kappa = np.sqrt(np.maximum(ratio, 0))
    return np.asarray(np.where(ratio > 0, ((1 - kappa) / (1 + kappa)) ** 2, 1.0))

"""Textbook formulas with the finite-packet corrections that make them comparable with a run."""

from __future__ import annotations

import numpy as np

from ..errors import MeasurementError
from .problem import (
    ReferenceProblem,
    band_projectors,
    momentum_amplitude,
    separated,
    uniform_force,
    wave_number_nodes,
)

__all__ = ["bloch_amplitude", "bloch_period", "landau_zener", "packet_averaged_2E"]


def packet_averaged_2E(problem: ReferenceProblem, quantity: str) -> float:
    r"""Angular frequency of zitterbewegung of a packet, the average of twice the energy.

    .. math::
        ω = \frac{Σ_k w(k)\, [E_1(k) − E_0(k)]/ħ}{Σ_k w(k)}, \qquad
        w = |ψ(k)|^2 \;\text{(probability)}, \qquad
        w = \mathrm{Re}\,[ψ^†P_0\,A\,P_1ψ]/E_{10}^n \;\text{(amplitude)}

    Parameters
    ----------
    problem : two bands, axes x and k, potential scalar or absent.
    quantity : the series whose frequency is fitted. It matters for the amplitude weights only: for
        ``mean_x`` the operator is A = ∂_kT with n = 1 (a position is the integral of a velocity), otherwise
        A = ∂_kT with n = 0.

    Other Parameters
    ----------------
    weight : option; ``"probability"`` (default, ⟨2E⟩/ħ) or ``"amplitude"``.

    Notes
    -----
    For H = vkσ_x + mσ_z each momentum contributes ⟨v⟩ = v Re c(k) e^{−2iEt/ħ} + constant, with c ∝ |ψ|² m/E
    for a spinor along σ_y and |ψ|² m²/E² along σ_x. Around k₀ = 0 a Gaussian of width w gives 2E ≈ 2m +
    v²k²/m with ⟨k²⟩ = ħ²/4w² ≡ s², hence an oscillation cos[2mt/ħ + ½ arctan(t/τ)] [1 + (t/τ)²]^{-1/4} with
    τ = ħm/(2v²s²): its frequency starts at ⟨2E⟩/ħ = (2m + v²s²/m)/ħ and falls towards 2m/ħ. A fit over a
    time T thus measures 2m/ħ + (v²s²/mħ)[1 − O(T²/τ²)]: choose w so that T ≪ τ. The two weights differ by
    order (vs/m)⁴ only.

    Returns
    -------
    Float, radians per time.

    Raises
    ------
    MeasurementError : if there are not two bands or the weights are unknown.
    """
    name = "packet_averaged_2E"
    kinetic, _ = separated(problem, name)
    hamiltonian, packet = problem.hamiltonian, problem.packet
    if hamiltonian.bands != 2:
        raise MeasurementError(f"reference {name}: expected two bands, got {hamiltonian.bands}")
    weight = problem.option("weight", "probability")
    if weight not in ("probability", "amplitude"):
        raise MeasurementError(
            f"reference {name}: expected weight 'probability' or 'amplitude', got {weight!r}"
        )
    space = hamiltonian.space
    k, _ = wave_number_nodes(packet, space.hbar, 1025)
    amplitude = momentum_amplitude(hamiltonian, packet, [k], float(problem.times[0]), centred=True)
    matrices = kinetic(k)
    levels = np.linalg.eigvalsh(np.moveaxis(matrices, -1, 0))
    frequency = (levels[:, 1] - levels[:, 0]) / space.hbar
    if weight == "probability":
        weights = np.sum(np.abs(amplitude) ** 2, axis=0)
    else:
        lower, upper = (np.sum(p * amplitude, axis=1) for p in band_projectors(matrices))
        velocity = sum(
            term.symbol.derivative(space.momenta[0].name)(**{space.momenta[0].name: k})
            for term in hamiltonian.terms
            if term.coordinates == (space.momenta[0].name,)
        )
        beat = np.sum(lower.conj() * np.sum(velocity * upper, axis=1), axis=0)
        if quantity == "mean_x":
            beat = beat / frequency
        # The instantaneous frequency −d arg/dt of Σ beat e^{−iωt} at the start.
        weights = beat * np.conj(beat.sum())
        return float((weights @ frequency).real / weights.sum().real)
    return float(weights @ frequency / weights.sum())


def landau_zener(problem: ReferenceProblem, quantity: str) -> float:
    r"""Probability to change the local band in one passage of an avoided crossing.

    .. math:: P = \exp(−π m^2/ħ v F), \qquad T(k) = v k\, n·σ + m\, n'·σ + \text{scalar}, \; n ⟂ n'

    m is half the smallest gap, v half the difference of the asymptotic slopes, F the uniform force: all read
    from H.

    Returns
    -------
    Float. Finite times add up to ħvFm/(2E³)·√(P(1−P)), oscillating; the packet's spread of arrival times
    averages most of it away. `uniform_force_packet` has the exact number.

    Raises
    ------
    MeasurementError : if H is not two linear bands in a uniform force.
    """
    name = "landau_zener"
    force, _ = uniform_force(problem, name)
    kinetic, _ = separated(problem, name)
    rest, slope = kinetic(0.0), (kinetic(1.0) - kinetic(-1.0)) / 2
    scale = float(np.abs(slope).max())
    if len(rest) != 2 or np.abs(kinetic(2.7) - rest - 2.7 * slope).max() > 1e-12 * max(1.0, scale):
        raise MeasurementError(f"reference {name}: expected two bands linear in k")
    slope, rest = (matrix - np.trace(matrix) / 2 * np.eye(2) for matrix in (slope, rest))
    speed = np.sqrt(np.trace(slope @ slope).real / 2)
    along = np.trace(slope @ rest).real / 2 / speed**2
    across = rest - along * slope
    half_gap_squared = np.trace(across @ across).real / 2
    return float(np.exp(-np.pi * half_gap_squared / (problem.hamiltonian.space.hbar * speed * abs(force))))


def bloch_period(problem: ReferenceProblem, quantity: str) -> float:
    r"""Period of Bloch oscillations, the time to cross the Brillouin zone of extent K = 2πħ/a.

    .. math:: T_B = K/|F| = 2πħ/(|F| a)

    Raises
    ------
    MeasurementError : if the momentum axis is not a zone or the potential is not −F x.
    """
    force, _ = uniform_force(problem, "bloch_period")
    axis = problem.hamiltonian.space.momenta[0]
    if axis.kind != "zone":
        raise MeasurementError(
            f"reference bloch_period: expected {axis.name} to be a zone, got a {axis.kind}"
        )
    return axis.extent / abs(force)


def bloch_amplitude(problem: ReferenceProblem, quantity: str) -> float:
    r"""Half the peak-to-peak excursion of ⟨x⟩ of a packet in one cosine band, E = E₀ + E₁ cos(ka/ħ + φ).

    .. math::
        X = \frac{|E_1|}{|F|}\, e^{−a^2/8w^2}, \qquad
        ⟨x⟩ = x_0 + \frac{e^{−a^2/8w^2}}{F}\,[E(k_0+Ft) − E(k_0)]

    E₁ = 2t₁ for ``lattice`` with chain ``single``; the exponential is the packet factor ⟨e^{i(k−k₀)a/ħ}⟩.

    Raises
    ------
    MeasurementError : if there is more than one band, or the band has further harmonics.
    """
    name = "bloch_amplitude"
    force, _ = uniform_force(problem, name)
    kinetic, _ = separated(problem, name)
    hamiltonian, axis = problem.hamiltonian, problem.hamiltonian.space.momenta[0]
    if hamiltonian.bands != 1 or axis.kind != "zone":
        raise MeasurementError(f"reference {name}: expected one band on a zone axis")
    harmonics = np.abs(np.fft.rfft(kinetic(axis.start + axis.extent * np.arange(64) / 64)[0, 0].real)) / 32
    if harmonics[2:].max() > 1e-12 * harmonics[1]:
        raise MeasurementError(f"reference {name}: expected a band with one harmonic, E0 + E1*cos(k*a)")
    spacing = 2 * np.pi * hamiltonian.space.hbar / axis.extent
    return float(harmonics[1] / abs(force) * np.exp(-(spacing**2) / (8 * problem.packet.width[0] ** 2)))

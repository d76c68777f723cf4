"""Stationary scattering against Sauter's step, the sharp step and a moving packet."""

from __future__ import annotations

import numpy as np
import pytest

from wigner.algebra.formula import MatrixFormula
from wigner.algebra.phase_space import Axis, PhaseSpace
from wigner.certify.problem import Packet, ReferenceProblem
from wigner.certify.scattering import (
    plane_wave_reflection,
    reflection_probability,
    sauter_reflection,
    sharp_reflection,
)
from wigner.certify.wave_readings import wave_function
from wigner.errors import MeasurementError
from wigner.models import Hamiltonian

SX = np.array([[0, 1], [1, 0]], dtype=complex)
SZ = np.diag([1.0, -1.0]).astype(complex)


def step_problem(packet, times, *, mass, height, length, hbar=1.0, velocity=1.0, **options):
    space = PhaseSpace((Axis("x", "box", -40.0, 40.0, 256), Axis("k", "box", -5.0, 5.0, 128)), hbar=hbar)
    parameters = {"m": mass, "V": height, "L": length, "v": velocity}
    symbol = MatrixFormula.parse(
        "v*k*sigma_x + m*sigma_z + V*(1+tanh(x/L))/2*sigma_0", variables=("x", "k"), parameters=parameters
    )
    return ReferenceProblem(Hamiltonian(space, symbol), packet, np.asarray(times), parameters, options)


@pytest.mark.parametrize(
    ("height", "length", "hbar", "velocity"),
    [(0.4, 0.8, 1.0, 1.0), (3.5, 0.5, 0.7, 1.3), (3.0, 1.5, 1.0, 1.0)],
)
def test_sauter_step(height, length, hbar, velocity):
    mass = 0.6
    energies = np.array([1.2, 1.5, 1.9]) if height > 1 else np.array([1.1, 1.5, 2.5])
    measured = reflection_probability(
        energies,
        velocity * SX,
        mass * SZ,
        lambda x: height * (1 + np.tanh(x / length)) / 2 * np.eye(2),
        -40.0,
        40.0,
        hbar,
    )
    assert np.abs(measured - sauter_reflection(energies, height, length, mass, velocity, hbar)).max() < 1e-10


def test_gap_reflects_everything():
    energies = np.array([0.9, 1.2])
    measured = reflection_probability(
        energies, SX, 0.6 * SZ, lambda x: 0.5 * (1 + np.tanh(x)) * np.eye(2), -30.0, 30.0, 1.0
    )
    assert np.abs(measured - 1).max() < 1e-9
    assert np.all(sauter_reflection(energies, 1.0, 1.0, 0.6, 1.0, 1.0) == 1)


def test_sharp_step_is_the_limit_of_sauters():
    for height, energies in (
        (0.4, np.array([1.2, 2.0])),
        (3.5, np.array([1.2, 2.0])),
        (1.0, np.array([1.2])),
    ):
        sharp = sharp_reflection(energies, height, 0.6)
        assert np.abs(sauter_reflection(energies, height, 1e-4, 0.6, 1.0, 1.0) - sharp).max() < 1e-6


def test_massless_packet_goes_through():
    packet = Packet((-15.0,), (1.0,), (2.0,), (1.0, 1.0))
    assert (
        plane_wave_reflection(step_problem(packet, [0.0], mass=0.0, height=3.0, length=0.5), "reflected")
        < 1e-12
    )


def test_packet_average_is_what_a_packet_does():
    packet = Packet((-18.0,), (1.4,), (3.0,), band=1)
    given = step_problem(
        packet,
        [0.0, 36.0],
        mass=0.6,
        height=3.4,
        length=0.5,
        observables={"right": "(1+tanh(20*x))/2"},
        points=800,
    )
    transmitted = plane_wave_reflection(given, "transmitted")
    assert 0.2 < transmitted < 0.99
    assert abs(plane_wave_reflection(given, "reflected") + transmitted - 1) < 1e-12
    assert wave_function(given, "right")[-1] == pytest.approx(transmitted, abs=1e-6)


def test_mixed_bands_count_the_wrong_way_movers_as_reflected():
    packet = Packet((-15.0,), (1.2,), (2.5,), (1.0, 0.0))
    free = step_problem(packet, [0.0], mass=0.6, height=0.0, length=1.0, channel="reflected")
    k = 1.2 + 0.2 * np.linspace(-8, 8, 4001)
    weight = np.exp(-(((k - 1.2) / 0.2) ** 2) / 2)
    # |<−|↑>|² = (1 − m/E)/2 moves left for k > 0.
    share = np.where(k > 0, 1, 0) * (1 - 0.6 / np.sqrt(k**2 + 0.36)) / 2
    assert plane_wave_reflection(free, "left") == pytest.approx(np.average(share, weights=weight), abs=1e-7)


def test_refusals():
    packet = Packet((-15.0,), (1.2,), (2.5,), band=1)
    with pytest.raises(MeasurementError, match="channel"):
        plane_wave_reflection(step_problem(packet, [0.0], mass=0.6, height=1.0, length=1.0), "right")
    with pytest.raises(MeasurementError, match="threshold"):
        plane_wave_reflection(step_problem(packet, [0.0], mass=0.6, height=0.75, length=1.0), "reflected")
    with pytest.raises(MeasurementError, match="constant near both ends"):
        plane_wave_reflection(step_problem(packet, [0.0], mass=0.6, height=3.0, length=90.0), "reflected")

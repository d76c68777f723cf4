"""Closed forms and the uniform-force solution against each other, against wave functions and against fits."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import curve_fit

from wigner.algebra.formula import MatrixFormula
from wigner.algebra.phase_space import Axis, PhaseSpace
from wigner.certify.closed_forms import bloch_amplitude, bloch_period, landau_zener, packet_averaged_2E
from wigner.certify.problem import Packet, ReferenceProblem, band_projectors
from wigner.certify.reference import REFERENCES, evaluate_reference
from wigner.certify.uniform_force import uniform_force_packet
from wigner.certify.wave_readings import wave_function
from wigner.errors import MeasurementError
from wigner.models import Hamiltonian


def problem(
    formula, packet, times, *, hbar=1.0, x=(-40.0, 40.0), k=(-6.0, 6.0), zone=False, points=256, **options
):
    axes = (Axis("x", "box", *x, points), Axis("k", "zone" if zone else "box", *k, 64))
    symbol = MatrixFormula.parse(formula, variables=("x", "k"))
    return ReferenceProblem(
        Hamiltonian(PhaseSpace(axes, hbar=hbar), symbol), packet, np.asarray(times), {}, options
    )


def test_projectors_resolve_the_identity_even_where_bands_touch():
    k = np.linspace(-1, 1, 5)
    matrix = np.multiply.outer(np.array([[0, 1], [1, 0]], dtype=complex), k)
    projectors = band_projectors(matrix)
    assert projectors.shape == (2, 2, 2, 5)
    assert np.abs(projectors.sum(axis=0) - np.eye(2)[:, :, None]).max() < 1e-14
    assert np.abs(projectors[:, :, :, 2] - np.eye(2) / 2).max() < 1e-14


def test_zitterbewegung_frequency_is_what_a_fit_measures():
    times = np.linspace(0, 5 * np.pi, 301)
    for spinor, width in (((1, 1), 5.0), ((1, 1j), 5.0), ((1, 1j), 10.0)):
        given = problem("k*sigma_x + sigma_z", Packet((0.0,), (0.0,), (width,), spinor), times,
                        x=(-90.0, 90.0), observables={"v": "sigma_x"})  # fmt: skip
        series = wave_function(given, "v")

        def model(t, a, b, w, c, d):
            return a * np.cos(w * t) + b * np.sin(w * t) + c + d * t

        fit = curve_fit(model, times, series, p0=(1, 0, 2, 0, 0))[0][2]
        wanted = packet_averaged_2E(given, "v")
        assert fit == pytest.approx(wanted, rel=1e-3)
        assert wanted == pytest.approx(2 + 1 / (4 * width**2), rel=2e-4)
        weighted = ReferenceProblem(given.hamiltonian, given.state, times, {}, {"weight": "amplitude"})
        assert packet_averaged_2E(weighted, "v") == pytest.approx(wanted, rel=3e-4)


def test_amplitude_weights_are_the_initial_frequency():
    given = problem("k*sigma_x + sigma_z", Packet((0.0,), (0.0,), (1.0,), (1, 1j)), [0.0], weight="amplitude")
    k = np.linspace(-5, 5, 4001)
    energy = np.sqrt(1 + k**2)
    weight = np.exp(-2 * k**2) / energy
    assert packet_averaged_2E(given, "v") == pytest.approx(
        np.sum(2 * energy * weight) / weight.sum(), rel=1e-9
    )
    shorter = np.sum(2 * energy * weight / energy) / np.sum(weight / energy)
    assert packet_averaged_2E(given, "mean_x") == pytest.approx(shorter, rel=1e-9)


def test_landau_zener_against_the_uniform_force_solution():
    wanted = np.exp(-np.pi * 0.25)
    for formula, start, force in (
        ("k*sigma_z + 0.5*sigma_x - x*sigma_0", -9.0, 1.0),
        ("2*k*sigma_x + 0.5*sigma_y + 0.3*k*sigma_0 + 0.7*sigma_x - 0.5*x*sigma_0", -6.0, 0.5),
    ):
        given = problem(formula, Packet((0.0,), (start,), (1.5,), band=0), [0.0, -2 * start / force])
        assert landau_zener(given, "band_population") == pytest.approx(wanted, rel=1e-12)
        populations = uniform_force_packet(given, "band_population")
        assert np.abs(populations[0] - [1, 0]).max() < 1e-12
        assert populations[-1, 1] == pytest.approx(wanted, abs=1e-5)


def test_uniform_force_against_wave_functions():
    given = problem(
        "(1+0.6*cos(k))*sigma_x + 0.6*sin(k)*sigma_y + 0.2*sigma_z - 0.8*x*sigma_0",
        Packet((1.0,), (0.4,), (1.5,), band=0),
        np.linspace(0, 10, 6),
        x=(-24.0, 24.0),
        k=(-np.pi, np.pi),
        zone=True,
        points=192,
        observables={"spin": "sigma_y*sin(k) + sigma_z"},
    )
    # The projector k ↦ P(k)χ is complex here, so that ⟨x⟩ starts off the packet's centre.
    for quantity in ("mean_x", "energy", "band_population", "spin"):
        exact, moved = (REFERENCES[name](given, quantity) for name in ("uniform_force", "wave_function"))
        assert np.shape(exact) == np.shape(moved)
        assert np.abs(np.asarray(exact) - moved).max() < 1e-8
    # Where the packet straddles the edge of the zone, the folded mean of k jumps: nothing to compare with.
    with pytest.raises(MeasurementError, match="nodes"):
        uniform_force_packet(given, "mean_k")
    boxed = ReferenceProblem(given.hamiltonian, given.state, np.array([0.0, 1.0]))
    assert uniform_force_packet(boxed, "mean_k") == pytest.approx([0.4, 1.2], abs=1e-3)


def test_bloch_closed_forms_are_what_the_packet_does():
    hbar, force, width = 0.8, 0.5, 1.3
    period = 2 * np.pi * hbar / force
    given = problem(
        "0.3 - 1.2*cos(k/0.8) - 0.5*x",
        Packet((2.0,), (0.0,), (width,)),
        np.linspace(0, period, 41),
        hbar=hbar,
        k=(-np.pi * hbar, np.pi * hbar),
        zone=True,
    )
    x = uniform_force_packet(given, "mean_x")
    assert bloch_period(given, "mean_x") == pytest.approx(period, rel=1e-14)
    assert bloch_amplitude(given, "mean_x") == pytest.approx(np.ptp(x) / 2, abs=1e-9)
    assert bloch_amplitude(given, "mean_x") == pytest.approx(
        1.2 / force * np.exp(-1 / (8 * width**2)), rel=1e-12
    )
    assert x[-1] == pytest.approx(2.0, abs=1e-9)


def test_every_reference_refuses_what_it_cannot_answer():
    quartic = problem("k**2/2 + x**4", Packet((0.0,), (0.0,), (1.0,)), [0.0, 1.0])
    for name in set(REFERENCES) - {"wave_function"}:
        with pytest.raises(MeasurementError):
            evaluate_reference(name, quartic, "mean_x" if name == "uniform_force" else "reflected")
    with pytest.raises(MeasurementError, match="did you mean 'wave_function'"):
        evaluate_reference("wavefunction", quartic, "mean_x")
    with pytest.raises(MeasurementError, match="state of kind 'packet'"):
        wave_function(ReferenceProblem(quartic.hamiltonian, object(), np.zeros(1)), "mean_x")

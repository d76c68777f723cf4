"""The wave-function reference against dense matrices, Taylor propagation and exactly solvable motion."""

from __future__ import annotations

import numpy as np
import oracles
import pytest

from wigner.algebra.formula import MatrixFormula
from wigner.algebra.phase_space import Axis, PhaseSpace
from wigner.certify.problem import Packet, ReferenceProblem
from wigner.certify.reference import REFERENCES
from wigner.certify.wave_function import STAGES, solve_wave_function
from wigner.certify.wave_readings import wave_function
from wigner.errors import MeasurementError
from wigner.models import Hamiltonian

HBAR = 0.7
SX = np.array([[0, 1], [1, 0]], dtype=complex)
SY = np.array([[0, -1j], [1j, 0]])
SZ = np.diag([1.0, -1.0]).astype(complex)


def line(points=96, half=9.0, kind="box", zone=None):
    k = Axis("k", "zone", *zone, 32) if zone else Axis("k", "box", -8.0, 8.0, points)
    return PhaseSpace((Axis("x", kind, -half, half, points), k), hbar=HBAR)


def problem(space, formula, packet, times, parameters=None, **options):
    symbol = MatrixFormula.parse(formula, variables=(*space.names, "t"), parameters=parameters or {})
    return ReferenceProblem(Hamiltonian(space, symbol), packet, np.asarray(times), parameters or {}, options)


def test_composition_is_consistent_and_symmetric():
    assert sum(STAGES) == pytest.approx(1, abs=1e-15)
    assert list(STAGES) == list(reversed(STAGES))
    for power in (3, 5, 7):
        # Σγ³ = 0 removes the leading error of a symmetric stage; the fifth and seventh moments follow suit.
        assert abs(sum(g**power for g in STAGES)) < 1e-14


def test_harmonic_oscillator_follows_newton():
    times = np.linspace(0, 2 * np.pi, 9)
    given = problem(line(), "k**2/2 + x**2/2", Packet((1.0,), (0.5,), (0.8,)), times)
    assert np.abs(wave_function(given, "mean_x") - (np.cos(times) + 0.5 * np.sin(times))).max() < 1e-11
    assert np.abs(wave_function(given, "mean_k") - (0.5 * np.cos(times) - np.sin(times))).max() < 1e-11
    width = wave_function(given, "mean_x_squared") - wave_function(given, "mean_x") ** 2
    wanted = 0.64 * np.cos(times) ** 2 + (HBAR / 1.6) ** 2 * np.sin(times) ** 2
    assert np.abs(width - wanted).max() < 1e-11
    assert np.ptp(wave_function(given, "energy")) < 1e-11


def test_two_bands_with_matrix_potential_against_dense_matrix():
    space, times = line(), np.linspace(0, 1.5, 4)
    formula = "k*sigma_x + 0.6*sigma_z + 0.3*x*sigma_y + 0.2*cos(x)*sigma_0"
    given = problem(space, formula, Packet((0.4,), (0.8,), (0.7,), (1.0, 0.5j)), times)
    x = space.axis("x").values
    spinor = np.array([1, 0.5j]) / np.sqrt(1.25)
    psi = np.multiply.outer(spinor, oracles.gaussian(x, 0.4, 0.8, 0.7, HBAR))
    dense = oracles.dense_hamiltonian(
        lambda k: np.multiply.outer(SX, k) + np.multiply.outer(0.6 * SZ, np.ones_like(k)),
        lambda r: np.multiply.outer(0.3 * SY, r) + np.multiply.outer(0.2 * np.eye(2), np.cos(r)),
        x,
        HBAR,
    )
    spacing = x[1] - x[0]
    rho = oracles.evolve_dense(oracles.pure_density_matrix(psi, spacing), dense, times, HBAR)
    wanted = np.array([oracles.dense_density(r, spacing) for r in rho])
    density = wave_function(given, "density")
    assert density.shape == (4, 96)
    assert np.abs(density - wanted).max() < 1e-9
    energies = [np.trace(r.reshape(192, 192) @ dense).real for r in rho]
    assert np.abs(wave_function(given, "energy") - energies).max() < 1e-9


def test_driven_bands_against_dop853():
    space, times = line(32, 5.0), np.array([0.0, 0.3, 0.6])
    formula = "k**2/2*sigma_0 + x**2/2*sigma_0 + cos(3*t)*x*sigma_x + t*sigma_z"
    packet = Packet((0.5,), (0.0,), (0.7,), (1, 0))
    given = problem(space, formula, packet, times, points=32, edge=1.0)
    x = space.axis("x").values
    psi = solve_wave_function(given).psi[0]

    def hamiltonian(t):
        return oracles.dense_hamiltonian(
            lambda k: np.multiply.outer(np.eye(2), k**2 / 2),
            lambda r: (
                np.multiply.outer(np.eye(2), r**2 / 2)
                + np.multiply.outer(np.cos(3 * t) * SX, r)
                + np.multiply.outer(t * SZ, np.ones_like(r))
            ),
            x,
            HBAR,
        )

    spacing = x[1] - x[0]
    driven = oracles.evolve_driven(
        oracles.pure_density_matrix(psi, spacing), hamiltonian, times, HBAR, rtol=1e-8
    )
    wanted = np.array([oracles.dense_density(r, spacing) for r in driven])
    assert np.abs(wave_function(given, "density") - wanted).max() < 1e-7


def test_two_dimensions_against_taylor_propagation():
    n = 28
    axes = [Axis(name, "box", -5.0, 5.0, n) for name in ("x", "y", "kx", "ky")]
    space, times = PhaseSpace(tuple(axes), hbar=HBAR), np.linspace(0, 0.8, 3)
    formula = "kx*sigma_x + ky*sigma_y + 0.7*sigma_z + 0.2*x*y*sigma_0"
    given = problem(
        space, formula, Packet((0.3, -0.2), (0.5, 0.0), (0.65, 0.6), (1, 1)), times, points=n, edge=1.0
    )
    x = space.axis("x").values
    psi = solve_wave_function(given).psi[0]
    gauss = np.outer(oracles.gaussian(x, 0.3, 0.5, 0.65, HBAR), oracles.gaussian(x, -0.2, 0.0, 0.6, HBAR))
    assert np.abs(psi - np.multiply.outer([1, 1], gauss) / np.sqrt(2)).max() < 1e-6
    moved = oracles.evolve_wave_2d(
        psi,
        lambda kx, ky: (
            np.einsum("ab,xy->abxy", SX, kx)
            + np.einsum("ab,xy->abxy", SY, ky)
            + 0.7 * SZ[:, :, None, None] * np.ones_like(kx)
        ),
        lambda fx, fy: np.einsum("ab,xy->abxy", np.eye(2), 0.2 * fx * fy),
        x,
        x,
        times,
        HBAR,
    )
    density = np.sum(np.abs(moved) ** 2, axis=1)
    assert np.abs(wave_function(given, "density") - density).max() < 1e-8
    cell = (x[1] - x[0]) ** 2
    assert np.abs(wave_function(given, "mean_y") - np.einsum("txy,y->t", density, x) * cell).max() < 1e-8


def test_landau_gauge_term_in_x_and_ky():
    axes = [Axis(name, "box", -8.0, 8.0, 32) for name in ("x", "y", "kx", "ky")]
    space, times = PhaseSpace(tuple(axes), hbar=HBAR), np.linspace(0, np.pi, 3)
    given = problem(
        space,
        "kx**2/2 + (ky + x)**2/2",
        Packet((0.5, 0.0), (0.0, 0.5), (0.7, 0.7)),
        times,
        points=72,
        extent=24,
    )
    # Cyclotron motion at frequency 1: v = (kx, ky + x) rotates, v(0) = (0, 1).
    assert np.abs(wave_function(given, "mean_x") - (0.5 + np.cos(times) - 1)).max() < 1e-8
    assert np.abs(wave_function(given, "mean_y") - np.sin(times)).max() < 1e-8


def test_band_projected_packet_stays_in_its_band_without_potential():
    given = problem(line(), "k*sigma_x + 0.5*sigma_z", Packet((0.0,), (1.0,), (1.2,), band=1), [0.0, 1.0])
    populations = wave_function(given, "band_population")
    assert populations.shape == (2, 2)
    assert np.abs(populations - [0, 1]).max() < 1e-12
    momenta = wave_function(given, "mean_k_squared")
    assert abs(momenta[1] - momenta[0]) < 1e-12


def test_observables_of_positions_and_momenta():
    given = problem(
        line(),
        "k*sigma_x + m*sigma_z",
        Packet((0.0,), (0.0,), (1.5,), (1, 1j)),
        np.linspace(0, 3, 7),
        {"m": 0.8},
        extent=32,
        observables={
            "spin": "sigma_x",
            "right": "(1+tanh(8*x))/2",
            "gap": "m*sigma_z + k*sigma_x",
            "mix": "x + 2*k",
        },
    )
    spin = wave_function(given, "spin")
    assert abs(spin[0]) < 1e-12 and np.ptp(spin) > 0.5
    assert np.abs(wave_function(given, "gap") - wave_function(given, "energy")).max() < 1e-12
    mixed = wave_function(given, "mean_x") + 2 * wave_function(given, "mean_k")
    assert np.abs(wave_function(given, "mix") - mixed).max() < 1e-12
    assert np.abs(wave_function(given, "right")[0] - 0.5) < 1e-12


def test_position_times_band_projector_is_the_symmetric_product():
    space, times = line(), np.array([0.0, 0.8])
    energy = "sqrt(k**2 + 0.25)"
    upper = f"x*({energy}*sigma_0 + k*sigma_x + 0.5*sigma_z)/(2*{energy})"
    lower = f"x*({energy}*sigma_0 - k*sigma_x - 0.5*sigma_z)/(2*{energy})"
    packet = Packet((0.4,), (0.3,), (0.8,), (1, 0.5j))
    # P x P has the symbol x P + (iħ/2)[P, ∂_kP].
    shift = f"h/4*0.5/{energy}**2*sigma_y"
    names = {"upper": upper, "lower": lower, "centre": f"{upper} - {shift}", "square": "x**2*k"}
    given = problem(space, "k*sigma_x + 0.5*sigma_z", packet, times, {"h": HBAR}, observables=names)
    parts = wave_function(given, "upper"), wave_function(given, "lower")
    assert np.abs(sum(parts) - wave_function(given, "mean_x")).max() < 1e-12
    # One band's share moves with its own group velocity, d⟨PxP⟩/dt = ⟨P k/E⟩, a constant: no zitterbewegung.
    solution = solve_wave_function(given)
    k = solution.momenta[0]
    root = np.sqrt(k**2 + 0.25)
    projector = (np.eye(2)[:, :, None] * root + np.multiply.outer(SX, k) + 0.5 * SZ[:, :, None]) / (2 * root)
    waves = solution.fourier(0)
    speed = np.einsum("ak,abk,bk,k->", waves.conj(), projector, waves, k / root).real * solution.cell
    centre = wave_function(given, "centre")
    assert centre[1] - centre[0] == pytest.approx(0.8 * speed, abs=1e-10)
    with pytest.raises(MeasurementError, match=r"at most x\*g\(k\)"):
        wave_function(given, "square")


def test_momentum_density_is_the_packets_and_folds_into_a_zone():
    given = problem(line(), "k**2/2", Packet((0.4,), (0.3,), (0.8,)), [0.0, 0.5])
    k, spread = given.hamiltonian.space.axis("k").values, HBAR / 1.6
    wanted = np.exp(-((k - 0.3) ** 2) / (2 * spread**2)) / np.sqrt(2 * np.pi * spread**2)
    assert np.abs(wave_function(given, "momentum_density") - wanted).max() < 1e-11
    zoned = problem(line(zone=(-1.0, 1.0)), "cos(pi*k)", Packet((0.4,), (0.3,), (0.8,)), [0.0])
    density, zone = wave_function(zoned, "momentum_density"), zoned.hamiltonian.space.axis("k")
    assert density.sum() * zone.spacing == pytest.approx(1, abs=1e-11)
    k = zone.values + 2.0 * np.arange(-4, 5)[:, None]
    folded = np.exp(-((k - 0.3) ** 2) / (2 * spread**2)).sum(axis=0) / np.sqrt(2 * np.pi * spread**2)
    assert np.abs(density - folded).max() < 1e-11


def test_current_obeys_continuity():
    h = 1e-3
    formula, packet = "k**2/2*sigma_0 + k*sigma_x + x**2/4*sigma_0", Packet((0.5,), (0.6,), (0.8,), (1, 0.3))
    given = problem(line(), formula, packet, [0.0, 1 - h, 1, 1 + h])
    density, current = wave_function(given, "density"), wave_function(given, "current_x")
    x = given.hamiltonian.space.axis("x")
    rate = (density[3] - density[1]) / (2 * h)
    divergence = np.fft.ifft(1j * x.frequencies * np.fft.fft(current[2])).real
    assert np.abs(rate + divergence).max() < 1e-5
    assert abs(current[2][-1]) < 1e-9


def test_negativity_of_gaussian_and_turned_packet():
    times = np.linspace(0, 2, 3)
    gaussian = problem(line(64), "k**2/2 + x**2/2", Packet((1.0,), (0.0,), (np.sqrt(HBAR / 2),)), times)
    assert np.abs(wave_function(gaussian, "negativity")).max() < 1e-9
    quartic = problem(line(64, 6.0), "k**2/2 + x**4/4", Packet((1.0,), (0.0,), (0.5,)), times)
    finer = problem(line(64, 7.0), "k**2/2 + x**4/4", Packet((1.0,), (0.0,), (0.5,)), times, points=160)
    assert np.abs(wave_function(quartic, "negativity") - wave_function(finer, "negativity")).max() < 4e-5
    assert wave_function(quartic, "negativity")[-1] > 0.1


def test_zone_momenta_fold_and_wrap():
    a = 1.0
    zone = (-np.pi * HBAR / a, np.pi * HBAR / a)
    space = PhaseSpace((Axis("x", "box", -32.0, 32.0, 128), Axis("k", "zone", *zone, 32)), hbar=HBAR)
    times = np.linspace(0, 2 * np.pi * HBAR / 0.5, 9)
    given = problem(
        space, "-cos(k/h) - 0.5*x", Packet((0.0,), (0.0,), (2.0,)), times, {"h": HBAR}, points=256
    )
    factor = np.exp(-1 / (8 * 4))
    wanted = factor / 0.5 * (1 - np.cos(0.5 * times / HBAR))
    assert np.abs(wave_function(given, "mean_x") - wanted).max() < 1e-9
    assert abs(wave_function(given, "mean_k")[-1]) < 1e-6


def test_refusals_are_measurement_errors():
    packet = Packet((0.0,), (0.0,), (0.8,))
    with pytest.raises(MeasurementError, match="did you mean 'mean_x'"):
        REFERENCES["wave_function"](problem(line(64), "k**2/2", packet, [0.0, 0.1]), "men_x")
    with pytest.raises(MeasurementError, match=r"edge of x .*extent"):
        solve_wave_function(problem(line(64), "k**2/2", packet, [0.0, 30.0]))
    with pytest.raises(MeasurementError, match=r"edge of k .*points"):
        solve_wave_function(
            problem(line(64), "k**2/2", Packet((0.0,), (7.5,), (0.8,)), [0.0, 0.01], points=72)
        )
    with pytest.raises(MeasurementError, match="halved"):
        solve_wave_function(problem(line(64), "k**2/2 + x**2", packet, [0.0, 1.0], tolerance=1e-300))
    with pytest.raises(MeasurementError, match="spinor or a band"):
        solve_wave_function(problem(line(64), "k*sigma_x", packet, [0.0, 1.0]))
    matrix = problem(line(64), "k*sigma_x + x*sigma_z", Packet((0.0,), (0.0,), (0.8,), (1, 0)), [0.0, 0.1])
    with pytest.raises(MeasurementError, match="scalar potential"):
        wave_function(matrix, "band_population")

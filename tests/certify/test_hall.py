"""Answers to fields against closed forms of Qi–Wu–Zhang, an adiabatic Schrödinger equation, magnetic cells."""

from dataclasses import replace

import numpy as np
import pytest

from wigner.algebra import Axis, MatrixFormula, PhaseSpace
from wigner.certify import ReferenceProblem
from wigner.certify.hall import chern_current, chern_streda, kubo_current
from wigner.certify.reference import evaluate_reference
from wigner.errors import MeasurementError
from wigner.models import Hamiltonian, UniformFields
from wigner.states import Fermi, Filled

QWZ = "sin(kx)*sigma_x + sin(ky)*sigma_y + ({u} + cos(kx) + cos(ky))*sigma_z"


def problem(
    u, state, times=(0.0, 1.0), force="0.3*t", hbar=1.0, matrix=QWZ, field=0.0, names=("kx", "ky"), **options
):
    axes = tuple(Axis(k, "zone", -np.pi, np.pi, 8) for k in names)
    fields = UniformFields.parse(force=[force, *[0] * (len(names) - 1)])
    symbol = MatrixFormula.parse(matrix.format(u=u), variables=(*names, "t"))
    space = PhaseSpace(axes, hbar, brackets=(("kx", "ky", field),) if field else ())
    h = Hamiltonian(space, symbol, fields)
    return ReferenceProblem(h, state, np.array(times), options=options)


@pytest.mark.parametrize(("u", "chern"), [(-3, 0), (-1, 1), (1, -1), (3, 0)])
@pytest.mark.parametrize("hbar", [1.0, 0.5])
def test_full_band(u, chern, hbar):
    """Both give C f/2πħ, signs as in the closed forms."""
    for state in (Filled(1), Fermi(temperature=0)):
        given = problem(u, state, hbar=hbar)
        assert np.allclose(chern_current(given, "hall_ky"), [0, 0.3 * chern / (2 * np.pi * hbar)], atol=1e-12)
        assert np.allclose(kubo_current(given, "hall_ky"), [0, 0.3 * chern / (2 * np.pi * hbar)], atol=1e-8)


def test_chern_numbers_by_curvature():
    """Qi–Wu–Zhang with kz for u, its bands and a third one that C passes by: the same at every time."""
    axes = [Axis(k, "zone", -np.pi, np.pi, 8) for k in ("kx", "ky")]
    axes.append(Axis("kz", "zone", -3.0, 5.0, 4))
    rows = [["kz + cos(kx) + cos(ky)", "sin(kx) - i*sin(ky)", "0"], ["sin(kx) + i*sin(ky)"], ["0", "0", "9"]]
    rows[1] += ["-(kz + cos(kx) + cos(ky))", "0"]
    symbol = MatrixFormula.parse(rows, variables=("kx", "ky", "kz", "t"))
    given = ReferenceProblem(Hamiltonian(PhaseSpace(tuple(axes), 0.7), symbol), None, np.arange(2.0))
    found = evaluate_reference("kubo_chern", given, "chern_number")
    lower = np.array([0, 1, -1, 0])
    assert np.allclose(found, [[lower, -lower, 0 * lower]] * 2, atol=1e-8)
    with pytest.raises(MeasurementError, match="expected chern_number, got 'hall_ky'"):
        evaluate_reference("kubo_chern", given, "hall_ky")


def test_partly_filled_band_that_has_moved():
    """f(ε(k − ∫f)) times d·(∂d × ∂d)/2d³ of the lower band, summed on another grid."""
    given = problem(
        -1.2, Fermi(chemical_potential=-1.1, temperature=0.2), matrix=QWZ + " + 0.3*sin(kx)*cos(ky)*sigma_0"
    )
    k = np.linspace(-np.pi, np.pi, 150, endpoint=False)
    x, y = k[:, None], k[None, :]

    def vector(x, y):
        return np.array([np.sin(x) + 0 * y, np.sin(y) + 0 * x, -1.2 + np.cos(x) + np.cos(y)])

    def levels(x, y):
        size = np.linalg.norm(vector(x, y), axis=0)
        return np.array([-size, size]) + 0.3 * np.sin(x) * np.cos(y)

    d = vector(x, y)
    dx, dy = (
        np.array([c + 0 * x + 0 * y for c in row])
        for row in ([np.cos(x), 0, -np.sin(x)], [0, np.cos(y), -np.sin(y)])
    )
    size = np.linalg.norm(d, axis=0)
    solid = np.einsum("aij,aij->ij", d, np.cross(dx, dy, axis=0)) / (2 * size**3)
    slope = np.einsum("aij,aij->ij", d, dy) / size
    shared = -0.3 * np.sin(x) * np.sin(y)
    f = 1 / (np.exp((levels(x - 0.15, y) + 1.1) / 0.2) + 1)
    # Ω of the lower band is +½ of the solid angle's density with A = i⟨u|∂u⟩.
    expected = np.mean(f[0] * (-slope + shared + 0.3 * solid) + f[1] * (slope + shared - 0.3 * solid))
    assert abs(kubo_current(given, "hall_ky")[1] - expected) <= 1e-8


def test_a_slow_pulse():
    """The charge that wave functions at 24² momenta carry across, by midpoint exponentials of two levels."""
    s, dt = 4.0, 0.02
    k = 2 * np.pi * np.arange(24) / 24
    x, y = k[:, None], k[None, :] + 0 * k[:, None]

    def vector(t):
        moved = x + 0.2 * (1 + np.tanh(t / s))
        return np.array([np.sin(moved) + 0 * y, np.sin(y), -1 + np.cos(moved) + np.cos(y)])

    def turned(d, psi):
        return np.array(
            [d[2] * psi[0] + (d[0] - 1j * d[1]) * psi[1], (d[0] + 1j * d[1]) * psi[0] - d[2] * psi[1]]
        )

    times = np.arange(-24, 24, dt)
    d = vector(times[0])
    pauli = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
    psi = np.moveaxis(np.linalg.eigh(np.einsum("axy,abc->xybc", d, pauli))[1][..., 0], -1, 0)
    slope = np.array([0 * y, np.cos(y), -np.sin(y)])
    total = 0.0
    for t in times:
        total += dt * np.mean(np.sum(psi.conj() * turned(slope, psi), axis=0).real)
        d = vector(t + dt / 2)
        size = np.linalg.norm(d, axis=0)
        psi = np.cos(size * dt) * psi - 1j * np.sin(size * dt) / size * turned(d, psi)
    given = problem(-1, Filled(1), times[::10], force=f"0.2/{s}*sech(t/{s})**2")
    for reference in (chern_current, kubo_current):
        assert abs(np.trapezoid(reference(given, "hall_ky"), times[::10]) - total) <= 1e-5


def magnetic_cell(u, flux, across, ky, sites=12):
    """Qi–Wu–Zhang on a cell of `sites` along x with ky → ky − flux·x, and its derivatives by the phase across and by ky."""
    sx, sy, sz = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])
    hop, turned = np.roll(np.eye(sites), 1, axis=1).astype(complex), np.zeros((sites, sites), dtype=complex)
    hop[-1, 0] = np.exp(1j * across)
    turned[-1, 0] = 1j * np.exp(1j * across)
    along = (sx / 1j + sz) / 2
    k = ky - flux * np.arange(sites)
    up, slope = np.kron(hop, along), np.kron(turned, along)
    there = np.kron(np.diag(np.sin(k)), sy) + np.kron(np.diag(u + np.cos(k)), sz)
    velocity = np.kron(np.diag(np.cos(k)), sy) - np.kron(np.diag(np.sin(k)), sz)
    return up + up.conj().T + there, slope + slope.conj().T, velocity


@pytest.mark.parametrize("u", [-1, 1, 3])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_gap_in_a_field(u, sign):
    """Levels in a cell of twelve sites: how many are below zero, and Kubo's formula for the current that these carry."""
    flux, points, curvature = sign * 2 * np.pi / 12, 16, 0.0
    angles = 2 * np.pi * np.arange(points) / points
    for across in angles:
        for ky in angles:
            matrix, *slopes = magnetic_cell(u, flux, across, ky)
            levels, states = np.linalg.eigh(matrix)
            filled = int(np.sum(levels < 0))
            one, two = (states[:, :filled].conj().T @ slope @ states[:, filled:] for slope in slopes)
            gaps = levels[:filled, None] - levels[None, filled:]
            curvature -= 2 * np.sum((one * two.conj()).imag / gaps**2)
    given = problem(u, Fermi(temperature=0, star=True), field=flux)
    assert np.isclose(chern_streda(given, "streda"), (filled / 12 - 1) / flux, atol=1e-12)
    conductance = curvature * (angles[1] / (2 * np.pi)) ** 2
    assert np.allclose(chern_current(given, "hall_ky"), [0, 0.3 * conductance], atol=1e-6)


def test_shares_of_what_a_field_binds():
    given = problem(-1, Fermi(temperature=0, star=True), field=0.1, hbar=0.5)
    assert np.isclose(chern_streda(given, "streda_curvature_cone"), -1 / np.pi)
    assert chern_streda(given, "streda_below") == chern_streda(given, "streda")
    assert chern_streda(given, "streda_above") == 0


@pytest.mark.parametrize("hbar", [1.0, 0.5])
def test_planes_of_a_further_axis(hbar):
    """u = kz − 1 in the middles of eight intervals from −3 to 1: two of C = 0, four of C = 1, two of C = −1; 2 in all."""
    given = problem(0, Filled(1), matrix=QWZ + " + (kz - 1)*sigma_z", hbar=hbar, names=("kx", "ky", "kz"))
    options = {"over": {"kz": ["-w/2", "1 + 1", 8]}, "weight": "3*w", "points": 128}
    given = replace(given, options=options, parameters={"w": 4.0})
    expected = 0.3 / (2 * np.pi * hbar) * 2 * 0.5 / (2 * np.pi * hbar) * 12
    assert np.allclose(kubo_current(given, "hall_ky"), [0, expected], atol=1e-6)


@pytest.mark.parametrize(
    ("given", "quantity", "text"),
    [
        (problem(-1, Filled(1)), "hall_kx", "expected hall_ky"),
        (problem(-1, Filled(1), at={"kz": 0}), "hall_ky", "every other axis in reference_options.at"),
        (problem(-1, Fermi(chemical_potential=-1.5)), "hall_ky", "expected full and empty bands"),
        (problem(-1, Filled(1), matrix=QWZ + " + t*sigma_z"), "hall_ky", "expected an H without t"),
        (problem(-1, Filled(1), field=0.1), "hall_ky", "in no magnetic field"),
        (problem(-1, Filled(1)), "streda", "expected hall_ky, got 'streda'"),
    ],
)
def test_what_they_refuse(given, quantity, text):
    with pytest.raises(MeasurementError, match=text):
        evaluate_reference("chern_current", given, quantity)


@pytest.mark.parametrize(
    ("given", "quantity", "text"),
    [
        (problem(-1, Filled(1), field=0.1), "hall_ky", "expected streda, got 'hall_ky'"),
        (
            problem(-1, Filled(1), field=0.1),
            "streda_local",
            "or its share above or below, got 'streda_local'",
        ),
        (
            problem(-1, Filled(1), field=0.1, at={"kz": 0}),
            "streda",
            "in at most {kx, ky} = b, constant, and every",
        ),
    ],
)
def test_what_streda_refuses(given, quantity, text):
    with pytest.raises(MeasurementError, match=text):
        evaluate_reference("chern_streda", given, quantity)


def test_planes_are_those_of_one_other_axis():
    given = problem(-1, Filled(1), names=("kx", "ky", "kz"))
    for options, text in (
        ({"over": {"kz": [0, 1, 2]}, "at": {"kz": 0}}, "expected over with one axis that is not in at"),
        ({"over": {"kz": [0, 1, 2], "kx": [0, 1, 2]}}, "expected over with one axis"),
        ({"over": {"ky": [0, 1, 2]}}, "every other axis in reference_options.at"),
        ({}, "every other axis in reference_options.at"),
    ):
        with pytest.raises(MeasurementError, match=text):
            kubo_current(replace(given, options=options), "hall_ky")


def test_partly_filled_levels_in_a_field_are_refused():
    """What Kubo's formula gives holds without a field alone."""
    for star in (True, False):
        with pytest.raises(MeasurementError, match="in no magnetic field"):
            kubo_current(problem(-1, Fermi(star=star), field=0.1), "hall_ky")

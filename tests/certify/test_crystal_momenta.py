"""A driven crystal against a rotating frame in closed form; Chern numbers of known cycles; what is refused."""

import re

import numpy as np
import pytest
import scipy.linalg
from nouns import line
from problems import hamiltonian

from wigner.algebra import Axis, PhaseSpace
from wigner.certify.problem import ReferenceProblem
from wigner.certify.reference import evaluate_reference
from wigner.errors import MeasurementError
from wigner.states import Fermi, Filled, FormulaState

SX, SY, SZ = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])
TURNING = (
    "(0.8 + 0.3*sin(k))*(cos(2*t)*sigma_x + sin(2*t)*sigma_y) + 0.6*cos(k)*sigma_z + 0.5*sin(k + 0.3)*sigma_0"
)
QWZ = "sin(k)*sigma_x + sin(2*pi*t)*sigma_y + (u + cos(k) + cos(2*pi*t))*sigma_z"


def problem(spec, state, times, hbar=1.0, points=16, options=(), **numbers):
    space = PhaseSpace((Axis("k", "zone", -np.pi, np.pi, points),), hbar)
    return ReferenceProblem(
        hamiltonian(space, spec, **numbers), state, np.asarray(times, float), {}, dict(options)
    )


@pytest.mark.parametrize("hbar", [1.0, 0.4])
@pytest.mark.parametrize("state", [Fermi(0.2, 0.3), Fermi(0.2, 0.0), Filled(1)], ids=lambda s: repr(s)[:18])
def test_a_turning_field_stands_still_in_its_frame(state, hbar):
    """ρ(t) = R e^{−iH't/ħ} ρ(0) e^{iH't/ħ} R†, R = e^{−iσ_z t}, H' = a(k) σ_x + (0.6 cos k − ħ)σ_z."""
    times = np.linspace(0, 3, 4)
    found = evaluate_reference("crystal_momenta", problem(TURNING, state, times, hbar), "current_x")
    wanted = np.zeros(len(times))
    for k in -np.pi + 2 * np.pi * np.arange(16) / 16:
        across, along = 0.8 + 0.3 * np.sin(k), 0.6 * np.cos(k)
        start = across * SX + along * SZ + 0.5 * np.sin(k + 0.3) * np.eye(2)
        levels, vectors = np.linalg.eigh(start)
        match state:
            case Filled():
                shares = np.array([1.0, 0.0])
            case Fermi(temperature=0.0):
                shares = (levels < 0.2).astype(float)
            case _:
                shares = 1 / (np.exp((levels - 0.2) / 0.3) + 1)
        rho = (vectors * shares) @ vectors.conj().T
        for number, t in enumerate(times):
            frame = scipy.linalg.expm(-1j * t * SZ) @ scipy.linalg.expm(
                -1j * t / hbar * (across * SX + (along - hbar) * SZ)
            )
            moved = frame @ rho @ frame.conj().T
            turned = 0.3 * np.cos(k) * (np.cos(2 * t) * SX + np.sin(2 * t) * SY)
            slope = turned - 0.6 * np.sin(k) * SZ + 0.5 * np.cos(k + 0.3) * np.eye(2)
            wanted[number] += np.trace(moved @ slope).real / 16 / hbar
    assert np.ptp(wanted) > 0.01
    assert np.max(np.abs(found - wanted)) <= 1e-9 * max(1, np.max(np.abs(wanted)))


@pytest.mark.parametrize(("u", "chern"), [(-3, 0), (-1, 1), (1, -1), (3, 0)])
def test_a_pump_that_is_a_chern_insulator_in_k_and_t(u, chern):
    """Qi–Wu–Zhang with t for k_y: the lower band's C in the convention Ω = ∂_kA_t − ∂_tA_k; the charge is −C."""
    one = problem(QWZ, None, [0.0, 1.0], u=float(u))
    assert evaluate_reference("chern_pump", one, "current_x") == pytest.approx(-chern, abs=1e-9)
    backward = problem(QWZ.replace("2*pi*t", "-2*pi*t"), None, [0.0, 1.0], u=float(u))
    assert evaluate_reference("chern_pump", backward, "current_x") == pytest.approx(chern, abs=1e-9)


def test_polarisation_moves_by_the_integral_of_the_current():
    """Of a driven band: sin(k) gains t in phase, filled from below μ; ∫j dt of the trapezoidal rule on its records."""
    one = problem("sin(k + t)", Fermi(0.2, 0.3), np.linspace(0, 2, 401))
    charge = evaluate_reference("crystal_momenta", one, "polarisation_x")
    k = -np.pi + 2 * np.pi * np.arange(16) / 16
    shares = 1 / (np.exp((np.sin(k) - 0.2) / 0.3) + 1)
    wanted = np.mean(shares * (np.sin(k + 2) - np.sin(k)))
    assert charge[0] == 0 and abs(wanted) > 0.1
    assert charge[-1] == pytest.approx(wanted, abs=1e-5)


def test_two_filled_bands_add_up():
    """Two copies, u = −1 and u = 1 shifted up: 1 with one band below the gap of interest, 0 with both."""
    rows = [["a", "b - i*c", "0", "0"], ["b + i*c", "-a", "0", "0"]]
    rows += [["0", "0", "9 + a2", "b - i*c"], ["0", "0", "b + i*c", "9 - a2"]]
    words = {
        "a2": "(1 + cos(k) + cos(2*pi*t))",
        "a": "(cos(k) + cos(2*pi*t) - 1)",
        "b": "sin(k)",
        "c": "sin(2*pi*t)",
    }
    spec = [[_filled(entry, words) for entry in row] for row in rows]
    found = [
        evaluate_reference("chern_pump", problem(spec, None, [0, 1.0], options={"filled": n}), "current_x")
        for n in (1, 2, 3)
    ]
    assert found == pytest.approx([-1, 0, 1], abs=1e-9)


def _filled(entry, words):
    return re.sub(r"\b(a2|a|b|c)\b", lambda m: words[m.group(1)], entry)


REFUSED = {
    "quantity": (
        QWZ,
        Filled(1),
        "density",
        "crystal_momenta",
        "expected current_x or polarisation_x, got 'density'",
    ),
    "state": (
        QWZ,
        FormulaState("1"),
        "current_x",
        "crystal_momenta",
        "a state fermi or filled, got 'formula'",
    ),
    "what": (QWZ, Filled(1), "trace", "chern_pump", "expected current_x or polarisation_x, got 'trace'"),
    "cycle": (QWZ.replace("2*pi*t", "pi*t"), Filled(1), "current_x", "chern_pump", "and of the run in time"),
    "zone": (QWZ.replace("(k)", "(k/2)"), Filled(1), "current_x", "chern_pump", "the period of its zone"),
    "gap": (QWZ.replace("u", "2"), Filled(1), "current_x", "chern_pump", "expected a gap above 1 bands"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals(case):
    spec, state, quantity, name, message = REFUSED[case]
    with pytest.raises(MeasurementError, match=message):
        evaluate_reference(name, problem(spec, state, [0.0, 1.0], u=-1.0), quantity)


@pytest.mark.parametrize("name", ["chern_pump", "crystal_momenta"])
def test_positions_are_refused(name):
    one = ReferenceProblem(hamiltonian(line(), "k*sigma_x"), Filled(1), np.arange(2.0))
    with pytest.raises(MeasurementError, match="expected one momentum and no position, got x, k"):
        evaluate_reference(name, one, "current_x")


def test_filled_bands_must_leave_some():
    with pytest.raises(MeasurementError, match="expected filled in 1 … 1"):
        evaluate_reference(
            "chern_pump", problem(QWZ, None, [0, 1.0], u=-1.0, options={"filled": 2}), "current_x"
        )

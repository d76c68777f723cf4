"""Electrons on rings by dense matrices, against a helix in closed form and against the operators of matched grids."""

import numpy as np
import pytest
from problems import hamiltonian

from wigner.algebra.phase_space import Axis, PhaseSpace
from wigner.algebra.weyl import WeylTransform
from wigner.certify.plane_waves import density_matrices
from wigner.certify.problem import ReferenceProblem
from wigner.certify.reference import evaluate_reference
from wigner.errors import MeasurementError
from wigner.models import Hamiltonian, SpinTexture
from wigner.states import FormulaState, Packet, StarOccupations

HBAR, EXCHANGE = 0.2, 0.7
HELIX = f"k**2/2*sigma_0 + {EXCHANGE}*(cos(2*pi*x)*sigma_z + sin(2*pi*x)*sigma_x)"
SPREAD = FormulaState("exp(-2*(k - 0.4)**2)*(sigma_0 + sigma_y)")


def ring(kind="ring", points=16):
    return PhaseSpace((Axis("x", kind, 0.25, 1.25, points), Axis("k", "box", -5.0, 5.0, 32)), HBAR)


def problem(spec=HELIX, state=SPREAD, space=None, **options):
    options = {"observables": {"spin": "sigma_y", "speed": "k"}, **options}
    return ReferenceProblem(hamiltonian(space or ring(), spec), state, np.linspace(1.0, 4.0, 7), {}, options)


def test_a_helix_turns_spins_as_in_its_own_frame():
    """Turned by 2πx about y, H = (k − πħσ_y)²/2 + Jσ_z: each momentum is two levels.

    A spin along y with momentum p has k = p + πħ there and ⟨σ_y⟩ = c² + s² cos Ωt, with (c, s) ∝ (−πħk, J).
    """
    at = problem(offsets=16)
    found = evaluate_reference("plane_waves", at, "spin")
    p = np.linspace(-5, 5, 4001)
    along = -np.pi * HBAR * (p + np.pi * HBAR)
    rate = np.hypot(along, EXCHANGE)
    elapsed = at.times[:, None] - at.times[0]
    spin = (along**2 + EXCHANGE**2 * np.cos(2 * rate * elapsed / HBAR)) / rate**2
    weight = 2 * np.exp(-2 * (p - 0.4) ** 2) * (p[1] - p[0]) / (2 * np.pi * HBAR)
    assert np.max(np.abs(found - spin @ weight)) <= 1e-9
    # What the spin gives, momentum takes: k − (πħ)σ_y is kept.
    speed = evaluate_reference("plane_waves", at, "speed")
    kept = speed + np.pi * HBAR * found
    assert np.ptp(kept) <= 1e-9
    assert np.ptp(speed) > 0.1
    few = evaluate_reference("plane_waves", problem(offsets=2), "spin")
    # Few momenta do for a short time.
    assert np.max(np.abs(few - found)[:2]) <= 1e-4 < np.max(np.abs(few - found))
    wide = evaluate_reference("plane_waves", problem(offsets=16, beyond=4), "spin")
    assert np.max(np.abs(wide - found)) <= 1e-9


def test_local_bands_are_the_projectors_written_out():
    wave = "(cos(2*pi*x)*sigma_z + sin(2*pi*x)*sigma_x)"
    f, g = "exp(-2*(k - 0.4)**2)", "0.3*exp(-3*k**2)"
    written = FormulaState(f"0.5*{f}*(sigma_0 - {wave}) + 0.5*{g}*(sigma_0 + {wave})")
    (found,), (wanted,) = (
        density_matrices(problem(state=state)) for state in (StarOccupations((f, g), 0), written)
    )
    assert np.max(np.abs(found - wanted)) <= 1e-14 < np.max(np.abs(wanted))


def test_a_local_band_in_a_texture_is_no_state_of_positive_probabilities():
    """Occupations of P⁰f below −1/10, the same from the operators of a matched grid; P⁰ + ħP¹ halves them."""
    axes = [Axis(n, "ring", 0, 1, 20) for n in "xy"]
    axes += [Axis(n, "zone", -np.pi, np.pi, 20) for n in ("kx", "ky")]
    space = PhaseSpace(tuple(axes), 0.1)
    h = Hamiltonian(space, SpinTexture("skyrmion_lattice", exchange=4.0, length=1.0).symbol(space))
    weyl, lowest = WeylTransform(space), []
    for order in (0, 1):
        state = StarOccupations(("exp(8*(cos(kx - 0.3) + cos(ky) - 2))", "0"), order)
        operators = weyl.operators(state.wigner_function(h).matrix(), hermitian=True)
        # Periodic ends: plane waves whose momenta are whole multiples of 2πħ.
        numbers = weyl.set_numbers()
        periodic = (numbers[1] == 0) & (numbers[3] == 0)
        occupations = np.linalg.eigvalsh(operators[periodic])
        lowest.append(occupations.min())
        if order == 0:
            (density,) = density_matrices(ReferenceProblem(h, state, np.zeros(1), {}, {"beyond": 1}))
            dense = np.linalg.eigvalsh(density)
            assert dense[0] < -0.1
            assert np.max(np.abs(occupations[:, [0, -1]] - dense[[0, -1]])) <= 1e-6
    assert lowest[0] < 2 * lowest[1] < 0


def test_occupations_below_zero_in_the_run_that_rings():
    """runs/spin_texture_ringing.toml says how many; the grid does not enter."""
    axes = [Axis(n, "ring", 0, 1, 4) for n in "xy"]
    axes += [Axis(n, "zone", -2 * np.pi, 2 * np.pi, 4) for n in ("kx", "ky")]
    space = PhaseSpace(tuple(axes), 0.1)
    h = Hamiltonian(space, SpinTexture("skyrmion_lattice", exchange=4.0, length=1.0).symbol(space))
    state = StarOccupations(("exp(8*(cos((kx - 1.2)/2) + cos(ky/2) - 2))", "0"), 0)
    (density,) = density_matrices(ReferenceProblem(h, state, np.zeros(1)))
    occupations = np.linalg.eigvalsh(density)
    assert occupations[0] == pytest.approx(-0.0556, abs=1e-4)
    below = occupations[occupations < 0].sum() / occupations.sum()
    assert below == pytest.approx(-0.0354, abs=1e-4)


@pytest.mark.parametrize(
    ("at", "quantity", "said"),
    [
        (problem(), "trace", "expected an observable"),
        (problem(space=ring("box")), "spin", "expected rings"),
        (problem(HELIX + " + sin(t)*sigma_z"), "spin", "static"),
        (problem(state=Packet(0.5, 0.0, 0.1, spinor=(1, 0))), "spin", "kind 'packet'"),
        (problem(state=StarOccupations(("1", "0"), 1)), "spin", "order 0"),
        (problem(state=FormulaState("sigma_0", normalise=True)), "spin", "not normalised"),
        (problem(state=FormulaState("exp(-k**2/20)")), "spin", "vanishes at the ends of k, got"),
    ],
)
def test_refusals(at, quantity, said):
    with pytest.raises(MeasurementError, match=said):
        evaluate_reference("plane_waves", at, quantity)

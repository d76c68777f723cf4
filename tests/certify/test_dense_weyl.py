"""The dense Weyl-quantised reference against the splitting reference, a closed form, and what it must refuse."""

import numpy as np
import pytest
from problems import hamiltonian, matched_space

from wigner.certify.problem import ReferenceProblem
from wigner.certify.reference import evaluate_reference
from wigner.errors import MeasurementError
from wigner.states import Packet


def problem(spec, points=128, length=24.0, hbar=1.0, **options):
    h = hamiltonian(matched_space(points, length, hbar), spec)
    packet = Packet(1.0, 0.4, 0.8, spinor=(1, "i/2") if h.bands == 2 else None)
    return ReferenceProblem(h, packet, np.linspace(0, 2, 5), {}, options)


@pytest.mark.parametrize(
    "quantity", ["density", "mean_x", "mean_k", "mean_x_squared", "mean_k_squared", "spin"]
)
def test_agrees_with_the_wave_function_where_both_apply(quantity):
    spec = "k**2/2*sigma_0 + 0.5*k*sigma_y + x**2/6*sigma_0 + exp(-x**2/4)*sigma_z"
    one = problem(spec, observables={"spin": "sigma_x*exp(-x**2)"})
    dense = evaluate_reference("dense_weyl", one, quantity)
    split = evaluate_reference("wave_function", one, quantity)
    assert dense.shape == split.shape
    assert np.max(np.abs(dense - split)) <= 1e-8 * max(1.0, np.max(np.abs(split)))


def test_a_position_dependent_mass_has_the_right_velocity():
    """d⟨x⟩/dt at t = 0 is ∫F ∂H/∂k of the symbol, whatever ħ: for k²(1 + x²/10)/2 it is ∫F k (1 + x²/10)."""
    for hbar in (1.0, 0.5):
        h = hamiltonian(matched_space(160, 20.0, hbar), "k**2*(1 + 0.1*x**2)/2")
        packet = Packet(0.7, 0.6, 0.8)
        step = 1e-3
        times = np.array([0.0, step, 2 * step])
        x = evaluate_reference("dense_weyl", ReferenceProblem(h, packet, times), "mean_x")
        velocity = (-3 * x[0] + 4 * x[1] - x[2]) / (2 * step)
        expected = 0.6 * (1 + 0.1 * (0.7**2 + 0.8**2))
        assert abs(velocity - expected) <= 1e-5


def test_refusals():
    with pytest.raises(MeasurementError, match="static"):
        evaluate_reference("dense_weyl", problem("k**2/2 + cos(t)*x"), "mean_x")
    with pytest.raises(MeasurementError, match="cannot give"):
        evaluate_reference("dense_weyl", problem("k**2/2"), "purity")
    with pytest.raises(MeasurementError, match="in x only or in k only"):
        evaluate_reference("dense_weyl", problem("k**2/2", observables={"a": "x*k"}), "a")

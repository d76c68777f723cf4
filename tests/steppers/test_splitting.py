"""Orders of convergence, asserted as slopes, and what merging flows must not change."""

import numpy as np
import pytest
from problems import evolve, hamiltonian, matched_space

from wigner.equations import Moyal
from wigner.states import Packet
from wigner.steppers import COMPOSITIONS, Splitting, choose_step

DRIVEN = (
    "k**2/2*sigma_0 + 0.8*k*sigma_x + x**2/6*sigma_0 + cos(2*t)*exp(-x**2/4)*sigma_z + sin(t)*k*sigma_y/2"
)
STATIC = "k**2/2*sigma_0 + 0.8*k*sigma_x + x**2/6*sigma_0 + exp(-x**2/4)*sigma_z"


def problem(spec):
    space = matched_space(64, 20.0)
    h = hamiltonian(space, spec)
    return h, Packet(1.0, 0.4, 1.0, spinor=(1, "0.5j")).wigner_function(h)


@pytest.mark.parametrize("composition", COMPOSITIONS, ids=lambda c: c.name)
@pytest.mark.parametrize("spec", [STATIC, DRIVEN], ids=["static", "driven"])
def test_order_in_dt(composition, spec):
    h, state = problem(spec)
    reference = evolve(h, state, 2.0, 640).data
    coarse = {2: 40, 4: 12}[composition.order]
    errors = [
        np.linalg.norm(evolve(h, state, 2.0, n, composition.name).data - reference)
        for n in (coarse, 2 * coarse, 4 * coarse)
    ]
    slopes = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    assert np.all(np.abs(slopes - composition.order) <= 0.15), slopes


@pytest.mark.parametrize("composition", COMPOSITIONS, ids=lambda c: c.name)
@pytest.mark.parametrize("spec", [STATIC, DRIVEN], ids=["static", "driven"])
def test_merged_flows_are_the_same_steps(composition, spec):
    h, state = problem(spec)
    equation = Moyal(h)
    results = []
    for pieces in ((12,), (1,) * 12, (5, 7)):
        data = equation.allocate()
        stepper = Splitting(equation.flows(data), composition)
        data[:] = state.data
        t = 0.0
        for n in pieces:
            stepper.advance(t, 0.05, n)
            t += 0.05 * n
        results.append(data)
    assert np.max(np.abs(results[0] - results[1])) <= 1e-12
    assert np.max(np.abs(results[0] - results[2])) <= 1e-12


def test_strang_costs_two_flows_a_step():
    h, _ = problem(STATIC)
    equation = Moyal(h)
    stepper = Splitting(equation.flows(equation.allocate()), COMPOSITIONS[0])
    assert len(stepper.program(50)) == 2 * 50 + 1


@pytest.mark.parametrize("composition", COMPOSITIONS, ids=lambda c: c.name)
@pytest.mark.parametrize("target", [1e-4, 1e-6])
def test_chosen_step_meets_its_target(composition, target):
    """The error actually made, in the state and in the density, is below the target but not absurdly so."""
    h, state = problem(STATIC)
    equation = Moyal(h)
    data = equation.allocate()
    stepper = Splitting(equation.flows(data), composition)
    data[:] = state.data
    choice = choose_step(stepper, data, 0.0, 3.0, target, longest=0.5)
    assert np.array_equal(data, state.data)
    steps = int(np.ceil(3.0 / choice.dt))
    reference = evolve(h, state, 3.0, 1500)
    final = evolve(h, state, 3.0, steps, composition.name)
    error = np.linalg.norm(final.data - reference.data) / np.linalg.norm(reference.data)
    density = np.max(np.abs(final.density() - reference.density())) / reference.density().max()
    assert target / 300 <= error <= target
    assert density <= target

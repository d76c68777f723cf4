"""Runge–Kutta: its order, what it keeps, where it is stable, and that its loop allocates nothing."""

import tracemalloc

import numpy as np
import pytest
from kinetics import geometry, prepared, texture
from scipy.integrate import solve_ivp

from wigner.equations import Boltzmann, DecoupledBands, WongTserkovnyak
from wigner.errors import SteppingError
from wigner.simulation import evolve, make_schedule
from wigner.states import WignerFunction
from wigner.states.two_band import occupations, with_coherence
from wigner.steppers import RungeKutta, choose_step


class Turning:
    """x'' = −(1 + t) x − x'/5 as two rows: driven, damped, no package code."""

    nbytes = 0

    def __init__(self):
        self.columns = np.array([[1.0], [0.5]])
        self.settled = None

    def rate(self, x, t, out):
        out[0] = x[1]
        out[1] = -(1 + t) * x[0] - 0.2 * x[1]

    def spectral_radius(self, t):
        return 2.0

    def settle(self, t):
        self.settled = t


def stepper_of(equation=WongTserkovnyak, hbar=0.1, w=0.8, points=20, **options):
    problem = texture(hbar, points, w)
    state = prepared(problem)
    data = np.full_like(state.data, np.nan)
    return RungeKutta(equation(problem.hamiltonian(), state, data, **options)), problem, state, data


def test_order_four_with_explicit_time():
    wanted = solve_ivp(
        lambda t, x: [x[1], -(1 + t) * x[0] - 0.2 * x[1]],
        (0, 2),
        [1, 0.5],
        method="DOP853",
        rtol=1e-13,
        atol=1e-13,
    ).y[:, -1]
    errors, counts = [], np.array([16, 32, 64, 128])
    for n in counts:
        stepper = RungeKutta(Turning())
        stepper.advance(0.0, 1.0, 0)
        for start in (0.0, 1.0):
            stepper.advance(start, 2.0 / n, n // 2)
        errors.append(np.linalg.norm(stepper.moving[:, 0] - wanted))
    slopes = -np.diff(np.log(errors)) / np.log(2)
    assert np.all(np.abs(slopes - stepper.order) <= 0.1), slopes
    stepper.settle()
    assert stepper.equation.settled == 2.0


@pytest.mark.parametrize("equation", [Boltzmann, WongTserkovnyak])
def test_order_four_of_a_driven_kinetic_equation(equation):
    """Against an adaptive solver of order 8 on the same rate."""
    stepper, _, _, _ = stepper_of(equation)
    form, shape = stepper.equation, stepper.moving.shape

    def rate(t, flat):
        out = np.empty(shape)
        form.rate(np.ascontiguousarray(flat.reshape(shape)), t, out)
        return out.ravel()

    start = stepper.moving.copy()
    wanted = solve_ivp(rate, (0, 0.4), start.ravel(), method="DOP853", rtol=1e-12, atol=1e-13).y[:, -1]
    errors = []
    for steps in (4, 8, 16):
        stepper.moving[...] = start
        stepper.advance(0.0, 0.4 / steps, steps)
        errors.append(np.linalg.norm(stepper.moving.ravel() - wanted))
    slopes = -np.diff(np.log(errors)) / np.log(2)
    assert np.all(np.abs(slopes - 4) <= 0.25), slopes


def test_chosen_step_meets_its_target():
    stepper, _, _, _ = stepper_of()
    start = stepper.moving.copy()
    choice = choose_step(stepper, stepper.moving, 0.0, 0.5, 1e-6, longest=min(0.5, stepper.longest_step()))
    assert np.array_equal(stepper.moving, start)
    ends = []
    for dt in (choice.dt, choice.dt / 8):
        stepper.moving[...] = start
        steps = int(np.ceil(0.5 / dt))
        stepper.advance(0.0, 0.5 / steps, steps)
        ends.append(stepper.moving.copy())
    assert np.linalg.norm(ends[0] - ends[1]) <= 1e-6 * np.linalg.norm(start)


def test_a_step_that_is_not_stable_is_refused():
    """At the bound noise that fills the wave numbers kept does not grow, well above it explodes."""
    stepper, _, _, _ = stepper_of(Boltzmann, w=0.0, dealias=True)
    longest = stepper.longest_step()
    stepper.prepare(longest)
    with pytest.raises(SteppingError, match=r"expected dt ≤ .* got .*; give a shorter dt"):
        stepper.prepare(1.01 * longest)
    stepper.moving[...] = np.random.default_rng(0).normal(size=stepper.moving.shape)
    start = stepper.equation.kept(stepper.moving)
    stepper.moving[...] = start
    stepper.advance(0.0, longest, 30)
    assert np.linalg.norm(stepper.moving) <= np.linalg.norm(start)
    stepper.advance(0.0, 8 * longest, 15)
    assert np.abs(stepper.moving).max() >= 1e6


@pytest.mark.parametrize("dealias", [True, False])
def test_noise_grows_by_aliasing_and_by_nothing_else(dealias):
    """∫n² of an exact drift is kept: the filter keeps it to the error in time, the bare collocation does not."""
    stepper, _, _, _ = stepper_of(Boltzmann, w=0.0, dealias=dealias)
    stepper.moving[...] = np.random.default_rng(0).normal(size=stepper.moving.shape)
    stepper.moving[...] = stepper.equation.kept(stepper.moving)
    before = np.linalg.norm(stepper.moving)
    stepper.advance(0.0, 0.1 * stepper.longest_step(), 300)
    growth = np.linalg.norm(stepper.moving) / before
    assert abs(growth - 1) <= 1e-3 if dealias else growth >= 2


def test_the_bound_holds_the_spectrum():
    """The largest eigenvalue of the rate as a matrix, on a small grid."""
    for equation in (Boltzmann, WongTserkovnyak, DecoupledBands):
        for dealias in (False, True):
            stepper, _, _, _ = stepper_of(equation, hbar=0.5, points=8, w=0.0, dealias=dealias)
            form, shape = stepper.equation, stepper.moving.shape
            columns = []
            for unit in np.eye(np.prod(shape)):
                out = np.empty(shape)
                form.rate(unit.reshape(shape), 0.0, out)
                columns.append(out.ravel())
            largest = np.abs(np.linalg.eigvals(np.array(columns))).max()
            assert 0 < largest <= form.spectral_radius()


def test_in_the_loop_it_carries_the_state_and_starts_where_it_was():
    """Two halves through the loop are the whole; `settle` forms F at the time reached."""
    stepper, problem, state, data = stepper_of()
    live = WignerFunction(problem.space, data)
    seen = []
    schedule = make_schedule(0.0, 0.4, 0.2, 2, 0.02, 400)
    evolve(stepper, live, schedule, [lambda s, t: seen.append((t, s.data.copy())) or {"trace": s.trace()}])
    assert np.max(np.abs(seen[0][1] - state.data)) <= 1e-14
    whole, _, _, ending = stepper_of()
    whole.prepare(0.02)
    whole.advance(0.0, 0.02, 20)
    whole.settle()
    assert np.max(np.abs(ending - seen[-1][1])) <= 1e-14
    assert np.max(np.abs(occupations(live, geometry(problem).at(0.4)) - stepper.moving)) <= 1e-14


@pytest.mark.parametrize("equation", [Boltzmann, WongTserkovnyak, DecoupledBands], ids=lambda e: e.kind)
def test_the_loop_allocates_nothing(equation):
    stepper, _, _, _ = stepper_of(equation, points=256, w=0.0)
    stepper.prepare(1e-3)
    stepper.advance(0.0, 1e-3, 2)
    tracemalloc.start()
    stepper.advance(0.0, 1e-3, 5)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # numpy broadcasts through a buffer of 8192 numbers, whatever the grid.
    assert peak <= 8192 * 16 + 8192 < 256**2 * 8 / 3, peak


def test_time_of_the_start_counts():
    """Given at t = 0.3, the state settles to itself there."""
    problem = texture(0.1, 20, 0.8)
    h = problem.hamiltonian()
    fields = geometry(problem).at(0.3)
    state = with_coherence(problem.occupied, fields, problem.space)
    data = np.empty_like(state.data)
    stepper = RungeKutta(DecoupledBands(h, state, data, start=0.3), start=0.3)
    stepper.settle()
    assert np.max(np.abs(data - state.data)) <= 1e-14

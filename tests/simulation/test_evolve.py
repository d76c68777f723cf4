"""The loop, with a stepper that counts: who is called, when, and how it ends."""

import numpy as np
import pytest
from problems import evolve as evolve_exactly
from problems import hamiltonian, matched_space

from wigner.diagnostics import DIAGNOSTICS
from wigner.equations import Moyal
from wigner.errors import SteppingError
from wigner.simulation import EdgeGuard, Schedule, evolve, make_schedule
from wigner.states import Packet, WignerFunction
from wigner.steppers import COMPOSITIONS, Splitting

SCHEDULE = Schedule(t_start=1.0, t_end=2.2, records=4, steps=3, chunk=2, snapshot_every=2)


class Counter:
    """Adds dt to the state for each step; counts how often it was asked to bring the state up to date."""

    moving = None

    def __init__(self, data):
        self.data, self.prepared, self.calls, self.settled = data, None, [], 0

    def settle(self):
        self.settled += 1

    def prepare(self, dt, steps):
        self.prepared = (dt, steps)

    def advance(self, t, dt, steps):
        self.calls.append((t, steps))
        self.data += steps * dt


class Diary:
    def __init__(self):
        self.lines = []

    def recorded(self, tick, values, state, snapshot):
        self.lines.append(("record", tick.step, dict(values), snapshot))

    def advanced(self, tick):
        self.lines.append(("advance", tick.step))

    def guarded(self, report):
        self.lines.append(("guard", report.quantity, report.t))


@pytest.fixture
def problem():
    space = matched_space(8)
    state = WignerFunction(space, np.zeros((1, *space.shape)))
    return Counter(state.data), state, Diary()


def level(state, t):
    return {"level": float(state.data[0, 0, 0]), "time": t}


def test_the_order_of_things(problem):
    stepper, state, diary = problem
    spent = {"stepping": 5.0}
    outcome = evolve(stepper, state, SCHEDULE, [level], observers=[diary], seconds=spent)
    assert (outcome.reason, outcome.step, outcome.reports) == ("finished", 12, [])
    assert outcome.t == SCHEDULE.t_end
    assert stepper.prepared == (SCHEDULE.dt, (1, 2))
    assert stepper.settled == 5  # before each record
    assert [steps for _, steps in stepper.calls] == [2, 1] * 4
    assert [t for t, _ in stepper.calls] == [SCHEDULE.time(n) for n in (0, 2, 3, 5, 6, 8, 9, 11)]
    marks = [(line[0], line[1]) for line in diary.lines]
    expected = [("record", 0), ("advance", 0)]
    for n in range(4):
        expected += [("advance", 3 * n + 2), ("record", 3 * n + 3), ("advance", 3 * n + 3)]
    assert marks == expected
    records = [line for line in diary.lines if line[0] == "record"]
    assert [line[3] for line in records] == [True, False, True, False, True]
    for _, step, values, _ in records:
        assert values["time"] == SCHEDULE.time(step)
        assert values["level"] == pytest.approx(0.1 * step)
    assert spent["stepping"] > 5.0 and spent["measuring"] > 0 and spent["observing"] > 0


@pytest.mark.parametrize("stop", [0, 2, 3, 5, 11])
def test_interrupted_and_resumed_is_the_same(problem, stop):
    stepper, state, diary = problem
    evolve(stepper, state, SCHEDULE, [level], observers=[diary])
    whole, final = diary.lines, state.data.copy()
    state.data[:] = 0
    diary.lines, stepper.calls = [], []

    def should_stop():
        return diary.lines[-1][1] >= stop

    outcome = evolve(stepper, state, SCHEDULE, [level], observers=[diary], should_stop=should_stop)
    assert outcome.reason == "interrupted" and outcome.step == max(stop, 2)
    assert outcome.t == SCHEDULE.time(outcome.step)
    rest = evolve(stepper, state, SCHEDULE, [level], observers=[diary], start=outcome.step, resumed=True)
    assert rest.reason == "finished"
    assert diary.lines == whole
    assert state.data.tobytes() == final.tobytes()


def test_a_stop_asked_for_during_the_last_chunk_is_an_end(problem):
    stepper, state, diary = problem
    outcome = evolve(
        stepper,
        state,
        SCHEDULE,
        [level],
        observers=[diary],
        should_stop=lambda: diary.lines[-1][1] == SCHEDULE.total_steps,
    )
    assert outcome.reason == "finished"


def test_resumed_at_the_end_does_nothing(problem):
    stepper, state, diary = problem
    outcome = evolve(stepper, state, SCHEDULE, [level], observers=[diary], start=12, resumed=True)
    assert (outcome.reason, outcome.step, outcome.t) == ("finished", 12, SCHEDULE.t_end)
    assert diary.lines == [] and stepper.calls == []


def test_a_guard_stops_after_its_record_and_before_anything_is_kept_to_go_on_from(problem):
    stepper, state, diary = problem

    def edge(state, t):
        return {"edge_weight_x": float(state.data[0, 0, 0])}

    guard = EdgeGuard(threshold=0.5, action="stop")
    outcome = evolve(stepper, state, SCHEDULE, [edge], guard=guard, observers=[diary])
    assert (outcome.reason, outcome.step) == ("edge", 6)
    assert [report.quantity for report in outcome.reports] == ["edge_weight_x"]
    assert [line[0] for line in diary.lines[-2:]] == ["record", "guard"]
    assert diary.lines[-1][2] == outcome.t == SCHEDULE.time(6)


def test_a_guard_that_warns_reports_once_and_goes_on(problem):
    stepper, state, diary = problem

    def edge(state, t):
        return {"edge_weight_x": float(state.data[0, 0, 0])}

    outcome = evolve(stepper, state, SCHEDULE, [edge], guard=EdgeGuard(0.5, "warn"), observers=[diary])
    assert outcome.reason == "finished" and len(outcome.reports) == 1
    assert sum(line[0] == "guard" for line in diary.lines) == 1


def test_a_guard_that_stops_at_the_start_takes_no_step(problem):
    stepper, state, _ = problem
    outcome = evolve(
        stepper, state, SCHEDULE, [lambda s, t: {"edge_weight_x": 1.0}], guard=EdgeGuard(0.5, "stop")
    )
    assert (outcome.reason, outcome.step) == ("edge", 0) and stepper.calls == []


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), np.array([1.0, np.nan])])
def test_numbers_that_are_not_finite_end_it(problem, bad):
    stepper, state, diary = problem

    def measure(state, t):
        return {"fine": 1.0, "sick": bad if t > 1.5 else 0.0}

    with pytest.raises(SteppingError, match=r"^t = 1\.6: expected finite numbers, got .* in sick; "):
        evolve(stepper, state, SCHEDULE, [measure], observers=[diary])
    # What came before is recorded, and nothing to go on from after it.
    assert diary.lines[-1][:2] == ("record", 6) and diary.lines[-2] == ("advance", 5)


def test_a_state_that_is_not_a_number_is_found_by_what_is_measured():
    space = matched_space(16)
    h = hamiltonian(space, "k**2/2 + x**2/2")
    state = Packet(position=0.0, momentum=0.0, width=0.7).wigner_function(h)
    data = state.data
    stepper = Splitting(Moyal(h).flows(data), COMPOSITIONS[0])
    data[0, 3, 3] = np.nan
    measure = [d.prepare(h) for d in DIAGNOSTICS]
    with pytest.raises(SteppingError, match=r"t = 0: .*trace"):
        evolve(stepper, state, make_schedule(0.0, 1.0, 0.5, 1, 0.1, 256), measure)


def test_records_are_measured_on_the_state_at_their_time():
    space = matched_space(32, 16.0)
    h = hamiltonian(space, "k**2/2 + x**2/2 + sin(t)*x")
    start = Packet(position=1.0, momentum=0.0, width=0.7).wigner_function(h)
    data = Moyal(h).allocate()
    stepper = Splitting(Moyal(h).flows(data), COMPOSITIONS[1])
    data[:] = start.data
    schedule = make_schedule(0.5, 1.5, 0.25, 1, 0.05, 32**2)
    seen = []
    evolve(
        stepper, WignerFunction(space, data), schedule, [lambda s, t: seen.append((t, s.data.copy())) or {}]
    )
    assert [t for t, _ in seen] == [0.5, 0.75, 1.0, 1.25, 1.5]
    for number, (t, found) in enumerate(seen[1:], start=1):
        alone = evolve_exactly(h, start, t, 5 * number, t_start=0.5)
        np.testing.assert_allclose(found, alone.data, atol=1e-12)

"""The time base: records divide the run, steps divide records, chunks repeat."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from wigner.simulation import Schedule, make_schedule

schedules = st.builds(
    make_schedule,
    t_start=st.floats(-100, 100),
    t_end=st.floats(100.5, 300),
    every=st.floats(0.05, 500),
    snapshots=st.integers(1, 5),
    dt=st.floats(1e-4, 10),
    points=st.integers(16, 10**7),
)


@given(schedules)
def test_it_ends_where_it_should(schedule):
    assert schedule.time(0) == schedule.t_start
    assert schedule.time(schedule.total_steps) == schedule.t_end
    assert schedule.t_end == pytest.approx(schedule.t_start + schedule.records * schedule.interval)
    assert schedule.time(schedule.steps * (schedule.records - 1)) < schedule.t_end


@given(st.floats(-10, 10), st.floats(0.1, 50), st.floats(1e-3, 60), st.floats(1e-4, 10))
def test_steps_are_the_longest_that_fit(t_start, span, every, dt):
    t_end = t_start + span
    schedule = make_schedule(t_start, t_end, every, 1, dt, 4096)
    assert schedule.t_end == t_end
    assert schedule.records == max(1, round((t_end - t_start) / every))
    assert schedule.dt <= dt * (1 + 1e-11)
    assert schedule.steps == 1 or schedule.interval / (schedule.steps - 1) > dt * (1 - 1e-11)


@given(schedules)
def test_a_run_resumed_with_its_own_dt_has_the_same_time_base(schedule):
    again = make_schedule(
        schedule.t_start,
        schedule.t_end,
        schedule.interval,
        max(1, schedule.records // schedule.snapshot_every),
        schedule.dt,
        10**4,
    )
    assert (again.records, again.steps) == (schedule.records, schedule.steps)


@given(schedules)
def test_chunks_fill_every_interval_and_no_chunk_crosses_a_record(schedule):
    assume(schedule.steps < 20_000)
    step, sizes = 0, set()
    while step < schedule.steps:
        size = schedule.next_chunk(step)
        assert 1 <= size <= schedule.chunk
        sizes.add(size)
        step += size
    assert step == schedule.steps
    assert schedule.chunk_sizes() == tuple(sorted(sizes))
    assert schedule.next_chunk(step) == schedule.next_chunk(0)


def test_times_are_computed_and_not_added_up():
    schedule = make_schedule(0.0, 100.0, 0.1, 10, 0.01, 4096)
    assert (schedule.records, schedule.steps, schedule.snapshot_every) == (1000, 10, 100)
    assert all(schedule.time(10 * n) == n * schedule.interval for n in range(1000))
    assert schedule.time(10_000) == 100.0
    assert schedule.time(15) == schedule.interval + 5 * schedule.dt


def test_what_happens_at_which_step():
    schedule = Schedule(t_start=1.0, t_end=3.0, records=4, steps=3, chunk=2, snapshot_every=2)
    assert [n for n in range(13) if schedule.is_record(n)] == [0, 3, 6, 9, 12]
    assert [n for n in range(13) if schedule.is_snapshot(n)] == [0, 6, 12]
    assert schedule.chunk_sizes() == (1, 2)
    assert schedule.t_end == 3.0


@pytest.mark.parametrize(("points", "chunk"), [(32**2, 256), (256**2, 64), (48**4, 1)])
def test_chunks_are_shorter_on_larger_grids(points, chunk):
    assert make_schedule(0, 1, 1, 1, 1e-4, points).chunk == chunk


def test_an_exact_divisor_is_not_rounded_up():
    for steps in range(1, 200):
        interval = math.pi / 7
        assert make_schedule(0, interval, interval, 1, interval / steps, 4096).steps == steps

"""Packets driven to the edge of every axis and of every conjugate axis are reported, with the time and the axis."""

import numpy as np
import pytest
from problems import hamiltonian

from wigner.algebra import Axis, PhaseSpace
from wigner.diagnostics import DIAGNOSTICS
from wigner.equations import Moyal
from wigner.simulation import EdgeGuard, GuardReport, evolve, make_schedule
from wigner.simulation.guards import not_finite
from wigner.states import Packet, WignerFunction
from wigner.steppers import COMPOSITIONS, Splitting

EDGES = next(d for d in DIAGNOSTICS if d.name == "edges")


def space(x=10.0, k=10.0, points=(64, 64), kinds=("box", "box")):
    return PhaseSpace((Axis("x", kinds[0], -x, x, points[0]), Axis("k", kinds[1], -k, k, points[1])), 1.0)


def driven(grid, spec, packet, t_end, action="warn", every=0.1):
    """Outcome, and the edge weights at every record, of a packet moved by a Hamiltonian."""
    h = hamiltonian(grid, spec)
    start = packet.wigner_function(h)
    data = Moyal(h).allocate()
    stepper = Splitting(Moyal(h).flows(data), COMPOSITIONS[0])
    data[:] = start.data
    series = []
    measure = EDGES.prepare(h)

    def keep(state, t):
        values = measure(state, t)
        series.append((t, values))
        return values

    schedule = make_schedule(0.0, t_end, every, 1, every, grid.points)
    outcome = evolve(stepper, WignerFunction(grid, data), schedule, [keep], guard=EdgeGuard(1e-8, action))
    return outcome, series


CENTRED = {"position": 0.0, "momentum": 0.0, "width": 1.0}
CASES = {
    # Free flight to the right, and a force up the momentum axis.
    "edge_weight_x": (space(points=(64, 128)), "k**2/2", {**CENTRED, "momentum": 4.0}),
    "edge_weight_k": (space(), "-2*x", CENTRED),
    # Kicks and flight shear F, k → k − xt and x → x − kt: finer and finer fringes along one axis, before its other
    # coordinate has come to an end. The conjugate of an axis reaches as far as πħ/Δ.
    "conjugate_edge_weight_x": (space(x=20.0, points=(64, 64)), "x**2/2", CENTRED),
    "conjugate_edge_weight_k": (space(x=40.0, points=(256, 64)), "k**2/2", CENTRED),
}


@pytest.mark.parametrize("name", CASES)
def test_the_first_axis_to_end_is_reported_with_its_time(name):
    grid, spec, packet = CASES[name]
    outcome, series = driven(grid, spec, Packet(**packet), 6.0)
    assert outcome.reason == "finished"
    first = outcome.reports[0]
    assert first.quantity == name and not first.stop
    times = [t for t, _ in series]
    found = times.index(first.t)
    assert found > 0
    assert all(values[name] <= 1e-8 for _, values in series[:found])
    assert series[found][1][name] == first.value > 1e-8
    axis = name[-1]
    where = f"the highest wave numbers of {axis}" if name.startswith("conj") else f"the edge of {axis}"
    assert str(first).startswith(f"t = {first.t:g}: the state reaches {where}: weight ")
    assert "\n" not in str(first)
    # Each axis is named once, however long it stays there.
    assert len({report.quantity for report in outcome.reports}) == len(outcome.reports)


@pytest.mark.parametrize("name", CASES)
def test_the_report_comes_before_the_physics_is_wrong(name):
    """Until the report, means follow the classical motion of these quadratic Hamiltonians."""
    grid, spec, packet = CASES[name]
    outcome, _ = driven(grid, spec, Packet(**packet), 6.0, action="stop")
    h = hamiltonian(grid, spec)
    data = Moyal(h).allocate()
    flow = Splitting(Moyal(h).flows(data), COMPOSITIONS[0])
    data[:] = Packet(**packet).wigner_function(h).data
    flow.advance(0.0, outcome.t, 1)
    state = WignerFunction(grid, data)
    x, k = (float(state.marginal([n]) @ grid.axis(n).values) * grid.measure([n]) for n in ("x", "k"))
    # A weight of squares of 1e-8 is a share of about 1e-4 of F, which has wrapped to the other end.
    assert x == pytest.approx(packet["momentum"] * outcome.t if spec == "k**2/2" else 0.0, abs=1e-3)
    assert k == pytest.approx({"-2*x": 2 * outcome.t}.get(spec, packet["momentum"]), abs=1e-3)


@pytest.mark.parametrize("name", CASES)
def test_stop_stops_at_the_report(name):
    grid, spec, packet = CASES[name]
    warned, _ = driven(grid, spec, Packet(**packet), 6.0)
    stopped, series = driven(grid, spec, Packet(**packet), 6.0, action="stop")
    assert stopped.reason == "edge"
    assert stopped.t == series[-1][0] == warned.reports[0].t < 6.0
    assert stopped.reports[0].quantity == name and all(report.stop for report in stopped.reports)


def test_ignore_is_silent():
    grid, spec, packet = CASES["edge_weight_k"]
    outcome, series = driven(grid, spec, Packet(**packet), 6.0, action="ignore")
    assert outcome.reason == "finished" and outcome.reports == []
    assert max(values["edge_weight_k"] for _, values in series) > 0.1


def test_periodic_axes_have_no_edge():
    grid = space(k=np.pi * 64 / 20, kinds=("ring", "zone"))
    outcome, series = driven(grid, "k**2/2", Packet(0.0, 2.0, 1.0), 2.0)
    assert set(series[0][1]) == {"conjugate_edge_weight_x", "conjugate_edge_weight_k"}
    assert all(report.quantity.startswith("conjugate") for report in outcome.reports)


def test_in_two_dimensions_each_axis_is_watched():
    axes = [Axis(n, "box", -8.0, 8.0, 16) for n in ("x", "y")] + [
        Axis(n, "box", -3.0, 3.0, 16) for n in ("kx", "ky")
    ]
    grid = PhaseSpace(tuple(axes), 1.0)
    h = hamiltonian(grid, "kx**2 + ky**2")
    names = [q.name for q in EDGES.quantities(h)]
    assert len(names) == 8 and "conjugate_edge_weight_ky" in names
    # F of one point in y: everywhere in ky's conjugate, at the edge of y.
    data = np.zeros((1, *grid.shape))
    data[0, 8, 0, 6:10, 6:10] = 1.0
    values = EDGES.prepare(h)(WignerFunction(grid, data), 0.0)
    assert values["edge_weight_y"] == pytest.approx(1.0) and values["edge_weight_x"] == 0.0
    assert values["conjugate_edge_weight_y"] > 0.1


# --- the guard alone ----------------------------------------------------------------------------------------


def test_a_report_is_made_once_for_each_axis():
    guard = EdgeGuard(threshold=1e-3)
    assert guard.inspect(0.0, {"edge_weight_x": 1e-3, "trace": 1.0, "density": np.ones(3)}) == []
    first = guard.inspect(0.5, {"edge_weight_x": 2e-3, "conjugate_edge_weight_x": 5e-3, "trace": 1.0})
    assert first == [
        GuardReport("edge_weight_x", 0.5, 2e-3, 1e-3, False),
        GuardReport("conjugate_edge_weight_x", 0.5, 5e-3, 1e-3, False),
    ]
    assert guard.inspect(1.0, {"edge_weight_x": 1.0}) == []
    assert [report.t for report in guard.inspect(1.5, {"edge_weight_k": 1.0})] == [1.5]


def test_what_was_seen_before_a_resume_is_not_said_again():
    assert EdgeGuard(seen={"edge_weight_x"}).inspect(0.0, {"edge_weight_x": 1.0}) == []


def test_numbers_of_numpy_are_numbers():
    assert len(EdgeGuard().inspect(0.0, {"edge_weight_x": np.float64(1.0)})) == 1


def test_not_finite_names_what_is_sick():
    values = {"a": 1.0, "b": np.nan, "c": np.array([0.0, -np.inf]), "d": np.zeros(3), "e": np.inf}
    assert not_finite(values) == ["b", "c", "e"]

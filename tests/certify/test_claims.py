"""Claims: what is read from a series, and that a wrong expectation fails."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_run import run_text

from wigner.algebra import Axis, MatrixFormula, PhaseSpace
from wigner.app import execute
from wigner.app.config import parse
from wigner.app.setup import build
from wigner.app.summary import evaluate_claims
from wigner.app.sweeps import Sweeps
from wigner.certify import reference
from wigner.certify.claims import Claim, gather_evidence, reduce_series
from wigner.certify.claims import judge as judge_evidence
from wigner.certify.oscillation import fit_oscillation, line_of_oscillation
from wigner.certify.problem import ReferenceProblem
from wigner.certify.reference import REFERENCES, evaluate_reference
from wigner.errors import MeasurementError, WignerError
from wigner.models import Hamiltonian, UniformFields
from wigner.records import open_run

TIMES = np.arange(11) * 0.5
SERIES = np.array([1.0, 2.0, 4.0, -3.0, 0.5, 0.0, 1.0, 2.5, 3.0, -1.0, 2.0])
PROBLEM = ReferenceProblem(None, None, TIMES, {"a": 2.0, "hbar": 0.5})


def made(quantity="q", **changes):
    return Claim(quantity, **{"tolerance": 1e-6, "source": "by hand", "expected": 0.0} | changes)


def judge(run, claim, times, series, problem):
    return judge_evidence(run, claim, gather_evidence(claim, times, series, problem))


# --- reductions ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "value"),
    [
        ({}, 2.0),
        ({"reduce": "final"}, 2.0),
        ({"reduce": "initial"}, 1.0),
        ({"reduce": "maximum"}, 4.0),
        ({"reduce": "minimum"}, -3.0),
        ({"reduce": "mean"}, 12.0 / 11),
        ({"reduce": "integral"}, 5.25),
        ({"until": 1.0, "reduce": "integral"}, 2.25),
        ({"reduce": "drift"}, 4.0),
        ({"reduce": "change"}, 1.0),
        ({"at": 0.0}, 1.0),
        ({"at": 1.5}, -3.0),
        ({"at": 5.0}, 2.0),
        ({"until": 2.0}, 0.5),
        ({"until": 2.2, "reduce": "maximum"}, 4.0),
        ({"until": 0.5, "reduce": "change"}, 1.0),
        ({"until": 1.0, "reduce": "mean"}, 7.0 / 3),
        ({"until": 1.0, "reduce": "minimum"}, 1.0),
        ({"until": 2.5, "reduce": "drift"}, 4.0),
        ({"since": 1.5, "reduce": "change"}, 5.0),
        ({"since": 1.0, "until": 2.0, "reduce": "change"}, -3.5),
        ({"since": 1.2, "reduce": "initial"}, -3.0),
    ],
)
def test_reductions_by_hand(changes, value):
    assert reduce_series(made(**changes), TIMES, SERIES) == pytest.approx(value, abs=1e-15)


def test_a_winding_is_followed_through_every_turn():
    """Back, forth and around, in steps below a half, of a series that only shows what is beyond whole numbers."""
    path = np.cumsum(np.random.default_rng(5).uniform(-0.2, 0.45, size=40))
    assert path[-1] > 3
    found = reduce_series(made(reduce="winding", since=2.0), np.arange(40.0), (path + 0.5) % 1 - 0.5)
    assert found == pytest.approx(path[-1] - path[2], abs=1e-12)


def test_times_are_found_though_rounded():
    times = np.linspace(0.0, 0.3, 4)
    assert reduce_series(made(at=0.3), times, np.arange(4.0)) == 3.0
    assert reduce_series(made(until=0.1 * 2), times, np.arange(4.0)) == 2.0


@pytest.mark.parametrize("shift", [0.0, 100.0])
@pytest.mark.parametrize(
    ("reduce", "value"), [("frequency", 3.0), ("period", 2 * math.pi / 3.0), ("amplitude", 0.25)]
)
def test_oscillations_by_hand(reduce, value, shift):
    times = shift + np.linspace(0.0, 10.0, 101)
    values = 2.0 - 0.3 * times + 0.25 * np.sin(3.0 * times + 0.4)
    assert reduce_series(made(reduce=reduce), times, values) == pytest.approx(value, rel=1e-9)
    assert reduce_series(made(reduce=reduce, until=shift + 5), times, values) == pytest.approx(
        value, rel=1e-9
    )


@given(
    records=st.integers(12, 200),
    span=st.floats(1e-2, 1e3),
    place=st.floats(0, 1),
    amplitude=st.floats(1e-3, 1e3),
    phase=st.floats(0, 2 * math.pi),
    offset=st.floats(-20, 20),
    slope=st.floats(-5, 5),
    start=st.floats(-10, 10),
)
def test_a_pure_oscillation_is_read_to_1e_9(records, span, place, amplitude, phase, offset, slope, start):
    # From one period in all to nine tenths of the fastest that the records resolve.
    periods = 1 + place * (0.45 * (records - 1) - 1)
    omega = 2 * math.pi * periods / span
    since = np.linspace(0.0, span, records)
    values = amplitude * (offset + slope * since / span + np.cos(omega * since + phase))
    found, size = fit_oscillation(start * span + since, values)
    assert found == pytest.approx(omega, rel=1e-9)
    assert size == pytest.approx(amplitude, rel=1e-9)


def test_noise_moves_the_frequency_by_its_own_size():
    times = np.linspace(0, 20, 400)
    noise = np.random.default_rng(1).standard_normal(400)
    omega, amplitude = fit_oscillation(times, np.cos(2 * times) + 1e-3 * noise)
    assert omega == pytest.approx(2, abs=1e-4) and amplitude == pytest.approx(1, abs=1e-3)


def test_the_line_that_an_oscillation_is_about():
    times = np.linspace(5, 7, 60)
    line = line_of_oscillation(times, 3 - 0.5 * times + 0.2 * np.cos(11 * times + 1))
    assert line(np.array([0.0, 6.0, 100.0])) == pytest.approx([3.0, 0.0, -47.0], abs=1e-9)


# --- failure modes ------------------------------------------------------------------------------------------


def failing(call, *arguments):
    with pytest.raises(MeasurementError) as caught:
        call(*arguments)
    message = str(caught.value)
    assert "\n" not in message and "expected" in message
    return message


def test_too_little_to_fit():
    times = np.linspace(0, 1, 100)
    assert "at least 8 records" in failing(fit_oscillation, times[:7], np.sin(30 * times[:7]))
    assert "one period" in failing(fit_oscillation, times, np.sin(2 * times))
    assert "straight line" in failing(fit_oscillation, times, np.full(100, 3.0))
    assert "straight line" in failing(fit_oscillation, times, 5 - 2 * times)
    assert "straight line" in failing(fit_oscillation, times, np.zeros(100))


def test_no_record_at_that_time():
    message = failing(reduce_series, made(at=1.3), TIMES, SERIES)
    assert "t = 1.3" in message and "nearest is 1.5" in message
    assert "got none" in failing(reduce_series, made(until=-1.0), TIMES, SERIES)


def test_what_judge_refuses():
    profile = {"q": SERIES, "rho": np.ones((11, 4))}
    with pytest.raises(MeasurementError, match="did you mean 'q'"):
        judge("r", made("qq"), TIMES, profile, PROBLEM)
    assert "reference" in failing(judge, "r", made("q", expected=None), TIMES, profile, PROBLEM)
    with pytest.raises(MeasurementError, match="a profile needs a reference"):
        judge("r", made("rho"), TIMES, profile, PROBLEM)
    with pytest.raises(MeasurementError, match="'nobody' is unknown"):
        judge("r", made(expected=None, reference="nobody"), TIMES, profile, PROBLEM)
    with pytest.raises(WignerError, match="nonsense"):
        judge("r", made(expected="nonsense"), TIMES, profile, PROBLEM)


# --- verdicts -----------------------------------------------------------------------------------------------


def test_the_tolerance_is_inclusive_and_what_is_not_a_number_fails():
    series = {"q": np.array([0.0, 0.5])}
    times = np.array([0.0, 1.0])

    def passed(expected, tolerance, values=series):
        return judge("r", made(expected=expected, tolerance=tolerance), times, values, PROBLEM).passed

    assert passed(0.25, 0.25) and not passed(0.25, 0.2499)
    assert passed(0.75, 0.25) and passed("a*hbar/2", 1e-15) and not passed("a*hbar", 0.4)
    assert passed("a*hbar", "a*hbar/2") and not passed("a*hbar", "a*hbar/2.1")
    for bad in (math.nan, math.inf, -math.inf):
        assert not passed(0.5, 1e300, {"q": np.array([0.0, bad])})


def test_a_verdict_says_what_was_judged():
    verdict = judge("file", made(expected="a + 0.5", tolerance=0.6), TIMES, {"q": SERIES}, PROBLEM)
    assert vars(verdict) == {
        "run": "file",
        "quantity": "q",
        "measured": 2.0,
        "expected": 2.5,
        "tolerance": 0.6,
        "source": "by hand",
        "passed": True,
    }
    labels = {
        made(band=1).label: "q[1]",
        made(at=0.5).label: "q at t = 0.5",
        made(reduce="drift").label: "drift of q",
        made(reduce="mean", band=0).label: "mean of q[0]",
        made(level=3).label: "q[3]",
        made(component="re01", reduce="drift").label: "drift of q[re01]",
    }
    assert all(label == wanted for label, wanted in labels.items())


@pytest.fixture
def told(monkeypatch):
    """A reference whose answer is set by the test, and what it was asked."""
    answer, asked = [], []

    def told(problem, quantity):
        asked.append((quantity, dict(problem.options)))
        return answer[-1]

    monkeypatch.setitem(reference.REFERENCES, "told", told)
    return answer, asked


BANDS = np.stack([SERIES, 10 * SERIES], axis=1)
RHO = np.outer(SERIES, [1.0, 2.0, -4.0])
# Levels by a momentum, and the four components of a 2×2 matrix.
ROWS = np.stack([RHO, 2 * RHO + 1], axis=1)
PROBE = np.outer(SERIES, [1.0, -2.0, 3.0, -4.0])


@pytest.mark.parametrize(
    ("quantity", "changes", "right"),
    [
        ("q", {}, 2.0),
        ("q", {"reduce": "drift"}, 4.0),
        ("q", {"at": 1.5}, SERIES),
        ("q", {"reduce": "mean"}, SERIES),
        ("q", {"reduce": "minimum", "until": 2.0}, SERIES),
        ("bands", {"band": 1}, BANDS),
        ("bands", {"band": 1, "reduce": "maximum"}, BANDS[:, 1]),
        ("bands", {"band": 0, "at": 1.0}, 4.0),
        ("rho", {}, RHO),
        ("rows", {}, ROWS),
        ("rows", {"level": 1}, ROWS),
        ("bands", {"level": 1, "at": 1.0}, BANDS),
        ("probe", {}, PROBE),
        ("probe", {"component": "11"}, -4.0),
        ("probe", {"component": "im01", "reduce": "minimum"}, PROBE),
    ],
)
def test_references_pass_if_right_and_fail_if_wrong(told, quantity, changes, right):
    answer, asked = told
    series = {"q": SERIES, "bands": BANDS, "rho": RHO, "rows": ROWS, "probe": PROBE}
    claim = made(quantity, expected=None, reference="told", reference_options={"points": 7}, **changes)
    for factor, verdict in ((1.0, True), (1 + 1e-8, True), (1.001, False), (-1.0, False), (np.nan, False)):
        answer.append(factor * right)
        assert judge("r", claim, TIMES, series, PROBLEM).passed is verdict
    assert asked[0] == (quantity, {"points": 7})


def test_one_wrong_point_of_a_profile_fails_it(told):
    answer, _ = told
    claim = made("rho", expected=None, reference="told")
    for place in range(3):
        wrong = RHO.copy()
        wrong[-1, place] += 1e-4
        answer.append(wrong)
        verdict = judge("r", claim, TIMES, {"rho": RHO}, PROBLEM)
        assert verdict.quantity == "deviation of rho" and verdict.expected == 0.0
        assert verdict.measured == pytest.approx(1e-4 / 8, rel=1e-3) and not verdict.passed


def test_a_profile_that_is_zero_is_no_reference(told):
    told[0].append(0 * RHO)
    claim = made("rho", expected=None, reference="told")
    assert "not zero" in failing(judge, "r", claim, TIMES, {"rho": RHO}, PROBLEM)


# --- on a run -----------------------------------------------------------------------------------------------

# A coherent state of ω = 1, m = ħ = 1 from x₀ = 1: ⟨x⟩ = cos t, ⟨x²⟩ = cos²t + ½, energy 1, purity 1, one band.
RIGHT = {
    "final": ("mean_x", "cos(t_end)", {}),
    "initial": ("mean_x_squared", 1.5, {"reduce": "initial"}),
    "maximum": ("mean_x", 1.0, {"reduce": "maximum"}),
    "minimum": ("mean_x", -1.0, {"reduce": "minimum"}),
    "mean": ("energy", 1.0, {"reduce": "mean"}),
    "drift": ("purity", 0.0, {"reduce": "drift"}),
    "change": ("mean_x_squared", "cos(t_end)**2 - 1", {"reduce": "change"}),
    "frequency": ("mean_x", 1.0, {"reduce": "frequency"}),
    "period": ("mean_k", "2*pi", {"reduce": "period"}),
    "amplitude": ("mean_k", 1.0, {"reduce": "amplitude"}),
    "at": ("mean_k", "-sin(2*pi/4)", {"at": "2*pi/4"}),
    "until": ("mean_x", "cos(pi)", {"until": "pi"}),
    "band": ("band_population", 1.0, {"band": 0}),
    "series reference": ("mean_x_squared", None, {"reference": "wave_function"}),
    "profile reference": ("density", None, {"reference": "wave_function"}),
}


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A run with a claim of each kind: its config and its folder."""
    text = run_text(
        t_end='"2.5*pi"',
        dt='"pi/200"',
        every='"pi/20"',
        method="blanes_moan",
        state='position = 1.0\nmomentum = 0.0\nwidth = "sqrt(1/2)"',
    )
    for quantity, expected, more in RIGHT.values():
        rows = {"quantity": quantity, "expected": expected, "tolerance": 1e-5, "source": "by hand", **more}
        lines = [f"{k} = {v!r}" for k, v in rows.items() if v is not None]
        text += "\n[[claims]]\n" + "\n".join(lines) + "\n"
    config = parse(text, "run.toml")
    folder = tmp_path_factory.mktemp("claims") / "run"
    return config, folder, execute.run(config, folder)


def test_right_claims_hold_on_a_run(ran):
    verdicts = dict(zip(RIGHT, ran[2].verdicts, strict=True))
    assert not {name: v for name, v in verdicts.items() if not v.passed}


def test_every_kind_of_claim_fails_when_it_is_wrong(ran):
    """Mutation: each expectation is moved by three tolerances, or the tolerance made smaller than any error."""
    config, folder, _ = ran
    wrong = []
    for claim in config.claims:
        if claim.reference is None:
            wrong.append(replace(claim, expected=f"({claim.expected}) + 3*{claim.tolerance}"))
        else:
            wrong.append(replace(claim, reference_options={"observables": {}}, tolerance=1e-30))
    with open_run(folder) as recorded:
        verdicts, _ = evaluate_claims(replace(config, claims=tuple(wrong)), build(config), recorded, Sweeps())
    assert [name for name, verdict in zip(RIGHT, verdicts, strict=True) if verdict.passed] == []
    # They fail because they were measured, not because they could not be.
    assert all(math.isfinite(verdict.measured) for verdict in verdicts)


def test_a_wrong_run_fails_the_right_claims(ran, tmp_path):
    """What is measured comes from the run: another potential, and the same claims do not hold."""
    config, _, _ = ran
    changed = parse(config.text.replace('formula = "x**2/2"', 'formula = "0.55*x**2"'), "run.toml")
    finished = execute.run(changed, tmp_path / "run")
    verdicts = dict(zip(RIGHT, finished.verdicts, strict=True))
    kept = {"initial", "drift", "band", "maximum", "series reference", "profile reference"}
    assert {name for name, verdict in verdicts.items() if verdict.passed} == kept


def test_references_know_no_fields():
    """They solve for H alone: a force beside it would be left out without a word."""
    space = PhaseSpace((Axis("x", "box", -4.0, 4.0, 8), Axis("k", "box", -4.0, 4.0, 8)))
    symbol = MatrixFormula.parse("k**2/2", variables=space.names)
    problem = ReferenceProblem(
        Hamiltonian(space, symbol, UniformFields.parse(force=0.3)), None, np.linspace(0, 1, 3)
    )
    of_levels = {"magnetic_cell", "landau_levels", "onsager"}
    of_crystals = {"chern_current", "chern_streda", "kubo_current", "kubo_chern"}
    for name in REFERENCES.keys() - of_crystals - of_levels:
        with pytest.raises(MeasurementError, match=r"got \[fields\]; write a uniform force as a potential"):
            evaluate_reference(name, problem, "density")

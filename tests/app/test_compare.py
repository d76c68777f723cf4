"""Kinetic equations in run files, and the sweep over ħ that measures their orders."""

import json

import numpy as np
import pytest
from run_files import COMPARED, problems
from small_run import SignalAt, assert_same_run

from wigner import open_run
from wigner.app import execute
from wigner.app.compare import compare
from wigner.app.compare_report import draw, sections, write_json
from wigner.app.config import parse
from wigner.app.inspect import check_sections
from wigner.app.sweep import contenders, parse_values
from wigner.errors import ConfigError, WignerError

TEXT = COMPARED.replace("points = 48", "points = 24")
GENTLE = (
    TEXT.replace("points = 24", "points = 32")
    .replace("0.6*cos(x)", "0.2*cos(x)")
    .replace("0.5*sin(x)", "0.2*sin(x)")
)


@pytest.mark.parametrize("equation", ["boltzmann", "wong_tserkovnyak", "decoupled_bands", "star_projected"])
def test_a_run_moves_bands_and_records_what_a_run_of_f_does(tmp_path, equation):
    order = "order = 2" if equation == "star_projected" else ""
    text = TEXT.replace('equation = "star_projected"\norder = 2', f'equation = "{equation}"\n{order}')
    config = parse(text, tmp_path / "run.toml")
    rows = dict(row for _, section in check_sections(config) for row in section)
    assert rows["equation"].startswith(equation) and "stable up to" in rows["dt"]
    finished = execute.run(config, tmp_path / "run")
    assert finished.summary["equation"] == equation and finished.summary["filtered"] < 0.1
    assert finished.summary["drift"]["trace"] <= 1e-11
    with open_run(tmp_path / "run") as run:
        moved = np.abs(run["density"][-1] - run["density"][0]).max()
        assert float(moved) > 1e-3


@pytest.mark.parametrize("equation", ["boltzmann", "wong_tserkovnyak", "decoupled_bands", "star_projected"])
def test_a_stopped_run_of_bands_resumes_to_the_same_bits(tmp_path, equation):
    order = "order = 2" if equation == "star_projected" else ""
    text = TEXT.replace('equation = "star_projected"\norder = 2', f'equation = "{equation}"\n{order}')
    text = text.replace("every = 0.25", "every = 0.25\nsnapshots = 2")
    config = parse(text, tmp_path / "run.toml")
    execute.run(config, tmp_path / "whole")
    stopped = execute.run(config, tmp_path / "run", progress=SignalAt(1))
    assert stopped.outcome.reason == "interrupted" and 0 < stopped.outcome.t < 1
    execute.resume(tmp_path / "run")
    assert_same_run(tmp_path / "run", tmp_path / "whole")


def test_an_equation_that_does_not_apply_is_refused_at_its_line(tmp_path):
    text = TEXT.replace('"star_projected"\norder = 2', '"separable"')
    with pytest.raises(ConfigError) as caught:
        execute.run(parse(text, tmp_path / "run.toml"), tmp_path / "run")
    (problem,) = caught.value.problems
    assert problem.key == "evolution.equation" and "multiple of the identity" in problem.message
    assert text.splitlines()[problem.line - 1].startswith("equation")
    assert not (tmp_path / "run").exists()


def test_memory_is_counted_before_anything_is_made(tmp_path):
    """Of an equation by its order when the file is read, of what `auto` picks when the state is there."""
    limit = TEXT + "\n[engine]\nmemory_limit = 1e-3\n"
    (problem,) = problems(limit)
    assert problem[1] == "space" and "expected a grid within 0.001 GiB (engine.memory_limit)" in problem[2]
    parse(limit.replace("order = 2", "order = 0"), tmp_path / "run.toml")
    exact = limit.replace('equation = "star_projected"\norder = 2', 'method = "auto"')
    config = parse(exact.replace("1e-3", "2e-4"), tmp_path / "run.toml")
    with pytest.raises(ConfigError, match=r"expected a grid within 0\.0002 GiB"):
        check_sections(config)
    check_sections(parse(exact, tmp_path / "run.toml"))


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('equation = "star_projected"\n', "", "evolution.order"),
        ("order = 2", 'method = "strang"', "evolution.equation"),
        ("order = 2", "star_order = 2", "evolution.equation"),
        ("order = 2", "order = 3", "evolution.order"),
        ('"star_projected"', '"boltzman"', "evolution.equation"),
    ],
)
def test_one_line_for_each_mistake(old, new, key):
    (problem,) = problems(TEXT.replace(old, new))
    assert problem[1] == key


def test_slopes_are_measured(tmp_path):
    """Orders 0 and 1 on a small grid; order 2 is in tests/equations/test_star_projected.py."""
    config = parse(GENTLE, tmp_path / "texture.toml")
    names = ["boltzmann", "wong_tserkovnyak", "star_projected:1", "separable"]
    found = compare(config, [0.2, 0.1, 0.05], contenders(names))
    rows = {(row.equation, row.quantity): row for row in found.rows}
    assert list(found.left_out) == ["separable"]
    for name, claimed in (("boltzmann", 1), ("wong_tserkovnyak", 2), ("star_projected:1", 2)):
        row = rows[name, "f_n" if name.startswith("star") else "n_s"]
        assert row.claimed == claimed and row.verdict == "holds"
        assert abs(row.slope - claimed) <= 0.1 and len(row.errors) == 3
        # The classical current comes to its slope from above.
        assert claimed == 1 or rows[name, "current"].verdict == rows[name, "density"].verdict == "holds"
    assert set(found.fields) == {"exact", "boltzmann", "wong_tserkovnyak", "star_projected:1"}
    told = dict(sections(found))
    assert "claimed 2: holds" in dict(told["star_projected:1"])["F"]
    assert "multiple of the identity" in dict(told["left out"])["separable"]
    share = dict(told["star_projected:1"])["filtered"]
    assert share.endswith("of what moves, in amplitude") and 0 < float(share.split()[0]) < 1e-2
    assert [path.name for path in draw(config, found, tmp_path / "figures")] == ["orders.png", "panels.png"]
    write_json(tmp_path / "rows.json", found)
    assert len(json.loads((tmp_path / "rows.json").read_text())) == len(found.rows)


def test_the_table_says_how_well_steps_are_taken_and_what_moves(tmp_path):
    """The longest stable steps add an error of their own; on a grid too coarse for the filter all waves hold more."""
    values = [0.2, 0.1, 0.05]
    errors = {}
    for keys in ("", "error_target = 1e-2", "dealias = false"):
        table = f'[compare]\nequations = ["star_projected:1"]\nvalues = {values}\n{keys}\n'
        config = parse(GENTLE.replace("points = 32", "points = 16") + table, tmp_path / "texture.toml")
        found = compare(config, values, contenders(config.compare.equations))
        errors[keys] = next(row.errors[-1] for row in found.rows if row.quantity == "f_n")
    assert errors["error_target = 1e-2"] > 1.02 * errors[""]
    assert errors["dealias = false"] < 0.9 * errors[""]


def test_what_is_left_out_and_what_is_printed_show_in_the_slope(tmp_path):
    """A term left out costs its power of ħ, the printed sign one; matrices cut at n are off by ħⁿ."""
    config = parse(TEXT.replace("points = 24", "points = 40"), tmp_path / "texture.toml")
    wanted = {
        "wong_tserkovnyak:printed": 1,
        "wong_tserkovnyak-hall": 1,
        "star_projected:1-energy_shift": 1,
        "star_projected:2-metric_stretched": 2,
        "truncated_moyal:0": 0,
        "truncated_moyal:1": 1,
        "truncated_moyal:2": 2,
    }
    found = compare(config, [0.12, 0.06, 0.03], contenders(list(wanted)))
    slopes = {row.equation: row for row in found.rows if row.quantity == "F"}
    for name, order in wanted.items():
        row = slopes[name]
        assert abs(row.slope - order) <= 0.15, (name, row)
        assert row.verdict == ("holds" if row.claimed == order else "fails")
    assert slopes["wong_tserkovnyak:printed"].claimed == 2
    assert {row.quantity for row in found.rows if row.equation.startswith("truncated")} == {"F"}


def test_a_gap_that_closes_and_an_expansion_that_is_not_small(tmp_path):
    closed = TEXT.replace("1.6 + 0.3*cos(k) + 0.3*cos(x)", "0").replace("0.6*cos(x) - 0.4*sin(k)", "0")
    with pytest.raises(WignerError, match=r"run.toml: expected .*got one that closes at x = .*, k = "):
        compare(parse(closed, tmp_path / "run.toml"), [0.2, 0.1, 0.05], contenders(["boltzmann"]))
    found = compare(parse(TEXT, tmp_path / "run.toml"), [8.0, 6.0, 4.0], contenders(["boltzmann"]))
    assert all(row.verdict.startswith("no fit") and np.isnan(row.slope) for row in found.rows)


def test_two_values_have_errors_and_no_order():
    found = compare(parse(TEXT, "run.toml"), [0.1, 0.2], contenders(["boltzmann"]))
    assert {row.verdict for row in found.rows} <= {"measured", "exact"}
    assert all(len(row.errors) == 2 and np.isnan(row.slope) for row in found.rows)
    (bands,) = (row for row in found.rows if row.is_of("bands"))
    assert bands.errors[1] > 1.5 * bands.errors[0] > 0


def test_what_the_command_line_may_say():
    assert parse_values("", 0.4) == [0.4, 0.2, 0.1, 0.05]
    assert parse_values("0.2, 1/20", 1.0) == [0.2, 0.05]
    with pytest.raises(WignerError, match="expected numbers separated by commas, got 'x'"):
        parse_values("x", 1.0)
    with pytest.raises(WignerError, match="ħ > 0"):
        parse_values("-1", 1.0)
    with pytest.raises(WignerError, match="did you mean 'boltzmann'"):
        contenders(["boltzman"])
    names = ["truncated_moyal:3", "star_projected:1-berry_curvature", "separable-gradient"]
    assert [each.name for each in contenders(names)] == names
    assert [each.claimed for each in contenders(names)] == [3, 1, 2]
    with pytest.raises(WignerError, match="did you mean 'metric_force'"):
        contenders(["star_projected:2-metric_froce"])
    with pytest.raises(
        WignerError, match="expected a term of star_projected:1 to leave out, got 'metric_force'"
    ):
        contenders(["star_projected:1-metric_force"])
    with pytest.raises(WignerError, match="got 'truncated_moyal:2-drift'; it has no terms"):
        contenders(["truncated_moyal:2-drift"])


PUMP = """
[space]
hbar = 0.02
k = { kind = "zone", min = "-pi", max = "pi", points = 16 }

[model]
kind = "formula"
matrix = "(1 + 0.3*cos(k) + 0.2*sin(2*t)**3)*sigma_x + 0.4*sin(k)*sigma_y + 0.5*cos(t)*sigma_z + 0.3*sin(k)*sigma_0"

[state]
kind = "fermi"
chemical_potential = 0.5
temperature = 0.5

[evolution]
t_end = 0.5

[record]
every = 0.05
"""


def test_without_positions_the_charge_is_drawn(tmp_path):
    config = parse(PUMP, tmp_path / "pump.toml")
    found = compare(config, [0.02, 0.014, 0.01], contenders(["star_projected:0", "star_projected:1"]))
    assert {"f_n", "pumped_charge_x"} <= {row.quantity for row in found.rows}
    names = [path.name for path in draw(config, found, tmp_path / "figures")]
    assert names == ["orders.png", "orders_pumped_charge_x.png"]


def test_a_crossing_driven_through_is_called_by_its_name(tmp_path):
    """Landau and Zener's: occupations miss e^{−πd²/ħv}, and no order of any equation holds it."""
    crossing = (
        PUMP.replace("(1 + 0.3*cos(k) + 0.2*sin(2*t)**3)*sigma_x", "0.4*sigma_x + (t - 0.27)*3*sigma_z")
        .replace(" + 0.4*sin(k)*sigma_y + 0.5*cos(t)*sigma_z", "")
        .replace("points = 16", "points = 8")
        .replace("t_end = 0.5", "t_start = -1.0\nt_end = 1.5")
        .replace("every = 0.05", "every = 0.25")
    )
    found = compare(parse(crossing, tmp_path / "run.toml"), [0.1, 0.06, 0.036], contenders(["boltzmann"]))
    rows = {row.quantity: row for row in found.rows}
    assert "current" not in rows and np.isnan(rows["n_s"].slope)
    for name in ("n_s", "F"):
        assert rows[name].verdict.startswith("no fit: Landau–Zener transitions reach 1.9e-01"), rows[name]
    assert rows["n_s"].errors[0] > 0.05


def test_a_gradient_length_is_swept_as_any_number(tmp_path):
    """H(qx, k) at ħ until t is H(x, k) at qħ until qt: the same errors, point by point of the sweep."""
    wave = (
        TEXT.replace("cos(x)", "cos(q*x)").replace("sin(x)", "sin(q*x)").replace("points = 24", "points = 48")
    )
    wave = wave.replace("x + k", "q*x + k").replace("x - k", "q*x - k")
    wave = wave.replace("[state]", "parameters = { q = 1 }\n\n[state]")
    wave = wave.replace("[evolution]", "parameters = { q = 1 }\n\n[evolution]")
    wave = wave.replace("hbar = 0.2 ", "hbar = 0.05 ").replace("t_end = 1.0", "t_end = 0.25")
    names = contenders(["boltzmann", "wong_tserkovnyak"])
    found = compare(parse(wave, tmp_path / "run.toml"), [3.0, 2.0, 1.0], names, parameter="q")
    rows = {(row.equation, row.quantity): row for row in found.rows}
    assert {row.verdict for row in found.rows} <= {"measured", "exact"}
    # 48 points hold 2 waves as 24 hold one; the third value is there for the fit.
    plain = wave.replace("48 }", "24 }", 1).replace("t_end = 0.25", "t_end = 0.5")
    other = compare(parse(plain, tmp_path / "run.toml"), [0.1, 0.09, 0.08], names)
    for row in other.rows:
        if row.verdict != "exact":
            assert rows[row.equation, row.quantity].errors[1] == pytest.approx(row.errors[0], rel=1e-4), row
    assert rows["boltzmann", "n_s"].slope > 1.5

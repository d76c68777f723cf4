"""Claims that a sweep measures: [compare] and [audit] in run files."""

import json

import pytest
from run_files import COMPARED, problems

from wigner.app import execute
from wigner.app.config import parse
from wigner.app.report import write_report
from wigner.app.sweep import at_value, swept_numbers

GENTLE = (
    COMPARED.replace("points = 48", "points = 32")
    .replace("0.6*cos(x)", "turn*cos(x)")
    .replace("0.5*sin(x)", "turn*sin(x)")
    .replace("[state]", "parameters = { turn = 0.2 }\n\n[state]\nparameters = { amount = 1 }")
    .replace('matrix = "(0.7 +', 'matrix = "amount*(0.7 +')
    .replace("+ 0.2*cos(x)*sigma_z", "+ amount*0.2*cos(x)*sigma_z")
)
SWEEPS = """
[compare]
equations = ["boltzmann", "wong_tserkovnyak", "wong_tserkovnyak:printed"]
values = [0.1, 0.05, 0.025]

[audit]
equations = ["wong_tserkovnyak:printed"]
hbar = [0.1, 0.05]
"""


def claim(quantity, equation, expected, tolerance, **others):
    keys = {"quantity": quantity, "equation": equation, "source": "elsewhere"} | others
    lines = [f'{key} = "{value}"' for key, value in keys.items()]
    return "\n".join(["[[claims]]", *lines, f"expected = {expected}", f"tolerance = {tolerance}", ""])


CLAIMS = [
    claim("order", "boltzmann", 1, 0.1),
    claim("order", "wong_tserkovnyak", 2, 0.1, of="density"),
    # The printed sign leaves an error of first order, which shows at small ħ only.
    claim("order", "wong_tserkovnyak:printed", 2, 0.1),
    claim("error", "wong_tserkovnyak", 0, 1e-4),
    claim("coefficient", "wong_tserkovnyak:printed", -1, 0.02, term="interband"),
    claim("coefficient", "wong_tserkovnyak:printed", 1, 0.02, term="electric"),
    claim("order", "wong_tserkovnyak", 2, 0.1, of="current"),
    claim("order", "wong_tserkovnyak", 2, 0.1, of="n_s"),
]


def test_orders_errors_and_coefficients_are_judged(tmp_path):
    config = parse(GENTLE + SWEEPS + "\n".join(CLAIMS), tmp_path / "texture.toml")
    finished = execute.run(config, tmp_path / "run")
    rows = finished.verdicts
    assert [row.passed for row in rows] == [True, True, False, True, True, False, True, True]
    assert rows[0].quantity.startswith("order of boltzmann, bands (±")
    assert 1.2 < rows[2].measured < 1.8
    # Nothing depends on t: a term that vanishes has no coefficient.
    assert "cannot be judged" in rows[5].source and "vanishes" in rows[5].source
    kept = json.loads((tmp_path / "run" / "sweeps.json").read_text())
    assert {row["equation"] for row in kept["comparison"]} == {
        "boltzmann",
        "wong_tserkovnyak",
        "wong_tserkovnyak:printed",
    }
    assert kept["comparison"][0]["parameter"] == "hbar" and len(kept["audit"]) == 1
    figures = tmp_path / "run" / "figures"
    assert sorted(path.name for path in figures.iterdir()) == ["orders.png", "panels.png"]
    page = write_report(tmp_path / "run").read_text(encoding="utf-8")
    assert all(f"figures/claim-{n}.png" in page for n in (1, 2, 3, 4, 5)) and "figures/claim-6" not in page
    execute.run(config, tmp_path / "run", force=True)


def test_what_cannot_be_measured_fails_with_its_reason(tmp_path):
    closed = GENTLE.replace("1.6 + 0.3*cos(k) + 0.3*cos(x)", "0").replace("turn*cos(x) - 0.4*sin(k)", "0")
    plain = closed.replace('equation = "star_projected"\norder = 2\n', "")
    finished = execute.run(parse(plain + SWEEPS + CLAIMS[0], tmp_path / "closed.toml"), tmp_path / "run")
    (row,) = finished.verdicts
    assert not row.passed and "closes at x = " in row.source


def test_one_value_has_an_error_and_no_order(tmp_path):
    text = GENTLE + SWEEPS.replace("values = [0.1, 0.05, 0.025]", "values = [0.1]")
    three, one = (
        execute.run(
            parse(run + CLAIMS[3].replace("wong_tserkovnyak", "boltzmann"), tmp_path / "run.toml"),
            tmp_path / name,
        )
        for run, name in (
            (GENTLE + SWEEPS.replace("values = [0.1,", "values = [0.1, 0.2,"), "three"),
            (text, "one"),
        )
    )
    kept = json.loads((tmp_path / "one" / "sweeps.json").read_text())["comparison"]
    assert {row["verdict"] for row in kept} == {"measured", "exact"} and {row["slope"] for row in kept} == {
        None
    }
    first = json.loads((tmp_path / "three" / "sweeps.json").read_text())["comparison"]
    for row, other in zip(kept, first, strict=True):
        assert row["errors"][0] == pytest.approx(other["errors"][0], rel=1e-6)
    assert one.verdicts[0].measured > three.verdicts[0].measured > 1e-5
    assert (tmp_path / "one" / "figures" / "orders.png").exists()


def test_another_number_than_hbar_can_be_swept(tmp_path):
    config = parse(GENTLE, tmp_path / "run.toml")
    assert swept_numbers(vars(config)) == {"hbar": 0.2, "turn": 0.2, "amount": 1.0}
    assert at_value(config, "turn", 0.1).model.parameters == {"turn": 0.1}
    assert at_value(config, "hbar", 0.1).space.hbar == 0.1
    # Equations are linear: a larger state is as far off, in proportion.
    text = SWEEPS.replace("values", 'parameter = "amount"\nvalues') + claim("order", "boltzmann", 0, 1e-5)
    swept = parse(
        GENTLE + text.replace('"boltzmann", "wong_tserkovnyak", "wong_tserkovnyak:printed"', '"boltzmann"'),
        tmp_path / "run.toml",
    )
    (row,) = execute.run(swept, tmp_path / "run").verdicts
    assert row.passed and 'parameter": "amount"' in (tmp_path / "run" / "sweeps.json").read_text()


@pytest.mark.parametrize(
    ("old", "new", "key", "message"),
    [
        ('["boltzmann"', '["boltzman"', "compare.equations[0]", "did you mean 'boltzmann'"),
        ("values = [0.1, 0.05, 0.025]", "values = [0.1, 0.05]", "compare.values", "3"),
        ("values = [0.1, 0.05, 0.025]", "values = [0.1, 0.05, 0.05]", "compare.values", "got 2; add some"),
        ("values = [0.1, 0.05, 0.025]", "values = [0.1, 0.05, -1]", "compare.values", "got -1; leave it out"),
        ("values =", 'parameter = "trun"\nvalues =', "compare.parameter", "did you mean 'turn'"),
        ("hbar = [0.1, 0.05]", "hbar = [0.1, 0.1]", "audit.hbar", "2 different values"),
        ('of = "density"', "band = 1", "claims[1].band", "expected no band for order"),
        ('term = "interband"', "", "claims[4].term", "got nothing; add term"),
        ('"order"', '"trace"', "claims[0].equation", "expected equation beside order"),
        ('equation = "boltzmann"', 'equation = "separable"', "claims[0].equation", "got 'separable'; add it"),
        ('"coefficient"', '"coefficient"\nreduce = "drift"', "claims[4].reduce", "remove it"),
    ],
)
def test_one_line_for_each_mistake(old, new, key, message):
    text = GENTLE + SWEEPS + "\n".join(CLAIMS[:5])
    assert text.count(old)
    found = problems(text.replace(old, new, 1))
    assert [(place, message in said) for _, place, said in found] == [(key, True)]


def test_a_claim_needs_its_sweep():
    found = problems(GENTLE + CLAIMS[0] + CLAIMS[4])
    assert [(key, said.split(";")[1]) for _, key, said in found] == [
        ("claims[0].quantity", " add [compare]"),
        ("claims[1].quantity", " add [audit]"),
    ]


def test_only_equations_of_bands_have_terms_to_audit():
    ((_, key, said),) = problems(
        GENTLE + SWEEPS.replace('["wong_tserkovnyak:printed"]', '["truncated_moyal:2"]')
    )
    assert key == "audit.equations[0]"
    assert said == "expected a kinetic equation, got 'truncated_moyal:2'; choose one of bands"


def test_one_mistake_elsewhere_is_one_line():
    text = GENTLE + SWEEPS + "\n".join(CLAIMS[:5])
    misspelt = problems(text.replace("[compare]", "[compar]"))
    assert [(key, said.split("; ")[1]) for _, key, said in misspelt] == [
        ("compar", "did you mean 'compare'?")
    ]
    (negative,) = problems(text.replace("points = 32", "points = -32", 1))
    assert negative[1] == "space.x.points"

"""`wigner audit`: of the equations that the program has, and of one that somebody wrote in a file."""

import sys
from pathlib import Path

import pytest

from wigner.app.audit import audit_equation, audit_sections, equation_named
from wigner.app.cli import main
from wigner.app.config import parse
from wigner.errors import ConfigError, WignerError

ANALYSIS = Path(__file__).resolve().parents[2] / "analysis"
TEXT = (
    (ANALYSIS / "comparisons" / "texture.toml")
    .read_text(encoding="utf-8")
    .replace("points = 48", "points = 32")
)
# H turns with t, so that F_t and its rate act too.
DRIVEN = TEXT.replace("0.6*cos(x)", "0.6*cos(x - t)").replace(
    "0.3*cos(x))*sigma_z", "0.3*cos(x - 2*t))*sigma_z"
)
FINE = TEXT.replace("points = 32", "points = 40")
HBARS = (0.1, 0.05, 0.025)


def audited(name, text, hbars=HBARS):
    """What is found, by term, and what is told."""
    config = parse(text, "texture.toml")
    equation = equation_named(str(name), config)
    found = audit_equation(config, equation, hbars)
    told = dict(line for _, lines in audit_sections(equation, found) for line in lines)
    return {row.term: row for row in found.rows}, found, told


@pytest.mark.parametrize("own", [False, True], ids=["built in", "in a file"])
@pytest.mark.parametrize("printed", [False, True], ids=["corrected", "printed"])
def test_the_audit_finds_the_printed_sign_and_nothing_else(own, printed, tmp_path):
    name = "wong_tserkovnyak:printed" if printed else "wong_tserkovnyak"
    if own:
        text = (ANALYSIS / "audits" / "wong_tserkovnyak_21.toml").read_text(encoding="utf-8")
        assert '"-1/4*F*{gap, n_other}"' in text
        name = tmp_path / "equation.toml"
        name.write_text(text if printed else text.replace('"-1/4*F*{gap, n_other}"', '"𝓕/4*{Δ, n_other}"'))
    rows, found, told = audited(name, DRIVEN)
    assert len(rows) == 7
    for term, row in rows.items():
        wrong = printed and term == "interband"
        assert abs(row.coefficient - (-1 if wrong else 1)) <= 3e-3, row
        assert row.verdict == ("wrong" if wrong else "right")
        assert f"claimed 1: {row.verdict}" in told[term]
    # A wrong coefficient is all there is to it: with the fitted ones the rest falls as claimed.
    assert abs(found.residual.slope - (1 if printed else 2)) <= 0.1
    assert abs(found.unexplained.slope - 2) <= 0.1
    assert found.right is not printed and "so" not in told


def test_terms_that_vanish_are_absent():
    rows, _, told = audited("wong_tserkovnyak", TEXT)
    assert {term for term, row in rows.items() if row.verdict == "absent"} == {"electric", "curvature_rate"}
    assert told["electric"].startswith("absent")


def test_the_audit_confirms_every_term_of_second_order():
    rows, found, _ = audited("star_projected:2", FINE)
    assert len(rows) == 11
    assert all(row.verdict == "right" and abs(row.coefficient - 1) <= 5e-3 for row in rows.values())
    assert abs(found.residual.slope - 3) <= 0.1 and found.right


def test_curvature_of_the_uncorrected_projector_is_flagged():
    """Written out: right with Ω through O(ħ); with Ω⁰ something is left that no coefficient explains."""
    rows, found, _ = audited(ANALYSIS / "audits" / "star_projected_2.toml", FINE)
    assert all(abs(row.coefficient - 1) <= 5e-3 for row in rows.values())
    assert abs(found.residual.slope - 3) <= 0.1 and found.right
    _, found, told = audited(ANALYSIS / "audits" / "star_projected_2_uncorrected.toml", FINE)
    for left in (found.residual, found.unexplained):
        assert left.verdict == "fails" and abs(left.slope - 2) <= 0.1
    assert not found.right and "no coefficient is to blame" in told["so"]


def test_boltzmann_in_one_line_is_boltzmann():
    own, found, _ = audited(ANALYSIS / "audits" / "boltzmann.toml", TEXT)
    built_in, other, _ = audited("boltzmann", TEXT)
    assert own["band"].values == pytest.approx(built_in["band"].values, abs=1e-6)
    assert found.residual.errors == pytest.approx(other.residual.errors, rel=1e-4)
    assert found.residual.verdict == "holds"


def test_a_missing_term_is_flagged_though_every_coefficient_is_right(tmp_path):
    path = tmp_path / "too_much.toml"
    path.write_text('variable = "f"\norder = 1\n[terms]\nband = "{e, f}"\n')
    rows, found, told = audited(path, TEXT)
    assert rows["band"].verdict == "right" and not found.right
    assert found.residual.verdict == found.unexplained.verdict == "fails" and "so" in told


GOOD = """variable = "n"
order = 1

[terms]
band = "{e, n}"
"""
THREE_BANDS = """
[space]
hbar = 0.1
x = { kind = "ring", min = 0, max = "2*pi", points = 24 }
k = { kind = "zone", min = 0, max = "2*pi", points = 24 }
[model]
kind = "formula"
matrix = [
  ["2 + 0.3*cos(x)", "0.4*sin(k) - 0.3*i*sin(x)", "0.2*cos(k)"],
  ["0.4*sin(k) + 0.3*i*sin(x)", "0.2*cos(x + k)", "0.3*sin(x) + 0.3*i*cos(k)"],
  ["0.2*cos(k)", "0.3*sin(x) - 0.3*i*cos(k)", "-2 + 0.3*cos(k)"],
]
[state]
kind = "star_occupations"
bands = ["0.6 + 0.2*cos(x - k)", "0.4 + 0.2*sin(x)", "0.2 + 0.1*cos(k)"]
[evolution]
t_end = 1
"""
FIRST_ORDER = """variable = "f"
order = 1
[terms]
drift = "{e, f}"
shift = "-hbar*{M_xk, f}"  # h = e − (ħ/2) J^ij M_ij
curvature = "ħ*{ε, Ω0_xk*f}"
"""
LATTICE_IN_A_FIELD = """
[space]
hbar = 0.1
kx = { kind = "zone", min = "-pi", max = "pi", points = 40 }
ky = { kind = "zone", min = "-pi", max = "pi", points = 40 }
brackets = [["kx", "ky", 0.7]]
[model]
kind = "formula"
matrix = "sin(kx)*sigma_x + sin(ky)*sigma_y + (cos(kx) + cos(ky) - 0.8)*sigma_z + 0.3*cos(kx + ky)*sigma_0"
[state]
kind = "occupations"
bands = ["0.7 + 0.25*cos(kx - ky)", "0.3 + 0.2*sin(kx)*cos(ky)"]
[evolution]
t_end = 1
"""
# Without an axis by name: of one pair of coordinates F^ij = J^ij 𝓕/ħ.
ANY_PAIR = """variable = "n"
order = 1
[terms]
band = "{e, n}"
moment = "-1/4*{gap*F, n}"
hall = "-s/2*F*{e, n}"
interband = "1/4*F*{gap, n_other}"
curvature_drift = "-1/4*s*(n - n_other)*{e, F}"
"""


@pytest.mark.parametrize(
    ("run", "equation"),
    [(THREE_BANDS, FIRST_ORDER), (LATTICE_IN_A_FIELD, ANY_PAIR)],
    ids=["three bands", "Lorentz"],
)
def test_other_bands_and_other_brackets(run, equation, tmp_path):
    """Three bands with the moment for the shift of the energy; momenta that do not commute."""
    path = tmp_path / "equation.toml"
    path.write_text(equation, encoding="utf-8")
    rows, found, _ = audited(path, run)
    assert all(abs(row.coefficient - 1) <= 3e-3 for row in rows.values()), rows
    assert abs(found.residual.slope - 2) <= 0.1 and found.right


def test_the_command_says_it_with_its_exit_code(tmp_path, monkeypatch, capsys):
    run, good, bad = (tmp_path / name for name in ("run.toml", "good.toml", "bad.toml"))
    run.write_text(TEXT, encoding="utf-8")
    good.write_text(GOOD.replace("order = 1", "order = 0"), encoding="utf-8")
    bad.write_text(GOOD, encoding="utf-8")
    for name, code in ((good, 0), (bad, 1), (tmp_path / "none.toml", 2)):
        monkeypatch.setattr(sys, "argv", ["wigner", "audit", str(name), str(run), "--hbar", "0.1,0.05"])
        with pytest.raises(SystemExit) as left:
            main()
        told = capsys.readouterr()
        assert (left.value.code or 0) == code, told
        assert ("none.toml: expected a readable file" in told.err) == (code == 2)
        assert ("claimed 1: right" in told.out) == (code < 2)


def test_the_audit_refuses_what_does_not_apply():
    with pytest.raises(WignerError, match=r"texture.toml: separable: .*multiple of the identity"):
        audited("separable", TEXT)
    with pytest.raises(WignerError, match=r"expected a kinetic equation, got 'truncated_moyal:2'"):
        audited("truncated_moyal:2", TEXT)
    with pytest.raises(WignerError, match="did you mean"):
        audited("star_projcted:2", TEXT)


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "message"),
    [
        ('"n"', '"m"', 1, "variable", "expected 'n' or 'f', got 'm'"),
        ('variable = "n"\n', "", 0, "variable", "expected this key, got nothing"),
        ("order = 1", "order = 3", 2, "order", "expected a number ≤ 2, got 3"),
        ("order = 1", "order = 1\noder = 1", 3, "oder", "did you mean 'order'"),
        ('"{e, n}"', "1", 5, "terms.band", "expected a text, got 1"),
        ('band = "{e, n}"', "", 4, "terms", "expected a term or more, got none"),
        ("{e, n}", "{e, m}", 5, "terms.band", "'m' is unknown; known: "),
        ("{e, n}", "{e, n_othr}", 5, "terms.band", "did you mean 'n_other'"),
        ("{e, n}", "Omega1_xk*n", 5, "terms.band", "did you mean 'Omega_xk'"),
        ("{e, n}", "{e, n, h}", 5, "terms.band", "expected {a, b} of two fields, got 3"),
        ("{e, n}", "bracket(e)", 5, "terms.band", "expected bracket with 2 arguments, got 1"),
        ("{e, n}", "D(n, y)", 5, "terms.band", "expected an axis to derive along, got 'y'; use x, k, t"),
        ("{e, n}", "D(n, 2)", 5, "terms.band", "expected an axis to derive along, got a number"),
        ("{e, n}", "D(n)", 5, "terms.band", "name an axis"),
        ("{e, n}", "D(e*{e, n}, t)", 5, "terms.band", "got one of n, whose rate is what is sought"),
        ("{e, n}", "i*n", 5, "terms.band", "expected a real number at every point, got a complex one"),
        ("{e, n}", "sigma_x*n", 5, "terms.band", "got a matrix"),
        ("{e, n}", "D(sigma_x, x)", 5, "terms.band", "leave i and sigma out"),
        ("{e, n}", "v*n", 5, "terms.band", "'v' is unknown"),
        ("{e, n}", "n.real", 5, "terms.band", "got an attribute"),
        ("{e, n}", "__import__('os')", 5, "terms.band", "function '__import__' is unknown"),
        ("{e, n}", "n/0", 5, "terms.band", "divisor other than 0"),
        ("[terms]", "[parameters]\nn = 1\n[terms]", 7, "terms.band", "already has a meaning"),
        ("order = 1", "order = ", 2, "", "expected TOML"),
    ],
)
def test_one_line_for_each_mistake(old, new, line, key, message, tmp_path):
    path = tmp_path / "equation.toml"
    assert old in GOOD
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        equation_named(str(path), parse(TEXT, "texture.toml"))
    (problem,) = caught.value.problems
    assert (problem.line, problem.key) == (line, key), str(problem)
    assert message in problem.message and "\n" not in str(problem) and str(problem).startswith(str(path))


def test_fields_of_two_bands_are_unknown_for_three(tmp_path):
    head, tail = TEXT.split("matrix = ")[0], TEXT.split("[state]")[1]
    three = f'{head}matrix = [["2", "0", "0"], ["0", "cos(k)", "0"], ["0", "0", "-2"]]\n[state]{tail}'
    three = three.replace("(0.7 + 0.25*cos(x - k))*sigma_0 + 0.2*cos(x)*sigma_z", "0.7 + 0.25*cos(x - k)")
    path = tmp_path / "equation.toml"
    path.write_text(GOOD.replace("{e, n}", "{gap, n_other}"), encoding="utf-8")
    with pytest.raises(ConfigError, match="'gap' is unknown"):
        equation_named(str(path), parse(three, "texture.toml"))

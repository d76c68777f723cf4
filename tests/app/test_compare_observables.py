"""Observables of a run file in comparisons, against runs that record them."""

import numpy as np
import pytest
from run_files import COMPARED, problems

from wigner import open_run
from wigner.app import execute
from wigner.app.compare import compare
from wigner.app.config import parse
from wigner.app.sweep import contenders

TEXT = (
    COMPARED.replace("points = 48", "points = 32")
    .replace("0.6*cos(x)", "0.2*cos(x)")
    .replace("0.5*sin(x)", "0.2*sin(x)")
    .replace("t_end = 1.0", "t_end = 0.5\nerror_target = 1e-9")
)
STATE = 'kind = "star_occupations"\nbands = ["0.7 + 0.25*cos(x - k)", "0.2 + 0.1*sin(x)"]\norder = 2\n'
STARTS = TEXT[: TEXT.index("[state]")] + "[state]\n" + STATE + TEXT[TEXT.index("[evolution]") - 1 :]
OBSERVED = STARTS + '\n[record.observables]\nspread = "(sin(x) + cos(k))*sigma_0"\nnothing = "0*sigma_z"\n'
HBARS = [0.2, 0.1, 0.05]


def test_the_error_is_what_two_runs_say(tmp_path):
    found = compare(parse(OBSERVED, tmp_path / "run.toml"), HBARS, contenders(["star_projected:1"]))
    rows = {row.quantity: row for row in found.rows}
    # What vanishes has no relative error; what is no property of the equation has no slope to claim.
    assert "nothing" not in rows and "spread" in rows
    row = rows["spread"]
    assert np.isnan(row.claimed) and row.verdict == "measured" and abs(row.slope - 2) <= 0.2
    assert rows["f_n"].claimed == 2
    ends = []
    for number, equation in enumerate(('equation = "moyal"', 'equation = "star_projected"\norder = 1')):
        text = OBSERVED.replace('equation = "star_projected"\norder = 2', equation)
        execute.run(
            parse(text.replace("hbar = 0.2", "hbar = 0.1"), tmp_path / "run.toml"), tmp_path / f"{number}"
        )
        with open_run(tmp_path / f"{number}") as run:
            ends.append(float(run["spread"][-1]))
    exact, kinetic = ends
    assert abs(row.errors[1] - abs(kinetic - exact) / abs(exact)) <= 1e-7
    assert row.errors[1] > 1e-5


def test_a_state_of_star_occupations_is_inside_its_bands_already(tmp_path, monkeypatch):
    """Nothing is projected again; another state is."""
    projected = []
    monkeypatch.setattr(
        "wigner.app.compare.inside_bands", lambda h, state, t: projected.append(h.space.hbar) or state
    )
    compare(parse(STARTS, tmp_path / "run.toml"), HBARS, contenders(["boltzmann"]))
    assert projected == []
    compare(parse(TEXT, tmp_path / "run.toml"), HBARS, contenders(["boltzmann"]))
    assert projected == HBARS


@pytest.mark.parametrize("name", ["F", "f_n", "bands", "current"])
def test_names_that_comparisons_use(name):
    sweep = '\n[compare]\nequations = ["boltzmann"]\nvalues = [0.2, 0.1, 0.05]\n'
    text = OBSERVED.replace("spread =", f"{name} =")
    ((_, key, said),) = problems(text + sweep)
    assert key == f"record.observables.{name}"
    assert said == f"expected a name that [compare] does not use itself, got '{name}'; rename it"
    parse(text)

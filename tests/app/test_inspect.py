"""What `check`, `info` and `list` find out."""

import shutil

import numpy as np
import pytest
from small_run import SignalAt, claim, config, files_of

from wigner.app import execute
from wigner.app.assembly import assemble
from wigner.app.config import parse
from wigner.app.inspect import check_sections, info_sections
from wigner.app.listing import list_sections
from wigner.errors import ArchiveError
from wigner.records import Archive


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("WIGNER_CACHE", str(tmp_path_factory.mktemp("cache")))


def flat(sections):
    return {label: value for _, rows in sections for label, value in rows}


# --- info ---------------------------------------------------------------------------------------------------


def test_info_on_a_finished_run(tmp_path):
    changes = {"claims": claim() + claim("mean_x", 7.0) + claim("mean_x", 0, more='reduce = "period"\n')}
    execute.run(config(t_end=0.5, potential="-3*x", **changes), tmp_path / "run")
    sections = info_sections(tmp_path / "run")
    assert sections[0][0] == "a small run"
    found = flat(sections)
    assert found["records"] == "6, t = 0 … 0.5" and found["snapshots"] == "2"
    assert found["density"] == "(t, x)  density ρ(r) [1/length]"
    assert found["stopped"] == "finished at t = 0.5, 10 steps of 0.05"
    assert {part.split()[0] for part in found["drifts"].split(", ")} == {"trace", "energy", "purity"}
    claims = [value for label, value in sections[-1][1] if label == "claim"]
    assert claims[0].startswith("holds: trace = 1.0") and "± 1.0e-09" in claims[0]
    assert claims[1].startswith("FAILS: mean_x = ")
    assert claims[2].startswith("FAILS: period of mean_x cannot be judged: expected at least 8 records")
    assert "resume" not in found


def test_info_shows_every_warning(tmp_path):
    finished = execute.run(config(potential="-3*x", t_end=2.0), tmp_path / "run")
    rows = [value for label, value in info_sections(tmp_path / "run")[-1][1] if label == "warning"]
    assert rows == finished.summary["warnings"] and rows


def test_info_on_a_run_that_was_killed(tmp_path):
    folder = tmp_path / "my run"
    execute.run(config(), folder, progress=SignalAt(5))
    (folder / "summary.json").unlink()
    found = flat(info_sections(folder))
    assert found["not ended"] == f"killed or failed; go on with: wigner resume '{folder}'"
    assert int(found["records"].split(",")[0]) >= 3


def test_info_on_an_interrupted_run(tmp_path):
    execute.run(config(), tmp_path / "run", progress=SignalAt(5))
    found = flat(info_sections(tmp_path / "run"))
    assert found["stopped"].startswith("interrupted at t = ")
    assert found["resume"] == f"go on with: wigner resume {tmp_path / 'run'}"


def test_info_on_a_running_run_changes_nothing(tmp_path):
    folder = tmp_path / "run"
    execute.run(config(), folder, progress=SignalAt(5))
    with Archive.reopen(folder, 10.0):
        before = files_of(folder)
        assert flat(info_sections(folder))["running"] == "not ended yet"
        assert files_of(folder) == before
    assert "not ended" in flat(info_sections(folder))


def test_info_on_a_copy_without_its_mark(tmp_path):
    execute.run(config(t_end=0.2), tmp_path / "run")
    (tmp_path / "run" / ".writer").unlink()
    shutil.copytree(tmp_path / "run", tmp_path / "copy")
    assert "stopped" in flat(info_sections(tmp_path / "copy"))
    assert ".writer" not in files_of(tmp_path / "copy")


@pytest.mark.parametrize("name", ["missing", "file", "empty"])
def test_info_on_what_is_no_run(tmp_path, name):
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    with pytest.raises(ArchiveError) as caught:
        info_sections(tmp_path / name)
    assert "\n" not in str(caught.value) and str(tmp_path / name) in str(caught.value)


# --- check --------------------------------------------------------------------------------------------------


def test_check_counts_what_the_engine_uses():
    small = config(model="dirac", method="blanes_moan")
    found = flat(check_sections(small))
    assembly = assemble(small)
    per_point = assembly.nbytes / assembly.setup.space.points
    assert found["memory"].endswith(f"{per_point:.0f} bytes per grid point")
    # Twelve flows a step, each four components there and back.
    assert found["method"] == "blanes_moan: named in the run file"
    assert found["steps"] == "blanes_moan, order 4, 12.0 flows a step"
    assert found["transforms a step"].startswith("96 real transforms of 4096 points")


@pytest.mark.parametrize("potential", ["20*x", "-20*x"])
def test_check_bounds_dt_by_the_fastest_phase(potential):
    found = flat(check_sections(config(potential=potential, dt=None)))["dt bound"]
    bound, width = float(found.split(",")[0]), float(found.split("ΔH = ")[1].split(")")[0])
    assert bound == pytest.approx(np.pi / width, rel=1e-3)
    # V at two points as far apart as the conjugate of k reaches, πħ/Δk = 20.
    assert width == pytest.approx(20 * 20, rel=0.05)


def test_check_names_slow_lengths_and_unmatched_axes():
    found = flat(check_sections(config(points=62)))
    assert "slow length, use 64" in found["x"]
    assert found["x, k"].endswith("matched (Δr·Δk = πħ/N)")


def test_check_cuts_a_long_formula_and_leaves_a_short_one_whole():
    long = " + ".join(f"0.001*x**{n}" for n in range(2, 60, 2))
    found = flat(check_sections(config(potential=long)))["term in x"]
    assert found.endswith(" …") and len(found) < 200
    assert flat(check_sections(config(potential="20*x")))["term in x"] == "20*x"


def test_check_says_what_a_sweep_adds():
    sweep = """[compare]
equations = ["boltzmann", "star_projected:1"]
values = [1, 0.5, 0.25]
[audit]
equations = ["boltzmann"]
hbar = [1, 0.5]
"""
    found = flat(check_sections(config(claims=sweep)))
    assert found["compare"] == "2 equations beside exact dynamics at ħ = 1, 0.5, 0.25"
    assert found["audit"] == "boltzmann at ħ = 1, 0.5"
    assert "compare" not in flat(check_sections(config()))


def test_check_counts_no_transforms_where_none_are_made():
    assert "transforms a step" not in flat(check_sections(parse(LINE, "line.toml")))


LINE = """
[space]
k = { kind = "zone", min = 0, max = "2*pi", points = 16 }
[model]
kind = "formula"
matrix = "cos(k)"
[state]
kind = "formula"
matrix = "1/2 + cos(k)/4"
[evolution]
t_end = 1
method = "strang"
"""


def test_check_never_leaves_the_times_of_the_run():
    found = flat(check_sections(config(potential="x*sqrt(t)")))
    assert "ms a step" in found["time"]


# --- list ---------------------------------------------------------------------------------------------------


def test_list_has_a_line_for_each_and_no_empty_section():
    for title, rows in list_sections():
        assert title and rows
        labels = [label for label, _ in rows]
        assert len(set(labels)) == len(labels)
        assert all(value and "\n" not in value for _, value in rows)

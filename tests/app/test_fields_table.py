"""The table [fields] of a run file, from its mistakes to what a run with it records."""

import json

import numpy as np
import pytest
from run_files import problems

from wigner import open_run
from wigner.app import execute
from wigner.app.assembly import assemble
from wigner.app.config import build, parse
from wigner.app.inspect import check_sections

CRYSTAL = """\
[space]
hbar = 0.9
kx = {kind = "zone", min = "-pi", max = "pi", points = 16}
ky = {kind = "zone", min = "-pi", max = "pi", points = 18}

[model]
kind = "formula"
matrix = "(m + cos(kx) + cos(ky))*sigma_z + sin(kx)*sigma_x + sin(ky)*sigma_y"
parameters = {m = 0.6}

[fields]
force = ["E*cos(w*t)", 0.1]
magnetic = "b"
parameters = {E = 0.3, w = 2.0, b = "1/4"}

[state]
kind = "fermi"
chemical_potential = 0.2
temperature = 0.4

[evolution]
t_end = 0.6
dt = 0.1

[record]
every = 0.1
observables = {spin = "sigma_x", push = "E*cos(w*t)*sigma_0"}
"""
PLANE = """\
[space]
x = {min = -4, max = 4, points = 16}
y = {min = -4, max = 4, points = 16}
kx = {points = 16}
ky = {points = 16}

[model]
kind = "schrodinger"

[potential]
formula = "x**2/2 + y**2/2"

[fields]
magnetic = "sin(t)"
origin = [0.5, -0.5]

[state]
kind = "packet"
position = [0.2, 0]
momentum = [0, 0.1]
width = 0.8

[evolution]
t_end = 0.2
dt = 0.1

[record]
every = 0.1
"""


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("WIGNER_CACHE", str(tmp_path_factory.mktemp("cache")))


def swapped(old, new, text=CRYSTAL):
    assert text.count(old) == 1, old
    return text.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new", "key", "message"),
    [
        ('["E*cos(w*t)", 0.1]', "[0.1]", "fields.force", "for each momentum axis (kx, ky), got 1"),
        (
            '["E*cos(w*t)", 0.1]',
            '["E*kx", 0.1]',
            "fields.force[0]",
            "force that depends on position into [pot",
        ),
        ('["E*cos(w*t)", 0.1]', '["E*cs(t)", 0.1]', "fields.force[0]", "function 'cs' is unknown"),
        ('["E*cos(w*t)", 0.1]', '["E*v", "u"]', "fields.force[1]", "'u' is unknown"),
        ('["E*cos(w*t)", 0.1]', '["1/t", 0]', "fields.force", "expected finite fields, got infinity"),
        ('["E*cos(w*t)", 0.1]', "true", "fields.force", "a formula in quotes"),
        ('magnetic = "b"', 'magnetic = ["b", 0, 0]', "fields.magnetic", "one formula of magnetic (b_z)"),
        ('magnetic = "b"', 'magnetic = "i*b"', "fields.magnetic", "make it real"),
        ('magnetic = "b"', 'magnetic = "b"\norigin = 1', "fields.origin", "of which there is none"),
        ('magnetic = "b"', 'magnetc = "b"', "fields.magnetc", "did you mean 'magnetic'?"),
        ("E = 0.3,", "E = 0.3, t = 1,", "fields.parameters.t", "rename it"),
        ("E = 0.3,", "E = 0.3, m = 1,", "fields.parameters.m", "expected one meaning of a name"),
        (
            "hbar = 0.9",
            'hbar = 0.9\nbrackets = [["ky", "kx", 0.1]]',
            "fields.magnetic",
            "{kx, ky} once, got it in magnetic and in space.brackets",
        ),
        (
            "t_end = 0.6",
            't_end = 0.6\nmethod = "spectral"',
            "evolution.method",
            "expected no force and no changing field beside H, got [fields]; use 'auto'",
        ),
    ],
)
def test_one_line_for_each_mistake(old, new, key, message):
    found = [problem for problem in problems(swapped(old, new)) if problem[1] == key]
    # The grid of a crystal is not one that an eigendecomposition takes, which is said too.
    found = [problem for problem in found if "equal even points" not in problem[2]]
    assert len(found) == 1
    assert message in found[0][2]
    assert found[0][0] > 0


def test_other_refusals():
    line = swapped("ky = ", "# ky = ").replace("sin(ky)", "0").replace("cos(ky)", "0")
    found = problems(line.replace('["E*cos(w*t)", 0.1]', "0.1"))
    assert [(key, "leave magnetic out" in said) for _, key, said in found] == [("fields.magnetic", True)]
    mixed = swapped("sin(kx)*sigma_x", "sin(kx)*sin(ky)*sigma_x").replace("dt = 0.1", 'method = "strang"')
    assert any("kx and ky together" in said for _, key, said in problems(mixed) if key == "model.matrix")
    ring = PLANE.replace("x = {min", 'x = {kind = "ring", min', 1)
    assert any("got a ring" in said for _, key, said in problems(ring) if key == "fields.magnetic")


def test_a_run_of_a_crystal_in_fields(tmp_path):
    """It runs without position axes, knows its numbers by name, and reports no drift of an energy that is not kept."""
    config = parse(CRYSTAL, tmp_path / "run.toml")
    setup = build(config)
    assert setup.space.brackets == (("kx", "ky", 0.25),)
    finished = execute.run(config, tmp_path / "run")
    assert set(finished.summary["drift"]) == {"trace", "purity"}
    assert max(finished.summary["drift"].values()) <= 1e-12
    with open_run(tmp_path / "run") as run:
        assert np.allclose(run["push"], 0.3 * np.cos(2 * run["t"]) * run["trace"], rtol=1e-12)
        assert json.loads(run.attrs["config_json"])["fields"]["parameters"]["b"] == 0.25
        assert abs(float(run["spin"][-1] - run["spin"][0])) > 1e-4


def test_no_run_without_the_table_changes(tmp_path):
    """Fields of zero are no fields: the same bits, and the energy is reported."""
    quiet = swapped('["E*cos(w*t)", 0.1]', "[0, 0]")
    bracket = CRYSTAL[: CRYSTAL.index("[fields]")] + CRYSTAL[CRYSTAL.index("[state]") :]
    bracket = bracket.replace("hbar = 0.9", 'hbar = 0.9\nbrackets = [["kx", "ky", 0.25]]')
    bracket = bracket.replace(', push = "E*cos(w*t)*sigma_0"', "")
    finals = []
    for number, text in enumerate((quiet, bracket)):
        finished = execute.run(parse(text, tmp_path / "run.toml"), tmp_path / f"run{number}")
        finals.append(finished.summary["final"]["spin"])
        assert set(finished.summary["drift"]) == {"trace", "energy", "purity"}
    assert finals[0] == finals[1]


def test_check_shows_the_fields():
    rows = dict(row for _, section in check_sections(parse(CRYSTAL)) for row in section)
    assert rows["{kx, ky}"] == "0.25"
    assert rows["force on kx"].endswith("time-dependent")
    assert rows["force on ky"] == "0.1"
    assert int(rows["transforms a step"].split()[0]) > 0
    plane = dict(row for _, section in check_sections(parse(PLANE)) for row in section)
    assert plane["{kx, ky}"] == "sin(t), time-dependent"


def test_a_changing_field_with_positions_runs(tmp_path):
    config = parse(PLANE, tmp_path / "run.toml")
    assert assemble(config).nbytes > 0
    finished = execute.run(config, tmp_path / "run")
    assert finished.summary["steps"] == 2
    assert max(finished.summary["drift"].values()) <= 1e-12

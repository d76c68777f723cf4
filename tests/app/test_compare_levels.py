"""Levels of bands in a comparison: which equations have them, and what is left alone where only they are wanted."""

import pytest
from run_files import parse

from wigner.app.compare import compare
from wigner.app.compare_levels import level_errors
from wigner.app.compare_report import draw
from wigner.app.config import build
from wigner.app.sweep import contenders
from wigner.app.sweeps import claimed_quantities, make_sweeps
from wigner.errors import MeasurementError, WignerError

TEXT = """
title = "trap"
[space]
x = { min = -16, max = 16, points = 64 }
k = { kind = "zone", min = "-pi", max = "pi", points = 64 }
[model]
kind = "lattice"
chain = "rice_mele"
staggering = 0.5
[potential]
formula = "kappa*x**2/2"
parameters = { kappa = 0.08 }
[state]
kind = "packet"
position = 0
momentum = 0
width = 1.5
band = 0
[evolution]
t_end = 1
[compare]
equations = ["boltzmann", "separable-polarisation_energy", "separable"]
parameter = "kappa"
values = [0.08, 0.04, 0.02]
[[claims]]
quantity = "order"
of = "level"
equation = "separable"
expected = 2
tolerance = 0.05
source = "power counting"
"""
SWEEP = [0.08, 0.04, 0.02]


def test_levels_alone_move_nothing(tmp_path):
    config = parse(TEXT, tmp_path / "trap.toml")
    assert claimed_quantities(config) == {"level"}
    found = make_sweeps(config, lambda text: None).comparison
    assert not found.fields
    slopes = {row.equation: row.slope for row in found.rows}
    assert {row.quantity for row in found.rows} == {"level"}
    assert slopes["boltzmann"] == pytest.approx(1, abs=0.05)
    assert slopes["separable-polarisation_energy"] == pytest.approx(1.5, abs=0.02)
    assert slopes["separable"] == pytest.approx(2, abs=0.1)
    assert [path.name for path in draw(config, found, tmp_path)] == ["orders_level.png"]


def test_equations_without_energies_are_left_out_with_the_reason(tmp_path):
    config = parse(TEXT, tmp_path / "trap.toml")
    names = ["star_projected:2", "truncated_moyal:2", "boltzmann"]
    found = compare(config, SWEEP, contenders(names), parameter="kappa", quantities={"level"})
    assert {row.equation for row in found.rows} == {"boltzmann"}
    assert "got star_projected; use boltzmann or separable" in found.left_out["star_projected:2"]
    assert "got truncated_moyal:2; use" in found.left_out["truncated_moyal:2"]
    with pytest.raises(WignerError, match="expected an equation that applies, got none: star_projected:1"):
        compare(config, SWEEP, contenders(["star_projected:1"]), parameter="kappa", quantities={"level"})


def test_without_an_energy_an_equation_moves_as_it_does():
    without, rate = contenders(["separable-metric_energy", "separable-metric_force"])
    assert not without.moves and rate.moves
    assert without.claimed == 2
    with pytest.raises(WignerError, match="did you mean 'metric_energy'"):
        contenders(["separable-metric_enrgy"])


def test_in_the_plane_there_is_no_scalar_energy(tmp_path):
    text = TEXT.replace(
        "x = { min = -16, max = 16, points = 64 }", "kz = { kind = 'zone', min = 0, max = 'pi', points = 4 }"
    )
    text = text.replace("k = { kind", "kx = { kind").replace("kappa*x**2/2", "0*kappa").split("[state]")[0]
    plane = text.replace('kind = "lattice"', 'kind = "formula"\nmatrix = "sigma_x*(2 + cos(kx))"')
    plane = plane.replace('chain = "rice_mele"\n', "").replace("staggering = 0.5\n", "")
    config = parse(plane + "[state]\nkind = 'filled'\n[evolution]\nt_end = 1\n", tmp_path / "plane.toml")
    with pytest.raises(MeasurementError, match="expected one position and its momentum, got kx, kz"):
        level_errors(build(config).hamiltonian, contenders(["boltzmann"]), 0.0)

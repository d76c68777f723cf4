"""The benchmark script at tiny sizes: every row measures, the sites agree with the engine, the table is written."""

import importlib
import json
from pathlib import Path

import numpy as np
import pytest

from wigner.algebra import MatrixFormula
from wigner.equations import StarProjected
from wigner.models import Hamiltonian
from wigner.states import WignerFunction

BENCHMARKS = Path(__file__).parents[3] / "analysis" / "benchmarks"


@pytest.fixture
def run_all(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("run_all")


def rows(name):
    return importlib.import_module(f"rows.{name}")


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("strang_numpy", {"points": 128}),
        ("strang_fftw", {"points": 128}),
        ("strang_48^4", {"points": 8}),
        ("one_band", {"points": 128}),
        ("four_bands", {"points": 16}),
        ("memory", {"points": 256}),
        ("growth", {"small": 16, "large": 32}),
        ("kinetic_floor", {"points": 96, "triad": 1000}),
    ],
)
def test_rows_at_tiny_sizes(run_all, name, sizes):
    row = run_all.ROWS[name](2, **sizes)
    assert row.name == name
    assert row.value > 0
    assert row.met == (row.value <= row.limit if row.at_most else row.value >= row.limit)


def test_memory_counts_the_state(run_all):
    """At least its 32 bytes a point, and no second one."""
    row = run_all.ROWS["memory"](1, points=512)
    assert 32 <= row.value < 64


def test_equal_error_row_brings_both_to_the_target(run_all, monkeypatch):
    """On a grid that cannot reach 1e-6 the target is 1e-2; the error of plain Strang is then just below it."""
    module = rows("equal_error")
    monkeypatch.setattr(module, "TARGET", 1e-2)
    row = module.equal_error(1, points=128)
    assert row.value > 0
    hamiltonian = rows("problems").barrier_1d(128)
    state, fine = rows("problems").packet(hamiltonian), rows("sites").Sites(256)
    reference = fine.moved(fine.packet())
    steps, error = module.steps_of_strang(hamiltonian, state, reference)
    assert 0.5e-2 < error <= 1e-2
    assert 10 < steps < 1000


def test_equal_error_refuses_a_grid_that_is_too_coarse(run_all):
    with pytest.raises(SystemExit, match="density error of at most 1e-06"):
        rows("equal_error").equal_error(1, points=64)


def test_pure_row(run_all, monkeypatch):
    module = rows("pure")
    monkeypatch.setattr(module, "TARGET", 1e-2)
    monkeypatch.setattr(rows("qutip_rival"), "installed", lambda: False)
    row = module.pure_state(1, points=128)
    assert row.value > 0
    assert "QuTiP is not installed" in row.details


def test_mixed_row_is_left_out_without_qutip(run_all, monkeypatch):
    monkeypatch.setattr(rows("qutip_rival"), "installed", lambda: False)
    row = rows("mixed").mixed_qutip(1, points=32)
    assert row.value is None
    assert row.met is None
    assert "QuTiP is not installed" in row.details


def test_qutip_agrees_with_dense_matrices(run_all):
    pytest.importorskip("qutip")
    sites = rows("sites").Sites(32)
    for state in (sites.packet(), sites.mixture()):
        reference = sites.moved(state)
        solve, settings = rows("qutip_rival").fastest(sites, state, reference)
        found = sites.density(solve().states[-1].full())
        assert rows("sites").density_error(found, reference) <= 1e-6
        assert "rtol" in settings


def test_states_of_sites_and_of_phase_space_are_the_same(run_all):
    """Densities of the packet and of the mixture, made from different formulas."""
    problems, fine = rows("problems"), rows("sites").Sites(256)
    hamiltonian = problems.barrier_1d(256)
    for state, matrix in (
        (problems.packet(hamiltonian), fine.packet()),
        (rows("mixed").mixture(hamiltonian), fine.mixture()),
    ):
        assert np.max(np.abs(state.density() - fine.density(matrix))) <= 1e-9
    assert np.trace(fine.mixture()).real == pytest.approx(1, abs=1e-12)


def test_split_operator_converges_as_the_step_squared(run_all):
    pure, sites = rows("pure"), rows("sites").Sites(64)
    reference = sites.moved(sites.packet())
    errors = [
        rows("sites").density_error(pure.split_operator(sites, steps)(), reference) for steps in (200, 400)
    ]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(2, abs=0.1)


def rolled(fields, f, spacings, half, weights):
    """The sum of differences written plainly."""

    def derived(u, axis, order):
        if order == 0:
            return u
        shifted = [np.roll(u, -j, axis) for j in range(-half, half + 1)]
        return np.tensordot(weights(order), shifted, axes=1) / spacings[axis] ** order

    return sum(derived(derived(c * f, 1, along.count(1)), 0, along.count(0)) for along, c in fields.items())


def test_differences_are_those_written_plainly_and_telescope(run_all):
    module, rng = rows("finite_differences"), np.random.default_rng(1)
    fields = {
        (0,) * a + (1,) * b: rng.normal(size=(17, 40))
        for a, b in module.KEYS
        if (a, b) not in ((0, 2), (1, 1))
    }
    f, out = rng.normal(size=(17, 40)), np.empty((17, 40))
    module.Differences(fields, (0.3, 0.7)).add(f, out)
    wanted = rolled(fields, f, (0.3, 0.7), module.HALF, module.weights)
    assert np.max(np.abs(out - wanted)) <= 1e-13 * np.max(np.abs(wanted))
    assert abs(out.sum()) <= 1e-14 * np.abs(out).sum()
    with pytest.raises(ValueError, match="more than 8 points"):
        module.Differences({(0,): f[:8]}, (0.3, 0.7))


@pytest.mark.parametrize(
    ("along", "order"), [((0,), 8), ((1, 1), 8), ((0, 0, 1), 8), ((0, 0, 0), 6), ((1, 1, 1), 6), ((0, 1), 8)]
)
def test_orders_of_differences(run_all, along, order):
    """Of waves along both axes, whose derivatives are known."""
    module, errors = rows("finite_differences"), []
    for points in (24, 48):
        grid = 2 * np.pi * np.arange(points) / points
        x, k = grid[:, None], grid[None]
        f, out = np.exp(1j * (2 * x + k)), np.empty((points, points))
        wanted = ((2j) ** along.count(0) * 1j ** along.count(1) * f).real
        spacing = 2 * np.pi / points
        module.Differences({along: np.ones((points, points))}, (spacing, spacing)).add(f.real.copy(), out)
        errors.append(np.max(np.abs(out - wanted)))
    assert np.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.5)


def test_kinetic_row_compares_at_equal_error(run_all, monkeypatch):
    """At an error of 1e-2 both reach it on grids of which the spectral one is coarser; its rate is that of the equation."""
    module = rows("kinetic")
    monkeypatch.setattr(module, "TARGET", 1e-2)
    row = module.kinetic_rate(1)
    assert row.value > 0
    some, many = (module.fewest_points(make)[0] for make in (module._spectral, module._differences))
    assert some < many
    space = module._space(96)
    hamiltonian = Hamiltonian(space, MatrixFormula.parse(module._TEXTURE, variables=space.names))
    data = np.zeros((4, *space.shape))
    equation = StarProjected(hamiltonian, WignerFunction(space, data), data, order=2)
    equation.columns[0] = module._state(space)
    rate = np.empty_like(equation.columns)
    equation.rate(equation.columns, 0.0, rate)
    assert np.max(np.abs(rate[0] - module._spectral(96).out)) <= 1e-9 * np.max(np.abs(rate))


def test_table_is_written_between_the_markers(run_all, monkeypatch, tmp_path, capsys):
    row = run_all.Row("strang_numpy", "a step", 20.0, 15, "×", 7, "from", compile_seconds=1.5)
    failing = run_all.Row("memory", "bytes", 50.0, 40, " bytes/point", 1, "from", at_most=True)
    left_out = run_all.Row("mixed_qutip", "mixed", None, 100, "×", 0, "QuTiP is not installed")
    made = {one.name: one for one in (row, failing, left_out)}
    monkeypatch.setattr(run_all, "ROWS", {name: lambda laps, one=one: one for name, one in made.items()})
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{run_all.BEGIN}\nold\n{run_all.END}\nafter\n")
    monkeypatch.setattr(run_all, "README", readme)

    assert run_all.main(["strang_numpy"]) == 0
    assert "old" in readme.read_text()
    assert run_all.main(["--json", str(tmp_path / "rows.json")]) == 1
    text = readme.read_text()
    assert text.startswith(f"before\n{run_all.BEGIN}\n")
    assert text.endswith(f"{run_all.END}\nafter\n")
    assert "old" not in text
    assert "| strang_numpy | a step | ≥ 15× | 20× | yes | 7 | from |" in text
    assert "| memory | bytes | ≤ 40 bytes/point | 50 bytes/point | no | 1 | from |" in text
    assert "| mixed_qutip | mixed | ≥ 100× | – | not measured | 0 |" in text
    assert "numba's cache: strang_numpy 1.5 s" in text
    listed = json.loads((tmp_path / "rows.json").read_text())["rows"]
    assert [one["met"] for one in listed] == [True, False, None]
    assert "50 bytes/point" in capsys.readouterr().out


def test_unknown_row_is_refused(run_all, capsys):
    with pytest.raises(SystemExit):
        run_all.main(["nonsense"])
    assert "expected rows out of strang_numpy" in capsys.readouterr().err

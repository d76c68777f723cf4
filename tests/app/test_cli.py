"""The command line: what it prints where, how it exits, and what it leaves alone."""

import json
import re
import signal
import sys
import time

import numpy as np
import pytest
from small_run import claim, files_of, finish, reached, run_text, start, wait_for_step

import wigner as package
from wigner.app.archive_state import ArchiveState
from wigner.app.cli import main
from wigner.app.tables import RunFile
from wigner.certify.reference import REFERENCES
from wigner.diagnostics import DIAGNOSTICS, ON_DEMAND
from wigner.equations import KINETIC
from wigner.models import MODELS
from wigner.records import load_latest, read_summary
from wigner.simulation import METHODS
from wigner.states import STATES
from wigner.steppers import COMPOSITIONS


@pytest.fixture(autouse=True)
def workdir(tmp_path, tmp_path_factory, monkeypatch):
    """An empty working directory, and plans kept elsewhere."""
    monkeypatch.setenv("WIGNER_CACHE", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def wigner(monkeypatch, capsys):
    """Run a command in this process: exit code, lines of standard output, lines of standard error."""

    def command(*arguments):
        monkeypatch.setattr(sys, "argv", ["wigner", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return left.value.code or 0, out.splitlines(), err.splitlines()

    return command


@pytest.fixture
def write(workdir):
    def file(name="small.toml", **changes):
        path = workdir / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(run_text(**changes))
        return path.name

    return file


# --- run ----------------------------------------------------------------------------------------------------


def test_results_go_to_standard_output_and_progress_in_plain_lines_to_standard_error(wigner, write, workdir):
    code, out, err = wigner("run", write(claims=claim()))
    assert code == 0
    assert out[0].split()[:4] == ["run", "quantity", "measured", "expected"]
    assert out[1].split()[-1] == "pass"
    assert out[2:] == [
        "1 of 1 claims hold",
        "numbers:  results/small/summary.json, results/small/series-*.h5",
        "in Python: wigner.open_run('results/small')",
    ]
    assert err[0].startswith("planning")
    assert err[1] == "start t=0 t_end=1 title='a small run'"
    first, last = (dict(part.split("=") for part in line.split()) for line in (err[2], err[-1]))
    assert first["t"] == "0" and first["seconds_left"] == "unknown"
    assert last["t"] == "1" and last["steps"] == "20" and float(last["steps_per_second"]) > 0
    assert {"trace", "energy", "purity", "edge_weight", "seconds_left"} <= set(last)
    assert not any("\x1b" in line or "\r" in line for line in [*out, *err])
    assert read_summary(workdir / "results" / "small")["run_file"] == "small.toml"


def test_a_claim_that_fails_exits_with_1(wigner, write):
    code, out, _ = wigner("run", write(claims=claim() + claim("mean_x", 5.0)))
    assert code == 1
    assert [line.split()[-1] for line in out[1:3]] == ["pass", "FAIL"] and out[3] == "1 of 2 claims hold"


def test_a_guard_that_stops_exits_with_3(wigner, write):
    file = write(potential="-3*x", t_end=4.0, guards='edge_action = "stop"', claims=claim())
    code, out, err = wigner("run", file)
    assert code == 3
    assert out[1].split()[-1] == "pass" and not any("stopped" in line for line in out)
    warning = next(line for line in err if line.startswith("warning: "))
    t = float(re.match(r"warning: t = ([\d.]+): the state reaches the edge of k: ", warning)[1])
    assert err[-1] == f"wigner: stopped at t = {t:g}, as guards.edge_action asks"
    summary = read_summary("results/small")
    assert summary["stop_reason"] == "edge" and summary["t"] == pytest.approx(t)
    with package.open_run("results/small") as run:
        assert float(run["t"][-1]) == pytest.approx(t) and np.isfinite(run["density"]).all()
    assert wigner("resume", "results/small") == (
        2,
        [],
        ["wigner: results/small: this run has ended (edge); there is nothing to resume"],
    )


def test_warnings_are_shown_and_do_not_change_the_exit_code(wigner, write):
    code, _, err = wigner("run", write(potential="-3*x", t_end=2.0))
    assert code == 0 and any(line.startswith("warning: t = ") for line in err)
    code, _, err = wigner(
        "run", write(potential="-3*x", t_end=2.0, guards='edge_action = "ignore"'), "--force"
    )
    assert code == 0 and not any("warning" in line for line in err)


@pytest.mark.parametrize("command", ["run", "check", "verify"])
def test_every_mistake_is_one_line_and_nothing_is_written(wigner, workdir, command):
    text = run_text(method="strong", state="position = 1.0\nmomentum = 0.0\nwidht = 0.7", dt=-1)
    (workdir / "bad.toml").write_text(text)
    code, out, err = wigner(command, "bad.toml")
    assert code == 2 and out == []
    keys = [re.fullmatch(r"bad\.toml:(\d+): ([\w.]+): expected .*, got .*", line)[2] for line in err]
    assert sorted(keys) == ["evolution.dt", "evolution.method", "state.widht", "state.width"]
    assert any("did you mean 'strang'?" in line for line in err)
    assert files_of(workdir) == ["bad.toml"]


def test_mistakes_end_a_process_without_a_traceback(workdir):
    (workdir / "bad.toml").write_text(run_text(potential="__import__('os')"))
    code, out, err = finish(start("run", "bad.toml", cwd=workdir))
    assert (code, out) == (2, "")
    assert err.count("\n") == 1 and err.startswith("bad.toml:11: potential.formula: ")
    assert files_of(workdir) == ["bad.toml"]


@pytest.mark.parametrize("command", ["run", "check", "verify", "resume", "info", "plot"])
@pytest.mark.parametrize("what", ["nothing", "folder", "file"])
def test_paths_that_lead_nowhere(wigner, workdir, command, what):
    if what == "folder":
        (workdir / what).mkdir()
    elif what == "file":
        (workdir / what).write_bytes(b"\x89HDF\xff")
    before = files_of(workdir)
    code, out, err = wigner(command, what)
    assert code == 2 and out == [] and len(err) == 1 and what in err[0]
    assert files_of(workdir) == before


@pytest.mark.parametrize(
    "arguments", [["fly"], ["run"], ["run", "a", "b"], ["list", "--all"], ["run", "--out"]]
)
def test_usage_errors_are_one_line(wigner, arguments):
    code, out, err = wigner(*arguments)
    assert code == 2 and out == [] and len(err) == 1
    assert err[0].startswith("wigner: ") and err[0].endswith("; see wigner --help")


def test_help_and_version(wigner):
    code, out, _ = wigner()
    assert code == 0 and out[0].startswith("Usage: wigner")
    text = " ".join(out)
    assert all(name in text for name in ("run", "resume", "check", "info", "plot", "list", "verify"))
    assert wigner("--help")[1] == out
    assert wigner("--version") == (0, [f"wigner {package.__version__}"], [])


def test_an_existing_run_is_refused_and_replaced_by_force(wigner, write):
    file = write(t_end=0.2)
    assert wigner("run", file, "-o", "here")[0] == 0
    code, out, err = wigner("run", file, "-o", "here")
    assert code == 2 and out == []
    assert err == [
        "wigner: here: expected an empty folder, got one with a run; use --force to replace it, "
        "--output to choose another"
    ]
    assert wigner("run", file, "-o", "here", "--force")[0] == 0


def test_force_refuses_a_folder_of_other_files(wigner, write, workdir):
    file = write(t_end=0.2)
    code, _, err = wigner("run", file, "-o", ".", "--force")
    assert code == 2 and len(err) == 1 and "other files" in err[0]
    code, _, err = wigner("run", file, "-o", file, "--force")
    assert code == 2 and len(err) == 1 and "got a file" in err[0]
    assert files_of(workdir) == [file]


def test_a_folder_that_cannot_be_made_is_one_line(wigner, write, workdir):
    file = write(t_end=0.2)
    code, out, err = wigner("run", file, "-o", f"{file}/run")
    assert code == 2 and out == [] and err[-1].startswith(f"wigner: {file}/run: expected a folder")
    assert files_of(workdir) == [file]


def test_a_library_that_is_missing_is_one_line(wigner, write, monkeypatch):
    monkeypatch.setattr("wigner.algebra.fourier.pyfftw", None)
    file = write(t_end=0.2, claims='\n[engine]\nfft = "fftw"\n')
    code, _, err = wigner("run", file)
    assert code == 2 and err[-1].startswith("wigner: engine.fft = 'fftw' needs the package pyfftw")
    assert wigner("run", write(t_end=0.2))[0] == 0


def test_plot_draws_into_the_run_folder(wigner, write, workdir, monkeypatch):
    code, out, _ = wigner("run", write(t_end=0.2), "--plot")
    pictures = [line.split()[1] for line in out if line.startswith("picture:")]
    assert code == 0 and len(pictures) >= 3 and all((workdir / p).stat().st_size > 1000 for p in pictures)
    monkeypatch.setattr("wigner.views.plot.draw_all", lambda run, folder: [folder / f"{len(run['t'])}.png"])
    assert wigner("plot", "results/small")[1] == ["picture:  results/small/figures/3.png"]


# --- interruption -------------------------------------------------------------------------------------------

LONG = {"model": "dirac", "potential": "0.5*exp(-x**2)*cos(3*t)", "t_end": 40.0, "dt": 1e-3, "every": 0.1}
PACKET = {"state": "position = -2.0\nmomentum = 1.0\nwidth = 1.0", "guards": 'edge_action = "ignore"'}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_a_checkpoint_and_says_how_to_go_on(wigner, write, workdir, number):
    file = write(**LONG, **PACKET)
    process = start("run", file, "-o", "the run", cwd=workdir)
    wait_for_step(process, workdir / "the run", 0)
    process.send_signal(number)
    code, out, err = finish(process)
    assert code == 130 and out == "" and "Traceback" not in err
    step = reached(workdir / "the run")
    assert 0 < step < 40000
    t = load_latest(workdir / "the run")[0].time
    assert err.splitlines()[-1] == (
        f"wigner: stopped at t = {t:.6g}; checkpoint written; go on with: wigner resume 'the run'"
    )
    code, out, _ = wigner("info", "the run")
    text = "\n".join(out)
    assert code == 0 and f"interrupted at t = {t:g}" in text and "wigner resume 'the run'" in text


def test_the_second_signal_ends_at_once(write, workdir):
    # One chunk is 256 steps of several milliseconds.
    file = write(**LONG | {"points": 96, "every": 40.0, "method": "blanes_moan"}, **PACKET)
    process = start("run", file, cwd=workdir)
    folder = workdir / "results" / "small"
    wait_for_step(process, folder, 0)
    process.send_signal(signal.SIGINT)
    time.sleep(0.1)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    code, out, err = finish(process)
    # One signal alone would have waited for the end of the chunk and written a checkpoint there.
    assert reached(folder) == 0
    assert code == 130 and out == "" and "Traceback" not in err
    assert err.splitlines()[-1] == (
        "wigner: stopped at once; from the last checkpoint go on with: wigner resume results/small"
    )
    assert reached(folder) == 0


def test_a_signal_before_the_first_step_leaves_nothing(wigner, write, workdir, monkeypatch):
    def interrupt(*_, **__):
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr("wigner.app.execute.fit_schedule", interrupt)
    code, out, err = wigner("run", write())
    assert code == 130 and out == []
    assert err[-1] == "wigner: stopped before the first step; nothing was lost, run it again"
    assert files_of(workdir) == ["small.toml"]


# --- check and list -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dt", [0.05, None])
def test_check_says_what_a_run_would_cost_and_writes_nothing(wigner, write, workdir, dt):
    file = write(dt=dt, claims=claim(), potential="x**2/2 + sqrt(t)*x")
    code, out, err = wigner("check", file)
    assert code == 0 and err == []
    rows = dict(re.split(r"\s{2,}", line.strip(), maxsplit=1) for line in out if line.startswith("  "))
    assert rows["x"].startswith("box, 64 points, -10 … 10, step 0.3125; conjugate ±10.05, step 0.3142")
    assert rows["k"].startswith("box, 64 points, -5.02655 … 5.02655, step 0.1571; conjugate ±20, step 0.625")
    assert rows["term in x"].endswith("time-dependent") and rows["term in k"] == "k**2/2"
    assert rows["initial state"] == "trace 1, purity 1"
    assert rows["method"] == "strang: named in the run file"
    assert rows["steps"].startswith("strang, order 2")
    assert re.match(r"\d+ real transforms of 4096 points", rows["transforms a step"])
    assert re.match(r"[\d.]+ KiB stepping, \d+ bytes per grid point", rows["memory"])
    assert re.match(r"[\d.]+, half a turn", rows["dt bound"])
    assert re.match(r"[\d.]+ ms a step; about ", rows["time"])
    assert rows["dt"] == (
        "0.05, 20 steps" if dt else "chosen at the start of the run for error_target = 1e-06"
    )
    assert rows["run file"] == f"{file} is valid; 1 claim"
    assert files_of(workdir) == [file]


def test_list_names_everything_a_run_file_can_name(wigner):
    code, out, err = wigner("list")
    assert code == 0 and err == []
    names = {line.split()[0] for line in out if line.startswith("  ")}
    assert names == {
        *(model.kind for model in MODELS),
        *(state.kind for state in (*STATES, ArchiveState)),
        *(diagnostic.name for diagnostic in (*DIAGNOSTICS, *ON_DEMAND)),
        *(composition.name for composition in COMPOSITIONS),
        *METHODS,
        *(equation.kind for equation in KINETIC),
        "auto",
        *REFERENCES,
    }
    assert all(len(line.split()) > 2 for line in out if line.startswith("  "))


def test_resolved_config_names_every_table(wigner, write):
    wigner("run", write(t_end=0.2))
    with package.open_run("results/small") as run:
        resolved = json.loads(run.attrs["config_json"])
    assert set(resolved) == set(RunFile.__dataclass_fields__)

"""Runs from beginning to end, and beginnings without one: kills, signals, damaged checkpoints."""

import json
import random
import signal
import threading

import numpy as np
import pytest
import xarray as xr
from small_run import (
    SignalAt,
    assert_same_run,
    claim,
    config,
    files_of,
    finish,
    reached,
    run_text,
    start,
    wait_for_step,
)

import wigner
from wigner.app import execute
from wigner.errors import ArchiveError, ConfigError, SteppingError
from wigner.records import Archive, load_latest, read_summary

RUN_FILES = [".writer", "series-000001.h5", "snapshot-000001.h5", "snapshot-000002.h5", "summary.json"]


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    """FFTW's plans differ from process to process; those of one test share what they measured."""
    monkeypatch.setenv("WIGNER_CACHE", str(tmp_path_factory.mktemp("cache")))


# --- a run that ends ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("finished") / "run"
    text = {
        "record": 'observables = {right = "step(x)"}\nsnapshots = 2',
        "claims": claim() + claim("mean_x", '"cos(t_end)"', 1e-2),
    }
    return execute.run(config(**text), folder)


def test_a_finished_folder_holds_the_run_and_nothing_else(finished):
    assert files_of(finished.folder) == sorted([*RUN_FILES, "snapshot-000003.h5"])
    assert finished.outcome.reason == "finished"
    assert [verdict.passed for verdict in finished.verdicts] == [True, True]


def test_every_file_opens_alone_with_units_and_the_whole_config(finished):
    for path in finished.folder.glob("*.h5"):
        with xr.open_dataset(path, engine="h5netcdf") as file:
            resolved = json.loads(file.attrs["config_json"])
            assert resolved["evolution"] == config().resolved()["evolution"]
            assert resolved["engine"]["threads"] == 1 and resolved["guards"]["edge_threshold"] == 1e-10
            assert file.attrs["config_text"].startswith('title = "a small run"')
            assert {"wigner_version", "numpy_version", "pyfftw_version", "units", "hbar"} <= set(file.attrs)
            for name, variable in file.data_vars.items():
                assert "units" in variable.attrs and variable.attrs["long_name"], name


def test_the_folder_opens_as_one_dataset(finished):
    with wigner.open_run(finished.folder) as run:
        np.testing.assert_allclose(run["t"], np.arange(11) * 0.1, atol=1e-15)
        assert run["t_snapshot"].values.tolist() == [0.0, 0.5, 1.0]
        assert run["density"].dims == ("t", "x") and run["density"].attrs["units"] == "1/length"
        assert run["wigner_function"].dims == ("t_snapshot", "component", "x", "k")
        np.testing.assert_allclose(run["mean_x"], np.cos(run["t"]), atol=1e-2)
        # The snapshot is the state that the records were measured on.
        last = run["wigner_function"].isel(t_snapshot=-1, component=0)
        cell = float(run["x"].diff("x")[0] * run["k"].diff("k")[0]) / (2 * np.pi)
        assert float(last.sum()) * cell == pytest.approx(float(run["trace"][-1]), abs=1e-13)
        assert json.loads(run.attrs["summary_json"])["stop_reason"] == "finished"


def test_the_summary_is_complete(finished):
    summary = json.loads((finished.folder / "summary.json").read_text())
    assert summary["stop_reason"] == "finished" and summary["t"] == summary["t_end"] == 1.0
    assert summary["steps"] == 20 and summary["dt"] == 0.05 and summary["warnings"] == []
    with wigner.open_run(finished.folder) as run:
        series = {name for name, v in run.data_vars.items() if "t" in v.dims}
        assert set(summary["final"]) == series
        assert summary["final"]["mean_x"] == float(run["mean_x"][-1])
        assert summary["final"]["band_population"] == run["band_population"].values[-1].tolist()
        assert summary["final"]["density"]["maximum"] == float(run["density"][-1].max())
        for name in ("trace", "energy", "purity"):
            assert summary["drift"][name] == float(abs(run[name] - run[name][0]).max())
    assert {"plan", "compile", "state", "stepping", "measuring", "observing", "claims"} <= set(
        summary["seconds"]
    )
    assert [row["quantity"] for row in summary["claims"]] == ["trace", "mean_x"]


def test_energy_has_a_drift_only_where_it_is_kept(tmp_path):
    finished = execute.run(config(potential="x**2/2 + sin(t)*x", t_end=0.2), tmp_path / "run")
    assert set(finished.summary["drift"]) == {"trace", "purity"}


def test_dt_is_chosen_from_the_error_target_and_said(tmp_path):
    finished = execute.run(config(dt=None, t_end=0.5, method="blanes_moan"), tmp_path / "run")
    summary = finished.summary
    assert 0 < summary["dt"] <= 0.1
    assert summary["dt_chosen_from"]["coarse_dt"] > 0 and summary["seconds"]["choose_dt"] > 0


def test_threads_change_no_bit(tmp_path):
    for threads in (1, 2):
        text = run_text(t_end=0.2) + f"\n[engine]\nthreads = {threads}\n"
        execute.run(execute.parse(text, "run.toml"), tmp_path / str(threads))
    assert_same_run(tmp_path / "1", tmp_path / "2")


def test_claims_that_cannot_be_judged_fail_with_the_reason(tmp_path):
    wave = '\n[[claims]]\nquantity = "mean_x"\nreference = "bloch_period"\ntolerance = 1\nsource = "s"\n'
    short = claim("mean_x", 1.0, more='reduce = "frequency"\n')
    finished = execute.run(config(t_end=0.3, claims=wave + short + claim()), tmp_path / "run")
    assert [verdict.passed for verdict in finished.verdicts] == [False, False, True]
    for verdict in finished.verdicts[:2]:
        assert verdict.source.startswith("cannot be judged: ") and "\n" not in verdict.source
    assert finished.summary["claims"][2]["passed"]
    assert read_summary(tmp_path / "run")["claims"][0]["measured"] is None


# --- folders ------------------------------------------------------------------------------------------------


def test_a_folder_with_a_run_is_replaced_only_by_force(finished, tmp_path):
    folder = tmp_path / "run"
    execute.run(config(t_end=0.2), folder)
    before = (folder / "series-000001.h5").read_bytes()
    with pytest.raises(ArchiveError, match="--force"):
        execute.run(config(t_end=0.3), folder)
    assert (folder / "series-000001.h5").read_bytes() == before
    (folder / "figures").mkdir()
    (folder / "figures" / "density.png").touch()
    (folder / "figures" / "mine.png").touch()
    (folder / "notes.txt").write_text("keep me")
    execute.run(config(t_end=0.3), folder, force=True)
    assert files_of(folder) == sorted([*RUN_FILES, "figures", "figures/mine.png", "notes.txt"])
    assert read_summary(folder)["t_end"] == pytest.approx(0.3)


def test_force_never_touches_what_is_no_run(tmp_path):
    thesis = tmp_path / "thesis"
    thesis.mkdir()
    (thesis / "chapter.tex").write_text("years of work")
    (thesis / "summary.json").write_text("{}")
    for force in (False, True):
        with pytest.raises(ArchiveError, match="other files"):
            execute.run(config(), thesis, force=force)
        with pytest.raises(ArchiveError, match="got a file"):
            execute.run(config(), thesis / "chapter.tex", force=force)
    assert files_of(thesis) == ["chapter.tex", "summary.json"]


def test_a_run_still_going_on_is_neither_replaced_nor_resumed(tmp_path):
    folder = tmp_path / "run"
    execute.run(config(t_end=0.2), folder, progress=SignalAt(1))
    before = files_of(folder)
    with Archive.reopen(folder, 10.0):
        for force in (False, True):
            with pytest.raises(ArchiveError, match="still going on"):
                execute.run(config(t_end=0.2), folder, force=force)
        with pytest.raises(ArchiveError, match="still going on"):
            execute.resume(folder)
    assert set(files_of(folder)) == set(before) - {"summary.json"}


def test_a_run_that_cannot_be_built_leaves_an_earlier_one_alone(tmp_path, monkeypatch):
    folder = tmp_path / "run"
    execute.run(config(t_end=0.2), folder)

    def fail(assembly):
        raise SteppingError("no step")

    monkeypatch.setattr(execute, "fit_schedule", fail)
    with pytest.raises(SteppingError):
        execute.run(config(t_end=0.2), folder, force=True)
    assert files_of(folder) == RUN_FILES


def test_numbers_that_stop_being_finite_stop_the_run(tmp_path):
    changes = {"potential": "x**2/2 + x*sqrt((t - 0.23)**2 - 1e-4)", "t_end": 0.5, "dt": 0.01}
    with pytest.raises(SteppingError, match=r"t = 0\.3: expected finite numbers.*trace"):
        execute.run(config(**changes), tmp_path / "run")
    with wigner.open_run(tmp_path / "run") as run:
        assert np.isfinite(run["trace"].values[:3]).all()


# --- interruption in this process ---------------------------------------------------------------------------


@pytest.fixture
def whole(tmp_path):
    """The uninterrupted run."""
    return execute.run(config(), tmp_path / "whole")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_checkpoints_and_resume_ends_the_same(whole, tmp_path, number):
    handlers = [signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)]
    folder = tmp_path / "run"
    stopped = execute.run(config(), folder, progress=SignalAt(7, number))
    assert stopped.outcome.reason == "interrupted" and stopped.verdicts == ()
    assert [signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)] == handlers
    summary = read_summary(folder)
    assert summary["stop_reason"] == "interrupted"
    assert summary["steps"] == stopped.outcome.step == reached(folder) < 20
    resumed = execute.resume(folder)
    assert_same_run(folder, whole.folder)
    assert files_of(folder) == RUN_FILES
    for name in ("final", "drift", "stop_reason", "steps", "warnings"):
        assert resumed.summary[name] == whole.summary[name]


def test_resumed_seconds_are_those_of_both_processes(tmp_path):
    stopped = execute.run(config(), tmp_path / "run", progress=SignalAt(7))
    resumed = execute.resume(tmp_path / "run")
    for phase in ("plan", "state", "stepping", "measuring", "observing"):
        assert resumed.summary["seconds"][phase] > stopped.summary["seconds"][phase]


def test_claims_are_judged_after_a_resume(tmp_path):
    changes = {"claims": claim() + claim("mean_x", 7)}
    execute.run(config(**changes), tmp_path / "run", progress=SignalAt(7))
    resumed = execute.resume(tmp_path / "run")
    assert [verdict.passed for verdict in resumed.verdicts] == [True, False]


def test_a_finished_run_is_not_resumed(whole):
    with pytest.raises(ArchiveError, match=r"has ended \(finished\)"):
        execute.resume(whole.folder)


@pytest.mark.parametrize("what", ["missing", "file", "empty"])
def test_resume_needs_a_run(tmp_path, what):
    path = tmp_path / what
    if what == "file":
        path.touch()
    elif what == "empty":
        path.mkdir()
    with pytest.raises(ArchiveError) as caught:
        execute.resume(path)
    assert "\n" not in str(caught.value)
    assert files_of(tmp_path) == ([] if what == "missing" else [what])


def test_a_damaged_checkpoint_is_skipped_for_the_older(whole, tmp_path):
    folder = tmp_path / "run"
    execute.run(config(), folder, progress=SignalAt(7))
    newest = max(folder.glob("checkpoint-?.h5"), key=lambda path: path.stat().st_mtime_ns)
    data = bytearray(newest.read_bytes())
    data[len(data) // 2] ^= 1
    newest.write_bytes(data)
    assert load_latest(folder)[0].step == 0
    progress = SignalAt(None)
    resumed = execute.resume(folder, progress=progress)
    assert any(text.startswith("warning: ") and newest.name in text for text in progress.messages)
    assert_same_run(folder, whole.folder)
    # What is kept from step 0 on is the same too.
    assert resumed.summary["drift"] == whole.summary["drift"]


def test_killed_between_the_last_step_and_the_summary(whole, tmp_path, monkeypatch):
    folder = tmp_path / "run"

    def die(*_):
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(execute, "write_summary", die)
        with pytest.raises(MemoryError):
            execute.run(config(record="checkpoint_seconds = 1e-9"), folder)
    assert reached(folder) == 20
    resumed = execute.resume(folder)
    assert_same_run(folder, whole.folder)
    assert resumed.summary["final"] == whole.summary["final"]


def test_a_guard_that_stopped_stops_again_after_a_kill(tmp_path, monkeypatch):
    changes = {
        "potential": "-3*x",
        "guards": 'edge_action = "stop"',
        "record": "checkpoint_seconds = 1e-9",
        "t_end": 4.0,
    }
    stopped = execute.run(config(**changes), tmp_path / "whole")
    assert stopped.outcome.reason == "edge"

    def die(*_):
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(execute, "write_summary", die)
        with pytest.raises(MemoryError):
            execute.run(config(**changes), tmp_path / "run")
    resumed = execute.resume(tmp_path / "run")
    assert resumed.outcome.reason == "edge" and resumed.outcome.t == stopped.outcome.t
    assert resumed.summary["warnings"] == stopped.summary["warnings"]
    assert_same_run(tmp_path / "run", tmp_path / "whole")


def test_a_warning_at_the_start_survives_a_resume_from_the_start(tmp_path):
    changes = {"state": "position = 7.2\nmomentum = 0.0\nwidth = 0.7071"}
    folder = tmp_path / "run"
    first = execute.run(config(**changes), folder, progress=SignalAt(1)).summary["warnings"]
    assert first[0].startswith("t = 0: the state reaches the edge of x")
    newest = max(folder.glob("checkpoint-?.h5"), key=lambda path: path.stat().st_mtime_ns)
    newest.unlink()
    assert reached(folder) == 0
    assert execute.resume(folder).summary["warnings"][: len(first)] == first


def test_a_run_in_a_thread_leaves_signals_alone(tmp_path):
    done = []
    thread = threading.Thread(target=lambda: done.append(execute.run(config(t_end=0.2), tmp_path / "run")))
    thread.start()
    thread.join()
    assert done[0].outcome.reason == "finished"


# --- kills of a process -------------------------------------------------------------------------------------

STATIC, DRIVEN = "V*exp(-x**2)", "V*exp(-x**2)*cos(3*t)"


@pytest.mark.parametrize(
    ("method", "potential", "intervals", "resumptions"),
    [
        ("strang", STATIC, 2, ["killed", "here"]),
        ("strang", DRIVEN, 2, ["here"]),
        ("blanes_moan", STATIC, 1, ["here"]),
        ("blanes_moan", DRIVEN, 1, ["apart"]),
        ("wave_functions", STATIC, 2, ["apart"]),
        ("chebyshev", DRIVEN, 2, ["here"]),
    ],
)
def test_killed_and_resumed_is_bit_identical(tmp_path, method, potential, intervals, resumptions):
    """The run is killed in one process and ended in this or another; the whole one ran in this process."""
    # Chunks of 256, 144 steps between records: checkpoints fall on records and between.
    steps = 400 * intervals
    text = run_text(
        # The band of a Dirac packet has tails that reach the ends, which wave functions must not.
        model="schrodinger" if method == "wave_functions" else "dirac",
        potential=potential,
        parameters="{V = 0.5}",
        method=method,
        points=64 if method == "wave_functions" else 32,
        state="position = 0.0\nmomentum = 0.5\nwidth = 1.0",
        t_end=3.0,
        dt=3.0 / steps,
        every=3.0 / intervals,
        # At the end of every chunk: the kill falls into a write as likely as not.
        record=f"snapshots = {intervals}\ncheckpoint_seconds = 1e-9",
        guards='edge_action = "ignore"',
    )
    file = tmp_path / "run.toml"
    file.write_text(text)
    whole = execute.run(execute.parse(text, file), tmp_path / "whole")
    folder = tmp_path / "killed"
    process = start("run", file, "-o", folder, cwd=tmp_path)
    reach = 0
    for resumption in resumptions:
        wait_for_step(process, folder, reach + random.randint(1, steps // 3))
        process.kill()
        assert finish(process)[0] == -signal.SIGKILL
        reach = reached(folder)
        # Whatever was cut off, all that was recorded is readable, and right.
        with wigner.open_run(folder) as run, wigner.open_run(whole.folder) as expected:
            count = run.sizes["t"]
            assert 1 <= count <= intervals + 1
            assert run["density"].values.tobytes() == expected["density"].values[:count].tobytes()
        if resumption == "here":
            execute.resume(folder)
        else:
            process = start("resume", folder, cwd=tmp_path)
    if resumptions[-1] == "apart":
        code, _, err = finish(process)
        assert code == 0, err
    assert_same_run(folder, whole.folder)
    assert files_of(folder) == files_of(whole.folder)
    summary = read_summary(folder)
    assert summary["final"] == whole.summary["final"] and summary["drift"] == whole.summary["drift"]


# --- diagnostics with tables of their own -------------------------------------------------------------------


def test_probes_and_levels_are_recorded_with_labels(tmp_path):
    """A probe is F at its sample with named components; the levels of an oscillator are half-integers."""
    record = "probes = { centre = { x = 0, k = 0 } }\nstar_spectrum = { energy = 1.1, below = 1, above = 2 }"
    claims = claim("star_level", 1.5, more="level = 1\n") + claim("centre", 0, 2.5, more='component = "00"\n')
    finished = execute.run(config(record=record, claims=claims), tmp_path / "run")
    assert [(v.quantity, v.passed) for v in finished.verdicts] == [
        ("star_level[1]", True),
        ("centre[00]", True),
    ]
    with wigner.open_run(tmp_path / "run") as run:
        assert run["centre"].dims == ("t", "component")
        assert list(run["component"].values) == ["00"]
        assert run["star_level"].dims == ("t", "level")
        assert np.allclose(run["star_level"].isel(t=-1), [0.5, 1.5, 2.5], atol=1e-9)
        whole = run["wigner_function"].isel(t_snapshot=-1).sel(x=0, k=0)
        assert np.array_equal(run["centre"].isel(t=-1), whole)
        assert "energy" in run["star_level"].attrs["units"]
    final = finished.summary["final"]
    assert len(final["star_level"]) == 3 and len(final["centre"]) == 1


def test_a_state_without_wave_functions_is_refused_at_its_line(tmp_path):
    text = run_text(
        method="wave_functions", model="dirac", points=32, state="position = 0.0\nmomentum = 0.5\nwidth = 1.0"
    )
    file = tmp_path / "run.toml"
    with pytest.raises(ConfigError) as caught:
        execute.run(execute.parse(text, file), tmp_path / "run")
    (problem,) = caught.value.problems
    assert text.splitlines()[problem.line - 1].startswith("method")
    assert problem.key == "evolution.method" and problem.message.endswith("use 'auto'")
    assert not (tmp_path / "run").exists()

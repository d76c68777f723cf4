"""`wigner verify`: one table of all claims, whatever happens to single runs."""

import json
import math
import multiprocessing
import signal
import sys

import pytest
from small_run import SignalAt, claim, config, files_of, run_text

from wigner.app import execute, verify
from wigner.app.cli import main
from wigner.app.verify import gather, verify_runs, write_json
from wigner.certify.claims import Verdict
from wigner.errors import WignerError
from wigner.records import read_summary

COLUMNS = ["run", "quantity", "measured", "expected", "tolerance", "source", "passed"]
AT_EDGE = {"potential": "-3*x", "t_end": 2.0}


@pytest.fixture(autouse=True)
def workdir(tmp_path, tmp_path_factory, monkeypatch):
    monkeypatch.setenv("WIGNER_CACHE", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def wigner(monkeypatch, capsys):
    def command(*arguments):
        monkeypatch.setattr(sys, "argv", ["wigner", "verify", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        return left.value.code or 0, out.splitlines(), err.splitlines()

    return command


@pytest.fixture
def write(workdir):
    def file(name, **changes):
        path = workdir / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(run_text(**{"t_end": 0.2, "claims": claim()} | changes))
        return path

    return file


def strict(path):
    """Read JSON as the standard has it: no NaN, no Infinity."""

    def refuse(constant):
        raise AssertionError(constant)

    return json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)


@pytest.fixture
def said():
    lines = []
    yield lines
    assert not any("\n" in line for line in lines)


def test_a_folder_of_runs_in_one_table_and_as_json(wigner, write, workdir):
    write("runs/a.toml", claims=claim() + claim("mean_k", 7.0, source="a “wrong” one, ħ"))
    write("runs/b.toml")
    before = files_of(workdir)
    code, out, err = wigner("--json", "table.json")
    assert code == 1
    assert out[0].split() == [
        "run", "quantity", "measured", "expected", "|difference|", "tolerance", "source", "verdict",
    ]  # fmt: skip
    assert [line.split()[0] + " " + line.split()[-1] for line in out[1:4]] == ["a pass", "a FAIL", "b pass"]
    assert out[4:] == ["2 of 3 claims hold"]
    assert [line.split(",")[0] for line in err] == [
        "[1/2] a: 1 of 2 claims hold",
        "[2/2] b: 1 of 1 claims hold",
    ]
    assert files_of(workdir) == sorted([*before, "table.json"])
    rows = strict(workdir / "table.json")
    assert [list(row) for row in rows] == [COLUMNS] * 3
    assert [row["passed"] for row in rows] == [True, False, True]
    assert rows[1]["source"] == "a “wrong” one, ħ" and rows[1]["expected"] == 7.0
    assert abs(rows[0]["measured"] - 1) < 1e-11


def test_all_claims_holding_exits_with_0(wigner, write):
    assert wigner(write("a.toml"), write("b.toml"))[0] == 0


def test_numbers_that_json_has_not_become_null(workdir):
    nothing = Verdict("r", "q", math.nan, math.inf, 0.1, "s", False)
    write_json(workdir / "t.json", [nothing, Verdict("r", "q", 1.0, -math.inf, 0.1, "s", True)])
    one, two = strict(workdir / "t.json")
    assert one == dict(zip(COLUMNS, ["r", "q", None, None, 0.1, "s", False], strict=True))
    assert two["measured"] == 1.0 and two["expected"] is None
    write_json(workdir / "t.json", [])
    assert strict(workdir / "t.json") == []


def test_a_run_that_does_not_end_is_a_failed_row_and_the_others_run(wigner, write, workdir):
    # Not a number near t = 0.115, which no check at the ends can see.
    write("a.toml", potential="x*sqrt((t - 0.115)**2 - 1e-4)", dt=0.01)
    write("b.toml")
    code, out, err = wigner("a.toml", "b.toml", "--json", "t.json")
    assert code == 1 and len(err) == 2 and "a: 0 of 1" in err[0] and "b: 1 of 1" in err[1]
    failed, passed = strict(workdir / "t.json")
    assert failed["run"] == "a" and failed["quantity"] == "run" and failed["measured"] is None
    assert failed["source"].startswith("did not end: t = ") and not failed["passed"]
    assert passed["run"] == "b" and passed["passed"]
    assert any("did not end" in line and line.endswith("FAIL") for line in out)


@pytest.mark.parametrize("error", [WignerError("no good"), ZeroDivisionError("oh\nno"), MemoryError()])
def test_whatever_stops_a_run_is_one_line(tmp_path, said, monkeypatch, error):
    ran = []

    def run(config, folder, *, force):
        ran.append(folder)
        raise error

    monkeypatch.setattr(verify, "run", run)
    rows = verify_runs([config("a.toml"), config("b.toml")], tmp_path, say=said.append)
    assert [row.run for row in rows] == ["a", "b"] and not any(row.passed for row in rows)
    assert all(row.source.startswith("did not end: ") and "\n" not in row.source for row in rows)
    assert ran == [tmp_path / "a", tmp_path / "b"]


def test_warnings_are_seen(tmp_path, said):
    rows = verify_runs([config("a.toml", **AT_EDGE), config("b.toml")], tmp_path, say=said.append)
    assert rows == []
    found = said[0].partition(" warning")
    assert found[0].rsplit(", ", 1)[1].isdigit()
    assert "s: t = " in found[2] and "the state reaches the edge of k" in found[2]
    assert "warning" not in said[1]


def test_a_run_stopped_at_an_edge_fails_even_if_its_claims_hold(tmp_path, said):
    stopped = config("a.toml", claims=claim(), guards='edge_action = "stop"', **AT_EDGE)
    kept, last = verify_runs([stopped], tmp_path, say=said.append)
    assert kept.passed and kept.quantity == "trace"
    assert last.quantity == "last time" and not last.passed
    assert 0 < last.measured < last.expected == 2.0 and "the edge of k" in last.source


def test_files_of_one_name_do_not_replace_each_other(wigner, write, workdir):
    write("one/a.toml", t_end=0.2)
    write("two/a.toml", t_end=0.3)
    assert wigner("one", "two", "one/a.toml", "--keep", "kept")[0] == 0
    assert read_summary("kept/a")["t_end"] == pytest.approx(0.2)
    assert read_summary("kept/a-2")["t_end"] == pytest.approx(0.3)
    assert sorted(path.name for path in (workdir / "kept").iterdir()) == ["a", "a-2"]
    assert wigner("one", "--keep", "kept")[0] == 0


def test_mistakes_of_all_files_come_before_any_run(wigner, write, workdir):
    write("a.toml")
    write("b.toml", method="euler")
    write("c.toml", dt=-1)
    code, out, err = wigner("a.toml", "b.toml", "c.toml", "missing.toml", "--json", "t.json")
    assert code == 2 and out == []
    assert [line.split(":")[0] for line in err] == ["b.toml", "c.toml", "missing.toml"]
    assert not (workdir / "t.json").exists()


@pytest.mark.parametrize("name", ["nowhere/t.json", "."])
def test_a_json_file_that_cannot_be_is_refused_first(wigner, write, name):
    code, out, err = wigner(write("a.toml"), "--json", name)
    assert code == 2 and out == [] and len(err) == 1 and err[0].startswith(f"wigner: {name}: expected a file")


def test_the_first_signal_ends_verify(wigner, write, monkeypatch):
    ran = []

    def run(config, folder, *, force):
        ran.append(config.path.stem)
        return execute.run(config, folder, force=force, progress=SignalAt(1))

    monkeypatch.setattr(verify, "run", run)
    code, out, err = wigner(write("a.toml"), write("b.toml"))
    assert code == 130 and out == [] and err == ["wigner: interrupted; no table"]
    assert ran == ["a"]


def test_runs_side_by_side_give_the_same_table(wigner, write, workdir):
    # The first takes longest and ends last; its rows stand first.
    write("runs/a.toml", claims=claim() + claim("mean_k", 7.0, source="a wrong one"), t_end=5.0, dt=0.01)
    for name in "bcd":
        write(f"runs/{name}.toml")
    code, out, err = wigner("--jobs", 2, "--json", "two.json", "--keep", "kept")
    assert code == 1 and out[-1] == "4 of 5 claims hold"
    assert sorted(line.split()[1] for line in err) == ["a:", "b:", "c:", "d:"]
    assert [line.split("]")[0] for line in err] == ["[1/4", "[2/4", "[3/4", "[4/4"]
    assert all((workdir / "kept" / name / "report.html").exists() for name in "abcd")
    wigner("--json", "one.json")
    one, two = strict(workdir / "one.json"), strict(workdir / "two.json")
    assert [row.pop("measured") for row in two] == pytest.approx(
        [row.pop("measured") for row in one], abs=1e-12
    )
    assert one == two
    assert wigner("--jobs", 0)[0] == 2


def test_a_killed_process_is_one_line(wigner, write, monkeypatch):
    # Once the second run has begun there is a process to kill, and nobody else has children here.
    write("runs/a.toml")
    write("runs/b.toml", t_end=1000.0, dt=0.01)

    def killed(*_):
        for process in multiprocessing.active_children():
            process.kill()

    monkeypatch.setattr(verify, "_told", killed)
    code, out, err = wigner("--jobs", 2)
    assert (
        code == 2
        and out == []
        and err[-1].startswith("wigner: a run was killed, perhaps for memory; use fewer")
    )
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_runs_side_by_side(wigner, write, monkeypatch, number):
    handlers = [signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)]
    write("runs/a.toml")
    for name in "bcd":
        write(f"runs/{name}.toml", t_end=1000.0, dt=0.01)
    monkeypatch.setattr(verify, "_told", lambda _: signal.raise_signal(number))
    code, out, err = wigner("--jobs", 2)
    assert code == 130 and out == [] and err == ["wigner: interrupted; no table"]
    assert multiprocessing.active_children() == []
    assert [signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)] == handlers


def test_gather(workdir):
    (workdir / "empty").mkdir()
    with pytest.raises(WignerError, match=r"empty: expected a folder with run files"):
        gather([workdir / "empty"])
    for name in ("b.toml", "a.toml", "c.txt"):
        (workdir / name).touch()
    found = [workdir / "b.toml", workdir / "a.toml"]
    assert gather([workdir / "b.toml", workdir]) == found
    assert gather([workdir / "c.txt"]) == [workdir / "c.txt"]


def test_fast_takes_the_files_that_say_so_and_kept_runs_have_their_page(wigner, write, workdir):
    write("runs/slow.toml")
    quick = write("runs/quick.toml")
    quick.write_text("fast = true\n" + quick.read_text())
    code, _, err = wigner("runs", "--fast", "--keep", "kept")
    assert code == 0 and err[-1].startswith("[1/1] quick")
    assert (workdir / "kept" / "quick" / "report.html").exists() and not (workdir / "kept" / "slow").exists()
    code, _, err = wigner("runs/slow.toml", "--fast")
    assert code == 2 and "expected a run file that says fast = true, got none" in err[-1]
    quick.write_text("fast = 1\n" + quick.read_text().removeprefix("fast = true\n"))
    code, _, err = wigner("runs", "--fast")
    assert code == 2 and "quick.toml:1: fast: expected true or false, got 1" in err[-1]

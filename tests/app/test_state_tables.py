"""States of bands and of archives in run files: run, resume, check, compare, and what is wrong with them."""

import json
import re
import shutil

import numpy as np
import pytest
from run_files import COMPARED, line_of, problems
from small_run import SignalAt, assert_same_run, run_text

from wigner import open_run
from wigner.app import execute
from wigner.app.compare import compare
from wigner.app.config import build, parse, schema_json
from wigner.app.inspect import check_sections, info_sections
from wigner.app.listing import list_sections
from wigner.app.report import write_report
from wigner.app.sweep import contenders
from wigner.errors import ArchiveError, ConfigError, WignerError

TEXT = COMPARED.replace("points = 48", "points = 24")
BANDS = 'bands = ["0.7 + a*cos(x - k)", "0.3 + 0.2*sin(x)*cos(k)"]\nparameters = {a = 0.25}'
PACKET = "position = 1.0\nmomentum = 0.0\nwidth = 1.0"
STATE = re.compile(r"\[state\].*?(?=\n\[evolution\])", re.DOTALL)


def with_state(table, text=TEXT):
    assert len(STATE.findall(text)) == 1
    return STATE.sub(lambda _: f"[state]\n{table}\n", text)


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    """FFTW's plans differ from process to process; those of one test share what they measured."""
    monkeypatch.setenv("WIGNER_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="module")
def earlier(tmp_path_factory):
    """A run of a packet that has ended, with snapshots at 0, 0.5 and 1."""
    folder = tmp_path_factory.mktemp("earlier")
    return execute.run(
        parse(run_text(record="snapshots = 2", state=PACKET), folder / "a.toml"), folder / "run"
    ).folder


def after(folder, more="", **changes):
    """The run file of a run that starts from it."""
    return with_state(f'kind = "archive"\nfolder = "{folder}"\n{more}', run_text(**changes))


# --- band by band -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["occupations", "star_occupations"])
def test_a_run_begins_with_the_occupations_of_its_file(tmp_path, kind):
    equation = "wong_tserkovnyak" if kind == "occupations" else "star_projected"
    text = with_state(f'kind = "{kind}"\n{BANDS}').replace(
        'equation = "star_projected"\norder = 2', f'equation = "{equation}"'
    )
    config = parse(text, tmp_path / "run.toml")
    assert dict(row for _, section in check_sections(config) for row in section)["initial state"]
    assert execute.run(config, tmp_path / "run").summary["drift"]["trace"] <= 1e-11
    setup = build(config)
    form = contenders(["wong_tserkovnyak" if kind == "occupations" else "star_projected:2"])[0].form(
        setup.hamiltonian,
        setup.state.wigner_function(setup.hamiltonian),
        np.empty((4, *setup.space.shape)),
        0.0,
    )
    x, k = setup.space.coordinates().values()
    wanted = np.array([0.7 + 0.25 * np.cos(x - k), 0.3 + 0.2 * np.sin(x) * np.cos(k)])
    # ħ³ of star-projectors of order 2; those of order 1 would leave 1.5e-3.
    assert np.max(np.abs(form.columns - wanted)) <= (1e-12 if kind == "occupations" else 3e-4)


def test_it_is_compared_and_stopped_and_resumed(tmp_path):
    text = with_state(f'kind = "occupations"\n{BANDS}').replace(
        'equation = "star_projected"\norder = 2', "dt = 0.01"
    )
    config = parse(text, tmp_path / "run.toml")
    found = compare(config, [0.1, 0.05, 0.025], contenders(["wong_tserkovnyak"]))
    (row,) = [row for row in found.rows if row.quantity == "n_s"]
    assert row.verdict == "holds" and abs(row.slope - 2) <= 0.15
    whole = execute.run(config, tmp_path / "whole")
    assert execute.run(config, tmp_path / "run", progress=SignalAt(1)).outcome.reason == "interrupted"
    execute.resume(tmp_path / "run")
    assert_same_run(tmp_path / "run", whole.folder)


# --- from an archive ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "number"), [("", 2), ("time = 0.5", 1), ('time = "1/2"', 1), ("time = 0", 0)]
)
def test_a_run_begins_with_a_snapshot_of_an_earlier_one(earlier, more, number):
    config = parse(after("run", more), earlier.parent / "b.toml")
    setup = build(config)
    state = setup.state.wigner_function(setup.hamiltonian, t=3.0)
    with open_run(earlier) as run:
        assert np.array_equal(state.data, run["wigner_function"].isel(t_snapshot=number).values)
    assert config.resolved()["state"]["kind"] == "archive"


def test_two_halves_are_the_whole(earlier, tmp_path):
    """The second half from the snapshot in between ends in the same bits."""
    half = execute.run(parse(after(earlier, "time = 0.5", t_end=0.5), tmp_path / "b.toml"), tmp_path / "half")
    assert "snapshot" in " ".join(path.name for path in half.folder.iterdir())
    with open_run(earlier) as one, open_run(tmp_path / "half") as two:
        last = [run["wigner_function"].isel(t_snapshot=-1).values for run in (one, two)]
    assert np.array_equal(*last)


@pytest.mark.parametrize("method", ["strang", "wave_functions"])
def test_it_is_resumed_though_the_earlier_run_is_gone(earlier, tmp_path, method):
    shutil.copytree(earlier, tmp_path / "earlier")
    text = after("earlier", "time = 0.5", method=method, record="checkpoint_seconds = 1e-9")
    if method != "strang":
        text = text.replace("dt = 0.05", "")
    config = parse(text, tmp_path / "b.toml")
    whole = execute.run(config, tmp_path / "whole")
    stopped = execute.run(config, tmp_path / "run", progress=SignalAt(3))
    assert stopped.outcome.reason == "interrupted"
    shutil.rmtree(tmp_path / "earlier")
    with pytest.raises(ConfigError, match=r"b.toml:\d+: state.folder: .*got nothing there"):
        parse(text, tmp_path / "b.toml")
    assert "resume" in dict(dict(info_sections(tmp_path / "run"))["end"])
    execute.resume(tmp_path / "run")
    assert_same_run(tmp_path / "run", whole.folder)
    assert write_report(tmp_path / "run").exists()


def test_without_its_copy_it_is_not_resumed(earlier, tmp_path):
    config = parse(after(earlier, record="checkpoint_seconds = 1e-9"), tmp_path / "b.toml")
    execute.run(config, tmp_path / "run", progress=SignalAt(3))
    (tmp_path / "run" / "initial.h5").unlink()
    with pytest.raises(WignerError, match=r"initial\.h5"):
        execute.resume(tmp_path / "run")


def test_it_is_compared_at_other_values_of_hbar(tmp_path):
    """F is taken as it stands; on a grid that does not depend on ħ."""
    first = parse(TEXT, tmp_path / "a.toml")
    execute.run(first, tmp_path / "a")
    config = parse(with_state('kind = "archive"\nfolder = "a"\ntime = 0'), tmp_path / "b.toml")
    found = compare(config, [0.1, 0.05, 0.025], contenders(["wong_tserkovnyak"]))
    (row,) = [row for row in found.rows if row.quantity == "n_s"]
    assert row.verdict == "holds"


def test_a_run_does_not_replace_the_one_it_starts_from(earlier, tmp_path):
    shutil.copytree(earlier, tmp_path / "earlier")
    config = parse(after("earlier"), tmp_path / "b.toml")
    with pytest.raises(ArchiveError, match="expected another folder than that of the state"):
        execute.run(config, tmp_path / "earlier", force=True)
    execute.run(config, tmp_path / "run")
    execute.run(config, tmp_path / "run", force=True)


def test_it_is_listed_and_its_keys_are_described():
    described = json.loads(schema_json())["$defs"]["ArchiveState"]["properties"]
    assert described.keys() == {"kind", "folder", "time"}
    assert all(described[key]["description"] for key in ("folder", "time"))
    assert {"occupations", "star_occupations", "archive"} <= dict(
        dict(list_sections())["states, [state] kind"]
    ).keys()


# --- mistakes -----------------------------------------------------------------------------------------------

OCCUPATIONS = with_state(f'kind = "occupations"\n{BANDS}')
STAR = with_state(f'kind = "star_occupations"\n{BANDS}')


@pytest.mark.parametrize(
    ("text", "old", "new", "key", "message"),
    [
        (OCCUPATIONS, '"occupations"', '"ocupations"', "state.kind", "did you mean 'occupations'"),
        (
            OCCUPATIONS,
            "parameters",
            "normalise = true\nparameters",
            "state.normalise",
            "expected a known key",
        ),
        (OCCUPATIONS, '["0.7 + a*cos(x - k)", ', '["0.7 + ", ', "state.bands[0]", "expected a formula"),
        (OCCUPATIONS, "0.2*sin(x)", "0.2*sin(y)", "state.bands[1]", "'y' is unknown"),
        (OCCUPATIONS, "0.2*sin(x)", "i*sin(x)", "state.bands[1]", "make it real"),
        (OCCUPATIONS, "0.2*sin(x)", "sigma_x*sin(x)", "state.bands[1]", "multiply by sigma_0"),
        (
            OCCUPATIONS,
            '"0.3 + 0.2*sin(x)*cos(k)"',
            '"sigma_x"',
            "state.bands",
            "expected bands to be real numbers",
        ),
        (OCCUPATIONS, "0.3 + 0.2*sin(x)", "0.3/sin(x)", "state.bands", "expected bands to be finite"),
        (
            OCCUPATIONS,
            ', "0.3 + 0.2*sin(x)*cos(k)"',
            "",
            "state.bands",
            "2 formulas, one for each band, got 1",
        ),
        (
            OCCUPATIONS,
            '["0.7 + a*cos(x - k)", "0.3 + 0.2*sin(x)*cos(k)"]',
            "0.7",
            "state.bands",
            "expected an array",
        ),
        (OCCUPATIONS, "a = 0.25", "pi = 0.25, a = 0.25", "state.parameters.pi", "already has a meaning"),
        (OCCUPATIONS, "a = 0.25", "b = 0.25", "state.bands[0]", "'a' is unknown"),
        (
            STAR,
            "parameters = {a",
            "order = 3\nparameters = {a",
            "state.order",
            "expected a number ≤ 2, got 3",
        ),
        (STAR, ', "0.3 + 0.2*sin(x)*cos(k)"', ', "0", "0"', "state.bands", "got 3"),
    ],
)
def test_one_line_for_each_mistake_of_bands(text, old, new, key, message):
    assert text.count(old) == 1
    ((line, place, said),) = problems(text.replace(old, new))
    assert place == key and message in said, said
    assert text.replace(old, new).splitlines()[line - 1].startswith(key.split(".")[1].partition("[")[0])


@pytest.mark.parametrize("text", [OCCUPATIONS, STAR], ids=["occupations", "star_occupations"])
def test_a_gap_that_closes_is_named_by_its_place(text):
    closed = text.replace("1.6 + 0.3*cos(k) + 0.3*cos(x)", "0").replace("0.6*cos(x) - 0.4*sin(k)", "0")
    ((_, key, said),) = problems(closed)
    assert key == "state" and re.search(r"got (a gap that|one that) closes at x = .*, k = ", said)


@pytest.mark.parametrize(
    ("changes", "key", "message"),
    [
        ({"more": 'folder2 = "x"'}, "state.folder2", "did you mean 'folder'"),
        ({"more": "time = 0.3"}, "state.time", "expected time of a snapshot of"),
        ({"more": 'time = "now"'}, "state.time", "expected a number or a constant formula"),
        ({"points": 32}, "state.folder", "expected folder of a run with 32 points of x"),
        ({"model": "dirac", "potential": "0"}, "state.folder", "expected folder to hold 2 bands, got 1"),
    ],
)
def test_one_line_for_each_mistake_of_an_archive(earlier, changes, key, message):
    text = after(earlier, **changes).replace("\nband = 1", "")
    ((line, place, said),) = problems(text)
    assert (place, line) == (key, line_of(text, f"{key.split('.')[1]} =")) and message in said, said


def test_what_is_no_run(tmp_path):
    for folder, got in (("nowhere", "nothing there"), ("empty", "none; wait"), ("file", "got a file")):
        if folder != "nowhere":
            (tmp_path / "empty").mkdir(exist_ok=True)
            (tmp_path / "file").write_text("x")
        ((_, place, said),) = problems(after(tmp_path / folder))
        assert place == "state.folder" and got in said, said


def test_other_axes_are_told(earlier):
    text = after(earlier).replace("x = { min = -10, max = 10", "x = { min = -10, max = 11")
    ((_, place, said),) = problems(text)
    assert (
        place == "state.folder"
        and "64 points of x from -10 in steps of 0.328125, got 64 points from -10" in said
    )
    text = (
        after(earlier)
        .replace("k = {", "y = { min = -1, max = 1, points = 4 }\nkx = {")
        .replace("points = 64 }\n\n[model]", "points = 64 }\nky = { points = 4 }\n\n[model]")
    )
    ((_, place, said),) = problems(text)
    assert place == "state.folder" and "axes x, y, kx, ky, got x, k" in said

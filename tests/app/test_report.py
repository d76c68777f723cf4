"""The page of a run: a figure for every claim that was measured, and nothing of the user read as markup."""

import re
from fnmatch import fnmatch
from pathlib import Path

import numpy as np
import pytest
from small_run import run_text

import wigner
from wigner.app import execute
from wigner.app.cli import app
from wigner.app.config import parse
from wigner.app.report import write_report
from wigner.errors import ArchiveError
from wigner.records import archive, erase, read_references, write_references
from wigner.views.claim_figure import draw_claim

CLAIMS = (
    ("trace", 'reduce = "drift"\nexpected = 0', 1e-9),
    ("mean_x", 'reference = "wave_function"', 1e-4),
    ("density", 'reference = "wave_function"', 1e-3),
    ("mean_x", "at = 0.5\nexpected = 0.87758256", 1e-3),
    ("mean_x", 'reduce = "maximum"\nexpected = 1', 1e-3),
    ("mean_k", 'reduce = "period"\nexpected = 1', 1e-3),
    ("mean_k", "expected = 5", 1e-3),
)


def claims():
    return "".join(
        f'[[claims]]\nquantity = "{name}"\n{keys}\ntolerance = {tolerance}\nsource = "<b>by hand</b>"\n\n'
        for name, keys, tolerance in CLAIMS
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("report") / "run"
    text = run_text(claims=claims()).replace("a small run", "a <script>small</script> run")
    execute.run(parse(text, "run.toml"), place)
    return place


def test_every_measured_claim_has_its_figure(folder):
    page = write_report(folder).read_text(encoding="utf-8")
    shown = re.findall(r'src="(figures/[^"]+)"', page)
    # The period cannot be fitted to a sixth of an oscillation: told, not drawn.
    expected = [f"figures/claim-{n}.png" for n in (1, 2, 3, 4, 5, 7)]
    assert [name for name in shown if "claim" in name] == expected
    assert all((folder / name).stat().st_size > 2000 for name in shown)
    assert "5 of 7 claims hold" in page and "cannot be judged" in page
    assert {"figures/density.png", "figures/drifts.png"} <= set(shown)
    assert "<script>" not in page and "&lt;script&gt;" in page and "<b>by hand" not in page
    assert "[[claims]]" in page.split("<pre>")[1]


def test_references_are_kept_and_read_back(folder, tmp_path):
    kept = read_references(folder)
    assert sorted(kept) == [1, 2] and kept[1].ndim == 1 and kept[2].ndim == 2
    assert write_references(tmp_path, {0: np.array(1.0)}) is None and read_references(tmp_path) == {}


def test_a_page_is_of_the_run_and_goes_with_it(folder):
    write_report(folder)
    erase(folder)
    assert [path.name for path in folder.rglob("*") if path.is_file()] == [".writer"]
    with pytest.raises(ArchiveError, match="expected recorded series"):
        write_report(folder)


def test_the_command_says_where_the_page_is(tmp_path, capsys):
    execute.run(parse(run_text(), "run.toml"), tmp_path / "run")
    assert app(["report", str(tmp_path / "run")], standalone_mode=False) in (None, 0)
    assert (tmp_path / "run" / "report.html").exists() and "report.html" in capsys.readouterr().out
    (tmp_path / "run" / "summary.json").unlink()
    with pytest.raises(ArchiveError, match="expected a run that has ended"):
        write_report(tmp_path / "run")


@pytest.fixture
def pictures(monkeypatch):
    """What every claim's figure was asked to show."""
    kept = []

    def draw(picture):
        kept.append(picture)
        return draw_claim(picture)

    monkeypatch.setattr("wigner.views.claim_figure.draw_claim", draw)
    return kept


def test_a_gathered_series_is_drawn_up_to_the_number_that_is_judged(tmp_path, pictures):
    kinds = [
        ("change", "until = 0.8"),
        ("change", "since = 0.3"),
        ("winding", "until = 0.6"),
        ("integral", ""),
        ("integral", "since = 0.2\nuntil = 0.9"),
        ("maximum", "since = 0.1"),
    ]
    text = "".join(
        f'[[claims]]\nquantity = "mean_x"\nreduce = "{kind}"\n{window}\nexpected = 1\ntolerance = 1\nsource = "x"\n\n'
        for kind, window in kinds
    )
    execute.run(parse(run_text(claims=text), "run.toml"), tmp_path / "run")
    write_report(tmp_path / "run")
    for (kind, _), picture in zip(kinds, pictures, strict=True):
        assert len(picture.times) == len(picture.measured)
        at = int(np.argmin(np.abs(picture.times - picture.marked)))
        assert picture.measured[at] == pytest.approx(picture.reading, abs=1e-14)
        assert kind == "maximum" or picture.measured[0] == 0.0
    assert [picture.marked for picture in pictures] == pytest.approx([0.8, 1.0, 0.6, 1.0, 0.9, 0.1])
    assert [picture.times[0] for picture in pictures] == pytest.approx([0.0, 0.3, 0.0, 0.0, 0.2, 0.0])


def test_an_oscillation_is_drawn_about_its_line(tmp_path, pictures):
    claims = "".join(
        f'[[claims]]\nquantity = "tilted"\nreduce = "{kind}"\nsince = 0.2\nexpected = 1\ntolerance = 1\nsource = "x"\n\n'
        for kind in ("amplitude", "final")
    )
    text = run_text(claims=claims).replace(
        "[record]", '[record]\nobservables = { tilted = "2*t + sin(40*t)" }', 1
    )
    execute.run(parse(text, "run.toml"), tmp_path / "run")
    write_report(tmp_path / "run")
    fitted, plain = pictures
    assert fitted.line == pytest.approx(2 * fitted.times, abs=1e-6) and plain.line is None
    figure = draw_claim(fitted)
    assert [line.get_label() for line in figure.axes[0].lines][:2] == ["measured", "smooth part"]


def test_a_description_keeps_its_paragraphs_and_what_is_indented(tmp_path):
    description = "One line\nand another.\n\nA second.\n\n    wigner  check <x>\n"
    text = f'description = """\n{description}"""\n{run_text()}'
    execute.run(parse(text, "run.toml"), tmp_path / "run")
    page = write_report(tmp_path / "run").read_text(encoding="utf-8")
    assert "<p>One line and another.</p>" in page and "<p>A second.</p>" in page
    assert "<pre>    wigner  check &lt;x&gt;</pre>" in page


def test_every_figure_that_is_drawn_goes_with_its_run():
    """What `--force` deletes has the names of what is drawn."""
    package = Path(wigner.__file__).parent
    sources = (package / "views" / "plot.py", package / "app" / "compare_report.py")
    drawn = [
        n for path in sources for n in re.findall(r'figures\[f?"([\w{}]+)(?:\.png)?"\]', path.read_text())
    ]
    assert {"phase_space", "spectral_flow", "orders_without", "panels"} <= set(drawn)
    for name in drawn:
        assert any(fnmatch(name, pattern) for pattern in archive._FIGURE_NAMES), name

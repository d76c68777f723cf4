"""`wigner report`: what a run folder holds, drawn and told on one page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..algebra.formula import constant
from ..certify.claims import ENTRIES, SWEPT, Claim, winding
from ..certify.orders import BANDS, OrderRow
from ..certify.oscillation import line_of_oscillation
from ..errors import ArchiveError
from ..records import open_run, read_references
from ..records.files import replacing
from .config import RunConfig, build, parse
from .console import format_pair

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

__all__ = ["write_report"]


def write_report(folder: Path) -> Path:
    """Draw every claim and every picture of a run that has ended, and write ``report.html`` beside them.

    Raises
    ------
    ArchiveError : if the folder holds no run that has ended.
    """
    from ..views.plot import draw_all
    from ..views.report import ClaimEntry, ReportPage, render

    with open_run(folder) as recorded:
        if "summary_json" not in recorded.attrs:
            raise ArchiveError(f"{folder}: expected a run that has ended, got one that has not; resume it")
        summary = json.loads(str(recorded.attrs["summary_json"]))
        text = str(recorded.attrs["config_text"])
        config = parse(text, Path(summary["run_file"]), kept=folder)
        pictures = draw_all(recorded, folder / "figures")
        figures = _claim_figures(config, summary["claims"], recorded, folder)
    swept = [
        path for name in ("orders*.png", "panels.png") for path in sorted((folder / "figures").glob(name))
    ]
    entries = []
    for number, (claim, row) in enumerate(zip(config.claims, summary["claims"], strict=False)):
        place = ""
        if number in figures:
            path = folder / "figures" / f"claim-{number + 1}.png"
            figures[number].savefig(path, dpi=120)
            place = f"figures/{path.name}"
        entries.append(ClaimEntry(note=claim.note, figure=place, **_numbers(row)))
    page = ReportPage(
        title=summary["title"],
        paragraphs=_paragraphs(config.description),
        claims=entries,
        figures=[f"figures/{path.name}" for path in (*pictures, *swept)],
        warnings=summary["warnings"],
        facts=_facts(summary),
        run_file=text,
    )
    target = folder / "report.html"
    with replacing(target) as path:
        path.write_text(render(page), encoding="utf-8")
    return target


def _paragraphs(text: str) -> list[str]:
    """Parts between empty lines, each on one line; what is indented stays as it is."""
    parts = [part.strip("\n") for part in text.split("\n\n") if part.strip()]
    return [part if part.startswith("    ") else " ".join(part.split()) for part in parts]


def _numbers(row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a verdict as texts."""
    measured, expected = (float("nan") if row[key] is None else row[key] for key in ("measured", "expected"))
    told = format_pair(measured, expected, row["tolerance"])
    return {
        "label": row["quantity"],
        "measured": told[0],
        "expected": told[1],
        "difference": f"{abs(measured - expected):.1e}",
        "tolerance": f"{row['tolerance']:.1e}",
        "passed": row["passed"],
        "source": row["source"].rstrip("."),
    }


def _facts(summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    seconds = ", ".join(f"{name} {value:.2f}" for name, value in summary["seconds"].items())
    drifts = ", ".join(f"{name} {value:.1e}" for name, value in summary["drift"].items())
    return [
        ("run file", summary["run_file"]),
        ("equation", summary["equation"]),
        ("method", f"{summary['method']}: {summary['method_reason']}"),
        ("steps", f"{summary['steps']} of {summary['dt']:.6g}, to t = {summary['t']:g}"),
        ("drifts", drifts),
        ("seconds", seconds),
        ("version", f"wigner {summary['wigner_version']}"),
    ]


# --- one figure a claim -------------------------------------------------------------------------------------


def _claim_figures(
    config: RunConfig, rows: list[dict[str, Any]], recorded: xr.Dataset, folder: Path
) -> dict[int, Figure]:
    """The figure of every claim that was measured, by its number."""
    from ..views.claim_figure import draw_claim

    references, numbers = read_references(folder), build(config).numbers
    sweeps = folder / "sweeps.json"
    swept = json.loads(sweeps.read_text(encoding="utf-8")) if sweeps.exists() else {}
    figures: dict[int, Figure] = {}
    for number, (claim, row) in enumerate(zip(config.claims, rows, strict=False)):
        if row["measured"] is None or row["expected"] is None:
            continue
        if claim.quantity in SWEPT:
            figures[number] = _swept_figure(config, claim, row, swept)
            continue
        expected = references.get(number)
        if expected is None:
            given = row["expected"] if claim.expected is None else constant(claim.expected, numbers)
            expected = np.asarray(given)
        figures[number] = draw_claim(_picture(claim, row, recorded, expected))
    return figures


def _picture(claim: Claim, row: Mapping[str, Any], recorded: xr.Dataset, expected: np.ndarray) -> Any:
    from ..views.claim_figure import ClaimPicture

    quantity = recorded[claim.quantity]
    entry = claim.entry(quantity.values)
    energies = quantity.dims == ("t", "level") and quantity.attrs["units"].startswith("energy")
    rung = claim.level if energies and claim.reduce == "final" else None
    ladder = None if rung is None else (quantity.values[-1], rung)
    dims = [str(name) for name in quantity.dims[1:]]
    if entry is not None:
        quantity = quantity.isel({dims.pop(0): entry})
    times, measured = recorded["t"].values, quantity.values
    inside = np.ones(len(times), dtype=bool)
    if not dims:
        inside = _inside(claim, times)
        measured, expected = _towards(claim, times, measured), _towards(claim, times, expected)
    return ClaimPicture(
        label=claim.label,
        times=times[inside],
        measured=measured,
        expected=expected,
        tolerance=row["tolerance"],
        reading=row["measured"],
        wanted=row["expected"],
        marked=None if dims else _read_at(claim, times[inside], measured),
        axes=tuple((name, _place(recorded, name)) for name in dims),
        passed=row["passed"],
        drifts=claim.reduce == "drift",
        ladder=ladder,
        line=_line(claim, times, measured) if claim.reduce in _FITTED and claim.at is None else None,
    )


# Reductions that fit an oscillation.
_FITTED = ("frequency", "period", "amplitude")
# Reductions whose figure is of what becomes the number at the last record of the window.
_GATHERED = ("change", "integral", "winding")


def _inside(claim: Claim, times: np.ndarray) -> np.ndarray:
    """Which records the figure of a series shows: all, or of a gathered one those that are read."""
    if claim.reduce not in _GATHERED or claim.at is not None:
        return np.ones(len(times), dtype=bool)
    return _window(claim, times)


def _window(claim: Claim, times: np.ndarray) -> np.ndarray:
    """Which records a claim reads."""
    first = -np.inf if claim.since is None else claim.since - 1e-9
    last = np.inf if claim.until is None else claim.until + 1e-9
    return (times >= first) & (times <= last)


def _line(claim: Claim, times: np.ndarray, series: np.ndarray) -> np.ndarray:
    """What the fitted oscillation is about, at all records."""
    read = _window(claim, times)
    return np.asarray(line_of_oscillation(times[read], series[read])(times))


def _towards(claim: Claim, times: np.ndarray, series: np.ndarray) -> np.ndarray:
    """A series on its way to the claim's number: its change, integral or winding up to each record; a number as it is."""
    if series.ndim == 0:
        return series
    inside = _inside(claim, times)
    times, series = times[inside], series[inside]
    if claim.at is not None or claim.reduce not in _GATHERED:
        return series
    if claim.reduce == "change":
        return np.asarray(series - series[0])
    if claim.reduce == "winding":
        return winding(series)
    steps = np.diff(times) * (series[1:] + series[:-1]) / 2
    return np.concatenate([[0.0], np.cumsum(steps)])


def _read_at(claim: Claim, times: np.ndarray, series: np.ndarray) -> float | None:
    """Time of the record that is the claim's number, None where it is no record's."""
    if claim.at is not None:
        return claim.at
    read = np.ones(len(times), dtype=bool)
    if claim.since is not None:
        read &= times >= claim.since - 1e-9
    if claim.until is not None:
        read &= times <= claim.until + 1e-9
    times, series = times[read], series[read]
    match claim.reduce:
        case "initial":
            return float(times[0])
        case "final" | "change" | "integral" | "winding":
            return float(times[-1])
        case "maximum":
            return float(times[np.argmax(series)])
        case "minimum":
            return float(times[np.argmin(series)])
    return None


def _place(recorded: xr.Dataset, name: str) -> np.ndarray:
    """Coordinates of a dimension; its count where it has none, or names."""
    values = recorded[name].values
    return np.arange(len(values)) if name in ENTRIES or values.dtype.kind not in "fi" else values


def _swept_figure(
    config: RunConfig, claim: Claim, row: Mapping[str, Any], swept: Mapping[str, Any]
) -> Figure:
    from ..views.claim_figure import draw_coefficient, draw_order

    if claim.quantity == "coefficient":
        terms = swept["audit"][claim.equation]
        found = next(each for each in terms if each["term"] == claim.term)
        hbars = np.sort(np.array(config.audit.hbar if config.audit else ()))[::-1]
        return draw_coefficient(found, hbars, row["expected"], row["tolerance"])
    rows = (row for row in swept["comparison"] if row["equation"] == claim.equation)
    found = next(row for row in rows if OrderRow(**row).is_of(claim.of or BANDS))
    return draw_order(found, row["expected"] if claim.quantity == "order" else None)

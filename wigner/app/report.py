"""`wigner report`: what a run folder holds, drawn and told on one page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..algebra.formula import constant
from ..certify.claims import ENTRIES, SWEPT, Claim
from ..certify.orders import BANDS, OrderRow
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
        config = parse(text, Path(summary["run_file"]))
        pictures = draw_all(recorded, folder / "figures")
        figures = _claim_figures(config, summary["claims"], recorded, folder)
    swept = [folder / "figures" / f"{name}.png" for name in ("orders", "panels")]
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
        description=config.description.strip(),
        claims=entries,
        figures=[f"figures/{path.name}" for path in (*pictures, *swept) if path.exists()],
        warnings=summary["warnings"],
        facts=_facts(summary),
        run_file=text,
    )
    target = folder / "report.html"
    with replacing(target) as path:
        path.write_text(render(page), encoding="utf-8")
    return target


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
    ladder = quantity.values[-1] if claim.level is not None and claim.reduce == "final" else None
    dims = [str(name) for name in quantity.dims[1:]]
    if entry is not None:
        quantity = quantity.isel({dims.pop(0): entry})
    times = recorded["t"].values
    marked = claim.at
    if marked is None and claim.reduce in ("final", "initial"):
        until = times if claim.until is None else times[times <= claim.until + 1e-9]
        marked = float(until[0] if claim.reduce == "initial" else until[-1])
    return ClaimPicture(
        label=claim.label,
        times=times,
        measured=quantity.values,
        expected=expected,
        tolerance=claim.tolerance,
        reading=row["measured"],
        wanted=row["expected"],
        marked=None if dims else marked,
        axes=tuple((name, _place(recorded, name)) for name in dims),
        passed=row["passed"],
        drifts=claim.reduce == "drift",
        ladder=ladder,
    )


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

"""A comparison told and drawn: lines for the terminal, figures, JSON."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from ..certify.orders import BANDS, LEVEL
from ..errors import WignerError
from .compare import Comparison
from .config import RunConfig, build
from .pumped import charge_names
from .sweep import at_value, swept_symbol

__all__ = ["draw", "sections", "write_json"]


def sections(comparison: Comparison) -> list[tuple[str, list[tuple[str, str]]]]:
    """What was found, as titled label–value pairs: an equation a title, a quantity a line."""
    swept = swept_symbol(comparison.parameter)
    small = ", ".join(
        f"{p:.2g} at {swept} = {v:g}" for v, p in zip(comparison.values, comparison.expansion, strict=True)
    )
    out: list[tuple[str, list[tuple[str, str]]]] = [("expansion", [("ħ|∂H||∂P|/gap", small)])]
    for name in dict.fromkeys(row.equation for row in comparison.rows):
        lines = []
        for row in comparison.rows:
            if row.equation != name:
                continue
            errors = " ".join(f"{error:.1e}" for error in row.errors)
            claimed = "" if np.isnan(row.claimed) else f", claimed {row.claimed:g}"
            slope = f"slope {row.slope:.3f} ± {row.uncertainty:.3f}{claimed}: "
            lines.append(
                (row.quantity, f"{slope if np.isfinite(row.slope) else ''}{row.verdict}; errors {errors}")
            )
        if comparison.filtered.get(name):
            lines.append(("filtered", f"{comparison.filtered[name]:.1e} of what moves, in amplitude"))
        out.append((name, lines))
    if comparison.left_out:
        out.append(("left out", list(comparison.left_out.items())))
    return out


def draw(config: RunConfig, comparison: Comparison, folder: Path) -> list[Path]:
    """Draw errors against ħ, without positions of the charge too, and two axes' states beside the exact one; the files made.

    Raises
    ------
    WignerError : if the folder cannot be made.
    """
    from ..views.order_figure import draw_orders, draw_panels

    title = config.title or config.path.stem
    largest = max(comparison.values)
    space = build(at_value(config, comparison.parameter, largest)).space
    whole = [row for row in comparison.rows if "-" not in row.equation]
    parts = [row for row in comparison.rows if "-" in row.equation]
    of_bands = {row.equation for row in whole if row.is_of(BANDS)}
    figures = {}
    if of_bands:
        figures["orders.png"] = draw_orders(whole, BANDS, title)
    # In a crystal without positions the charge is what moves.
    for charge in charge_names(space):
        if any(row.quantity == charge for row in whole):
            figures[f"orders_{charge}.png"] = draw_orders(whole, charge, title)
    of_levels = {row.equation for row in comparison.rows if row.quantity == LEVEL}
    if of_levels:
        figures["orders_level.png"] = draw_orders(comparison.rows, LEVEL, title)
    # Equations of the whole matrix have no variable of their own.
    if {row.equation for row in whole} - of_bands - of_levels:
        figures["orders_F.png"] = draw_orders(whole, "F", title)
    if any(row.is_of(BANDS) for row in parts):
        figures["orders_without.png"] = draw_orders(parts, BANDS, f"{title}: without a term")
    if len(space.axes) == 2 and comparison.fields:
        first, second = space.axes
        extent = (first.start, first.stop, second.start, second.stop)
        told = f"{title}: {swept_symbol(comparison.parameter)} = {largest:g}"
        figures["panels.png"] = draw_panels(comparison.fields, (first.name, second.name), extent, told)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WignerError(
            f"{folder}: expected a folder, got: {error.strerror}; choose another --output"
        ) from None
    for name, figure in figures.items():
        figure.savefig(folder / name, dpi=150)
    return [folder / name for name in figures]


def write_json(path: Path, comparison: Comparison) -> None:
    """Write the rows as a list of objects; what is not a number is null.

    Raises
    ------
    WignerError : if the file cannot be written.
    """
    rows = [
        {k: None if isinstance(v, float) and not np.isfinite(v) else v for k, v in vars(row).items()}
        for row in comparison.rows
    ]
    try:
        path.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise WignerError(
            f"{path}: cannot be written: {error.strerror}; choose another --json file"
        ) from None

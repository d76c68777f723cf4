"""Errors of expanded equations against ħ, and what they look like beside exact dynamics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from ..certify.orders import OrderRow
from .style import COLOURS, INK, LINES, new_figure, strip, styled, swept_name, symbol

__all__ = ["draw_orders", "draw_panels"]

_MARKS = "osD^vP*X"


@styled
def draw_orders(rows: Sequence[OrderRow], quantity: str, title: str) -> Figure:
    """Draw the error of one quantity against what is swept on logarithmic axes, with a triangle of each claimed slope.

    Parameters
    ----------
    rows : of a comparison.
    quantity : which of their quantities; ``bands`` for the variable of each equation.
    """
    chosen = [row for row in rows if row.is_of(quantity)]
    figure = new_figure(8.6, 5.4, title)
    axes = figure.add_subplot()
    axes.set_label("orders")
    drawn: set[float] = set()
    for number, row in enumerate(chosen):
        found = f"slope {row.slope:.2f}" if np.isfinite(row.slope) else row.verdict.split(":")[0]
        axes.plot(
            row.values,
            row.errors,
            color=COLOURS[number % len(COLOURS)],
            linestyle=LINES[number % len(LINES)],
            marker=_MARKS[number % len(_MARKS)],
            label=f"{row.equation}: {found}" + (f", claimed {row.claimed:g}" if row.claimed > 0 else ""),
        )
        if row.claimed > 0 and row.claimed not in drawn:
            drawn.add(row.claimed)
            _triangle(axes, row)
    swept = chosen[0].parameter if chosen else "hbar"
    axes.set(xscale="log", yscale="log", xlabel=swept_name(swept))
    if chosen:
        axes.set_xticks(chosen[0].values, [f"{value:g}" for value in chosen[0].values])
        axes.set_xticks([], minor=True)
    names = ", ".join(dict.fromkeys(row.quantity for row in chosen))
    kind = "energy" if quantity == "level" else "root-mean-square, relative"
    axes.set_ylabel(f"error of {names}, {kind}")
    axes.grid(color="#dddddd", linewidth=0.5)
    axes.set_axisbelow(True)
    strip(axes, "left", "bottom")
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    return figure


def _triangle(axes: Axes, row: OrderRow) -> None:
    """A right triangle under a line, as steep as the row claims."""
    low = min(row.values)
    base = 0.5 * row.errors[int(np.argmin(row.values))]
    wide = low * 1.6
    high = base * 1.6**row.claimed
    axes.plot([low, wide, wide, low], [base, base, high, base], color=INK, linewidth=0.9)
    axes.annotate(
        f"{row.claimed:g}",
        (wide, np.sqrt(base * high)),
        xytext=(4, -4),
        textcoords="offset points",
        fontsize=11,
    )


@styled
def draw_panels(
    fields: Mapping[str, np.ndarray], names: tuple[str, str], extent: tuple[float, ...], title: str
) -> Figure:
    """Draw tr F of exact dynamics and of each equation with common limits, and below how far each is from exact.

    Parameters
    ----------
    fields : tr F by name, ``exact`` first, shape (first axis, second axis).
    names : of the two axes.
    extent : (start, stop) of the first axis, then of the second.
    """
    exact = fields["exact"]
    others = {name: field for name, field in fields.items() if name != "exact"}
    apart = {name: np.abs(field - exact) for name, field in others.items()}
    largest = max((float(a.max()) for a in apart.values()), default=1.0) or 1.0
    limits = {
        "vmin": min(float(f.min()) for f in fields.values()),
        "vmax": max(float(f.max()) for f in fields.values()),
    }
    figure = new_figure(3.0 * len(fields) + 1.0, 6.4, title)
    grid = figure.subplots(2, len(fields), squeeze=False, sharex=True, sharey=True)
    look = {"origin": "lower", "aspect": "auto", "extent": extent}
    below = None
    for column, (name, field) in enumerate(fields.items()):
        above = grid[0][column].imshow(field.T, cmap="viridis", **limits, **look)
        grid[0][column].set_title(name, fontsize=12)
        if name == "exact":
            grid[1][column].set_axis_off()
            continue
        below = grid[1][column].imshow(
            np.maximum(apart[name], 1e-6 * largest).T,
            cmap="magma",
            norm=LogNorm(1e-6 * largest, largest),
            **look,
        )
        grid[1][column].set_xlabel(symbol(names[0]))
    grid[0][0].set_ylabel(symbol(names[1]))
    figure.colorbar(above, ax=list(grid[0]), label="tr F")
    if below is not None:
        figure.colorbar(below, ax=list(grid[1]), label="distance from exact")
    return figure

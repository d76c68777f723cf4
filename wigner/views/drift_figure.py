"""Whether to believe the run: drifts of what is conserved, and weights at the ends of the axes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .fields import config, require_series
from .style import COLOURS, INK, LINES, label, new_figure, strip, styled, symbol

__all__ = ["draw_drifts"]

# Nothing below the rounding of float64 means anything on these axes; edge weights are squares.
_FLOOR = 1e-17
_EDGE_FLOOR = 1e-32
_EDGES = {"edge_weight_": "edge of {}", "conjugate_edge_weight_": "edge of the conjugate of {}"}


@dataclass(frozen=True)
class _Line:
    name: str
    values: np.ndarray
    colour: int
    dash: int


@styled
def draw_drifts(run: xr.Dataset) -> Figure:
    r"""Draw, on logarithmic axes against time, the drifts of the invariants and the edge weights.

    .. math:: |\mathrm{Tr}(t) - \mathrm{Tr}(0)|, \qquad |P(t) - P(0)|/P(0), \qquad |E(t) - E(0)|

    The lower panel holds every edge weight with the guard's threshold; above that line a packet has reached
    the end of an axis, and good invariants no longer prove a good density.

    Parameters
    ----------
    run : a run as `wigner.open_run` gives it.

    Raises
    ------
    MeasurementError : if the run did not record ``trace``, ``purity`` and ``energy`` at two times or more.
    """
    trace, purity, energy = (require_series(run, name).values for name in ("trace", "purity", "energy"))
    invariants = [
        _Line(r"$\vert$trace $-$ trace$_0\vert$", np.abs(trace - trace[0]), 0, 0),
        _Line(
            r"$\vert$purity $-$ purity$_0\vert\,/\,$purity$_0$",
            np.abs(purity - purity[0]) / (abs(purity[0]) or 1.0),
            1,
            1,
        ),
        _Line(r"$\vert E - E_0\vert$", np.abs(energy - energy[0]), 2, 2),
    ]
    edges = _edge_lines(run)
    figure = new_figure(8.6, 6.2 if edges else 3.6, str(run.attrs.get("title", "")))
    grid = figure.add_gridspec(2 if edges else 1, 1, hspace=0.06)
    upper = figure.add_subplot(grid[0])
    upper.set_label("invariants")
    _plot(upper, run, invariants, "drift of the invariants")
    if edges:
        lower = figure.add_subplot(grid[1], sharex=upper)
        lower.set_label("edges")
        threshold = float(config(run)["guards"]["edge_threshold"])
        _plot(lower, run, edges, "weight at the edges", above=threshold, floor=_EDGE_FLOOR)
        lower.axhline(threshold, color=INK, linewidth=0.9, linestyle=(0, (4, 3)))
        lower.annotate(
            f"guard threshold {_power_of_ten(threshold)}",
            (0.0, threshold),
            xycoords=("axes fraction", "data"),
            xytext=(8, 5),
            textcoords="offset points",
            fontsize=11,
        )
        upper.tick_params(labelbottom=False)
    figure.axes[-1].set_xlabel(label(run, "t"))
    return figure


def _power_of_ten(value: float) -> str:
    """``1e-08`` as mathematics."""
    mantissa, exponent = f"{value:.2e}".split("e")
    factor = "" if float(mantissa) == 1 else rf"{float(mantissa):g}\times "
    return f"${factor}10^{{{int(exponent)}}}$"


def _edge_lines(run: xr.Dataset) -> list[_Line]:
    """One colour an axis; solid for its own edge, dashed for that of its conjugate."""
    stored = (str(name).partition("edge_weight_")[2] for name in run.data_vars)
    axes = list(dict.fromkeys(filter(None, stored)))
    return [
        _Line(words.format(symbol(name)), np.abs(run[prefix + name].values), number, dash)
        for dash, (prefix, words) in enumerate(_EDGES.items())
        for number, name in enumerate(axes)
        if prefix + name in run
    ]


def _plot(
    axes: Axes, run: xr.Dataset, lines: list[_Line], text: str, *, above: float = 0.0, floor: float = _FLOOR
) -> None:
    """Plot what is above the floor on a log axis; a line that never rises above it is said to be so in the legend."""
    time = run["t"].values
    shown = [above] if above > 0 else []
    for line in lines:
        positive = np.where(line.values > floor, line.values, np.nan)
        hidden = bool(np.isnan(positive).all())
        if not hidden:
            shown += [float(np.nanmin(positive)), float(np.nanmax(positive))]
        axes.plot(
            time,
            positive,
            color=COLOURS[line.colour],
            linestyle=LINES[line.dash],
            label=f"{line.name}: below {_power_of_ten(floor)}" if hidden else line.name,
        )
    axes.set_yscale("log")
    axes.set(
        ylabel=text,
        ylim=(0.3 * min(shown, default=floor), 10.0 * max(shown, default=1e-15)),
        xlim=(time[0], time[-1]),
    )
    axes.grid(axis="y", color="#dddddd", linewidth=0.5)
    axes.set_axisbelow(True)
    strip(axes, "left", "bottom")
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))

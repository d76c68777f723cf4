"""The look of every figure: type, colours, labels."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

import matplotlib as mpl
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from .fields import units

__all__ = [
    "COLOURS",
    "DENSITY_MAP",
    "INK",
    "LINES",
    "SIGNED_MAP",
    "label",
    "new_figure",
    "strip",
    "styled",
    "swept_name",
    "symbol",
    "with_units",
]

# Okabe and Ito's palette, told apart under every common colour blindness; line styles repeat the distinction.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C8C8C")
LINES = ("-", (0, (6, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)), (0, (9, 3)), (0, (3, 2)), (0, (1, 3)), "-")
INK = "#333333"
SIGNED_MAP = "RdBu_r"
DENSITY_MAP = "Blues"

_STYLE = {
    "font.family": ["STIXGeneral", "DejaVu Sans"],
    "mathtext.fontset": "stix",
    "font.size": 12,
    "axes.titlesize": 13,
    "axes.labelsize": 13,
    "axes.linewidth": 0.7,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "legend.frameon": False,
    "legend.fontsize": 12,
    "lines.linewidth": 1.6,
    "axes.formatter.useoffset": False,
    "savefig.dpi": 150,
}
_P = ParamSpec("_P")


def styled(draw: Callable[_P, Figure]) -> Callable[_P, Figure]:
    """Give a drawing function this style without touching the caller's matplotlib settings."""

    @wraps(draw)
    def drawn(*args: _P.args, **kwargs: _P.kwargs) -> Figure:
        with mpl.rc_context(_STYLE):  # type: ignore[arg-type]
            figure = draw(*args, **kwargs)
            # Ticks are made when first drawn: without this they would take the caller's settings.
            figure.draw_without_rendering()
            return figure

    return drawn


def new_figure(width: float, height: float, title: str) -> Figure:
    """An empty figure on the Agg canvas, inches; `title` is the user's text, never read as mathematics."""
    layout = ConstrainedLayoutEngine(w_pad=0.06, h_pad=0.06, wspace=0.0, hspace=0.0)
    figure = Figure(figsize=(width, height), layout=layout)
    FigureCanvasAgg(figure)
    if title:
        figure.suptitle(title, x=0.015, ha="left", fontsize=15, parse_math=False)
    return figure


def symbol(name: str) -> str:
    """Mathematical symbol of an axis: ``kx`` becomes k with index x."""
    return f"${name[0]}_{{{name[1:]}}}$" if len(name) > 1 else f"${name}$"


def swept_name(name: str) -> str:
    """A number of the run file as it is written by hand: ħ, κ for ``kappa``, other names as they are."""
    if name == "hbar":
        return "ħ"
    try:
        return unicodedata.lookup(f"GREEK SMALL LETTER {name.upper()}")
    except KeyError:
        return name


def with_units(text: str, unit: str) -> str:
    return f"{text} ({unit})" if unit else text


def label(run: xr.Dataset, name: str) -> str:
    """Axis label: symbol and the units stored with the run."""
    return with_units(symbol(name), units(run, name))


def strip(axes: Axes, *keep: str, **ticks: Any) -> None:
    """Leave only the spines named in `keep`; `ticks` goes to `tick_params`."""
    for side, spine in axes.spines.items():
        spine.set_visible(side in keep)
    axes.tick_params(**ticks)

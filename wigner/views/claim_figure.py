"""A claim at a glance: what was measured over what was expected, and how far apart they are beside the tolerance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure

from .style import COLOURS, DENSITY_MAP, INK, LINES, SIGNED_MAP, new_figure, strip, styled, swept_name, symbol

__all__ = ["ClaimPicture", "draw_claim", "draw_coefficient", "draw_order"]

_WIDE, _HIGH = 7.2, 4.6
_FLOOR = 1e-17
_MARKED = 40
# Nothing is said of what lies between so few points.
_FEW = 8
_MAP = 2
_LEVEL = "level"
_NOISE = 1e-6


@dataclass(frozen=True)
class ClaimPicture:
    """What a figure of a claim on a run shows.

    Parameters
    ----------
    label : of the claim.
    times : of the records.
    measured : series (times,) or profile (times, …).
    expected : a number, or as `measured`.
    tolerance : largest deviation that passes; of a profile in units of its largest expected value.
    reading : the number that was judged.
    wanted : the number it was judged against.
    marked : time of the record that is read, None where all of them are.
    axes : name and values of each dimension of a profile.
    passed : the verdict.
    drifts : True where the largest distance from the first record is judged.
    ladder : all levels at the last record and which of them is claimed, of a claim on one energy; else none.
    line : what an oscillation is about (times,), of a claim on its frequency, period or amplitude; else none.
    """

    label: str
    times: np.ndarray
    measured: np.ndarray
    expected: np.ndarray
    tolerance: float
    reading: float
    wanted: float
    marked: float | None
    axes: tuple[tuple[str, np.ndarray], ...]
    passed: bool
    drifts: bool = False
    ladder: tuple[np.ndarray, int] | None = None
    line: np.ndarray | None = None


@styled
def draw_claim(picture: ClaimPicture) -> Figure:
    """Draw a series against time, or a profile at the last time, over what is expected; below, the distance between them.

    Of a drift only the distance from the first record is drawn, of a level its place among the others.
    """
    if picture.ladder is not None:
        return _draw_ladder(picture, *picture.ladder)
    if picture.drifts:
        figure = new_figure(_WIDE, 2.6, "")
        axes = figure.add_subplot()
        apart = np.abs(picture.measured - picture.measured[0])
        _draw_distance(axes, picture.times, apart, picture.tolerance)
        axes.set(xlabel="$t$", ylabel="drift")
        return figure
    # Levels are lines of one picture.
    levels = len(picture.axes) == _MAP and picture.axes[0][0] == _LEVEL
    if picture.measured.ndim > _MAP and not levels:
        return _draw_map(picture)
    if picture.measured.ndim >= _MAP:
        name, place = picture.axes[-1]
        found, wanted = picture.measured[-1].T, picture.expected[-1].T
        scale = float(np.max(np.abs(wanted))) or 1.0
        told = name if name == _LEVEL else symbol(name)
        return _draw_lines(picture, told, place, found, wanted, scale)
    wanted = np.broadcast_to(picture.expected, picture.measured.shape)
    return _draw_lines(picture, "$t$", picture.times, picture.measured, wanted, 1.0)


def _draw_lines(
    picture: ClaimPicture, name: str, place: np.ndarray, found: np.ndarray, wanted: np.ndarray, scale: float
) -> Figure:
    """Both curves, and below, where both are curves, the distance between them over the tolerance."""
    curves = picture.expected.ndim > 0
    direct = curves or np.allclose(picture.wanted, picture.expected)
    figure = new_figure(_WIDE, _HIGH if curves else 3.4, "")
    grid = figure.add_gridspec(2 if curves else 1, 1, height_ratios=[2, 1] if curves else [1], hspace=0.06)
    upper = figure.add_subplot(grid[0])
    several = found.ndim > 1
    apart = several or len(place) <= _FEW
    look: dict[str, Any] = {"linestyle": "" if apart else LINES[0], "markersize": 3 if several else 4}
    marker = "o" if apart or len(place) <= _MARKED else ""
    upper.plot(place, found, color=COLOURS[0], marker=marker, **look)[0].set_label("measured")
    if picture.line is not None:
        upper.plot(place, picture.line, color=INK, linewidth=0.9, linestyle=(0, (4, 3)), label="smooth part")
    if direct and _is_read_directly(picture):
        look = {"linestyle": "" if apart else LINES[1], "markersize": 6 if several else 9}
        marker = "x" if apart else ""
        upper.plot(place, wanted, color=COLOURS[1], marker=marker, **look)[0].set_label("expected")
    colour = COLOURS[2] if picture.passed else COLOURS[1]
    if picture.marked is not None:
        upper.plot(picture.marked, picture.reading, marker="s", color=colour, markersize=8, fillstyle="none")
    upper.set_ylabel(picture.label if len(picture.label) < 28 else "")
    if not curves:
        upper.set_xlabel(name)
    if name == _LEVEL:
        upper.set_xticks(place)
    strip(upper, "left", "bottom")
    upper.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    if curves:
        lower = figure.add_subplot(grid[1], sharex=upper)
        _draw_distance(lower, place, np.abs(found - wanted) / scale, picture.tolerance)
        if picture.marked is not None:
            distance = max(abs(picture.reading - picture.wanted), lower.get_ylim()[0])
            lower.plot(picture.marked, distance, marker="s", color=colour, markersize=8, fillstyle="none")
        lower.set_xlabel(name)
        upper.tick_params(labelbottom=False)
    return figure


def _draw_ladder(picture: ClaimPicture, levels: np.ndarray, claimed: int) -> Figure:
    """Levels as rungs, the one that is claimed in colour, and the expected energy."""
    figure = new_figure(_WIDE, 3.4, "")
    axes = figure.add_subplot()
    for number, level in enumerate(levels):
        colour = COLOURS[0] if number == claimed else "#bbbbbb"
        axes.hlines(level, number - 0.4, number + 0.4, color=colour, linewidth=2.4)
    axes.plot([], [], color=COLOURS[0], label="measured")
    axes.plot([claimed], [picture.wanted], "x", color=COLOURS[1], markersize=9, label="expected")
    axes.set(xlabel="level", ylabel="energy", xticks=range(len(levels)))
    strip(axes, "left", "bottom")
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    return figure


def _is_read_directly(picture: ClaimPicture) -> bool:
    """True where the expected number is one of the measured quantity itself, not its period or drift."""
    return picture.expected.ndim > 0 or picture.marked is not None


def _draw_distance(axes: Axes, place: np.ndarray, apart: np.ndarray, tolerance: float) -> None:
    if apart.ndim > 1:
        apart = apart.max(axis=1)
    axes.plot(place, np.maximum(apart, _FLOOR), color=COLOURS[0])
    axes.axhline(tolerance, color=INK, linewidth=0.9, linestyle=(0, (4, 3)), label="tolerance")
    largest = float(np.max(apart))
    # The curve's upper decades, whether it is near the tolerance or far below.
    low = max(float(np.min(apart)), min(1e-4 * tolerance, 1e-2 * largest), _FLOOR)
    axes.set(yscale="log", ylabel="distance", ylim=(0.3 * low, 5 * max(largest, tolerance)))
    strip(axes, "left", "bottom")
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))


def _draw_map(picture: ClaimPicture) -> Figure:
    """A profile over two axes, summed over any further ones, measured and minus what is expected."""
    found, wanted = picture.measured[-1], picture.expected[-1]
    further = tuple(range(_MAP, found.ndim))
    found, wanted = found.sum(further), wanted.sum(further)
    (first, xs), (second, ys) = picture.axes[:_MAP]
    figure = new_figure(_WIDE + 1.5, 3.6, "")
    left, right = figure.subplots(1, 2, sharey=True)
    apart = found - wanted
    largest = float(np.max(np.abs(apart))) or _FLOOR
    high = float(np.max(np.abs(found)))
    look: dict[str, Any] = {"cmap": DENSITY_MAP}
    if np.min(found) < -_NOISE * high:
        look = {"cmap": SIGNED_MAP, "norm": TwoSlopeNorm(0.0, -high, high)}
    shown = left.pcolormesh(xs, ys, found.T, shading="nearest", **look)
    figure.colorbar(shown, ax=left, label="measured")
    norm = TwoSlopeNorm(0.0, -largest, largest)
    shown = right.pcolormesh(xs, ys, apart.T, cmap=SIGNED_MAP, norm=norm, shading="nearest")
    figure.colorbar(shown, ax=right, label="measured − expected")
    left.set(xlabel=symbol(first), ylabel=symbol(second))
    right.set(xlabel=symbol(first))
    return figure


@styled
def draw_order(row: Mapping[str, Any], expected: float | None) -> Figure:
    """Draw the errors of one equation against what was swept, the line fitted to the smallest three, and the claimed slope.

    Parameters
    ----------
    row : of a comparison, as ``sweeps.json`` keeps it.
    expected : the claimed slope; None draws none.
    """
    values, errors = np.array(row["values"]), np.array(row["errors"])
    figure = new_figure(_WIDE, 3.8, "")
    axes = figure.add_subplot()
    axes.plot(values, errors, "o", color=COLOURS[0], label=f"error of {row['quantity']}")
    smallest = np.argsort(values)[:3]
    span = np.array([values.min(), values.max()])
    centre = np.exp(np.mean(np.log(values[smallest]))), np.exp(np.mean(np.log(errors[smallest])))
    if row["slope"] is not None:
        told = f"slope {row['slope']:.3f} ± {row['uncertainty']:.1g}"
        axes.plot(span, centre[1] * (span / centre[0]) ** row["slope"], color=COLOURS[0], label=told)
    if expected is not None:
        claimed = centre[1] * (span / centre[0]) ** expected
        axes.plot(span, claimed, color=COLOURS[1], linestyle=LINES[1], label=f"claimed slope {expected:g}")
    kind = "error, energy" if row["quantity"] == "level" else "relative error"
    name = swept_name(row["parameter"])
    axes.set(xscale="log", yscale="log", xlabel=name, ylabel=kind)
    axes.set_xticks(values, [f"{value:g}" for value in values])
    axes.set_xticks([], minor=True)
    axes.grid(color="#dddddd", linewidth=0.5)
    strip(axes, "left", "bottom")
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    return figure


@styled
def draw_coefficient(row: Mapping[str, Any], hbars: np.ndarray, expected: float, tolerance: float) -> Figure:
    """Draw the coefficient that exact dynamics asks for at each ħ (falling), carried to ħ → 0, beside the claimed one."""
    figure = new_figure(_WIDE, 3.6, "")
    axes = figure.add_subplot()
    axes.plot(hbars, row["values"], "o", color=COLOURS[0], label="fitted at each ħ")
    axes.errorbar(
        [0.0], [row["coefficient"]], [row["uncertainty"]], fmt="s", color=COLOURS[2], capsize=4, label="ħ → 0"
    )
    axes.axhline(expected, color=COLOURS[1], linestyle=LINES[1], label=f"claimed {expected:g}")
    axes.axhspan(expected - tolerance, expected + tolerance, color=COLOURS[1], alpha=0.12, linewidth=0)
    axes.set(
        xlabel="ħ", ylabel=f"coefficient of {row['term']}", xlim=(-0.05 * hbars.max(), 1.05 * hbars.max())
    )
    strip(axes, "left", "bottom")
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    return figure

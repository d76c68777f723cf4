"""Signed Wigner functions with their marginals: one time, or first and last beside each other."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import CenteredNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec, SubplotSpec
from matplotlib.image import AxesImage

from .fields import density_units, hbar, is_position, marginal, matrix_panels, planes, require, support
from .style import COLOURS, DENSITY_MAP, INK, SIGNED_MAP, label, new_figure, strip, styled, symbol, with_units

__all__ = ["draw_before_after", "draw_phase_space"]


@dataclass(frozen=True)
class _Map:
    """A field on a plane of two axes, its two marginals, and the words for its colour bar."""

    field: xr.DataArray
    top: xr.DataArray
    right: xr.DataArray
    meaning: str
    panels: dict[str, xr.DataArray]

    @property
    def signed(self) -> bool:
        """False for a plane of positions, where the field is a density."""
        return not all(is_position(str(name)) for name in self.field.dims)

    @property
    def peak(self) -> float:
        return max(float(abs(field).max()) for field in (self.field, *self.panels.values())) or 1.0


def _maps(run: xr.Dataset, t_index: int) -> list[_Map]:
    require(run, "wigner_function")
    maps = []
    for plane in planes(run):
        field, panels = matrix_panels(run, t_index, plane)
        top, right = (_density(run, field, name) for name in plane)
        density = all(map(is_position, plane))
        maps.append(_Map(field, top, right, _meaning(run, plane), {} if density else panels))
    return maps


def _meaning(run: xr.Dataset, plane: tuple[str, str]) -> str:
    """Words for the colour bar: what was integrated out, and the units."""
    if all(map(is_position, plane)):
        text = rf"density $\rho$({symbol(plane[0])}, {symbol(plane[1])})"
        return with_units(text, density_units(run, plane))
    over = [str(name) for name in run["wigner_function"].dims[2:] if name not in plane]
    if not over:
        return "tr F (occupation)"
    measure = "".join(rf"\,\mathrm{{d}}{symbol(name)[1:-1]}" for name in over)
    power = sum(not is_position(name) for name in over)
    weight = "" if power == 0 else r"/2\pi\hbar" if power == 1 else rf"/(2\pi\hbar)^{power}"
    return rf"$\int\,\mathrm{{tr}}\,\mathrm{{F}}{measure}{weight}$ (occupation)"


def _norm(*maps: _Map) -> Normalize:
    """Symmetric about a neutral zero for signed fields, from zero for densities; the same for all `maps`."""
    peak = max(entry.peak for entry in maps)
    return CenteredNorm(0.0, halfrange=peak) if maps[0].signed else Normalize(0.0, peak)


def _paint(axes: Axes, field: xr.DataArray, norm: Normalize, *, signed: bool) -> AxesImage:
    """Colour the plane by the field; the first dimension runs to the right.

    Linear between samples: smoother kernels overshoot at steps and would paint values F does not have.
    """
    ends = []
    for name in field.dims:
        values = field[name].values
        half = 0.5 * (values[1] - values[0])
        ends += [float(values[0] - half), float(values[-1] + half)]
    return axes.imshow(
        field.values.T,
        origin="lower",
        extent=(ends[0], ends[1], ends[2], ends[3]),
        aspect="auto",
        interpolation="bilinear",
        norm=norm,
        cmap=SIGNED_MAP if signed else DENSITY_MAP,
    )


def _joint(
    figure: Figure,
    grid: GridSpec,
    corner: tuple[int, int],
    run: xr.Dataset,
    shown: _Map,
    *,
    like: tuple[_Map, ...],
    bar: bool = True,
) -> None:
    """Draw a map, its marginals on top and at the right, a colour bar; on the scales common to `like`.

    It fills the cells of `grid` from `corner` (row, column): two rows; three columns with a bar, else two.
    """
    row, column = corner
    across, up = map(str, shown.field.dims)
    limits = support(*(field for entry in like for field in (entry.field, *entry.panels.values())))
    main = figure.add_subplot(grid[row + 1, column])
    main.set_label("map")
    image = _paint(main, shown.field, _norm(*like), signed=shown.signed)
    main.set(xlabel=label(run, across), ylabel=label(run, up), xlim=limits[across], ylim=limits[up])

    top = figure.add_subplot(grid[row, column], sharex=main)
    top.set_label("top")
    top.fill_between(shown.top[across], shown.top, color=COLOURS[0], alpha=0.2, linewidth=0)
    top.plot(shown.top[across], shown.top, color=COLOURS[0], linewidth=1.3)
    top.set(ylim=_room([entry.top for entry in like]))
    told = _marginal_label(run, across)
    # One of two lines is longer than the panel is high.
    top.set_ylabel(told, fontsize=8.5 if "\n" in told else 11)
    strip(top, "bottom", "left", labelbottom=False, length=0, labelsize=9)
    top.locator_params(axis="y", nbins=3)

    right = figure.add_subplot(grid[row + 1, column + 1], sharey=main)
    right.set_label("right")
    right.fill_betweenx(shown.right[up], shown.right, color=COLOURS[0], alpha=0.2, linewidth=0)
    right.plot(shown.right, shown.right[up], color=COLOURS[0], linewidth=1.3)
    right.set(xlim=_room([entry.right for entry in like]))
    right.set_xlabel(_marginal_label(run, up), fontsize=11)
    strip(right, "bottom", "left", labelleft=False, length=0, labelsize=9)
    right.locator_params(axis="x", nbins=2)

    if bar:
        bar_axes = figure.add_subplot(grid[row + 1, column + 2])
        bar_axes.set_label("bar")
        colours = figure.colorbar(image, cax=bar_axes, label=shown.meaning)
        colours.outline.set_visible(False)
        if shown.signed:
            bar_axes.axhline(0.0, color=INK, linewidth=0.7)


def _room(marginals: list[xr.DataArray]) -> tuple[float, float]:
    """Axis range for marginals: from zero, or from the lowest value where one is negative."""
    lowest = min(float(values.min()) for values in marginals)
    highest = max(float(values.max()) for values in marginals)
    return min(0.0, 1.05 * lowest), 1.08 * highest if highest > 0 else 1.0


def _density(run: xr.Dataset, field: xr.DataArray, name: str) -> xr.DataArray:
    """The marginal as a density: ∫ρ dx and ∫n dk both count particles, as in the recorded quantities."""
    values = marginal(field, (name,), hbar=hbar(run))
    return values if is_position(name) else values / (2 * np.pi * hbar(run))


def _marginal_label(run: xr.Dataset, name: str) -> str:
    letter = r"$\rho$" if is_position(name) else "$n$"
    units, axes = density_units(run, (name,)), run["wigner_function"].dims[2:]
    if units and not any(is_position(str(axis)) for axis in axes):
        # Nothing is integrated over positions: it is the number of particles in a unit of volume.
        units += "/length" + {1: "", 2: "²", 3: "³"}[len(axes)]
        # On a line of its own: long, and the panel is narrow.
        return f"{letter}({symbol(name)})\n({units})"
    return with_units(f"{letter}({symbol(name)})", units)


def _time(run: xr.Dataset, t_index: int) -> str:
    return f"t = {float(run['t_snapshot'][t_index]):.4g}"


@styled
def draw_phase_space(run: xr.Dataset, t_index: int = -1) -> Figure:
    """Draw tr F of one snapshot, signed, with the density on top and the momentum density at the right.

    Zero is exactly the neutral colour and the limits are symmetric: blue is negative, which only a quantum
    state can be. With several bands a row below shows the diagonal components and |F_01| on the same scale.
    In two space dimensions the map is the marginal on the first position and its momentum; beside it stands
    the density in the plane.

    Parameters
    ----------
    run : a run as `wigner.open_run` gives it.
    t_index : index of the snapshot; −1 is the last.

    Raises
    ------
    MeasurementError : if the run holds no snapshot.
    """
    maps = _maps(run, t_index)
    panels = maps[0].panels
    title = "  ·  ".join(filter(None, (str(run.attrs.get("title", "")), _time(run, t_index))))
    figure = new_figure(7.4 if len(maps) == 1 else 13.0, 8.9 if panels else 6.0, title)
    heights = [1.1, 5.0, 2.6] if panels else [1.2, 5.0]
    grid = figure.add_gridspec(
        len(heights), 3 * len(maps), height_ratios=heights, width_ratios=[5.0, 1.0, 0.16] * len(maps)
    )
    for number, shown in enumerate(maps):
        _joint(figure, grid, (0, 3 * number), run, shown, like=(shown,))
    if panels:
        _panel_row(figure, grid[2, :], run, maps[0])
    return figure


def _panel_row(figure: Figure, slot: SubplotSpec, run: xr.Dataset, shown: _Map) -> None:
    """The components of F side by side, on the scale and the ranges of the map above."""
    grid = slot.subgridspec(1, len(shown.panels), wspace=0.04)
    across, up = map(str, shown.field.dims)
    limits = support(shown.field, *shown.panels.values())
    for column, (name, field) in enumerate(shown.panels.items()):
        axes = figure.add_subplot(grid[column])
        axes.set_label(name)
        _paint(axes, field, _norm(shown), signed=True)
        axes.set(title=name, xlabel=label(run, across), xlim=limits[across], ylim=limits[up])
        axes.locator_params(nbins=5)
        if column == 0:
            axes.set_ylabel(label(run, up))
        else:
            axes.tick_params(labelleft=False)


@styled
def draw_before_after(run: xr.Dataset) -> Figure:
    """Draw the first and the last snapshot side by side with common ranges, colours and marginal scales.

    Parameters
    ----------
    run : a run as `wigner.open_run` gives it.

    Raises
    ------
    MeasurementError : if the run holds no snapshot.
    """
    first, last = _maps(run, 0), _maps(run, -1)
    figure = new_figure(12.0, 5.6 * len(first), str(run.attrs.get("title", "")))
    grid = figure.add_gridspec(
        2 * len(first), 5, height_ratios=[1.2, 5.0] * len(first), width_ratios=(5.0, 1.0, 5.0, 1.0, 0.16)
    )
    for number, pair in enumerate(zip(first, last, strict=True)):
        traces = tuple(replace(entry, panels={}) for entry in pair)
        _joint(figure, grid, (2 * number, 0), run, traces[0], like=traces, bar=False)
        _joint(figure, grid, (2 * number, 2), run, traces[1], like=traces)
    tops = [axes for axes in figure.axes if axes.get_label() == "top"]
    for axes, t_index in zip(tops[:2], (0, -1), strict=True):
        axes.set_title(_time(run, t_index))
    return figure

"""Electrons, holes and their difference against time, one panel a region."""

from __future__ import annotations

import xarray as xr
from matplotlib.figure import Figure

from ..errors import MeasurementError
from .fields import require_series
from .style import COLOURS, LINES, label, new_figure, strip, styled

__all__ = ["draw_flow", "flow_regions"]

_KINDS = ("electrons", "holes", "excess")


def flow_regions(run: xr.Dataset) -> list[str]:
    """Names of the regions of a spectral flow that the run recorded, in its order."""
    names = [str(name) for name in run.data_vars]
    found = [name.removeprefix("excess_") for name in names if name.startswith("excess_")]
    return [region for region in found if {f"{kind}_{region}" for kind in _KINDS} <= set(names)]


@styled
def draw_flow(run: xr.Dataset) -> Figure:
    """Draw occupied states above the energy, empty ones below it, and their difference, since the first record.

    Parameters
    ----------
    run : a run as `wigner.open_run` gives it.

    Raises
    ------
    MeasurementError : if the run recorded no spectral flow, or at one time only.
    """
    regions = flow_regions(run)
    if not regions:
        raise MeasurementError("expected a run with a spectral flow, got none; add [record.spectral_flow]")
    figure = new_figure(3.6 * len(regions) + 1.6, 3.8, str(run.attrs.get("title", "")))
    grid = figure.add_gridspec(1, len(regions), wspace=0.06)
    panels = [figure.add_subplot(grid[0, 0])]
    panels += [figure.add_subplot(grid[0, n], sharey=panels[0]) for n in range(1, len(regions))]
    for axes, region in zip(panels, regions, strict=True):
        for number, kind in enumerate(_KINDS):
            series = require_series(run, f"{kind}_{region}")
            axes.plot(
                series["t"].values,
                series.values - series.values[0],
                color=COLOURS[number],
                linestyle=LINES[number],
                label=kind,
            )
        axes.axhline(0.0, color="#dddddd", linewidth=0.7, zorder=0)
        axes.set_label(region)
        axes.set_title(region, loc="left", parse_math=False)
        axes.set_xlabel(label(run, "t"))
        strip(axes, "left", "bottom")
        if axes is not panels[0]:
            axes.tick_params(labelleft=False)
    panels[0].set_ylabel("change since the first record")
    panels[-1].legend(loc="upper left", bbox_to_anchor=(1.01, 1.0))
    return figure

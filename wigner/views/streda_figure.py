"""What a field binds, beside the Berry curvature and the Hall charge of a pulse: three numbers and their shares by band."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from ..errors import MeasurementError
from ..models import UniformFields
from .fields import config, hbar
from .style import COLOURS, new_figure, strip, styled

__all__ = ["draw_streda", "streda_regions"]

_MARKERS = "soDv^<>ph"


def streda_regions(run: xr.Dataset) -> list[str]:
    """What stands behind ``streda`` in the names of the quantities that the run recorded, region by region, in its order."""
    head = "streda_local"
    return [str(name).removeprefix(head) for name in run.data_vars if str(name).startswith(head)]


@styled
def draw_streda(run: xr.Dataset) -> Figure:
    r"""Draw the response to a field at the first record, region by region, in particles for a quantum of flux 2πħ.

    .. math:: 2πħ \frac{ρ − ρ_0}{b}, \qquad −2πħ^2 ∫ w \, Ω_{xy}, \qquad −2πħ \frac{∫ j_y \, dt}{∫ f_x \, dt}

    and the shares of local and of star-projected bands in the first. The third needs ``[record.hall]`` with the same region
    and a force along kx that has an impulse.

    Parameters
    ----------
    run : a run as `wigner.open_run` gives it.

    Raises
    ------
    MeasurementError : if the run recorded no such response.
    """
    regions = streda_regions(run)
    if not regions:
        raise MeasurementError("expected a run with a Středa response, got none; add [record.streda]")
    quantum = 2 * np.pi * hbar(run)
    rows = [_numbers(run, region) for region in regions]
    labels = list(dict.fromkeys(label for row in rows for label in row))
    figure = new_figure(max(1.1 * len(regions), 4.0) + 3.0, 4.2, str(run.attrs.get("title", "")))
    axes = figure.add_subplot()
    for number, label in enumerate(labels):
        there = [(place, row[label]) for place, row in enumerate(rows) if label in row]
        places, values = np.array(there).T
        shifted = places + 0.7 * ((number + 0.5) / len(labels) - 0.5)
        marker, colour = _MARKERS[number % len(_MARKERS)], COLOURS[number % len(COLOURS)]
        axes.plot(shifted, quantum * values, marker, color=colour, markersize=7, label=label)
    axes.yaxis.set_major_locator(MultipleLocator(0.5))
    axes.grid(axis="y", color="#dddddd", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.set_xticks(range(len(regions)), [region.removeprefix("_") or "all" for region in regions])
    axes.set(xlim=(-0.5, len(regions) - 0.5), ylabel="particles for a quantum of flux")
    strip(axes, "left", "bottom")
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    return figure


def _numbers(run: xr.Dataset, region: str) -> dict[str, float]:
    """Responses of one region by what they are called in the figure."""
    numbers = {
        "bound density": float(run[f"streda{region}"][0]),
        "Berry curvature": float(run[f"streda_curvature{region}"][0]),
    }
    charge = _hall_charge(run, region)
    if charge is not None:
        numbers["Hall charge, reversed"] = -charge
    for band, share in enumerate(run[f"streda_local{region}"].values[0]):
        numbers[f"local band {band}"] = float(share)
    for part in ("below", "above"):
        numbers[f"star-projected, {part}"] = float(run[f"streda_{part}{region}"][0])
    return numbers


def _hall_charge(run: xr.Dataset, region: str) -> float | None:
    """∫j_y dt/∫f_x dt, None where it was not recorded for the same region or no impulse acts along kx."""
    stored, name = config(run), f"hall_ky{region}"
    weights = [
        (stored["record"].get(table) or {}).get("regions", {}).get(region.removeprefix("_"))
        for table in ("streda", "hall")
    ]
    table = stored.get("fields")
    if name not in run or weights[0] != weights[1] or not table or not table["force"]:
        return None
    fields = UniformFields.parse(force=table["force"], parameters=table["parameters"])
    t = run["t"].values
    impulse = float(fields.impulse(t[0], t[-1] - t[0])[0])
    largest = float(np.max(np.abs([fields.force[0](t=time)[0, 0] for time in t])))
    if abs(impulse) <= 1e-9 * largest * (t[-1] - t[0]):
        return None
    return float(np.trapezoid(run[name].values, t)) / impulse

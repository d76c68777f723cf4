"""The figure of a spectral flow: one panel a region, three lines each, from zero."""

import numpy as np
import pytest
import xarray as xr

from wigner.errors import MeasurementError
from wigner.views.flow_figure import draw_flow, flow_regions


def flow_run(regions=("left", "right"), records=5):
    t = np.linspace(0, 2, records)
    data = {}
    for number, region in enumerate(regions):
        data[f"electrons_{region}"] = ("t", 3.0 + (1 + number) * t)
        data[f"holes_{region}"] = ("t", 0.5 * t)
        data[f"excess_{region}"] = ("t", 3.0 + (0.5 + number) * t)
    return xr.Dataset(data, coords={"t": ("t", t, {"units": "ħ/energy"})}, attrs={"title": "Flow"})


def test_lines_are_changes_since_the_first_record():
    figure = draw_flow(flow_run())
    assert [axes.get_label() for axes in figure.axes] == ["left", "right"]
    for number, axes in enumerate(figure.axes):
        lines = {line.get_label(): line.get_ydata() for line in axes.lines if len(line.get_xdata()) == 5}
        assert {name: round(float(values[-1]), 12) for name, values in lines.items()} == {
            "electrons": 2.0 * (1 + number),
            "holes": 1.0,
            "excess": 2.0 * (0.5 + number),
        }
        assert all(values[0] == 0 for values in lines.values())


def test_regions_are_those_with_all_three():
    run = flow_run().drop_vars("holes_left")
    assert flow_regions(run) == ["right"]


def test_nothing_to_draw_is_refused():
    with pytest.raises(MeasurementError, match=r"add \[record.spectral_flow\]"):
        draw_flow(flow_run(()))
    with pytest.raises(MeasurementError, match="at least two records"):
        draw_flow(flow_run(records=1))

"""The figure of a Středa response: every number in its region, in particles for a quantum, the Hall charge reversed."""

import json

import numpy as np
import pytest
import xarray as xr

from wigner.errors import MeasurementError
from wigner.views.streda_figure import draw_streda, streda_regions

HBAR = 0.5
QUANTUM = 2 * np.pi * HBAR


def streda_run(force=("0.3*exp(-t**2)/sqrt(pi)", 0), hall="1", regions=("_a", "_b")):
    """Of region number n the density is −1 − n a quantum, the curvature −1.1 − n, the Hall charge 2 + n an impulse."""
    t = np.linspace(-6, 6, 61)
    data = {}
    for n, region in enumerate(regions):
        for part, value in (("", -1 - n), ("_curvature", -1.1 - n), ("_below", -0.7 - n), ("_above", -0.3)):
            data[f"streda{part}{region}"] = ("t", np.full(61, value / QUANTUM))
        data[f"streda_local{region}"] = (("t", "band"), np.tile([-0.6 - n, -0.4], (61, 1)) / QUANTUM)
        data[f"hall_ky{region}"] = ("t", 0.3 * np.exp(-(t**2)) / np.sqrt(np.pi) * (2 + n) / QUANTUM)
    stored = {
        "space": {"hbar": HBAR},
        "record": {
            "streda": {"regions": {region[1:]: "1" for region in regions}},
            "hall": {"regions": {region[1:]: hall for region in regions}},
        },
        "fields": {"force": force, "parameters": {}} if force else None,
    }
    return xr.Dataset(data, coords={"t": t}, attrs={"title": "Bound", "config_json": json.dumps(stored)})


def numbers(figure):
    return {line.get_label(): line.get_ydata() for line in figure.axes[0].lines}


def test_every_number_of_every_region():
    run = streda_run()
    assert streda_regions(run) == ["_a", "_b"]
    figure = draw_streda(run)
    found = numbers(figure)
    expected = {
        "bound density": [-1, -2],
        "Berry curvature": [-1.1, -2.1],
        "Hall charge, reversed": [-2, -3],
        "local band 0": [-0.6, -1.6],
        "local band 1": [-0.4, -0.4],
        "star-projected, below": [-0.7, -1.7],
        "star-projected, above": [-0.3, -0.3],
    }
    assert found.keys() == expected.keys()
    for label, values in expected.items():
        assert np.allclose(found[label], values, atol=1e-9)
    assert [text.get_text() for text in figure.axes[0].get_xticklabels()] == ["a", "b"]


def test_each_stands_over_its_region():
    for line in draw_streda(streda_run()).axes[0].lines:
        assert np.array_equal(np.rint(line.get_xdata()), [0, 1])


@pytest.mark.parametrize(
    "run",
    [
        streda_run().drop_vars(["hall_ky_a", "hall_ky_b"]),
        streda_run(hall="2"),
        streda_run(force=None),
        streda_run(force=()),
        streda_run(force=("sin(t)", 0)),
        streda_run(force=(0, 1)),
    ],
)
def test_no_hall_charge_without_its_impulse_or_of_another_region(run):
    assert "Hall charge, reversed" not in numbers(draw_streda(run))


def test_a_response_of_the_whole_zone():
    figure = draw_streda(streda_run(regions=("",)))
    assert [text.get_text() for text in figure.axes[0].get_xticklabels()] == ["all"]
    assert np.allclose(numbers(figure)["Hall charge, reversed"], [-2])


def test_nothing_to_draw_is_refused():
    with pytest.raises(MeasurementError, match=r"add \[record.streda\]"):
        draw_streda(streda_run(regions=()))

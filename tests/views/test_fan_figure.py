"""The fan: a circle a level and a momentum with its filling, electrons per area below; rungs without a momentum."""

import numpy as np
import pytest
import xarray as xr

from wigner.errors import MeasurementError
from wigner.views.fan_figure import draw_fan

T = np.array([0.0, 1.0, 2.0])
KZ = np.linspace(-1, 1, 7)


def run(along=True, records=3):
    """Levels 1 + kz and 2 − kz; the upper one fills in time."""
    dims, kz = (("t", "level", "kz"), KZ) if along else (("t", "level"), np.array(0.0))
    shape = (3, 2, *kz.shape)
    energies = np.broadcast_to(np.array([1 + kz, 2 - kz]), shape)
    filling = np.stack([np.ones((3, *kz.shape)), (T / 2).reshape(3, *[1] * kz.ndim) + 0 * kz], axis=1)
    data = {
        "landau_level": (dims, energies),
        "landau_degeneracy": (dims, np.full(shape, 0.3)),
        "landau_filling": (dims, filling),
        "landau_density": (("t", *dims[2:]), 0.3 * filling.sum(axis=1)),
    }
    coords = {"t": ("t", T, {"units": "ħ/energy"})} | (
        {"kz": ("kz", KZ, {"units": "ħ/length"})} if along else {}
    )
    return xr.Dataset(data, coords=coords, attrs={"title": "Fan"}).isel(t=slice(records))


def test_circles_are_levels_with_their_filling():
    figure = draw_fan(run())
    panels = {axes.get_label(): axes for axes in figure.axes}
    for name, share in (("first", 0.0), ("last", 1.0)):
        lower, upper = panels[f"levels {name}"].collections
        assert np.allclose(lower.get_offsets(), np.stack([KZ, 1 + KZ], axis=1))
        assert np.allclose(upper.get_offsets(), np.stack([KZ, 2 - KZ], axis=1))
        assert np.allclose(lower.get_array(), 1) and np.allclose(upper.get_array(), share)
        (density,) = panels[f"density {name}"].lines
        assert np.allclose(density.get_ydata(), 0.3 * (1 + share))


def test_a_flat_density_does_not_show_its_rounding():
    flat = run().isel(t=[0, 0, 0])
    noisy = flat.assign(landau_density=flat["landau_density"] * (1 + 1e-14 * np.arange(7)))
    panels = {axes.get_label(): axes for axes in draw_fan(noisy).axes}
    assert panels["density first"].get_ylim() == pytest.approx((0, 0.36))


def test_rungs_are_as_long_as_their_states():
    figure = draw_fan(run(along=False))
    states, occupied = figure.axes[1].collections
    assert np.allclose([path[:, 0] for path in states.get_segments()], [[0, 0.3]] * 2)
    assert np.allclose([path[0, 1] for path in states.get_segments()], [1, 2])
    first = figure.axes[0].collections[1]
    assert np.allclose([path[:, 0] for path in first.get_segments()], [[0, 0.3], [0, 0]])
    assert np.allclose([path[:, 0] for path in occupied.get_segments()], [[0, 0.3]] * 2)


def test_one_record_is_too_few():
    with pytest.raises(MeasurementError, match="at least two records of 'landau_level'"):
        draw_fan(run(records=1))

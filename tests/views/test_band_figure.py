import numpy as np
import pytest
import xarray as xr

from wigner.errors import MeasurementError
from wigner.views.plot import draw_band_densities


def with_band_density(run: xr.Dataset, positions: tuple[str, ...]) -> xr.Dataset:
    """Give a run the densities of two bands, three quarters and one quarter of its own."""
    density = run["density"].values
    shares = np.stack([0.75 * density, 0.25 * density], axis=1)
    return run.assign(band_density=(("t", "band", *positions), shares))


def test_lines_are_the_first_and_the_last_record_on_one_scale(two_band_run: xr.Dataset) -> None:
    run = with_band_density(two_band_run, ("x",))
    first, last = draw_band_densities(run).axes
    for axes, record in ((first, 0), (last, -1)):
        for band, line in enumerate(axes.lines):
            np.testing.assert_array_equal(line.get_ydata(), run["band_density"][record, band])
            assert line.get_label() == f"band {band}"
    assert first.get_ylim() == last.get_ylim()
    assert first.get_title() == "t = 0"
    assert first.get_legend() is not None and last.get_legend() is None


def test_a_plane_has_a_row_a_direction(plane_run: xr.Dataset) -> None:
    run = with_band_density(plane_run, ("x", "y"))
    axes = {a.get_label(): a for a in draw_band_densities(run).axes}
    assert list(axes) == ["bands x first", "bands x last", "bands y first", "bands y last"]
    step = float(run["x"][1] - run["x"][0])
    expected = run["band_density"][0, 1].sum("x") * step
    np.testing.assert_allclose(axes["bands y first"].lines[1].get_ydata(), expected, rtol=1e-13)


def test_band_densities_must_have_been_recorded(two_band_run: xr.Dataset) -> None:
    with pytest.raises(MeasurementError, match="'band_density'"):
        draw_band_densities(two_band_run)

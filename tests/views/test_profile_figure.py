import json

import numpy as np
import xarray as xr

from wigner.views.plot import draw_all
from wigner.views.profile_figure import draw_profiles, profile_names


def with_profiles(run: xr.Dataset, positions: tuple[str, ...]) -> xr.Dataset:
    """Give a run two profiles made of its density, one of them negative, and the run file that asked for them."""
    stored = json.loads(run.attrs["config_json"]) | {
        "record": {"profiles": {"spin": "sigma_z", "coherence": "sigma_x/2"}}
    }
    density = run["density"].values
    more = {"spin": (("t", *positions), -0.5 * density), "coherence": (("t", *positions), 0.2 * density)}
    return run.assign(more).assign_attrs(config_json=json.dumps(stored))


def test_lines_are_the_first_and_the_last_record_on_one_scale(two_band_run: xr.Dataset) -> None:
    run = with_profiles(two_band_run, ("x",))
    assert profile_names(run) == ["spin", "coherence"]
    first, last = draw_profiles(run).axes
    for axes, record in ((first, 0), (last, -1)):
        assert [line.get_label() for line in axes.lines] == ["density", "spin", "coherence"]
        for line in axes.lines:
            np.testing.assert_array_equal(line.get_ydata(), run[str(line.get_label())][record])
    assert first.get_ylim() == last.get_ylim()
    assert first.get_ylim()[0] < float(run["spin"].isel(t=[0, -1]).min())


def test_a_plane_has_a_row_a_direction(plane_run: xr.Dataset) -> None:
    run = with_profiles(plane_run, ("x", "y"))
    axes = {a.get_label(): a for a in draw_profiles(run).axes}
    assert list(axes) == ["profiles x first", "profiles x last", "profiles y first", "profiles y last"]
    step = float(run["x"][1] - run["x"][0])
    np.testing.assert_allclose(
        axes["profiles y first"].lines[1].get_ydata(), run["spin"][0].sum("x") * step, rtol=1e-13
    )


def test_drawn_where_the_run_file_asked_for_profiles(two_band_run: xr.Dataset, tmp_path) -> None:
    assert "profiles.png" not in [path.name for path in draw_all(two_band_run, tmp_path / "none")]
    run = with_profiles(two_band_run, ("x",))
    assert "profiles.png" in [path.name for path in draw_all(run, tmp_path / "some")]

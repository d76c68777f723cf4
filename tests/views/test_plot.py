import subprocess
import sys
from pathlib import Path

import pytest
import xarray as xr
from matplotlib.image import imread

from wigner.errors import MeasurementError
from wigner.views.plot import draw_all, draw_phase_space


def test_draws_every_figure(plane_run: xr.Dataset, tmp_path: Path) -> None:
    paths = draw_all(plane_run, tmp_path / "figures")
    assert [path.name for path in paths] == [
        "phase_space.png",
        "before_after.png",
        "density.png",
        "density_change.png",
        "drifts.png",
    ]
    height, width = imread(paths[0]).shape[:2]
    assert (width, height) == (13.0 * 150, 8.9 * 150)


def test_leaves_out_what_was_not_recorded(cat_run: xr.Dataset, tmp_path: Path) -> None:
    bare = cat_run.drop_vars(["density", "energy"]).isel(t_snapshot=[0])
    assert [path.name for path in draw_all(bare, tmp_path)] == ["phase_space.png"]


def test_a_space_of_one_axis_has_no_map(cat_run: xr.Dataset, tmp_path: Path) -> None:
    line = cat_run.drop_dims("x").assign(wigner_function=cat_run["wigner_function"].sum("x"))
    assert [path.name for path in draw_all(line, tmp_path)] == ["drifts.png"]
    with pytest.raises(MeasurementError, match="two axes or more to draw a map of F, got k alone"):
        draw_phase_space(line)


def test_a_run_stopped_at_once_still_shows_its_state(cat_run: xr.Dataset, tmp_path: Path) -> None:
    stopped = cat_run.isel(t=[0], t_snapshot=[0])
    assert [path.name for path in draw_all(stopped, tmp_path)] == ["phase_space.png"]


def test_a_title_is_never_read_as_mathematics(two_band_run: xr.Dataset, tmp_path: Path) -> None:
    for title in ("100$ and 50%", r"$\frac{1}$", ""):
        assert draw_all(two_band_run.assign_attrs(title=title).isel(t=[0], t_snapshot=[0]), tmp_path)


def test_pyplot_is_not_imported() -> None:
    code = "import sys, wigner.views.plot; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_line_of_momenta_has_no_map(cat_run, tmp_path) -> None:
    """A crystal without positions: nothing of two axes is drawn, and nothing fails."""
    flat = cat_run.drop_vars("density").isel(x=0, drop=True)
    names = [path.name for path in draw_all(flat, tmp_path / "figures")]
    assert "drifts.png" in names
    assert not {"phase_space.png", "before_after.png"} & set(names)

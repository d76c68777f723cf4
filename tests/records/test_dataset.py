import json

import numpy as np
import pytest
import xarray as xr
from sample_run import ATTRIBUTES, components, values

from wigner.errors import ArchiveError
from wigner.records import matrix, open_run, write_summary
from wigner.states import unpack

SNAPSHOTS = [0.0, 1.0, 3.0]


@pytest.fixture
def folder(begin):
    with begin() as archive:
        for t in np.arange(4.0):
            archive.append(t, values(t))
            if t in SNAPSHOTS:
                archive.snapshot(t, components(t))
    return archive.folder


def test_one_dataset_with_all_attributes(folder):
    run = open_run(folder)
    sizes = {"t": 4, "x": 12, "k": 8, "band": 2, "t_snapshot": 3, "component": 4, "level": 3}
    assert dict(run.sizes) == sizes
    assert float(run["probe"].sel(t=2.0, component="re01")) == 4.0
    assert run["star_level"].sel(t=2.0, level=1).dims == ("x",)
    assert run["density"].sel(t=2.0).dims == ("x",)
    assert run["wigner_function"].attrs["units"] == "1"
    assert ATTRIBUTES.items() <= run.attrs.items()
    assert run.attrs["hbar"] == 0.5
    assert "summary_json" not in run.attrs
    write_summary(folder, {"stop_reason": "finished"})
    assert json.loads(open_run(folder).attrs["summary_json"]) == {"stop_reason": "finished"}


def test_run_without_snapshots(begin):
    with begin() as archive:
        archive.append(0.0, values(0.0))
    run = open_run(archive.folder)
    assert "wigner_function" not in run and "t_snapshot" not in run.dims
    with pytest.raises(ArchiveError, match="run's 0 snapshots"):
        matrix(run, 0)


@pytest.mark.parametrize(
    "key",
    [
        (slice(None),),
        (1,),
        (-1, 2),
        (slice(2, 0, -1), slice(None), slice(None, None, -2)),
        (slice(0, 0), slice(1, 3), 4),
        ([2, 0], slice(None), [5, 1, 1]),
        (slice(None), 3, slice(2, 9, 3), -1),
    ],
)
def test_lazy_snapshots_index_like_the_array_in_memory(folder, key):
    stack = np.stack([components(t) for t in SNAPSHOTS])
    dims = ("t_snapshot", "component", "x", "k")
    lazy = open_run(folder)["wigner_function"]
    np.testing.assert_array_equal(lazy[key], xr.DataArray(stack, dims=dims)[key])


def test_snapshots_are_read_only_when_asked_for(folder):
    run = open_run(folder)
    (folder / "snapshot-000002.h5").unlink()
    np.testing.assert_array_equal(run["wigner_function"].isel(t_snapshot=2), components(3.0))
    np.testing.assert_array_equal(
        run["wigner_function"].sel(t_snapshot=0.0, component="re01"), components(0.0)[2]
    )
    with pytest.raises(ArchiveError, match=r"snapshot-000002\.h5"):
        run["wigner_function"].load()


def test_vectorised_selection_of_snapshots(folder):
    field = open_run(folder)["wigner_function"]
    picked = field.isel(t_snapshot=xr.DataArray([2, 0], dims="p"), x=xr.DataArray([1, 3], dims="p"))
    np.testing.assert_array_equal(picked.transpose("p", ...)[0], components(3.0)[:, 1])


def test_matrix_is_complex_hermitian_and_labelled(folder):
    field = matrix(open_run(folder), -1)
    assert field.dims == ("a", "b", "x", "k") and field.dtype == complex
    assert field["t_snapshot"] == 3.0 and field["x"].attrs["units"] == "length"
    np.testing.assert_array_equal(field, unpack(components(3.0)))
    np.testing.assert_array_equal(field, field.transpose("b", "a", "x", "k").conj())
    with pytest.raises(ArchiveError, match="run's 3 snapshots, got index 3"):
        matrix(open_run(folder), 3)


def test_folders_that_hold_nothing_say_what_to_do(tmp_path):
    with pytest.raises(ArchiveError, match="wait for the first record, or run it again"):
        open_run(tmp_path)
    with pytest.raises(ArchiveError, match="nothing there"):
        open_run(tmp_path / "nowhere")
    (tmp_path / "file").write_text("")
    with pytest.raises(ArchiveError, match="got a file"):
        open_run(tmp_path / "file")
    (tmp_path / "series-000001.h5.tmp").write_bytes(b"half")
    with pytest.raises(ArchiveError, match="got none"):
        open_run(tmp_path)

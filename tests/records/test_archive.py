import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from sample_run import ATTRIBUTES, QUANTITIES, SPACE, Named, components, values

import wigner.records.archive as module
from wigner.errors import ArchiveError
from wigner.records import Archive, load_latest, open_run, read_summary, write_summary


def fill(archive, times, snapshots=()):
    for t in times:
        archive.append(t, values(t))
        if t in snapshots:
            archive.snapshot(t, components(t))


def same_records(run, times):
    np.testing.assert_array_equal(run["t"], times)
    for name in ("trace", "density", "band_population"):
        np.testing.assert_array_equal(run[name], [values(t)[name] for t in times])


def test_each_file_is_labelled_netcdf(begin):
    with begin() as archive:
        fill(archive, [0.0, 0.5, 1.0], snapshots=[0.0])
    with xr.open_dataset(archive.folder / "series-000001.h5", engine="h5netcdf") as file:
        assert file["density"].dims == ("t", "x")
        assert file["density"].attrs == {"units": "1/length", "long_name": "density ρ(r)"}
        assert file["t"].attrs["units"] == "ħ/energy"
        np.testing.assert_array_equal(file["x"], SPACE.axis("x").values)
        assert file["x"].attrs == {"units": "length", "long_name": "position x", "kind": "ring"}
        assert file["k"].attrs["units"] == "momentum"
        same_records(file, [0.0, 0.5, 1.0])
        for name, value in ATTRIBUTES.items():
            assert file.attrs[name] == value
        assert {"wigner_version", "numpy_version", "python_version", "platform", "created"} <= set(file.attrs)
        assert "momentum in ħ/length" in file.attrs["units"]
    with xr.open_dataset(archive.folder / "snapshot-000001.h5", engine="h5netcdf") as file:
        field = file["wigner_function"]
        assert field.dims == ("t_snapshot", "component", "x", "k")
        assert list(file["component"].values) == ["00", "11", "re01", "im01"]
        np.testing.assert_array_equal(field[0], components(0.0))
        assert field.encoding["zlib"] and field.encoding["complevel"] == 4 and field.encoding["shuffle"]


def test_large_snapshots_are_cut_into_chunks_of_a_megabyte():
    from wigner.records.layout import _chunk

    assert _chunk((1024, 1024)) == (128, 1024)
    assert _chunk((48,) * 4) == (1, 48, 48, 48)
    assert _chunk((12, 8)) == (12, 8)


def test_first_record_is_on_disk_at_once_and_later_ones_after_a_flush(begin):
    with begin() as archive:
        fill(archive, [0.0, 1.0, 2.0])
        same_records(open_run(archive.folder), [0.0])
        archive.flush()
        same_records(open_run(archive.folder), [0.0, 1.0, 2.0])


def test_many_flushes_make_few_files(begin, monkeypatch):
    monkeypatch.setattr(module, "FULL_RECORDS", 10)
    times = np.arange(35) / 7
    with begin() as archive:
        for t in times:
            archive.append(t, values(t))
            archive.flush()
        assert len(list(archive.folder.glob("series-*.h5"))) == 4
    same_records(open_run(archive.folder), times)


def test_full_buffer_flushes_itself(begin, monkeypatch):
    monkeypatch.setattr(module, "FULL_BYTES", 5 * 55 * 8)
    with begin() as archive:
        fill(archive, np.arange(12.0))
        same_records(open_run(archive.folder), np.arange(10.0))


def test_flush_without_news_writes_nothing(begin):
    with begin() as archive:
        fill(archive, [0.0])
        path = archive.folder / "series-000001.h5"
        before = path.stat().st_ino
        archive.flush()
        assert path.stat().st_ino == before


def test_values_are_copied(begin):
    with begin() as archive:
        buffer = np.zeros(12)
        for t in (0.0, 1.0):
            buffer[:] = t
            archive.append(t, values(t) | {"density": buffer})
    assert open_run(archive.folder)["density"].values[0].max() == 0


@pytest.mark.parametrize(
    ("until", "full"), [(-1.0, 4), (0.0, 4), (3.0, 4), (4.0, 4), (5.5, 4), (5.5, 256), (20.0, 4)]
)
def test_reopened_run_equals_one_that_never_stopped(begin, monkeypatch, until, full):
    monkeypatch.setattr(module, "FULL_RECORDS", full)
    times, snapshots = np.arange(13.0), [0.0, 4.0, 8.0, 12.0]
    with begin("whole") as whole:
        fill(whole, times, snapshots)
    with begin("stopped") as stopped:
        fill(stopped, times[:9], snapshots)
    (stopped.folder / "series-000009.h5.tmp").write_bytes(b"half a file")
    write_summary(stopped.folder, {"stop_reason": "interrupted"})
    with Archive.reopen(stopped.folder, until) as archive:
        fill(archive, times[times > min(until, 8.0)], snapshots)
    assert not list(stopped.folder.glob("*.tmp"))
    one, other = open_run(whole.folder), open_run(stopped.folder)
    one.attrs.pop("created")
    other.attrs.pop("created")
    xr.testing.assert_identical(one, other)
    assert {p.name for p in whole.folder.iterdir()} == {p.name for p in stopped.folder.iterdir()}


def test_second_writer_is_refused_until_the_first_is_gone(begin):
    archive = begin()
    fill(archive, [0.0])
    with pytest.raises(ArchiveError, match="still going on"):
        Archive.reopen(archive.folder, 0.0)
    archive.close()
    Archive.reopen(archive.folder, 0.0).close()


def test_folder_with_a_run_is_refused_and_left_alone(begin):
    with begin() as archive:
        fill(archive, [0.0])
    with pytest.raises(ArchiveError, match="holds a run; resume it"):
        begin()
    same_records(open_run(archive.folder), [0.0])
    with Archive.reopen(archive.folder, 0.0):
        pass


def test_folder_that_is_a_file_is_refused(begin, tmp_path):
    (tmp_path / "run").write_text("mine")
    with pytest.raises(ArchiveError, match="choose another"):
        begin()


def test_reopen_without_records_says_what_to_do(tmp_path):
    with pytest.raises(ArchiveError, match="from the start"):
        Archive.reopen(tmp_path, 1.0)


def test_damaged_series_is_named_and_the_folder_free_again(begin):
    with begin() as archive:
        fill(archive, [0.0])
    path = archive.folder / "series-000001.h5"
    whole = path.read_bytes()
    path.write_bytes(whole[:100])
    for _ in range(2):
        with pytest.raises(ArchiveError, match=r"series-000001\.h5: expected a whole file") as caught:
            Archive.reopen(archive.folder, 0.0)
        assert "\n" not in str(caught.value)
    with pytest.raises(ArchiveError, match=r"series-000001\.h5"):
        open_run(archive.folder)


@pytest.mark.parametrize(
    ("quantity", "message"),
    [
        (Named("density", ("y",)), "expected an axis, got 'y'"),
        (Named("x", ()), "name of its own"),
        (Named("t", ()), "name of its own"),
        (Named("trace", ()), "name of its own"),
    ],
)
def test_quantity_that_does_not_fit_is_refused(begin, tmp_path, quantity, message):
    with pytest.raises(ArchiveError, match=message):
        begin(quantities=(QUANTITIES[0], quantity))
    assert not (tmp_path / "run").exists()


def test_record_that_does_not_fit_is_refused_and_changes_nothing(begin):
    with begin() as archive:
        fill(archive, [0.0, 1.0])
        with pytest.raises(ArchiveError, match="did you mean 'density'"):
            archive.append(2.0, values(2.0) | {"densty": 1.0})
        with pytest.raises(ArchiveError, match="expected a value of 'band_population'"):
            archive.append(2.0, {"trace": 1.0, "density": np.zeros(12)})
        with pytest.raises(ArchiveError, match=r"density: expected shape \(12,\), got \(8,\)"):
            archive.append(2.0, values(2.0) | {"density": np.zeros(8)})
        for t in (1.0, float("nan")):
            with pytest.raises(ArchiveError, match="expected a record after t = 1"):
                archive.append(t, values(0.5))
        with pytest.raises(ArchiveError, match="expected a snapshot of shape"):
            archive.snapshot(0.0, np.zeros((4, 8, 12)))
        archive.snapshot(1.0, components(1.0))
        with pytest.raises(ArchiveError, match="expected a snapshot after"):
            archive.snapshot(1.0, components(1.0))
        fill(archive, [2.0])
    same_records(open_run(archive.folder), [0.0, 1.0, 2.0])


def test_failed_write_keeps_the_old_file_and_the_records(begin, monkeypatch):
    with begin() as archive:
        fill(archive, [0.0, 1.0])

        def full_disk(path):
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr("wigner.records.files._sync", full_disk)
            with pytest.raises(ArchiveError, match=r"series-000001\.h5.*No space left.*free space"):
                archive.flush()
        same_records(open_run(archive.folder), [0.0])
        assert not list(archive.folder.glob("*.tmp"))
    same_records(open_run(archive.folder), [0.0, 1.0])


def test_summary_holds_numpy_numbers_and_no_infinities(tmp_path):
    assert read_summary(tmp_path) is None
    summary = {
        "final": {"trace": np.float64(0.1), "band": np.array([1.0, np.inf])},
        "steps": np.int64(3),
        "gone": float("nan"),
    }
    write_summary(tmp_path, summary)
    expected = {"final": {"trace": 0.1, "band": [1.0, None]}, "steps": 3, "gone": None}
    assert read_summary(tmp_path) == expected
    assert [path.name for path in tmp_path.iterdir()] == ["summary.json"]
    (tmp_path / "summary.json").write_text("[1")
    with pytest.raises(ArchiveError, match=r"summary\.json: expected a JSON object"):
        read_summary(tmp_path)


CHILD = """
import sys
from sample_run import ATTRIBUTES, QUANTITIES, SPACE, components, values
import wigner.records.archive as module
from wigner.records import Archive, Checkpoint, save
module.FULL_RECORDS = 16
folder = sys.argv[1]
if sys.argv[2] == "new":
    archive = Archive.create(folder, space=SPACE, quantities=QUANTITIES, bands=2, attributes=ATTRIBUTES)
    step = 0
else:
    archive = Archive.reopen(folder, float(sys.argv[2]))
    step = int(float(sys.argv[2])) + 1
while True:
    archive.append(float(step), values(float(step)))
    if step % 3 == 0:
        archive.flush()
        archive.snapshot(float(step), components(float(step)))
        save(folder, Checkpoint(step, float(step), 1.0, components(float(step)), "{}"))
        print(step, flush=True)
    step += 1
"""


def test_killed_again_and_again_loses_nothing_flushed(tmp_path):
    folder, begin = tmp_path / "run", "new"
    for lines, delay in ((3, 0.0), (4, 0.013), (4, 0.029)):
        command = [sys.executable, "-c", CHILD, str(folder), begin]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent) as child:
            printed = [int(child.stdout.readline()) for _ in range(lines)]
            with pytest.raises(subprocess.TimeoutExpired):
                child.wait(timeout=delay)
            child.send_signal(signal.SIGKILL)
            printed += [int(line) for line in child.stdout.read().split()]
        assert child.returncode == -signal.SIGKILL
        run = open_run(folder)
        same_records(run, np.arange(run.sizes["t"], dtype=float))
        assert run.sizes["t"] >= printed[-1] + 1
        assert run["t_snapshot"].values[-1] >= printed[-1]
        for t, field in zip(run["t_snapshot"].values, run["wigner_function"].values, strict=True):
            np.testing.assert_array_equal(field, components(t))
        checkpoint, warnings = load_latest(folder)
        assert checkpoint.step >= printed[-1] and not warnings
        np.testing.assert_array_equal(checkpoint.components, components(checkpoint.time))
        begin = str(checkpoint.time)

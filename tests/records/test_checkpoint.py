import numpy as np
import pytest

from wigner.errors import ArchiveError
from wigner.records import Checkpoint, load_latest, save


def checkpoint(step):
    rng = np.random.default_rng(step)
    state = rng.standard_normal((4, 16, 16))
    state[0, 0, :3] = -0.0, 5e-324, np.pi
    return Checkpoint(
        step=step,
        time=step * 0.1 + 0.2,
        dt=0.1 / 3,
        components=state,
        config_json='{"title": "ħ"}',
        wisdom=b"(fftw\x00wisdom)\x00" + rng.bytes(64),
        extra={"seconds": {"stepping": 0.1 + 0.2}, "reports": []},
    )


def assert_same(one, other):
    assert one.components.tobytes() == other.components.tobytes()
    assert (one.components.shape, one.components.dtype) == (other.components.shape, other.components.dtype)
    for name in ("step", "time", "dt", "config_json", "wisdom", "extra"):
        assert getattr(one, name) == getattr(other, name)


def test_round_trip_is_bit_for_bit(tmp_path):
    save(tmp_path, checkpoint(7))
    loaded, warnings = load_latest(tmp_path)
    assert_same(loaded, checkpoint(7))
    assert warnings == ()
    assert loaded.components.flags.writeable and loaded.components.flags.c_contiguous


def test_empty_wisdom_and_strided_components(tmp_path):
    whole = np.arange(4.0 * 6 * 6).reshape(4, 6, 6)
    save(tmp_path, Checkpoint(1, 0.0, 0.1, whole[:, ::2], "{}"))
    loaded, _ = load_latest(tmp_path)
    assert loaded.wisdom == b"" and loaded.extra == {}
    np.testing.assert_array_equal(loaded.components, whole[:, ::2])


def test_saves_alternate_and_the_newest_is_loaded(tmp_path):
    names = [save(tmp_path, checkpoint(step)).name for step in range(1, 6)]
    assert names == ["checkpoint-a.h5", "checkpoint-b.h5"] * 2 + ["checkpoint-a.h5"]
    assert load_latest(tmp_path)[0].step == 5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint-a.h5", "checkpoint-b.h5"]


def test_any_damage_to_the_newest_falls_back_to_the_older(tmp_path):
    save(tmp_path, checkpoint(1))
    newest = save(tmp_path, checkpoint(2))
    whole = newest.read_bytes()
    start = whole.index(checkpoint(2).components.tobytes())
    fallen = 0
    for position in [*range(0, len(whole), 97), start, start + 8000]:
        broken = bytearray(whole)
        broken[position] ^= 0xFF
        newest.write_bytes(broken)
        loaded, warnings = load_latest(tmp_path)
        # Some bytes of the file carry nothing; a checkpoint is the old one, or the new one unharmed.
        assert_same(loaded, checkpoint(loaded.step))
        if loaded.step == 1:
            fallen += 1
            # A file with a damaged serial number may look older than the old one and is then not tried.
            assert all(newest.name in line and "\n" not in line for line in warnings)
        if start <= position < start + checkpoint(2).components.nbytes:
            assert loaded.step == 1 and "checksum" in warnings[0]
    assert fallen > 80


@pytest.mark.parametrize("length", [0, 100, 3000, -1])
def test_truncated_newest_falls_back_and_is_written_over_next(tmp_path, length):
    save(tmp_path, checkpoint(1))
    newest = save(tmp_path, checkpoint(2))
    newest.write_bytes(newest.read_bytes()[:length])
    assert load_latest(tmp_path)[0].step == 1
    assert save(tmp_path, checkpoint(3)) == newest
    assert load_latest(tmp_path)[0].step == 3


def test_no_checkpoint_and_no_whole_one_say_what_to_do(tmp_path):
    with pytest.raises(ArchiveError, match="got none; run it from the start"):
        load_latest(tmp_path)
    (tmp_path / "checkpoint-a.h5").write_bytes(b"nonsense")
    with pytest.raises(ArchiveError, match="got 1 damaged; run it from the start"):
        load_latest(tmp_path)


def test_leftovers_of_a_killed_save_are_ignored(tmp_path):
    save(tmp_path, checkpoint(1))
    (tmp_path / "checkpoint-b.h5.tmp").write_bytes(b"half")
    assert load_latest(tmp_path)[0].step == 1
    assert save(tmp_path, checkpoint(2)).name == "checkpoint-b.h5"
    assert load_latest(tmp_path)[0].step == 2


def test_folder_that_cannot_be_written_is_reported(tmp_path):
    with pytest.raises(ArchiveError, match="cannot be written"):
        save(tmp_path / "missing", checkpoint(1))

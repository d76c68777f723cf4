"""Files that are whole or absent, whenever the process dies, and one writer a folder."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import ArchiveError

try:
    import fcntl
except ImportError:  # pragma: no cover - not a POSIX system: runs are then not protected from a second writer
    fcntl = None  # type: ignore[assignment]

__all__ = [
    "INITIAL",
    "LOCK",
    "WriterLock",
    "is_being_written",
    "numbered",
    "one_line",
    "remove_leftovers",
    "replacing",
]

#: The file whose lock a writer holds; it stays, empty, as the mark of a run folder.
LOCK = ".writer"
#: The state that a run began with, where nothing in the run file can make it again.
INITIAL = "initial.h5"


def one_line(error: BaseException) -> str:
    """The message of an exception without line breaks, for HDF5 writes paragraphs."""
    return " ".join(str(error).split()) or type(error).__name__


def numbered(folder: Path, kind: str) -> list[Path]:
    """The files ``<kind>-000001.h5``, … of a folder in the order they were begun."""
    return sorted(folder.glob(f"{kind}-[0-9][0-9][0-9][0-9][0-9][0-9].h5"))


def remove_leftovers(folder: Path) -> None:
    """Delete the unfinished files of a process that was killed; only the one writer of a folder may."""
    for path in folder.glob("*.tmp"):
        path.unlink(missing_ok=True)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path to write; afterwards move it to `path` in one step, on disk before and after.

    A process killed or a machine switched off at any moment leaves the old file or the new one, no mixture.

    Raises
    ------
    ArchiveError : if the file cannot be written; the old one is then untouched.
    """
    temporary = path.with_name(path.name + ".tmp")
    try:
        yield temporary
        _sync(temporary)
        os.replace(temporary, path)
        _sync(path.parent)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        # HDF5 reports a full disk as OSError or RuntimeError, depending on the call that meets it.
        if isinstance(error, (OSError, RuntimeError)):
            raise ArchiveError(
                f"{path}: cannot be written: {one_line(error)}; free space or allow writing, then resume"
            ) from error
        raise


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class WriterLock:
    """Held by the one process that writes a run folder; gone when that process ends, in whatever way.

    Raises
    ------
    ArchiveError : if another archive is open for writing in the folder.
    """

    def __init__(self, folder: Path) -> None:
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        self._close = weakref.finalize(self, os.close, handle)
        if fcntl is None:  # pragma: no cover
            return
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            raise ArchiveError(
                f"{folder}: expected no other writer, got a run still going on; wait for it or stop it"
            ) from None
        except OSError:  # pragma: no cover - a file system without locks
            return

    def release(self) -> None:
        self._close()


def is_being_written(folder: Path | str) -> bool:
    """True while another process, or another archive of this one, holds the folder's `WriterLock`."""
    try:
        handle = os.open(Path(folder) / LOCK, os.O_RDONLY)
    except OSError:
        return False
    try:
        if fcntl is not None:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    except OSError:  # pragma: no cover - a file system without locks
        return False
    finally:
        os.close(handle)

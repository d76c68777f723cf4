"""Run folders: written so that a kill loses nothing flushed, read as one labelled dataset."""

from .archive import Archive, read_summary, write_summary
from .checkpoint import Checkpoint, load_latest, save
from .dataset import matrix, open_run

__all__ = [
    "Archive",
    "Checkpoint",
    "load_latest",
    "matrix",
    "open_run",
    "read_summary",
    "save",
    "write_summary",
]

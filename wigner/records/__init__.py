"""Run folders: written so that a kill loses nothing flushed, read as one labelled dataset."""

from .archive import Archive, erase, holds_run, read_summary, write_summary
from .checkpoint import Checkpoint, load_latest, save
from .dataset import matrix, open_run
from .files import is_being_written, one_line
from .references import read_references, write_references

__all__ = [
    "Archive",
    "Checkpoint",
    "erase",
    "holds_run",
    "is_being_written",
    "load_latest",
    "matrix",
    "one_line",
    "open_run",
    "read_references",
    "read_summary",
    "save",
    "write_references",
    "write_summary",
]

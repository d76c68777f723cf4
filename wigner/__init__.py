"""Exact multiband Moyal dynamics of electrons in phase space, with claims that are measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from .records.dataset import matrix, open_run

__all__ = ["__version__", "matrix", "open_run"]


def __getattr__(name: str) -> Any:
    # xarray takes a second to import: only those who open a run pay for it.
    if name in ("matrix", "open_run"):
        from .records import dataset

        return getattr(dataset, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

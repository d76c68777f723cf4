"""Who wrote a file: versions of everything that decides the numbers."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from .._version import __version__

__all__ = ["versions"]

_PACKAGES = ("numpy", "scipy", "pyfftw", "numba", "h5py", "h5netcdf", "xarray")


def versions() -> dict[str, str]:
    """By attribute name: ``wigner_version``, ``python_version``, ``numpy_version``, …, ``platform``."""
    found = {"wigner_version": __version__, "python_version": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[f"{package}_version"] = version(package)
        except PackageNotFoundError:
            found[f"{package}_version"] = "not installed"
    return found | {"platform": platform.platform()}

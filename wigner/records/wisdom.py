"""FFTW's measured plans, kept between processes so that the same problem is planned once and alike."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from ..algebra.fourier import export_wisdom, import_wisdom, library_version

__all__ = ["load_wisdom", "save_wisdom", "wisdom_path"]


def wisdom_path() -> Path:
    """``$WIGNER_CACHE`` or ``~/.cache/wigner``, one file per machine type and library version."""
    folder = Path(os.environ.get("WIGNER_CACHE") or Path.home() / ".cache" / "wigner")
    version = "".join(
        c if c.isalnum() or c in ".-" else "-" for c in f"{library_version()}-{platform.machine()}"
    )
    return folder / f"wisdom-{version}"


def load_wisdom() -> bool:
    """Use the plans of earlier processes; False where there are none. Wisdom is optional and never an error."""
    try:
        return import_wisdom(wisdom_path().read_bytes())
    except OSError:
        return False


def save_wisdom() -> None:
    """Keep the plans of this process for later ones, in one step; silently without where the folder is not writable."""
    path = wisdom_path()
    wisdom = export_wisdom()
    if not wisdom:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f"{path.name}.{os.getpid()}")
        temporary.write_bytes(wisdom)
        temporary.replace(path)
    except OSError:
        return

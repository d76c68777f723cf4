"""Real-to-complex transforms of blocks, by FFTW where it is installed, else by scipy.fft. The only importer of pyfftw.

FFTW is planned with MEASURE, never ESTIMATE, always on buffers this module owns (planning overwrites them). Plans
depend on timings, so two processes may choose different ones and differ in the last bit: `export_wisdom` and
`import_wisdom` carry the choice from one process to another.
"""

from __future__ import annotations

import math
import os
from fractions import Fraction
from functools import cache
from typing import Literal, Protocol

import numpy as np
import scipy.fft

# FFTW's OpenMP threads spin at barriers unless told otherwise; it must be told before the library is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

try:
    import pyfftw
except ImportError:
    pyfftw = None

__all__ = [
    "BlockTransform",
    "ComplexTransform",
    "FFTLibrary",
    "aligned_complex",
    "block_transform",
    "check_installed",
    "complex_transform",
    "export_wisdom",
    "import_wisdom",
    "library_version",
]

FFTLibrary = Literal["auto", "fftw", "scipy"]


class BlockTransform(Protocol):
    """Transform of a real block (…, *lengths) into half of its spectrum and back, in buffers of its own.

    Attributes
    ----------
    real : float64 buffer, shape (…, *lengths).
    half : complex128 buffer, shape (…, *lengths[:-1], lengths[-1]//2 + 1).
    scales : two factors to multiply before `forward` and after `backward`, which leave the scaling out.
    """

    real: np.ndarray
    half: np.ndarray
    scales: tuple[float, float]

    def forward(self) -> None:
        """``half`` = Σ_n ``real`` e^{−2πi n·m/N}; ``real`` may be destroyed."""

    def backward(self) -> None:
        """``real`` = Σ_m ``half`` e^{+2πi n·m/N}; ``half`` may be destroyed."""


@cache
def balanced_scales(points: int) -> tuple[float, float]:
    """Two floats whose product is 1/points to about 1e-19 relative.

    One factor fl(1/points) is off by up to 1e-16, and always to the same side: the trace would drift by that much in every
    flow. Split in two, the factors can be chosen so that their errors cancel.
    """
    best, error = (1.0, 1.0 / points), abs(Fraction(1.0 / points) * points - 1)
    for trial in range(1, 2000):
        if error < 1e-19:
            break
        first = 1.0 + trial / 2048
        second = 1.0 / (points * first)
        miss = abs(Fraction(first) * Fraction(second) * points - 1)
        if miss < error:
            best, error = (first, second), miss
    return best


class _FFTWTransform:
    def __init__(self, leading: tuple[int, ...], lengths: tuple[int, ...]) -> None:
        half_shape = (*leading, *lengths[:-1], lengths[-1] // 2 + 1)
        axes = tuple(range(-len(lengths), 0))
        self.real = pyfftw.zeros_aligned((*leading, *lengths), dtype="float64")
        self.half = pyfftw.zeros_aligned(half_shape, dtype="complex128")
        flags = ("FFTW_MEASURE", "FFTW_DESTROY_INPUT")
        self._forward = pyfftw.FFTW(self.real, self.half, axes=axes, direction="FFTW_FORWARD", flags=flags)
        self._backward = pyfftw.FFTW(self.half, self.real, axes=axes, direction="FFTW_BACKWARD", flags=flags)
        # Bound methods: `execute` neither checks nor normalises, and releases the interpreter lock.
        self.forward = self._forward.execute
        self.backward = self._backward.execute
        self.scales = balanced_scales(math.prod(lengths))
        self.real[:] = 0.0


class _ScipyTransform:
    def __init__(self, leading: tuple[int, ...], lengths: tuple[int, ...]) -> None:
        self._axes = tuple(range(-len(lengths), 0))
        self._lengths = lengths
        self.real = np.zeros((*leading, *lengths))
        self.half = np.zeros((*leading, *lengths[:-1], lengths[-1] // 2 + 1), dtype=complex)
        self.scales = balanced_scales(math.prod(lengths))

    def forward(self) -> None:
        self.half[...] = scipy.fft.rfftn(self.real, axes=self._axes, overwrite_x=True)

    def backward(self) -> None:
        self.real[...] = scipy.fft.irfftn(
            self.half, s=self._lengths, axes=self._axes, overwrite_x=True, norm="forward"
        )


def block_transform(
    leading: tuple[int, ...], lengths: tuple[int, ...], *, library: FFTLibrary = "auto"
) -> BlockTransform:
    """Plan the transform of a block of shape ``(*leading, *lengths)`` over its last ``len(lengths)`` axes.

    Parameters
    ----------
    library : ``fftw``, ``scipy``, or ``auto`` for FFTW where it is installed.

    Raises
    ------
    ImportError : if ``fftw`` is asked for and pyfftw is not installed.
    """
    check_installed(library)
    if library == "scipy" or pyfftw is None:
        return _ScipyTransform(leading, lengths)
    return _FFTWTransform(leading, lengths)


class ComplexTransform(Protocol):
    """Transform of an array in place, without any scaling: there and back multiplies by the number of points."""

    def forward(self) -> None:
        """a = Σ_n a e^{−2πi n·m/N}."""

    def backward(self) -> None:
        """a = Σ_m a e^{+2πi n·m/N}."""


class _FFTWInPlace:
    def __init__(self, array: np.ndarray, axes: tuple[int, ...]) -> None:
        plans = [
            pyfftw.FFTW(array, array, axes=axes, direction=direction, flags=("FFTW_MEASURE",))
            for direction in ("FFTW_FORWARD", "FFTW_BACKWARD")
        ]
        self._plans = plans
        self.forward, self.backward = (plan.execute for plan in plans)


class _ScipyInPlace:
    def __init__(self, array: np.ndarray, axes: tuple[int, ...]) -> None:
        self._array, self._axes = array, axes

    def forward(self) -> None:
        self._array[...] = scipy.fft.fftn(self._array, axes=self._axes)

    def backward(self) -> None:
        self._array[...] = scipy.fft.ifftn(self._array, axes=self._axes, norm="forward")


def aligned_complex(shape: tuple[int, ...]) -> np.ndarray:
    """Zeros, complex128, where the transform library reads them fastest."""
    return np.zeros(shape, dtype=complex) if pyfftw is None else pyfftw.zeros_aligned(shape, "complex128")


def complex_transform(
    array: np.ndarray, axes: tuple[int, ...], *, library: FFTLibrary = "auto"
) -> ComplexTransform:
    """Plan the transform of `array` in place over `axes`; what it holds is kept.

    Raises
    ------
    ImportError : as for `block_transform`.
    """
    check_installed(library)
    if library == "scipy" or pyfftw is None:
        return _ScipyInPlace(array, axes)
    kept = array.copy()
    transform = _FFTWInPlace(array, axes)
    array[...] = kept
    return transform


def check_installed(library: FFTLibrary) -> None:
    """Raise ImportError if a library is asked for that is not there."""
    if library == "fftw" and pyfftw is None:
        raise ImportError("engine.fft = 'fftw' needs the package pyfftw; install it or use fft = 'scipy'")


def export_wisdom() -> bytes:
    """FFTW's record of the plans it measured (empty without FFTW)."""
    return b"" if pyfftw is None else b"\x00".join(pyfftw.export_wisdom())


def import_wisdom(wisdom: bytes) -> bool:
    """Make later plans the ones recorded and no others; True if FFTW took the double-precision part."""
    parts = tuple(wisdom.split(b"\x00"))
    if pyfftw is None or len(parts) != 3:
        return False
    # Plans of this process for the same sizes would rival the recorded ones, and which wins is chance.
    pyfftw.forget_wisdom()
    return bool(pyfftw.import_wisdom(parts)[0])


def library_version() -> str:
    """Name and version of the transform library that ``auto`` uses."""
    return (
        f"scipy {scipy.__version__}"
        if pyfftw is None
        else f"pyfftw {pyfftw.__version__} ({pyfftw.fftw_version})"
    )

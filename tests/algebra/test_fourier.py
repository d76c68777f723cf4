"""Transforms, their scales, plans carried between processes, and life without FFTW."""

import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest

from wigner.algebra import fourier

LIBRARIES = ["scipy"] + (["fftw"] if fourier.pyfftw is not None else [])


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(
    "leading, lengths", [((4, 3), (16,)), ((1,), (15,)), ((4, 2), (6, 8)), ((2,), (5, 7))]
)
def test_transforms_are_the_defined_sums(library, leading, lengths):
    transform = fourier.block_transform(leading, lengths, library=library)
    assert transform.real.shape == (*leading, *lengths)
    assert transform.half.shape == (*leading, *lengths[:-1], lengths[-1] // 2 + 1)
    assert not transform.real.any()
    field = np.random.default_rng(0).normal(size=transform.real.shape)
    transform.real[:] = field
    transform.forward()
    axes = tuple(range(-len(lengths), 0))
    full = np.fft.fftn(field, axes=axes)
    assert np.max(np.abs(transform.half - full[..., : lengths[-1] // 2 + 1])) <= 1e-12
    before, after = transform.scales
    transform.half *= before
    transform.backward()
    assert np.max(np.abs(transform.real * after - field)) <= 1e-14


@pytest.mark.parametrize("points", [4, 7, 48, 49, 100, 121, 256, 361, 1000, 1536, 2304, 1009, 48**2, 65536])
def test_scales_are_exact(points):
    """Their product is 1/points far below rounding: the trace does not drift by one ulp a flow."""
    first, second = fourier.balanced_scales(points)
    assert abs(Fraction(first) * Fraction(second) * points - 1) <= Fraction(1, 10**18)
    assert 1.0 <= first <= 2.0


@pytest.mark.skipif(fourier.pyfftw is None, reason="FFTW is not installed")
def test_wisdom_round_trip():
    """Imported wisdom replaces measuring: the plans of another process come back, so its bits do too."""
    fourier.block_transform((2,), (30,), library="fftw")
    wisdom = fourier.export_wisdom()
    assert b"fftw" in wisdom
    fourier.pyfftw.forget_wisdom()
    assert fourier.import_wisdom(wisdom)
    assert sorted(fourier.export_wisdom().splitlines()) == sorted(wisdom.splitlines())
    assert fourier.import_wisdom(b"") is False


def test_asking_for_a_missing_library(monkeypatch):
    monkeypatch.setattr(fourier, "pyfftw", None)
    with pytest.raises(ImportError, match=r"pyfftw; install it or use fft = 'scipy'"):
        fourier.block_transform((1,), (8,), library="fftw")
    assert type(fourier.block_transform((1,), (8,))).__name__ == "_ScipyTransform"
    assert fourier.export_wisdom() == b""
    assert fourier.import_wisdom(b"anything") is False
    assert fourier.library_version().startswith("scipy ")


RUN = """
[space]
x = { min = -16, max = 16, points = 64 }
k = { points = 64 }
[model]
kind = "dirac"
[potential]
formula = "0.5 * exp(-x**2)"
[state]
kind = "packet"
position = -4.0
momentum = 1.0
width = 1.5
band = 1
[evolution]
t_end = 1.0
dt = 0.05
[record]
every = 0.25
snapshots = 2
observables = { transmitted = "step(x)" }
[[claims]]
quantity = "trace"
reduce = "drift"
expected = 0
tolerance = 1e-12
source = "particle number"
[[claims]]
quantity = "purity"
reduce = "drift"
expected = 0
tolerance = 1e-11
source = "purity"
"""

WITHOUT_FFTW = """
import sys
sys.modules["pyfftw"] = None
from wigner.app.cli import main
sys.argv = ["wigner", "run", sys.argv[1], "--output", sys.argv[2]]
main()
"""


def test_whole_run_without_fftw(tmp_path, monkeypatch):
    """A run from file to claims with the import of pyfftw blocked gives the same numbers to 1e-12."""
    import wigner

    monkeypatch.setenv("WIGNER_CACHE", str(tmp_path / "cache"))
    file = tmp_path / "small.toml"
    file.write_text(RUN)
    finals = []
    for number, program in enumerate(
        (WITHOUT_FFTW, WITHOUT_FFTW.replace('sys.modules["pyfftw"] = None', ""))
    ):
        folder = tmp_path / f"run{number}"
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", program, str(file), str(folder)],
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        with wigner.open_run(folder) as run:
            finals.append(run["wigner_function"].values[-1])
    assert np.max(np.abs(finals[0])) > 0.5
    assert np.max(np.abs(finals[0] - finals[1])) <= 1e-12

"""Shifts against direct Fourier sums, and what they must keep."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wigner.algebra import Axis, PhaseSpace
from wigner.algebra.shift import Shift


def space(points=(6, 5, 8, 7)):
    names, ends = ("x", "y", "kx", "ky"), (2.0, 3.0, 1.5, 2.5)
    axes = zip(names, points, ends, strict=True)
    return PhaseSpace(tuple(Axis(n, "box", -end, end, m) for n, m, end in axes), 0.7)


def slow(data, grid, moved, uniform, tilt, origin):
    """The full complex transform of every moved axis, multiplied by e^{−iw·δ}; the Nyquist wave counts as none."""
    field = data.astype(complex)
    for number, name in enumerate(moved):
        axis = grid.index(name) + 1
        wave = 2 * np.pi * np.fft.fftfreq(data.shape[axis], grid.axis(name).spacing)
        if len(wave) % 2 == 0:
            wave[len(wave) // 2] = 0
        shape = [1] * data.ndim
        shape[axis] = -1
        amount = uniform[number]
        for column, (other, centre) in enumerate(origin.items()):
            amount = amount + tilt[number, column] * (grid.coordinate(other) - centre)
        # Amounts do not depend on a moved axis, so one axis at a time is all of them at once.
        field = np.fft.ifft(
            np.fft.fft(field, axis=axis) * np.exp(-1j * wave.reshape(shape) * amount), axis=axis
        )
    return field


@pytest.mark.parametrize("points", [(6, 5, 8, 7), (4, 6, 5, 8)])
@pytest.mark.parametrize("moved", [("kx", "ky"), ("kx",), ("ky",), ("x", "ky")])
@pytest.mark.parametrize("bands", [1, 3])
def test_against_a_direct_transform(points, moved, bands):
    grid = space(points)
    rng = np.random.default_rng(1)
    data = rng.normal(size=(bands**2, *grid.shape))
    origin = {name: 0.3 for name in ("x", "y") if name not in moved}
    uniform = rng.normal(size=len(moved))
    tilt = rng.normal(size=(len(moved), len(origin)))
    expected = slow(data, grid, moved, uniform, tilt, origin)
    assert np.max(np.abs(expected.imag)) <= 1e-12
    Shift(grid, moved, bands, origin=origin).apply(data, uniform, tilt)
    assert np.max(np.abs(data - expected.real)) <= 1e-13


def test_a_wave_moves_by_what_is_asked():
    grid = space((4, 4, 12, 10))
    kx, ky = grid.coordinate("kx"), grid.coordinate("ky")
    x = grid.coordinate("x")

    def wave(a, b):
        return np.broadcast_to(np.cos(2 * np.pi * (2 * a / 3 - 3 * b / 5)), grid.shape)[None].copy()

    data = wave(kx, ky)
    shift = Shift(grid, ("kx", "ky"), 1, origin={"x": 0.5})
    shift.apply(data, np.array([0.3, -0.4]), np.array([[0.2], [0.7]]))
    expected = wave(kx - 0.3 - 0.2 * (x - 0.5), ky + 0.4 - 0.7 * (x - 0.5))
    assert np.max(np.abs(data - expected)) <= 1e-13


@settings(max_examples=20, deadline=None)
@given(
    st.tuples(st.integers(4, 7), st.integers(4, 6), st.integers(4, 9), st.integers(4, 9)),
    st.integers(0, 10**6),
    st.sampled_from(["fftw", "scipy"]),
)
def test_shifts_add_up_and_keep_every_component(points, seed, library):
    """On random data with full Nyquist lines: shifts of a sum are sums of shifts, back is back, and nothing is lost."""
    grid = space(points)
    rng = np.random.default_rng(seed)
    start = rng.normal(size=(1, *grid.shape))
    uniform, tilt = rng.normal(size=(2, 2)), rng.normal(size=(2, 2, 2))
    shift = Shift(grid, ("kx", "ky"), 1, origin={"x": 0.0, "y": 0.2}, library=library)
    both, twice = start.copy(), start.copy()
    shift.apply(both, uniform.sum(axis=0), tilt.sum(axis=0))
    for c, m in zip(uniform, tilt, strict=True):
        shift.apply(twice, c, m)
    assert np.max(np.abs(both - twice)) <= 1e-12
    assert abs(np.sum(both**2) / np.sum(start**2) - 1) <= 1e-13
    assert np.max(np.abs(both.sum(axis=(0, 3, 4)) - start.sum(axis=(0, 3, 4)))) <= 1e-12
    shift.apply(both, -uniform.sum(axis=0), -tilt.sum(axis=0))
    assert np.max(np.abs(both - start)) <= 1e-13


def test_threads_do_not_change_a_bit():
    grid = space((16, 15, 24, 20))
    start = np.random.default_rng(2).normal(size=(4, *grid.shape))
    results = []
    for threads in (1, 2):
        data = start.copy()
        shift = Shift(grid, ("kx", "ky"), 2, origin={"y": 0.0}, threads=threads)
        shift.apply(data, np.array([0.2, 0.1]), np.array([[0.3], [0.4]]))
        results.append(data)
    assert np.array_equal(*results)
    assert shift.nbytes < start.nbytes / 2

"""Storage as real components, and moments against full matrices."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wigner.algebra import Axis, PhaseSpace
from wigner.states import WignerFunction, component_names, pack, unpack

LINE = PhaseSpace((Axis("x", "box", -2.0, 2.0, 6), Axis("k", "box", -3.0, 3.0, 5)), 0.7)
PLANE = PhaseSpace(
    (
        Axis("x", "box", -2.0, 2.0, 4),
        Axis("y", "ring", 0.0, 2.0, 5),
        Axis("kx", "box", -3.0, 3.0, 6),
        Axis("ky", "zone", -1.0, 1.0, 7),
    ),
    0.7,
)


def random_state(space, bands, seed=0):
    return WignerFunction(space, np.random.default_rng(seed).normal(size=(bands**2, *space.shape)))


@settings(max_examples=30, deadline=None)
@given(bands=st.integers(1, 4), seed=st.integers(0, 10**6))
def test_pack_and_unpack(bands, seed):
    """Components → matrix → components is exact; the matrix is Hermitian to the bit."""
    data = np.random.default_rng(seed).normal(size=(bands**2, 3, 4))
    matrix = unpack(data)
    assert np.array_equal(matrix, np.swapaxes(matrix, 0, 1).conj())
    assert np.array_equal(pack(matrix), data)
    names = component_names(bands)
    assert len(names) == bands**2
    for name, component in zip(names, data, strict=True):
        kind, a, b = name[:-2], int(name[-2]), int(name[-1])
        entry = matrix[a, b]
        assert np.array_equal(entry.imag if kind == "im" else entry.real, component)


def test_pack_takes_the_hermitian_part():
    rng = np.random.default_rng(1)
    matrix = rng.normal(size=(3, 3, 5)) + 1j * rng.normal(size=(3, 3, 5))
    hermitian = 0.5 * (matrix + np.swapaxes(matrix, 0, 1).conj())
    assert np.allclose(unpack(pack(matrix)), hermitian, atol=1e-15)


def test_component_names():
    assert component_names(1) == ("00",)
    assert component_names(3) == ("00", "11", "22", "re01", "im01", "re02", "im02", "re12", "im12")


@pytest.mark.parametrize("space", [LINE, PLANE], ids=["line", "plane"])
@pytest.mark.parametrize("bands", [1, 2, 3])
def test_moments_are_sums_over_full_matrices(space, bands):
    state = random_state(space, bands)
    matrix = state.matrix()
    d = space.dimension
    cell = np.prod([a.spacing for a in space.axes]) / (2 * np.pi * space.hbar) ** d
    assert np.isclose(state.trace(), np.einsum("aa...->...", matrix).sum().real * cell)
    assert np.isclose(state.purity(), np.einsum("ab...,ba...->...", matrix, matrix).sum().real * cell)
    assert np.allclose(state.scalar(), np.einsum("aa...->...", matrix).real)
    rng = np.random.default_rng(3)
    full = rng.normal(size=(bands, bands, *space.shape)) + 1j * rng.normal(size=(bands, bands, *space.shape))
    full = full + np.swapaxes(full, 0, 1).conj()
    assert np.isclose(state.expectation(full), np.einsum("ab...,ba...->...", matrix, full).sum().real * cell)
    constant = full[(slice(None), slice(None), *[0] * len(space.axes))]
    expected = np.einsum("ab...,ba->...", matrix, constant).sum().real * cell
    assert np.isclose(state.expectation(constant), expected)
    assert np.isclose(state.expectation(constant, ()), expected)
    assert np.isclose(state.expectation(np.array([[2.5]]), ()), 2.5 * state.trace())


@pytest.mark.parametrize("names", [(), ("x",), ("kx",), ("x", "ky"), ("y", "kx", "ky")])
@pytest.mark.parametrize("bands", [1, 2, 3])
def test_symbols_of_some_coordinates(names, bands):
    """Integrating F first over what the symbol does not depend on gives the same expectation."""
    state = random_state(PLANE, bands, 5)
    rng = np.random.default_rng(2)
    shape = tuple(a.points if a.name in names else 1 for a in PLANE.axes)
    symbol = rng.normal(size=(bands, bands, *shape)) + 1j * rng.normal(size=(bands, bands, *shape))
    symbol = symbol + np.swapaxes(symbol, 0, 1).conj()
    whole = np.broadcast_to(symbol, (bands, bands, *PLANE.shape))
    assert np.isclose(state.expectation(symbol, names), state.expectation(whole), rtol=1e-12)
    scalar = symbol[:1, :1].real
    whole = np.einsum("ab,...->ab...", np.eye(bands), np.broadcast_to(scalar[0, 0], PLANE.shape))
    assert np.isclose(state.expectation(scalar, names), state.expectation(whole), rtol=1e-12)


def test_marginals():
    state = random_state(PLANE, 2, 7)
    f = np.einsum("aa...->...", state.matrix()).real
    dx, dy, dkx, dky = (a.spacing for a in PLANE.axes)
    planck = 2 * np.pi * PLANE.hbar
    assert np.allclose(state.density(), f.sum(axis=(2, 3)) * dkx * dky / planck**2)
    assert np.allclose(state.marginal(("x", "ky")), f.sum(axis=(1, 2)) * dy * dkx / planck)
    assert np.allclose(state.marginal(("kx", "ky")), f.sum(axis=(0, 1)) * dx * dy)
    assert np.isclose(state.marginal(()), state.trace())
    assert np.isclose(state.density().sum() * dx * dy, state.trace())
    assert np.allclose(state.marginal(PLANE.names), f)
    reduced = state.reduced(("y",))
    assert reduced.shape == (4, 1, 5, 1, 1)
    assert np.allclose(reduced[:2].sum(axis=0).ravel(), state.marginal(("y",)))


@pytest.mark.parametrize("bands", [1, 2, 3, 4])
def test_from_matrix_broadcasts_and_copies(bands):
    matrix = np.zeros((bands, bands, LINE.shape[0], 1), dtype=complex)
    matrix[0, 0, :, 0] = LINE.axis("x").values
    state = WignerFunction.from_matrix(LINE, matrix)
    assert state.bands == bands
    assert state.data.shape == (bands**2, *LINE.shape)
    assert state.data.flags.c_contiguous
    assert state.data.flags.writeable
    assert np.array_equal(state.data[0], np.broadcast_to(LINE.coordinate("x"), LINE.shape))

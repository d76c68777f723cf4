"""The fast two-sided product against complex transforms and einsum written out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wigner.algebra.phase_space import Axis, PhaseSpace
from wigner.algebra.two_sided import TwoSidedProduct
from wigner.states.wigner_function import pack, unpack


def slow_product(space, names, function, data):
    """A ⋆ F ⋆ A† with full complex transforms, dense arguments and no symmetry used; both Nyquist aliases averaged."""
    tensor, hbar = space.poisson_tensor, space.hbar
    conjugates = [n for n in space.names if any(tensor[space.index(m), space.index(n)] for m in names)]
    axes = [space.index(n) for n in conjugates]
    field = np.fft.fftn(unpack(data), axes=[2 + a for a in axes])
    waves, mirrors = {}, {}
    for name in conjugates:
        axis = space.axis(name)
        shape = [1] * len(space.axes)
        shape[space.index(name)] = -1
        w = 2 * np.pi * np.fft.fftfreq(axis.points, axis.spacing)
        m = np.where(np.isclose(w, -np.pi / axis.spacing), -w, w)
        waves[name], mirrors[name] = w.reshape(shape), m.reshape(shape)

    def argument(name, sign, w):
        out = space.coordinate(name)
        for other in conjugates:
            out = out + sign * 0.5 * hbar * tensor[space.index(name), space.index(other)] * w[other]
        return out

    def side(sign):
        one = function(**{n: argument(n, sign, waves) for n in names})
        two = function(**{n: argument(n, sign, mirrors) for n in names})
        return 0.5 * (one + two)

    left, right = (np.broadcast_to(side(s), (*field.shape[:2], *space.shape)) for s in (-1, 1))
    moved = np.einsum("ab...,bc...,dc...->ad...", left, field, right.conj())
    return pack(np.fft.ifftn(moved, axes=[2 + a for a in axes]))


def matrix_field(bands, seed):
    """A smooth random matrix function of any coordinates, not Hermitian, never symmetric by accident."""
    rng = np.random.default_rng(seed)
    constant, slope, bend = rng.normal(size=(3, bands, bands)) + 1j * rng.normal(size=(3, bands, bands))

    def function(**z):
        phase = sum((0.7 + 0.2 * i) * value for i, (_, value) in enumerate(sorted(z.items())))
        grid = (...,) + (None,) * np.ndim(phase)
        return constant[grid] + slope[grid] * np.sin(phase) + bend[grid] * np.cos(1.3 * phase)

    return function


def table_of(product, function, bands):
    return np.ascontiguousarray(product.tabulate(function).reshape(bands**2, -1).T)


@settings(max_examples=25, deadline=None)
@given(
    bands=st.integers(1, 4),
    nx=st.sampled_from([6, 9, 16]),
    nk=st.sampled_from([5, 8, 12]),
    hbar=st.floats(0.1, 2.0),
    matched=st.booleans(),
    which=st.sampled_from(["x", "k"]),
    library=st.sampled_from(["fftw", "scipy"]),
    seed=st.integers(0, 10**6),
)
def test_equals_slow_twin(bands, nx, nk, hbar, matched, which, library, seed):
    width = np.pi * hbar / (4.0 / nx) / 2 if matched else 2.3
    space = PhaseSpace((Axis("x", "box", -2, 2, nx), Axis("k", "box", -width, width, nk)), hbar)
    rng = np.random.default_rng(seed)
    data = rng.normal(size=(bands**2, nx, nk))
    function = matrix_field(bands, seed)
    product = TwoSidedProduct(space, (which,), bands, library=library)
    expected = slow_product(space, (which,), function, data)
    product.apply(table_of(product, function, bands), data)
    assert np.max(np.abs(data - expected)) <= 1e-12 * np.max(np.abs(expected))


@pytest.mark.parametrize("names", [("x", "y"), ("kx", "ky"), ("x",), ("ky",), ("y",)])
@pytest.mark.parametrize("bands", [1, 2])
def test_two_space_dimensions(names, bands):
    axes = (Axis("x", "box", -2, 2, 6), Axis("y", "ring", -1, 1, 8), Axis("kx", "box", -3, 3, 5))
    space = PhaseSpace((*axes, Axis("ky", "zone", -4, 4, 6)), 0.7)
    data = np.random.default_rng(1).normal(size=(bands**2, *space.shape))
    function = matrix_field(bands, 5)
    product = TwoSidedProduct(space, names, bands)
    expected = slow_product(space, names, function, data)
    product.apply(table_of(product, function, bands), data)
    assert np.max(np.abs(data - expected)) <= 1e-12 * np.max(np.abs(expected))


@pytest.mark.parametrize("names", [("kx",), ("ky",), ("x", "y")])
def test_magnetic_poisson_tensor(names):
    """With {kx, ky} = b the conjugate axes of kx are x and ky, which are not neighbours in memory."""
    axes = (Axis("x", "box", -2, 2, 6), Axis("y", "box", -1, 1, 8), Axis("kx", "box", -3, 3, 5))
    space = PhaseSpace((*axes, Axis("ky", "box", -4, 4, 6)), 0.7, brackets=(("kx", "ky", 0.6),))
    data = np.random.default_rng(2).normal(size=(4, *space.shape))
    function = matrix_field(2, 6)
    product = TwoSidedProduct(space, names, 2)
    expected = slow_product(space, names, function, data)
    product.apply(table_of(product, function, 2), data)
    assert np.max(np.abs(data - expected)) <= 1e-12 * np.max(np.abs(expected))


def test_crystal_in_a_field_has_no_positions():
    """Axes kx, ky alone, made conjugate by the field."""
    space = PhaseSpace(
        (Axis("kx", "box", -3, 3, 12), Axis("ky", "box", -4, 4, 10)), 1.0, brackets=(("kx", "ky", 0.4),)
    )
    data = np.random.default_rng(3).normal(size=(4, *space.shape))
    function = matrix_field(2, 7)
    product = TwoSidedProduct(space, ("kx",), 2)
    expected = slow_product(space, ("kx",), function, data)
    product.apply(table_of(product, function, 2), data)
    assert np.max(np.abs(data - expected)) <= 1e-12 * np.max(np.abs(expected))


def test_threads_do_not_change_a_bit():
    space = PhaseSpace((Axis("x", "box", -2, 2, 256), Axis("k", "box", -3, 3, 256)))
    start = np.random.default_rng(4).normal(size=(4, *space.shape))
    results = []
    for threads in (1, 2):
        for name in ("x", "k"):
            data = start.copy()
            product = TwoSidedProduct(space, (name,), 2, threads=threads)
            product.apply(table_of(product, matrix_field(2, 8), 2), data)
            results.append(data)
    assert np.array_equal(results[0], results[2])
    assert np.array_equal(results[1], results[3])


def test_matched_grid_needs_few_arguments():
    """dx·dk = πħ/N: the shifted arguments fall on the grid, about 3N of them, not N²."""
    n, length = 64, 10.0
    k = np.pi * n / (2 * length)
    space = PhaseSpace((Axis("x", "box", -length / 2, length / 2, n), Axis("k", "box", -k, k, n)))
    assert TwoSidedProduct(space, ("x",), 2).shifts.table_shape[0] <= 3 * n


def test_non_commuting_coordinates_are_refused():
    space = PhaseSpace((Axis("x", "box", -2, 2, 8), Axis("k", "box", -3, 3, 8)))
    with pytest.raises(ValueError, match="do not commute"):
        TwoSidedProduct(space, ("x", "k"), 1)

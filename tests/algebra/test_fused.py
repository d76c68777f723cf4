"""The fused sweep against the general two-sided product, its oracle, over shapes, grids, bands and threads."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wigner.algebra.fused import FusedSweep, two_sided_product
from wigner.algebra.phase_space import Axis, PhaseSpace
from wigner.algebra.two_sided import TwoSidedProduct
from wigner.errors import PhaseSpaceError

LENGTHS = (16, 48, 60, 64, 96, 128, 256, 1000, 1024)


def plane(nx, nk, matched=False):
    width = np.pi * nk / 4 if matched else 2.3
    return PhaseSpace((Axis("x", "box", -2, 2, nx), Axis("k", "box", -width, width, nk)))


def random_table(product, bands, seed=0, scalar=False):
    entries = int(np.prod(product.shifts.table_shape))
    rng = np.random.default_rng(seed)
    shape = (entries, 1 if scalar else bands**2)
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


def assert_equal_paths(space, names, bands, *, threads=1, scalar=False, tolerance=1e-13):
    oracle = TwoSidedProduct(space, names, bands)
    fused = FusedSweep(space, names, bands, threads=threads)
    table = random_table(oracle, bands, scalar=scalar)
    start = np.random.default_rng(1).normal(size=(bands**2, *space.shape))
    expected, data = start.copy(), start.copy()
    oracle.apply(table, expected)
    fused.apply(table, data)
    assert np.max(np.abs(data - expected)) <= tolerance * np.max(np.abs(expected))
    fused.apply(fused.arrange(table), start)
    assert np.array_equal(start, data)


@pytest.mark.parametrize("which", ["x", "k"])
@pytest.mark.parametrize("length", LENGTHS)
def test_lengths(length, which):
    space = plane(length, 24) if which == "k" else plane(24, length)
    assert_equal_paths(space, (which,), 2)


@pytest.mark.parametrize("which", ["x", "k"])
@pytest.mark.parametrize("points", [64, 1024])
def test_matched_grid(points, which):
    assert_equal_paths(plane(points, points, matched=True), (which,), 2)


@pytest.mark.parametrize("scalar", [False, True])
@pytest.mark.parametrize("which", ["x", "k"])
@pytest.mark.parametrize("bands", [1, 2, 3, 4])
def test_bands(bands, which, scalar):
    assert_equal_paths(plane(48, 40), (which,), bands, scalar=scalar)


@pytest.mark.parametrize("lanes", [8 * 17 - 3, 8 * 19])
@pytest.mark.parametrize("bands", [1, 2, 3])
def test_last_tile_of_many_groups_is_smaller(bands, lanes):
    """Tiles of four groups across the rows, the last one of a single group, full or not, or of three."""
    assert_equal_paths(plane(144, lanes), ("k",), bands, threads=2)


@settings(max_examples=30, deadline=None)
@given(
    bands=st.integers(1, 4),
    nx=st.sampled_from([4, 5, 9, 12, 18, 30, 45]),
    nk=st.sampled_from([4, 6, 8, 10, 25, 27, 36]),
    which=st.sampled_from(["x", "k"]),
    threads=st.integers(1, 2),
    matched=st.booleans(),
)
def test_odd_remainders(bands, nx, nk, which, threads, matched):
    assert_equal_paths(plane(nx, nk, matched), (which,), bands, threads=threads)


@settings(max_examples=10, deadline=None)
@given(length=st.sampled_from([n for n in range(4, 600) if all(n % p for p in (7, 11, 13, 17, 19, 23))]))
def test_any_product_of_two_three_five(length):
    rest = length
    for prime in (2, 3, 5):
        while rest % prime == 0:
            rest //= prime
    space = plane(length, 8)
    if rest == 1:
        assert_equal_paths(space, ("k",), 1)
    else:
        with pytest.raises(PhaseSpaceError, match="products of 2, 3 and 5"):
            FusedSweep(space, ("k",), 1)


@pytest.mark.parametrize("names", [("x", "y"), ("kx", "ky"), ("x",), ("y",), ("kx",), ("ky",)])
@pytest.mark.parametrize("bands", [1, 2])
def test_two_space_dimensions(names, bands):
    axes = (Axis("x", "box", -2, 2, 6), Axis("y", "ring", -1, 1, 8), Axis("kx", "box", -3, 3, 10))
    space = PhaseSpace((*axes, Axis("ky", "zone", -4, 4, 12)), 0.7)
    assert_equal_paths(space, names, bands)


def test_two_space_dimensions_matched():
    """48 points a side of each conjugate pair, as in the four-dimensional runs, on few points of the others."""
    axes = (Axis("x", "box", -2, 2, 4), Axis("y", "box", -2, 2, 9), Axis("kx", "box", -8, 8, 48))
    space = PhaseSpace((*axes, Axis("ky", "box", -8, 8, 48)))
    assert_equal_paths(space, ("x", "y"), 2)
    axes = (Axis("x", "box", -8, 8, 48), Axis("y", "box", -8, 8, 48), Axis("kx", "box", -2, 2, 4))
    assert_equal_paths(PhaseSpace((*axes, Axis("ky", "box", -2, 2, 9))), ("kx", "ky"), 2)


def test_three_space_dimensions():
    axes = [Axis(name, "box", -2, 2, n) for name, n in zip(("x", "y", "z"), (4, 5, 6), strict=True)]
    axes += [Axis(name, "box", -3, 3, n) for name, n in zip(("kx", "ky", "kz"), (6, 4, 8), strict=True)]
    space = PhaseSpace(tuple(axes))
    assert_equal_paths(space, ("x", "y", "z"), 2)
    assert_equal_paths(space, ("kx", "ky", "kz"), 2)


@pytest.mark.parametrize("names", [("kx",), ("ky",), ("x", "y")])
def test_magnetic_poisson_tensor(names):
    """With {kx, ky} = b the conjugate axes of kx are x and ky, apart in memory: only the general path copies."""
    axes = (Axis("x", "box", -2, 2, 6), Axis("y", "box", -1, 1, 8), Axis("kx", "box", -3, 3, 5))
    space = PhaseSpace((*axes, Axis("ky", "box", -4, 4, 6)), 0.7, brackets=(("kx", "ky", 0.6),))
    assert_equal_paths(space, names, 2)


def test_crystal_in_a_field_has_no_positions():
    space = PhaseSpace(
        (Axis("kx", "box", -3, 3, 12), Axis("ky", "box", -4, 4, 10)), 1.0, brackets=(("kx", "ky", 0.4),)
    )
    assert_equal_paths(space, ("kx",), 2)
    assert_equal_paths(space, ("ky",), 2)


@pytest.mark.parametrize("bands", [1, 2, 3])
@pytest.mark.parametrize("which", ["x", "k"])
def test_threads_do_not_change_a_bit(which, bands):
    space = plane(120, 135)
    start = np.random.default_rng(4).normal(size=(bands**2, *space.shape))
    results = []
    for threads in (1, 2):
        product = FusedSweep(space, (which,), bands, threads=threads)
        table = product.arrange(random_table(product, bands))
        for _ in range(2):
            data = start.copy()
            product.apply(table, data)
            results.append(data)
    assert all(np.array_equal(results[0], other) for other in results[1:])


@pytest.mark.parametrize("offset", [0, 1, 5])
def test_any_alignment(offset):
    space = plane(32, 24)
    product = FusedSweep(space, ("k",), 2)
    table = random_table(product, 2)
    raw = np.random.default_rng(5).normal(size=4 * space.points + 8)
    data = raw[offset : offset + 4 * space.points].reshape(4, *space.shape)
    expected = data.copy()
    product.apply(table, expected)
    product.apply(table, data)
    assert np.array_equal(data, expected)


def unitary_table(product, bands, seed):
    rng = np.random.default_rng(seed)
    entries = int(np.prod(product.shifts.table_shape))
    matrix = rng.normal(size=(entries, bands, bands)) + 1j * rng.normal(size=(entries, bands, bands))
    return np.ascontiguousarray(np.linalg.qr(matrix)[0].reshape(entries, bands**2))


@pytest.mark.parametrize("points", [60, 64])
@pytest.mark.parametrize("bands", [1, 2, 3])
def test_invariants_over_many_flows(bands, points):
    """Trace and purity over ten thousand flows: no rounding may lean to one side."""
    space = plane(points, points, matched=True)
    products = [FusedSweep(space, (name,), bands) for name in ("x", "k")]
    tables = [p.arrange(unitary_table(p, bands, n)) for n, p in enumerate(products)]
    data = np.random.default_rng(6).normal(size=(bands**2, *space.shape))
    data[:bands] += 1.0

    def invariants():
        diagonal, rest = data[:bands], data[bands:]
        return np.sum(diagonal), np.sum(diagonal**2) + 2 * np.sum(rest**2)

    trace, purity = invariants()
    for _ in range(5000):
        for product, table in zip(products, tables, strict=True):
            product.apply(table, data)
    later_trace, later_purity = invariants()
    assert abs(later_trace / trace - 1) <= 1e-11
    assert abs(later_purity / purity - 1) <= 1e-9


def test_memory_is_a_few_bytes_a_point():
    space = plane(512, 512, matched=True)
    held = sum(FusedSweep(space, (name,), 2).nbytes for name in ("x", "k"))
    assert held / space.points <= 8


def test_factory_chooses_and_obeys():
    small, awkward = plane(64, 64), plane(70, 64)
    assert isinstance(two_sided_product(small, ("x",), 2), FusedSweep)
    assert isinstance(two_sided_product(small, ("x",), 2, library="scipy"), TwoSidedProduct)
    assert isinstance(two_sided_product(small, ("x",), 2, path="general"), TwoSidedProduct)
    assert isinstance(two_sided_product(small, ("x",), 5), TwoSidedProduct)
    assert isinstance(two_sided_product(awkward, ("k",), 2), TwoSidedProduct)
    with pytest.raises(PhaseSpaceError, match="fused sweep"):
        two_sided_product(awkward, ("k",), 2, path="fused")


def test_states_apart_in_memory_are_refused():
    space = plane(16, 16)
    product = FusedSweep(space, ("k",), 1)
    data = np.zeros((1, 16, 32))[:, :, ::2]
    with pytest.raises(ValueError, match="C order"):
        product.apply(random_table(product, 1), data)


@pytest.mark.parametrize("names", [("x", "y"), ("kx",)])
def test_widest_difference(names):
    axes = (Axis("x", "box", -2, 2, 6), Axis("y", "ring", -1, 1, 9), Axis("kx", "box", -3, 3, 10))
    space = PhaseSpace((*axes, Axis("ky", "zone", -4, 4, 12)), 0.7)
    oracle, fused = TwoSidedProduct(space, names, 2), FusedSweep(space, names, 2)
    high, low = np.random.default_rng(7).normal(size=(2, int(np.prod(oracle.shifts.table_shape))))
    assert fused.widest(high, low) == oracle.widest(high, low)

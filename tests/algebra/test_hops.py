"""Sparse operators are the dense ones, and their Chebyshev polynomials those of plain matrices."""

import numpy as np
import pytest
from numpy.polynomial import chebyshev
from problems import matched_space

from wigner.algebra import Axis, PhaseSpace
from wigner.algebra.hops import HopSeries, hop_operators
from wigner.algebra.weyl import WeylTransform


def grid(kind, points=8, hbar=0.7):
    """A ring, a box, a crystal in a field with a commuting kz, a torus of two pairs, a plane of boxes in a field."""
    k = np.pi * hbar * points / 6.0
    if kind in ("ring", "box"):
        return matched_space(points, 5.0, hbar, kind=(kind, "zone"))
    if kind == "crystal":
        height = np.pi * hbar * 0.3 * points / 4.0
        axes = [Axis("kx", "zone", -1.3, 2.7, points), Axis("ky", "zone", 0.4, 0.4 + height, points)]
        return PhaseSpace((*axes, Axis("kz", "zone", 0, 2, 4)), hbar, brackets=(("kx", "ky", -0.3),))
    form, brackets = ("ring", ()) if kind == "torus" else ("box", (("kx", "ky", 0.6),))
    axes = [Axis(n, form, -1, 2, points) for n in "xy"]
    momenta = [Axis(n, "zone", -k, k, points) for n in ("kx", "ky")]
    return PhaseSpace((*axes, *momenta), hbar, brackets=brackets)


def symbol(space, rng, bands=2, waves=3, around=()):
    """Few harmonics along the momenta, anything along positions; broadcast along the axes in `around`."""
    shape = [1 if axis.name in around else axis.points for axis in space.axes]
    out = np.zeros((bands, bands, *shape), dtype=complex)
    for _ in range(waves):
        turn = np.zeros(1)
        for number, axis in enumerate(space.axes):
            if axis.name.startswith("k") and shape[number] > 1:
                wave = rng.integers(-axis.points // 2, axis.points // 2 + 1)
                angle = 2 * np.pi * wave * np.arange(axis.points) / axis.points
                turn = turn + angle.reshape([-1 if n == number else 1 for n in range(len(shape))])
        local = [size if space.axes[n].name[0] != "k" else 1 for n, size in enumerate(shape)]
        local = rng.normal(size=(2, bands, bands, *local))
        out += (local[0] + 1j * local[1]) * np.exp(1j * turn)
    return out + out.conj().swapaxes(0, 1)


@pytest.mark.parametrize(
    ("kind", "closed"),
    [("ring", False), ("box", False), ("box", True), ("crystal", False), ("torus", False), ("field", False)],
)
def test_sparse_operators_are_the_dense_ones(kind, closed):
    rng = np.random.default_rng(len(kind))
    weyl = WeylTransform(grid(kind))
    names = weyl.space.names
    for around in ((), names[-1:], names[:1], names[len(names) // 2 :]):
        field = symbol(weyl.space, rng, around=around)
        wanted = weyl.operators(field, hermitian=True, closed=closed)
        found = hop_operators(weyl, field, share=9.0, closed=closed)
        assert len(found) == weyl.sets
        found = np.stack([one.toarray() for one in found])
        assert np.max(np.abs(found - wanted)) <= 1e-12 * np.max(np.abs(wanted))
        assert np.max(np.abs(wanted)) > 0.1


def test_only_few_hops_are_taken_apart():
    weyl = WeylTransform(grid("torus"))
    x, kx = weyl.space.coordinate("x"), weyl.space.coordinate("kx")
    k = 2 * np.pi * kx / weyl.space.axis("kx").extent
    hopping = (np.cos(k) * np.exp(x))[None, None]
    # Two of sixteen columns in every row.
    assert hop_operators(weyl, hopping, share=0.1) is None
    rows = hop_operators(weyl, hopping, share=0.13)
    assert {row.nnz for row in rows} == {2 * weyl.sites}
    nothing = hop_operators(weyl, np.zeros((2, 2, 1, 1, 1, 1)), share=0.0)
    assert {row.nnz for row in nothing} == {0}


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_series_is_that_of_plain_matrices(threads):
    rng = np.random.default_rng(5)
    weyl = WeylTransform(grid("torus"))
    field = symbol(weyl.space, rng)
    rows = hop_operators(weyl, field, share=9.0)
    dense = weyl.operators(field, hermitian=True)
    reach = 1.1 * np.abs(np.linalg.eigvalsh(dense)).max()
    coefficients = rng.normal(size=9) + 1j * rng.normal(size=9)
    columns = rng.normal(size=(weyl.sets, 37, dense.shape[-1], 2)) @ [1, 1j]
    levels, vectors = np.linalg.eigh(dense)
    values = chebyshev.chebval(levels / reach, coefficients)
    polynomial = (vectors * values[:, None, :]) @ vectors.conj().swapaxes(-1, -2)
    wanted = np.einsum("sij,srj->sri", polynomial, columns)
    found = [columns.copy() for _ in range(2)]
    HopSeries(dense.shape[-1], threads=threads).apply(rows, reach, coefficients, found[0])
    assert np.max(np.abs(found[0] - wanted)) <= 1e-12 * np.max(np.abs(wanted))
    HopSeries(dense.shape[-1]).apply(rows, reach, coefficients, found[1])
    np.testing.assert_array_equal(*found)

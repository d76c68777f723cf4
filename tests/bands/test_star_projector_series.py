"""Star-projectors order by order against the exact ones, and against what defines them."""

from itertools import pairwise

import numpy as np
import pytest
from nouns import as_array, exact_unitary, rotated
from problems import hamiltonian

from wigner.algebra import Axis, PhaseSpace
from wigner.algebra.star import moyal_product
from wigner.algebra.weyl import WeylTransform
from wigner.bands import band_projectors, star_projector, star_projector_series
from wigner.errors import ModelError

TEXTURE = "sin(k)*sigma_x + (4 - cos(k))*sigma_z + 0.4*cos(x)*sigma_0 + 0.5*sin(x)*sigma_y"
THREE = [
    ["2.6 + 0.3*cos(x)", "0.5*sin(k)", "0.3*i*sin(x)"],
    ["0.5*sin(k)", "0.2*cos(k)", "0.5*cos(x + k)"],
    ["-0.3*i*sin(x)", "0.5*cos(x + k)", "0.2*sin(k) - 2.5"],
]
CRYSTAL = "sin(kx)*sigma_x + sin(ky)*sigma_y + (4.5 + cos(kx) + cos(ky))*sigma_z + 0.2*cos(kx)*sigma_0"
PLANE = """sin(kx)*sigma_x + (0.4*sin(x) + sin(ky))*sigma_y + (4 + cos(kx) + 0.3*cos(y))*sigma_z
  + 0.5*(cos(x) + sin(ky))*sigma_0"""


def torus(points, hbar=None):
    """Matched unless ħ is given."""
    axes = (Axis("x", "ring", 0, 2 * np.pi, points), Axis("k", "zone", 0, 2 * np.pi, points))
    return PhaseSpace(axes, 4 * np.pi / points if hbar is None else hbar)


def crystal(points, b):
    axes = [Axis(n, "zone", -np.pi, np.pi, points) for n in ("kx", "ky")]
    return PhaseSpace(tuple(axes), 4 * np.pi / points / abs(b), brackets=(("kx", "ky", b),))


def summed(series, hbar):
    """The sums through order 0, 1, …"""
    return np.cumsum([hbar**j * p for j, p in enumerate(series)], axis=0)


def commutator(h, p, space):
    """|[H, P]_⋆| of Hermitian fields; H, of few harmonics, stands on the left of the slow product."""
    product = moyal_product(h, p, space)
    return np.max(np.abs(product - np.swapaxes(product, 0, 1).conj()))


def slopes(errors, hbars):
    return np.diff(np.log(errors), axis=0) / np.diff(np.log(hbars))[:, None]


@pytest.mark.parametrize(
    ("make", "spec", "bands", "window", "sizes"),
    [
        (torus, TEXTURE, (0,), (-9, 0), (64, 80, 112)),
        (torus, THREE, (0,), (-9, -1.2), (64, 80, 112)),
        (torus, THREE, (1,), (-1.2, 1.2), (64, 80, 112)),
        (torus, THREE, (0, 2), (1.2, -1.2), (64, 80, 112)),
        (lambda n: crystal(n, 1.3), CRYSTAL, (0,), (-9, 0), (112, 136, 160)),
        (lambda n: crystal(n, -0.7), CRYSTAL, (1,), (0, 9), (112, 136, 160)),
    ],
    ids=["two bands", "three, lowest", "three, middle", "three, outer", "crystal", "crystal, b < 0"],
)
def test_error_falls_one_order_faster_with_each_correction(make, spec, bands, window, sizes):
    """|P⁰ + … + ħⁿPⁿ − P| ~ ħ^{n+1}, the exact P from the eigenvectors of the operator."""
    errors, hbars = [], []
    low, high = window
    for points in sizes:
        h = hamiltonian(make(points), spec)
        hbar = h.space.hbar

        def chosen(e):
            return 1.0 * ((e > low) & (e < high) if low < high else (e > low) | (e < high))

        exact = WeylTransform(h.space).function(h.values(), chosen)
        series = star_projector_series(h.values(), h.space, bands, 3)
        errors.append([np.max(np.abs(p - exact)) for p in summed(series, hbar)])
        hbars.append(hbar)
    found = slopes(errors, hbars)
    assert np.all(np.abs(found - [1, 2, 3, 4]) <= 0.2), found


def test_agrees_with_the_iterated_projector():
    h = hamiltonian(torus(28, 0.1), TEXTURE)
    exact = star_projector(h.values(), h.space, 0.0, tolerance=1e-10)
    errors = [
        np.max(np.abs(p - exact)) for p in summed(star_projector_series(h.values(), h.space, (0,), 3), 0.1)
    ]
    assert errors[3] < 2e-7
    assert all(later < 0.1 * earlier for earlier, later in pairwise(errors))


@pytest.mark.parametrize("spec", [TEXTURE, THREE], ids=["two bands", "three"])
def test_idempotent_and_commuting_through_its_order(spec):
    """Defects of the sum through order n fall as ħ^{n+1}, by the slow star product."""
    hbars, idempotency, commuting = (0.1, 0.05), [], []
    h = hamiltonian(torus(24, 1.0), spec)
    series = star_projector_series(h.values(), h.space, (0,), 2)
    full = np.broadcast_to(h.values(), series[0].shape)
    for hbar in hbars:
        space = torus(24, hbar)
        sums = summed(series, hbar)
        idempotency.append([np.max(np.abs(moyal_product(p, p, space) - p)) for p in sums])
        commuting.append([commutator(full, p, space) for p in sums])
    for defects in (idempotency, commuting):
        assert np.all(np.abs(slopes(defects, hbars) - [1, 2, 3]) <= 0.2), slopes(defects, hbars)


def test_positions_momenta_and_a_field_together():
    """(x, y, kx, ky) with {kx, ky} = b: [H, P]_⋆ of the sum falls as ħ^{n+1}, and P¹ depends on b."""

    def space(hbar, b=0.8):
        axes = [Axis(n, "ring" if n in "xy" else "zone", 0, 2 * np.pi, 12) for n in ("x", "y", "kx", "ky")]
        return PhaseSpace(tuple(axes), hbar, brackets=(("kx", "ky", b),))

    h = hamiltonian(space(1.0), PLANE)
    full = np.broadcast_to(h.values(), (2, 2, *h.space.shape))
    series = star_projector_series(full, h.space, (0,), 1)
    hbars = (0.1, 0.05)
    defects = [[commutator(full, p, space(hbar)) for p in summed(series, hbar)] for hbar in hbars]
    assert np.all(np.abs(slopes(defects, hbars) - [1, 2]) <= 0.2), slopes(defects, hbars)
    other = star_projector_series(full, space(1.0, -0.8), (0,), 1)
    assert np.max(np.abs(other[1] - series[1])) > 1e-3


@pytest.mark.parametrize("bands", [(0,), (1, 2)])
def test_turns_with_the_basis_and_completes_the_other_bands(bands):
    """A constant unitary turns every correction with it; the set and the rest add up to 1."""
    unitary = exact_unitary(3, seed=5)
    u = as_array(unitary)
    h = hamiltonian(torus(24, 1.0), THREE)
    here = star_projector_series(h.values(), h.space, bands, 3)
    there = star_projector_series(rotated(h, unitary).values(), h.space, bands, 3)
    rest = star_projector_series(h.values(), h.space, [n for n in range(3) if n not in bands], 3)
    assert np.max(np.abs(sum(band_projectors(h.values())[n] for n in bands) - here[0])) <= 1e-13
    for order, (one, two, three) in enumerate(zip(here, there, rest, strict=True)):
        turned = np.einsum("ab,bcxk,dc->adxk", u, one, u.conj())
        assert np.max(np.abs(turned - two)) <= 1e-11
        assert np.max(np.abs(one - np.swapaxes(one, 0, 1).conj())) == 0
        total = one + three - (np.eye(3)[:, :, None, None] if order == 0 else 0)
        assert np.max(np.abs(total)) <= 1e-11
        assert np.max(np.abs(one)) > 1e-3


@pytest.mark.parametrize(
    ("spec", "bands", "message"),
    [
        ("sin(k)*sigma_x + sin(x)*sigma_y", (0,), "got one that closes at x = 0, k = 0"),
        (TEXTURE, (), "expected some of the bands 0 … 1 and not all, got none"),
        (TEXTURE, (0, 1), "got 0, 1"),
        (TEXTURE, (2,), "got 2"),
        ("k*sigma_x + sigma_z", (0,), "highest wave numbers of k, and a gap of 2 at .*; use more points"),
        (
            "sin(k)*sigma_x + sin(x)*sigma_y + 0.02*cos(x)*sigma_z",
            (1,),
            "a gap of 0.04 at x = 0, k = 0; use more points, a wider gap",
        ),
    ],
)
def test_what_has_no_series_is_refused(spec, bands, message):
    h = hamiltonian(torus(16, 0.5), spec)
    with pytest.raises(ModelError, match=message):
        star_projector_series(h.values(), h.space, bands, 1)

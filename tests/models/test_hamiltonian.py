"""Splitting H into terms of coordinates that commute."""

import numpy as np
import pytest
from model_checks import space_of
from problems import hamiltonian

from wigner.algebra import Axis, PhaseSpace
from wigner.errors import ModelError

PLANE = ("x", "y", "kx", "ky")


def in_field(b):
    axes = tuple(Axis(n, "box", -2.0, 2.0, 4) for n in PLANE)
    return PhaseSpace(axes, brackets=(("kx", "ky", b),) if b else ())


def check_terms(h, expected):
    """Terms have these coordinates, each set commutes, and they add up to H."""
    assert [term.coordinates for term in h.terms] == expected
    rng = np.random.default_rng(0)
    at = {name: rng.normal(size=12) for name in (*h.space.names, "t")}
    total = 0
    for term in h.terms:
        assert h.space.commute(term.coordinates)
        assert term.symbol.variables <= {*term.coordinates, "t"}
        total = total + term.symbol(**at)
    assert np.allclose(total, h.symbol(**at), atol=1e-12)


@pytest.mark.parametrize(
    "spec, expected",
    [
        ("k**2/2 + x**2/2", [("k",), ("x",)]),
        ("x**2/2 + k**2/2", [("k",), ("x",)]),
        ("k*sigma_x + sigma_z + exp(-x**2)*sigma_y", [("k",), ("x",)]),
        ("x**2 + 3", [("x",)]),
        ("k**2 + 3", [("k",)]),
        ("k*t + x*cos(t) + t**2", [("k",), ("x",)]),
        ("(k + x)**2 - 2*k*x", [("k",), ("x",)]),
        ("(k + x)*(k - x)", [("k",), ("x",)]),
        ("3*sigma_z", [("k",)]),
        ("0*k", []),
        ("x*k - k*x + k", [("k",)]),
    ],
)
def test_one_dimension(spec, expected):
    h = hamiltonian(space_of("x", "k"), spec)
    check_terms(h, expected)
    assert h.is_static == ("t" not in spec)
    assert [term.is_static for term in h.terms] == ["t" not in spec] * len(expected)


@pytest.mark.parametrize(
    "spec, expected",
    [
        ("kx**2 + ky**2 + x**2*y", [("kx", "ky"), ("x", "y")]),
        ("sqrt(kx**2 + ky**2 + 1) + x*y", [("kx", "ky"), ("x", "y")]),
        ("kx*sigma_x + ky*sigma_y + x*sigma_z + y*sigma_0", [("kx", "ky"), ("x", "y")]),
        ("kx**2/2 + (ky - x)**2/2", [("x", "ky"), ("kx",)]),
    ],
)
def test_two_dimensions(spec, expected):
    check_terms(hamiltonian(in_field(0.0), spec), expected)


def test_magnetic_field_splits_the_kinetic_energy():
    """{kx, ky} = b: kx² and ky² do not commute and become two flows."""
    free = hamiltonian(in_field(0.5), "kx**2/2 + ky**2/2")
    check_terms(free, [("ky",), ("kx",)])
    dirac = hamiltonian(in_field(0.5), "kx*sigma_x + ky*sigma_y + sigma_z + x*y*sigma_0")
    assert len(dirac.terms) == 3
    assert not any({"kx", "ky"} <= set(term.coordinates) for term in dirac.terms)
    check_terms(hamiltonian(in_field(0.0), "kx**2/2 + ky**2/2"), [("kx", "ky")])
    with pytest.raises(ModelError, match="kx and ky together"):
        _ = hamiltonian(in_field(0.5), "kx*ky").terms


@pytest.mark.parametrize("spec", ["x*k", "cos(x + k)", "k**2/(1 + x**2)", "x*k*sigma_x + k**2*sigma_0"])
def test_products_of_conjugates_are_refused(spec):
    with pytest.raises(ModelError, match="got a term in x and k together") as caught:
        _ = hamiltonian(space_of("x", "k"), spec).terms
    assert "\n" not in str(caught.value)


def test_values_broadcast_over_the_grid():
    space = space_of("x", "k")
    h = hamiltonian(space, "k*sigma_x + t*x*sigma_z")
    values = np.broadcast_to(h.values(2.0), (2, 2, *space.shape))
    assert np.allclose(values[0, 0, :, 3], 2 * space.axis("x").values)
    assert np.allclose(values[0, 1, 3], space.axis("k").values)
    assert h.bands == 2

"""Equations that are written from different sources are one where both hold: their rates agree to the grid's own error."""

import numpy as np
import pytest
from problems import hamiltonian

from wigner.algebra import Axis, PhaseSpace
from wigner.equations import Boltzmann, DecoupledBands, Separable, StarProjected
from wigner.states import WignerFunction

TEXTURE = """(0.4*cos(x + k) + 0.3*sin(k))*sigma_0 + (0.2*sin(x) + 0.8*sin(k))*sigma_x
  + (0.2*cos(x) - 0.4*sin(k))*sigma_y + (1.6 + 0.3*cos(k) + 0.3*cos(x))*sigma_z"""
CHAIN = "(1 + 0.4*cos(k))*sigma_x + 0.5*sin(k)*sigma_y + 0.3*sin(k)*sigma_0 + 0.3*cos(k)*sigma_z"
POTENTIAL = " + (0.5*cos(x) + 0.2*sin(2*x))*sigma_0"
DRIVEN = " + (0.5*cos(x - 0.7*t) + 0.2*sin(2*x)*cos(t))*sigma_0"
POINTS, TIME = 96, 0.4


def rate(equation, spec, points=POINTS, **options):
    """∂_t of smooth densities in each band."""
    axes = (Axis("x", "ring", 0, 2 * np.pi, points), Axis("k", "zone", 0, 2 * np.pi, points))
    h = hamiltonian(PhaseSpace(axes, 0.2), spec)
    state = WignerFunction(h.space, np.zeros((4, *h.space.shape)))
    form = equation(h, state, state.data.copy(), start=TIME, **options)
    x, k = h.space.coordinates().values()
    form.columns[...] = 0.6 + 0.3 * np.cos(x - k) + 0.1 * np.sin(k), 0.3 + 0.2 * np.sin(x + k)
    out = np.empty_like(form.columns)
    form.rate(form.columns, TIME, out)
    return out


def largest(field):
    return float(np.max(np.abs(field)))


@pytest.mark.parametrize("spec", [TEXTURE, CHAIN + POTENTIAL], ids=["texture", "chain"])
def test_order_0_is_boltzmann(spec):
    assert largest(rate(StarProjected, spec, order=0) - rate(Boltzmann, spec)) <= 1e-11


def test_order_1_of_two_bands_is_that_of_wong_and_tserkovnyak_decoupled():
    """From the star-projector, and from the vector m(x, k) in closed form."""
    first, lowest = (rate(StarProjected, TEXTURE, order=n) for n in (1, 0))
    assert largest(first - rate(DecoupledBands, TEXTURE)) <= 1e-11
    assert largest(first - lowest) >= 1e-3


@pytest.mark.parametrize("potential", [POTENTIAL, DRIVEN], ids=["static", "driven"])
def test_order_2_in_a_potential_is_the_separable_equation(potential):
    """Of star-projectors in x and k, and of T and g of H₀(k) alone, with H(t) too."""
    second, first = (rate(StarProjected, CHAIN + potential, order=n) for n in (2, 1))
    apart = largest(second - rate(Separable, CHAIN + potential))
    assert apart <= 1e-11
    assert largest(second - first) >= 1e-3

"""States given band by band: the occupations come back, and slow motion shows that the right coherence was there."""

import numpy as np
import pytest
from kinetics import lattice, slope, texture
from problems import hamiltonian

from wigner.algebra import Axis, PhaseSpace
from wigner.algebra.star import moyal_product
from wigner.bands import TwoBandGeometry, band_projectors, star_projector
from wigner.equations import HarmonicForm
from wigner.errors import ModelError
from wigner.models import UniformFields
from wigner.states import Occupations, StarOccupations, WignerFunction
from wigner.states.two_band import occupations
from wigner.steppers import Chebyshev

BANDS = ("0.7 + 0.25*cos(x - k)", "0.3 + a*sin(x)*cos(k)")
STATE = Occupations(BANDS, {"a": 0.2})


def turned(problem, state, duration):
    """F after a time, by the exact equation."""
    data = np.empty_like(state.data)
    stepper = Chebyshev(HarmonicForm(problem.hamiltonian(), state, data))
    stepper.advance(0.0, duration, 1)
    stepper.settle()
    return WignerFunction(state.space, data)


@pytest.mark.parametrize("w", [0.0, 1.0], ids=["static", "driven"])
def test_occupations_come_back_and_do_not_turn(w):
    """n_s is what was given; what turns between the bands at Δ/ħ falls as ħ², and as ħ for Σ n_s P_s."""
    hbars, rates = np.array([0.1, 0.05, 0.025]), {"occupations": [], "order 0": [], "order 1": []}
    for hbar in hbars:
        problem = texture(hbar, 32, w=w)
        h = problem.hamiltonian()
        x, k = h.space.coordinates().values()
        wanted = np.array([0.7 + 0.25 * np.cos(x - k), 0.3 + 0.2 * np.sin(x) * np.cos(k)])
        fields = TwoBandGeometry(h.space, h.symbol).at(0.0)
        state = STATE.wigner_function(h)
        assert np.max(np.abs(occupations(state, fields) - wanted)) <= 1e-13
        states = {"occupations": state}
        states |= {f"order {n}": StarOccupations(BANDS, n, {"a": 0.2}).wigner_function(h) for n in (0, 1)}
        # Over a turn π ħ/Δ of the bands coherence that does not belong changes sign; slow motion is ħ times smaller.
        for name, each in states.items():
            moved = [turned(problem, each, s * np.pi * hbar / fields.gap.mean() / 2).data for s in (-1, 1)]
            middle = 0.5 * (moved[0] + moved[1]) - each.data
            rates[name].append(np.sqrt(np.mean(middle**2)))
    assert abs(slope(rates["order 0"], hbars) - 1) <= 0.15, rates
    assert abs(slope(rates["occupations"], hbars) - 2) <= 0.15, rates
    assert abs(slope(rates["order 1"], hbars) - 2) <= 0.15, rates


def test_order_zero_is_the_local_bands():
    h = texture(0.2, 24).hamiltonian()
    x, k = h.space.coordinates().values()
    wanted = np.array([0.7 + 0.25 * np.cos(x - k), 0.3 + 0.2 * np.sin(x) * np.cos(k)])
    found = StarOccupations(BANDS, 0, {"a": 0.2}).wigner_function(h).matrix()
    projectors = band_projectors(np.broadcast_to(h.values(), (2, 2, *h.space.shape)))
    assert np.max(np.abs(found - np.einsum("n...,nab...->ab...", wanted, projectors))) <= 1e-13


@pytest.mark.parametrize("order", [1, 2])
def test_densities_in_exact_star_projectors(order):
    """tr(P ⋆ F) with the star-projector of a sign iteration, and the exact star product, gives f up to ħ^{p+1}."""
    hbars, errors = np.array([0.3, 0.2, 0.1]), []
    axes = (Axis("x", "ring", 0, 2 * np.pi, 24), Axis("k", "zone", 0, 2 * np.pi, 24))
    x, k = axes[0].values[:, None], axes[1].values[None]
    for hbar in hbars:
        h = hamiltonian(
            PhaseSpace(axes, hbar), "0.6*sin(k)*sigma_x + 0.5*sin(x)*sigma_y + 2*sigma_z + cos(k)*sigma_0/5"
        )
        field = StarOccupations(BANDS, order, {"a": 0.2}).wigner_function(h).matrix()
        full = np.broadcast_to(h.values(), (2, 2, *h.space.shape))
        lower = star_projector(full, h.space, 0.0, tolerance=1e-10)
        density = np.einsum("aa...->...", moyal_product(lower, field, h.space)).real
        errors.append(np.max(np.abs(density - (0.7 + 0.25 * np.cos(x - k)))))
    assert abs(slope(errors, hbars) - order - 1) <= 0.2, errors


def test_a_uniform_force_stands_beside_the_slope_of_the_energy():
    """On a ring of x nothing else differs between −f x in H and f in [fields]: the coherence is the same."""
    axes = (Axis("x", "box", -4, 4, 48), Axis("k", "zone", -np.pi, np.pi, 48))
    space, spec = PhaseSpace(axes, 0.3), "sin(k)*sigma_x + (2 + cos(k))*sigma_z + 0.4*exp(-x**2)*sigma_y"
    bands = ("exp(-3*x**2)*(1 + cos(k))", "exp(-2*x**2)*(1 + sin(k))")
    inside = Occupations(bands).wigner_function(hamiltonian(space, f"{spec} - 0.7*x*sigma_0"))
    beside = Occupations(bands).wigner_function(hamiltonian(space, spec, UniformFields.parse(force=0.7)))
    without = Occupations(bands).wigner_function(hamiltonian(space, spec))
    assert np.max(np.abs(inside.data - beside.data)) <= 1e-12
    assert np.max(np.abs(without.data - beside.data)) >= 1e-3


def test_what_is_refused():
    h = texture(0.2, 16).hamiltonian()
    three = type(h)(h.space, type(h.symbol).identity(3))
    driven = lattice(0.2, 8).hamiltonian()
    driven = type(driven)(driven.space, driven.symbol, UniformFields.parse(force=("t", 0.0)))
    changing = PhaseSpace(driven.space.axes, 0.2)
    cases = [
        (Occupations(BANDS, {"a": 1}), three, "expected a Hamiltonian of two bands, got 3"),
        (Occupations(BANDS[:1]), h, "expected bands to hold 2 formulas, one for each band, got 1"),
        (StarOccupations(("1", "1", "1")), h, "expected bands to hold 2 formulas, one for each band, got 3"),
        (Occupations(("i*x", "0")), h, "expected bands to be real numbers"),
        (Occupations(("sigma_z", "0")), h, "expected bands to be real numbers"),
        (Occupations(("1/sin(x)", "0")), h, "expected bands to be finite"),
        (StarOccupations(("1", "0")), driven, "expected no force and no changing field"),
        (
            Occupations(("1", "0")),
            type(driven)(changing, driven.symbol, UniformFields.parse(magnetic="t")),
            "expected a magnetic field that does not depend on t",
        ),
    ]
    for state, where, message in cases:
        with pytest.raises(ModelError, match=message):
            state.wigner_function(where)

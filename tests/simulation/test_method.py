"""The program's choice of a method: by structure, by rank, by size, and said in words."""

import numpy as np
import pytest
from problems import hamiltonian, matched_space

from wigner.algebra import Axis, PhaseSpace
from wigner.errors import SteppingError
from wigner.simulation import METHODS, choose_method
from wigner.simulation.method import applicable
from wigner.states import Packet, WignerFunction

SEPARABLE = "k**2/2*sigma_0 + 0.7*k*sigma_y + x**2/8*sigma_0"
TEXTURE = "k**2/2*sigma_0 + exp(-x**2)*cos(k)*sigma_x"


def uneven(points=64):
    return PhaseSpace((Axis("x", "box", -14, 14, points), Axis("k", "box", -6, 6, points)))


@pytest.mark.parametrize(
    ("space", "spec", "methods"),
    [
        (matched_space(64), SEPARABLE, "blanes_moan spectral wave_functions chebyshev"),
        (matched_space(64), SEPARABLE + " + cos(t)*x*sigma_x", "blanes_moan wave_functions chebyshev"),
        (matched_space(64), TEXTURE, "spectral chebyshev"),
        (matched_space(64), TEXTURE + " + cos(t)*x*sigma_x", "chebyshev"),
        (uneven(), SEPARABLE, "blanes_moan"),
        (uneven(), TEXTURE, ""),
        (uneven(), "exp(-x**2/4)*cos(pi*k/3)*sigma_x", "harmonics"),
    ],
)
def test_which_methods_apply(space, spec, methods):
    h = hamiltonian(space, spec)
    assert {m for m in METHODS if not applicable(m, h)} == set(methods.split())


def chosen(space, spec, state=None, duration=5.0, records=10, **options):
    h = hamiltonian(space, spec)
    state = state or Packet(-1.0, 0.5, 1.0, spinor=(0.6, "0.8*i")).wigner_function(h)
    return choose_method(h, state, duration, records, **options)


def test_a_long_static_run_takes_one_eigendecomposition():
    choice = chosen(matched_space(128, 28.0), SEPARABLE, duration=1e4)
    assert choice.method == "spectral"
    assert "blanes_moan" in choice.reason and METHODS["spectral"] in choice.reason


def test_a_pure_state_that_is_driven_moves_as_a_wave_function():
    choice = chosen(matched_space(512, 40.0), SEPARABLE + " + cos(t)*x*sigma_0", duration=40.0)
    assert choice.method == "wave_functions"
    assert choice.reason.endswith("rank 1") and choice.factor is not None and choice.factor.rank == 1


def test_a_mixed_state_of_full_rank_that_is_driven_moves_as_f():
    space = matched_space(512, 40.0)
    noise = WignerFunction(space, np.random.default_rng(0).normal(size=(4, 512, 512)))
    choice = chosen(space, SEPARABLE + " + cos(t)*x*sigma_0", noise, duration=4.0)
    assert choice.method == "blanes_moan" and choice.factor is None


def test_a_driven_texture_takes_chebyshev():
    assert chosen(matched_space(128, 28.0), TEXTURE + " + cos(t)*x*sigma_x").method == "chebyshev"


def test_joint_hops_in_any_field_take_harmonics():
    axes = (Axis("kx", "zone", 0, 2 * np.pi, 16), Axis("ky", "zone", 0, 2 * np.pi, 16))
    space = PhaseSpace(axes, 1.0, (("kx", "ky", 0.3),))
    h = hamiltonian(space, "cos(kx + ky) + cos(kx)")
    state = WignerFunction(space, np.ones((1, 16, 16)))
    assert choose_method(h, state, 1.0, 10).method == "harmonics"


def test_the_choice_does_not_depend_on_the_clock():
    reasons = {chosen(matched_space(64, 24.0), SEPARABLE).reason for _ in range(3)}
    assert len(reasons) == 1


def test_where_nothing_applies_it_says_what_keeps_each():
    with pytest.raises(
        SteppingError, match=r"blanes_moan: .* x and k together.*; spectral: expected a matched grid"
    ):
        chosen(uneven(), TEXTURE)

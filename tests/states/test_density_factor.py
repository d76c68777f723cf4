"""Wave functions of a state: how many there are, and F from them."""

import numpy as np
from oracles import gaussian, pure_density_matrix, weyl_transform
from problems import hamiltonian, matched_space

from wigner.algebra.weyl import WeylTransform
from wigner.states import DensityFactor, Filled, Packet, WignerFunction, pack


def packet(space, **changes):
    arguments = {"position": -1.0, "momentum": 0.5, "width": 1.0, "spinor": (0.6, "0.8*i")} | changes
    return Packet(**arguments).wigner_function(hamiltonian(space, "k*sigma_x"))


def rebuilt(factor, state):
    data = np.full_like(state.data, np.nan)
    factor.write(data)
    return data


def test_a_packet_is_one_wave_function_on_every_second_point():
    space = matched_space(128, 28.0)
    state = packet(space)
    factor = DensityFactor.low_rank(state, WeylTransform(space), 3)
    assert factor.rank == 1 and factor.reduced and factor.columns.shape == (1, 1, 128)
    assert np.max(np.abs(rebuilt(factor, state) - state.data)) <= 1e-11


def test_mixtures_have_the_rank_of_their_parts():
    space = matched_space(128, 28.0)
    parts = [packet(space), packet(space, position=2.0), packet(space, spinor=(1, 0))]
    state = WignerFunction(space, sum(w * p.data for w, p in zip((0.5, 0.3, 0.2), parts, strict=True)))
    weyl = WeylTransform(space)
    factor = DensityFactor.low_rank(state, weyl, 20)
    assert factor.rank == 3
    assert np.max(np.abs(rebuilt(factor, state) - state.data)) <= 1e-11
    assert DensityFactor.low_rank(state, weyl, 2) is None


def test_a_state_that_is_not_positive_has_no_wave_functions():
    space = matched_space(64, 24.0)
    weyl = WeylTransform(space)
    lower = packet(space, width=1.2)
    difference = WignerFunction(space, lower.data - 2 * packet(space, position=1.0, width=1.2).data)
    assert DensityFactor.low_rank(difference, weyl, 128) is None
    h = hamiltonian(space, "k*sigma_x + x*sigma_y + sigma_z")
    assert DensityFactor.low_rank(Filled().wigner_function(h), weyl, 32) is None


def test_full_rank_takes_anything():
    space = matched_space(16, 6.0, kind=("ring", "zone"))
    state = WignerFunction(space, np.random.default_rng(1).normal(size=(9, 16, 16)))
    factor = DensityFactor.full_rank(state, WeylTransform(space))
    assert np.max(np.abs(rebuilt(factor, state) - state.data)) <= 1e-12


def test_f_is_the_wigner_transform_of_the_wave_functions():
    """Two wave functions written down by hand on the even points; F by a direct slow sum."""
    points, length, hbar = 64, 20.0, 0.8
    space = matched_space(points, length, hbar)
    weyl = WeylTransform(space)
    x = space.axis("x").values[::2]
    psi = np.array([gaussian(x, -1.0, 0.5, 0.9, hbar), 0.4j * gaussian(x, 0.7, -0.3, 1.1, hbar)])
    rho = pure_density_matrix(psi, x[1] - x[0])
    f = weyl_transform(rho, x, space.axis("x").values, space.axis("k").values, hbar)
    # Momenta of the columns count from the start of their axis.
    columns = psi * np.exp(-1j * space.axis("k").start * (x - x[0]) / hbar)
    columns = columns.reshape(1, 1, -1) * np.sqrt(x[1] - x[0])
    factor = DensityFactor(weyl, columns, None, reduced=True)
    data = np.empty((4, points, points))
    factor.write(data)
    assert np.max(np.abs(data - pack(f))) <= 1e-8

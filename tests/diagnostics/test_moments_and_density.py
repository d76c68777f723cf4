"""Moments and marginals against Gaussians and hand sums, with their units."""

import numpy as np
import pytest
from problems import hamiltonian, matched_space

from wigner.algebra import Axis, PhaseSpace
from wigner.diagnostics.density import Density
from wigner.diagnostics.moments import Moments
from wigner.states import Packet, WignerFunction


@pytest.mark.parametrize("hbar", [1.0, 0.6])
def test_a_packet(hbar):
    space = matched_space(96, 24.0, hbar)
    h = hamiltonian(space, "k*sigma_x")
    state = Packet(1.2, -0.8, 0.9, spinor=(1, "i")).wigner_function(h)
    found = Moments().prepare(h)(state, 0.0)
    assert np.isclose(found["mean_x"], 1.2)
    assert np.isclose(found["mean_x_squared"], 1.2**2 + 0.9**2)
    assert np.isclose(found["mean_k"], -0.8)
    assert np.isclose(found["mean_k_squared"], 0.64 + (hbar / 1.8) ** 2)
    profiles = Density().prepare(h)(state, 0.0)
    x, k = space.axis("x").values, space.axis("k").values
    spread = hbar / 1.8
    expected = np.exp(-((x - 1.2) ** 2) / (2 * 0.81)) / np.sqrt(2 * np.pi * 0.81)
    assert np.allclose(profiles["density"], expected, atol=1e-12)
    expected = np.exp(-((k + 0.8) ** 2) / (2 * spread**2)) / np.sqrt(2 * np.pi * spread**2)
    assert np.allclose(profiles["momentum_density"], expected, atol=1e-12)


def test_hand_sums_on_a_plane():
    axes = (Axis("x", "box", -2, 2, 4), Axis("y", "ring", 0, 2, 5), Axis("kx", "box", -3, 3, 6))
    space = PhaseSpace((*axes, Axis("ky", "zone", -1, 1, 7)), 0.7)
    state = WignerFunction(space, np.random.default_rng(0).normal(size=(4, *space.shape)))
    h = hamiltonian(space, "kx*sigma_x")
    f = state.matrix()[0, 0].real + state.matrix()[1, 1].real
    found = Moments().prepare(h)(state, 0.0)
    for name in space.names:
        z = space.coordinate(name)
        assert np.isclose(found[f"mean_{name}"], (f * z).sum() * space.cell)
        assert np.isclose(found[f"mean_{name}_squared"], (f * z**2).sum() * space.cell)
    profiles = Density().prepare(h)(state, 0.0)
    dx, dy, dkx, dky = (a.spacing for a in space.axes)
    planck = (2 * np.pi * 0.7) ** 2
    assert np.allclose(profiles["density"], f.sum(axis=(2, 3)) * dkx * dky / planck)
    assert np.allclose(profiles["momentum_density"], f.sum(axis=(0, 1)) * dx * dy / planck)
    assert np.isclose(profiles["density"].sum() * dx * dy, state.trace())
    assert np.isclose(profiles["momentum_density"].sum() * dkx * dky, state.trace())


def test_units():
    space = PhaseSpace(tuple(Axis(n, "box", -1, 1, 4) for n in ("x", "y", "kx", "ky")))
    h = hamiltonian(space, "kx**2 + ky**2")
    assert {q.name: q.units for q in Density().quantities(h)} == {
        "density": "1/length^2",
        "momentum_density": "1/momentum^2",
    }
    units = {q.name: q.units for q in Moments().quantities(h)}
    assert units["mean_y"] == "length"
    assert units["mean_ky_squared"] == "momentum^2"


def test_a_crystal_without_positions():
    """No density profile; the momentum density is the occupation per volume."""
    space = PhaseSpace((Axis("kx", "zone", -1, 1, 4), Axis("ky", "zone", -1, 1, 5)), 0.5)
    state = WignerFunction(space, np.ones((1, 4, 5)))
    h = hamiltonian(space, "kx")
    assert [q.units for q in Density().quantities(h)] == ["1/momentum^2/length^2"]
    found = Density().prepare(h)(state, 0.0)
    assert list(found) == ["momentum_density"]
    assert np.allclose(found["momentum_density"], 1 / (2 * np.pi * 0.5) ** 2)

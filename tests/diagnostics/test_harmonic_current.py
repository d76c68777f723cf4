"""The current of a Hamiltonian that joins positions with momenta: continuity, dense matrices, the other expression."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import hamiltonian

from wigner.algebra import Axis, PhaseSpace
from wigner.algebra.weyl import WeylTransform
from wigner.diagnostics.current import Current
from wigner.diagnostics.harmonic_current import harmonic_current
from wigner.equations import HarmonicForm
from wigner.errors import MeasurementError
from wigner.states import WignerFunction

TEXTURE = (
    "0.4*cos(x + k)*sigma_0 + (0.5*sin(x) + 0.8*sin(k))*sigma_x + 0.6*cos(x - 2*k)*sigma_y + cos(k)*sigma_z"
)
PLANE = "cos(kx + y)*sigma_0 + sin(x)*cos(2*kx - ky)*sigma_x + (sin(ky) + 0.5*cos(x - kx - ky + t))*sigma_y + sigma_z"


def torus(hbar, *points, brackets=()):
    names = ("x", "k") if len(points) == 2 else ("x", "y", "kx", "ky")
    axes = [
        Axis(name, "ring" if name in "xy" else "zone", -0.3, 2 * np.pi - 0.3, n)
        for name, n in zip(names, points, strict=True)
    ]
    return PhaseSpace(tuple(axes), hbar, brackets)


def smooth(space, bands, seed):
    """A state of low wave numbers on every axis."""
    rng = np.random.default_rng(seed)
    spectrum = np.zeros((bands**2, *space.shape), dtype=complex)
    low = np.ix_(range(bands**2), *[np.r_[0:2, -1:0]] * len(space.axes))
    spectrum[low] = rng.normal(size=spectrum[low].shape) + 1j * rng.normal(size=spectrum[low].shape)
    return WignerFunction(
        space, np.ascontiguousarray(np.fft.ifftn(spectrum, axes=range(1, spectrum.ndim)).real * space.points)
    )


def exact_rate(h, state, t):
    """∂_tρ at once, from the twisted convolution of the harmonics of H."""
    form = HarmonicForm(h, state, np.empty_like(state.data))
    generator, turned = form.generator([(1.0, t)]), np.empty_like(form.columns)
    generator.apply(form.columns, turned)
    rate = np.fft.ifftn(-1j * (turned + generator.centre * form.columns), axes=range(2, turned.ndim))
    return WignerFunction.from_matrix(h.space, rate).density()


def divergence(space, currents):
    total = 0
    for number, axis in enumerate(space.positions):
        w = np.where(2 * np.arange(axis.points) == axis.points, 0, axis.frequencies)
        w = w.reshape([-1 if n == number else 1 for n in range(len(space.positions))])
        j = currents[f"current_{axis.name}"]
        total = total + np.fft.ifft(1j * w * np.fft.fft(j, axis=number), axis=number).real
    return total


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 99), hbar=st.floats(0.05, 2.0), t=st.floats(-1, 1))
def test_continuity_of_any_state(seed, hbar, t):
    for space, spec in (
        (torus(hbar, 16, 20), TEXTURE),
        (torus(hbar, 8, 9, 12, 12, brackets=(("kx", "ky", 0.7),)), PLANE),
    ):
        h = hamiltonian(space, spec)
        state = smooth(space, 2, seed)
        rate = exact_rate(h, state, t)
        flow = divergence(space, Current().prepare(h)(state, t))
        assert np.max(np.abs(rate)) > 1e-3
        assert np.max(np.abs(rate + flow)) <= 1e-11 * np.max(np.abs(rate))


def test_total_current_is_the_rate_of_the_dipole_of_dense_matrices():
    """∫j of a texture: tr ρ̂ (i/ħ)[Ĥ, x̂] for a packet far from where the ring closes, with no Wigner function in it."""
    space = torus(4 * np.pi / 96, 96, 96)
    h = hamiltonian(space, TEXTURE)
    weyl = WeylTransform(space)
    x, k = space.coordinate("x"), space.coordinate("k")
    middle = np.pi - 0.3
    bump = np.exp(-((x - middle) ** 2) * 3 - (1 - np.cos(k - 0.8)) * 1.5)
    spin = np.array([[0.7, 0.2 - 0.1j], [0.2 + 0.1j, 0.3]])
    state = WignerFunction.from_matrix(space, np.multiply.outer(spin, bump))
    energy, dipole, matrix = (
        weyl.operators(np.broadcast_to(a, (2, 2, *space.shape)))
        for a in (h.values(), np.eye(2)[..., None, None] * (x - middle + 0 * k), state.matrix())
    )
    velocity = 1j / space.hbar * (energy @ dipole - dipole @ energy)
    wanted = np.einsum("...ab,...ba->...", matrix, velocity).real.sum()
    wanted *= state.trace() / np.einsum("...aa->...", matrix).real.sum()
    found = Current().prepare(h)(state, 0.0)["current_x"].sum() * space.axis("x").spacing
    assert abs(found) > 0.01
    assert found == pytest.approx(wanted, rel=1e-9)


def test_without_joint_terms_it_is_the_other_expression():
    """T(k) alone by harmonics and by the average along the momentum transfer."""
    space = torus(0.7, 8, 8, 14, 12)
    h = hamiltonian(space, "sin(kx)*sigma_x + cos(2*kx - ky)*sigma_y + sin(ky)*cos(kx)*sigma_0")
    state = smooth(space, 2, 3)
    other = Current().prepare(h)(state, 0.0)
    for name, values in harmonic_current(h.symbol, space)(state, 0.0).items():
        assert np.max(np.abs(values)) > 1e-3
        assert np.max(np.abs(values - other[f"current_{name}"])) <= 1e-11 * np.max(np.abs(values))


def test_a_box_of_momenta_beside_positions_is_refused():
    axes = (Axis("x", "ring", 0, 2 * np.pi, 16), Axis("k", "box", -3, 3, 16))
    h = hamiltonian(PhaseSpace(axes, 0.5), "k**2/2 + k*cos(x)")
    with pytest.raises(MeasurementError, match="got a box k beside x; leave 'current' out"):
        Current().prepare(h)

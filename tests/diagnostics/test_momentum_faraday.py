"""Momentum-space fields against adiabatic perturbation theory by eigenvectors, and Faraday's law off the adiabatic path."""

import numpy as np
import pytest
from nouns import exact_unitary, line, rotated, rotated_field
from problems import hamiltonian

from wigner.algebra import Axis, PhaseSpace
from wigner.diagnostics.momentum_faraday import MomentumFaraday, slope_matrix
from wigner.states import WignerFunction

TEXT = "(sin(kx) + 0.1)*sigma_x + sin(ky)*sigma_y + (t*cos(kx) + 1.4 + cos(ky)/4)*sigma_z + 0.2*kx*ky*sigma_0"


def zone(points=24, hbar=0.8):
    return PhaseSpace(tuple(Axis(k, "zone", -np.pi, np.pi, points) for k in ("kx", "ky")), hbar)


def dressed(h, t=0.5, band=0, coherence=1.0):
    """A band with the coherence of first order in the rate, −iħ⟨m|∂_tH|n⟩/(ε_n − ε_m)² between eigenvectors."""
    space = h.space
    matrix = np.moveaxis(h.values(t), (0, 1), (-2, -1))
    rate = np.broadcast_to(
        np.moveaxis(h.symbol.derivative("t")(t=t, **space.coordinates()), (0, 1), (-2, -1)), matrix.shape
    )
    e, u = np.linalg.eigh(matrix)
    n, m = u[..., band], u[..., 1 - band]
    element = np.einsum("...a,...ab,...b->...", m.conj(), rate, n)
    gap = e[..., band] - e[..., 1 - band]
    psi = n - (1j * coherence * space.hbar * element / gap**2)[..., None] * m
    psi = psi / np.linalg.norm(psi, axis=-1, keepdims=True)
    return WignerFunction.from_matrix(
        space, np.moveaxis(psi[..., :, None] * psi[..., None, :].conj(), (-2, -1), (0, 1))
    )


def plaquette_flux(h, t):
    """∫F_xy over each plaquette by the solid angle of its corners: twice the phase of the loop of the lower band."""
    _, u = np.linalg.eigh(np.moveaxis(h.values(t), (0, 1), (-2, -1)))
    u = u[..., 0]

    def link(axis):
        return np.einsum("xya,xya->xy", u.conj(), np.roll(u, -1, axis))

    x, y = link(0), link(1)
    return -2 * np.angle(x * np.roll(y, -1, 0) * np.roll(x, -1, 1).conj() * y.conj())


@pytest.mark.parametrize("band", [0, 1])
def test_fields_of_a_band_that_turns_slowly(band):
    """∂_t𝓑 is that of the plaquettes, whichever band is full, and Faraday's law holds to second order in the rate."""
    h = hamiltonian(zone(64), TEXT.replace("0.2*kx*ky", "0.2*sin(kx)"))
    slow = hamiltonian(
        h.space, TEXT.replace("0.2*kx*ky", "0.2*sin(kx)").replace("t*cos", "(0.49 + t/50)*cos")
    )
    one = MomentumFaraday().prepare(slow)(dressed(slow, band=band), 0.5)
    spacing = slow.space.axes[0].spacing
    change = (plaquette_flux(slow, 0.51) - plaquette_flux(slow, 0.49)) / 0.02 / spacing**2
    rate = one["momentum_magnetic_rate"]
    middle = (rate + np.roll(rate, -1, 0) + np.roll(rate, -1, 1) + np.roll(rate, (-1, -1), (0, 1))) / 4
    # The plaquettes are as wide as a sixth of the gap.
    assert np.abs(middle - change).max() <= 0.05 * np.abs(change).max()
    assert one["faraday_residual"] <= 2e-3
    assert one["momentum_electric_peak"] > 1e-3
    assert np.isclose(
        one["momentum_electric_peak"],
        np.hypot(one["momentum_electric_kx"], one["momentum_electric_ky"]).max(),
    )
    # Twice the coherence: the state turns, and drifts, at twice the rate of its band.
    two = MomentumFaraday().prepare(slow)(dressed(slow, band=band, coherence=2.0), 0.5)
    assert np.abs(two["momentum_magnetic_rate"] - 2 * rate).max() <= 0.02 * np.abs(rate).max()
    assert np.isclose(two["momentum_electric_peak"], 2 * one["momentum_electric_peak"], rtol=0.01)
    assert two["faraday_residual"] <= 2e-3


def test_drift_by_eigenvectors():
    """−q_s𝓔 n_s is the velocity between bands: 2 Re⟨ψ₁|∂H|ψ₀⟩ of perturbation theory."""
    h = hamiltonian(zone(), TEXT)
    state, t = dressed(h), 0.5
    found = MomentumFaraday().prepare(h)(state, t)
    _, u = np.linalg.eigh(np.moveaxis(h.values(t), (0, 1), (-2, -1)))
    f = np.einsum("...an,ab...,...bm->...nm", u.conj(), state.matrix(), u)
    for name in ("kx", "ky"):
        slope = h.symbol.derivative(name)(t=t, **h.space.coordinates())
        v = np.einsum("...an,ab...,...bm->...nm", u.conj(), np.broadcast_to(slope, state.matrix().shape), u)
        between = 2 * (v[..., 0, 1] * f[..., 1, 0]).real
        expected = 2 / h.space.hbar * between / (f[..., 1, 1] - f[..., 0, 0]).real
        assert np.allclose(found[f"momentum_electric_{name}"], expected, atol=1e-12)


def test_does_not_see_the_basis():
    h, unitary = hamiltonian(zone(), TEXT), exact_unitary(2, seed=4)
    state = dressed(h)
    turned = WignerFunction.from_matrix(h.space, rotated_field(state.matrix(), unitary))
    one = MomentumFaraday().prepare(h)(state, 0.5)
    two = MomentumFaraday().prepare(rotated(h, unitary))(turned, 0.5)
    assert {q.name for q in MomentumFaraday().quantities(h)} == set(one)
    for name in set(one) - {"faraday_residual"}:
        assert np.allclose(one[name], two[name], atol=1e-11)


@pytest.mark.parametrize("kind", ["box", "zone"])
def test_slopes(kind):
    """Exact for waves on a zone and for polynomials of eighth degree on a box, up to its ends."""
    axis = Axis("kx", kind, -1.0, 2.0, 32)
    z = axis.values
    if kind == "zone":
        w = 2 * np.pi / 3
        assert np.allclose(slope_matrix(axis) @ np.sin(5 * w * z), 5 * w * np.cos(5 * w * z), atol=1e-11)
    else:
        assert np.allclose(slope_matrix(axis) @ z**8, 8 * z**7, rtol=1e-9, atol=1e-9)


def test_nothing_elsewhere():
    """Not with positions, three bands, or a field."""
    three = [["kx", "0", "0"], ["0", "ky", "0"], ["0", "0", "1"]]
    crystal = PhaseSpace(zone().axes, 1.0, brackets=(("kx", "ky", 0.3),))
    for h in (
        hamiltonian(line(), "k*sigma_x"),
        hamiltonian(zone(), three),
        hamiltonian(crystal, "kx*sigma_x"),
    ):
        assert MomentumFaraday().quantities(h) == ()
        assert MomentumFaraday().prepare(h)(None, 0.0) == {}

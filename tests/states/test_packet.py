"""Gaussian packets against wave functions written out and Weyl-transformed by a slow sum."""

import numpy as np
import pytest
from oracles import gaussian, grid_momenta, pure_density_matrix, weyl_transform
from problems import hamiltonian, matched_space

from wigner.algebra import Axis, PhaseSpace
from wigner.errors import ModelError
from wigner.models import Dirac, Hamiltonian
from wigner.states import Packet


def plane(points=24, length=16.0, hbar=1.0):
    k = np.pi * hbar * points / (2 * length)
    axes = [Axis(n, "box", -length / 2, length / 2, points) for n in "xy"]
    return PhaseSpace((*axes, *(Axis(n, "box", -k, k, points) for n in ("kx", "ky"))), hbar)


@pytest.mark.parametrize("hbar", [1.0, 0.5])
@pytest.mark.parametrize(
    "options", [{}, {"spinor": (0.6, "0.8j")}, {"band": 0}, {"band": 1, "spinor": (1, 2)}]
)
def test_one_particle_in_a_pure_state(hbar, options):
    space = matched_space(96, 28.0, hbar)
    h = hamiltonian(space, "k**2/2" if not options else "k*sigma_x + 0.8*sigma_z")
    state = Packet(1.0, 0.7, 1.3, **options).wigner_function(h)
    assert abs(state.trace() - 1) <= 1e-14
    assert abs(state.purity() - 1) <= 1e-12
    x, k = (space.axis(n).values for n in "xk")
    density, momentum = state.density() * space.axis("x").spacing, state.marginal("k") * space.measure("k")
    if "band" not in options:
        assert abs(density @ x - 1.0) <= 1e-12
        assert abs(density @ (x - 1) ** 2 - 1.3**2) <= 1e-12
        assert abs(momentum @ k - 0.7) <= 1e-12
        assert abs(momentum @ (k - 0.7) ** 2 - (hbar / 2.6) ** 2) <= 1e-12


@pytest.mark.parametrize("hbar", [1.0, 0.6])
@pytest.mark.parametrize("spinor", [(1, 0), ("0.3", "0.2 - 0.9j"), None])
@pytest.mark.parametrize("band", [None, 0, 1])
def test_wave_function_by_hand(hbar, spinor, band):
    """ψ̃(k) → P_n(k) χ ψ̃(k) with H(x₀, k), x-dependent matrix potential included, then the Weyl transform."""
    if spinor is None and band is None:
        return
    # P(k) is analytic up to |Im k| ≈ 1.9, so the tails fall as e^{−1.9|x|/ħ} and the box must hold them.
    points, length, x0, k0, width = 128, 28.0, -1.5, 0.6, 1.1
    space = matched_space(points, length, hbar)
    h = hamiltonian(space, "k*sigma_x + 0.5*k*sigma_y + 2*sigma_z + x/3*sigma_y + k**2*sigma_0")
    x = space.axis("x").values

    def projector(k):
        y = 0.5 * k + x0 / 3
        vector = np.array([[2, k - 1j * y], [k + 1j * y, -2]]) / np.sqrt(k**2 + y**2 + 4)
        return 0.5 * (np.eye(2) + (1 if band else -1) * vector)

    if spinor is None:
        chi = np.linalg.eigh(projector(k0))[1][:, 1]
    else:
        chi = np.array([complex(str(c).replace(" ", "")) for c in spinor])
    psi = np.multiply.outer(chi, gaussian(x, x0, k0, width, hbar))
    if band is not None:
        waves = np.fft.fft(psi, axis=1)
        for m, k in enumerate(grid_momenta(points, x[1] - x[0], hbar)):
            waves[:, m] = projector(k) @ waves[:, m]
        psi = np.fft.ifft(waves, axis=1)
    psi /= np.sqrt(np.sum(np.abs(psi) ** 2) * (x[1] - x[0]))
    rows = slice(points // 4, 3 * points // 4, 7)
    expected = weyl_transform(pure_density_matrix(psi, x[1] - x[0]), x, x[rows], space.axis("k").values, hbar)
    state = Packet(x0, k0, width, spinor=spinor, band=band).wigner_function(h)
    assert np.max(np.abs(expected)) > 0.5
    assert np.max(np.abs(state.matrix()[:, :, rows] - expected)) <= 1e-8


def test_band_at_a_time():
    """The band is that of H(r₀, k, t) at the time given."""
    space = matched_space(64, 20.0)
    driven = hamiltonian(space, "k*sigma_x + (1 + t)*sigma_z")
    frozen = hamiltonian(space, "k*sigma_x + 3*sigma_z")
    packet = Packet(0.0, 0.5, 1.0, band=1)
    assert np.array_equal(packet.wigner_function(driven, t=2.0).data, packet.wigner_function(frozen).data)
    assert not np.allclose(packet.wigner_function(driven).data, packet.wigner_function(frozen).data)


def test_two_dimensions():
    hbar = 0.8
    space = plane(points=32, hbar=hbar)
    h = Hamiltonian(space, Dirac(mass=0.5).symbol(space))
    packet = Packet((0.5, -0.3), (0.2, 0.4), (1.1, 1.3), spinor=(1, "1j"))
    state = packet.wigner_function(h)
    assert abs(state.trace() - 1) <= 1e-13
    assert abs(state.purity() - 1) <= 1e-6
    x, y, kx, ky = (space.coordinate(n) for n in space.names)
    expected = 4 * np.exp(
        -((x - 0.5) ** 2) / (2 * 1.1**2)
        - (y + 0.3) ** 2 / (2 * 1.3**2)
        - 2 * (1.1 * (kx - 0.2) / hbar) ** 2
        - 2 * (1.3 * (ky - 0.4) / hbar) ** 2
    )
    assert np.allclose(state.scalar(), expected, atol=1e-7)
    assert np.allclose(state.matrix()[0, 1], -0.5j * expected, atol=1e-7)
    one_width = Packet((0.5, -0.3), (0.2, 0.4), 1.1, spinor=(1, "1j")).wigner_function(h)
    two_widths = Packet((0.5, -0.3), (0.2, 0.4), (1.1, 1.1), spinor=(1, "1j")).wigner_function(h)
    assert np.array_equal(one_width.data, two_widths.data)


def test_band_packet_in_two_dimensions_is_all_in_its_band():
    """P ⋆ F ⋆ P = F for the band's projector, checked on the wave: populations of H(k) are (0, 1)."""
    space = plane(points=28, length=14.0)
    h = Hamiltonian(space, Dirac(mass=3.0).symbol(space))
    state = Packet((0.0, 0.0), (0.5, -0.3), 1.2, band=1).wigner_function(h)
    values = np.linalg.eigh(np.moveaxis(np.broadcast_to(h.values(), (2, 2, *space.shape)), (0, 1), (-2, -1)))
    lower = np.einsum("...a,...b->ab...", values[1][..., 0], values[1][..., 0].conj())
    # ∫dr F(r, k) is ψ̃(k)ψ̃(k)†, on which local projectors in k act exactly.
    assert abs(state.expectation(lower)) <= 1e-12
    assert abs(state.purity() - 1) <= 1e-6


@pytest.mark.parametrize("width", [0.25, 0.6, 3.0])
@pytest.mark.parametrize("momentum", [0.4, 3.0, 40.0])
def test_zone_samples_a_lattice(width, momentum):
    """Summed over images in k, F keeps only pairs of points a lattice vector apart: F = a Σ_m ρ(r ± ma/2) e^{−ikma/ħ}."""
    a, hbar = 1.0, 0.7
    zone = np.pi * hbar / a
    space = PhaseSpace((Axis("x", "box", -24.0, 24.0, 384), Axis("k", "zone", -zone, zone, 64)), hbar)
    h = hamiltonian(space, "cos(k/0.7)")
    state = Packet(0.3, momentum, width).wigner_function(h)
    x, k = space.coordinate("x"), space.coordinate("k")
    expected = sum(
        a
        * gaussian(x + m * a / 2, 0.3, momentum, width, hbar)
        * gaussian(x - m * a / 2, 0.3, momentum, width, hbar).conj()
        * np.exp(-1j * k * m * a / hbar)
        for m in range(-40, 41)
    ).real
    assert np.max(np.abs(state.data[0] - expected)) <= 1e-8 * np.max(expected)
    assert abs(state.trace() - 1) <= 1e-13


@pytest.mark.parametrize("width, position", [(0.5, 3.9), (4.0, 0.0), (60.0, 100.0)])
def test_ring_sums_images(width, position):
    """On a ring of length 8 the packet's density is the periodic sum, for any width and any centre."""
    space = PhaseSpace((Axis("x", "ring", -4.0, 4.0, 32), Axis("k", "box", -9.0, 9.0, 256)))
    state = Packet(position, 0.5, width).wigner_function(hamiltonian(space, "k**2/2")) if width < 10 else None
    x = space.axis("x").values
    if state is None:
        wide = PhaseSpace((Axis("x", "ring", -4.0, 4.0, 32), Axis("k", "box", 0.4, 0.6, 256)))
        state = Packet(position, 0.5, width).wigner_function(hamiltonian(wide, "k**2/2"))
    images = position + 8 * np.arange(-200, 201)
    expected = np.exp(-((x[:, None] - images) ** 2) / (2 * width**2)).sum(axis=1)
    expected /= expected.sum() * space.axis("x").spacing
    assert np.max(np.abs(state.density() - expected)) <= 1e-12
    shifted = Packet(position + 16, 0.5, width).wigner_function(hamiltonian(state.space, "k**2/2"))
    assert np.allclose(shifted.data, state.data, atol=1e-12)


def refused(message, packet, spec="k*sigma_x + sigma_z", space=None):
    h = hamiltonian(space or matched_space(32, 16.0), spec)
    with pytest.raises(ModelError, match=message) as caught:
        packet.wigner_function(h)
    assert "\n" not in str(caught.value)


def test_refusals():
    refused(r"spinor \(2 numbers\) or band, got neither", Packet(0.0, 0.0, 1.0))
    refused("spinor of 2 numbers, got 1", Packet(0.0, 0.0, 1.0, spinor=(1,)))
    refused("not zero", Packet(0.0, 0.0, 1.0, spinor=(0, 0)))
    refused("band in 0 … 1, got 2", Packet(0.0, 0.0, 1.0, band=2))
    refused("width > 0, got 0", Packet(0.0, 0.0, 0.0, band=1))
    refused("width > 0, got nan", Packet(0.0, 0.0, float("nan"), band=1))
    refused(r"position with one number per axis \(x\), got 2", Packet((0.0, 1.0), 0.0, 1.0, band=1))
    refused("inside the grid", Packet(500.0, 0.0, 1.0, band=1))
    refused("weight in the band", Packet(0.0, 0.0, 1.0, spinor=(0, 1), band=1), "k**2*sigma_0 + sigma_z")
    refused("bands that touch there; give a spinor", Packet(0.0, 0.0, 1.0, band=1), "k*sigma_x")
    refused(r"momentum with one number per axis \(kx, ky\)", Packet((0, 0), 0.0, 1.0), "kx**2", plane(8))
    bent = PhaseSpace(plane(8).axes, brackets=(("kx", "ky", 0.5),))
    refused(r"\{kx, ky\} = 0.5", Packet((0, 0), (0, 0), 1.0), "kx**2", bent)
    axes = plane(8).axes
    unpaired = PhaseSpace((axes[0], axes[2], axes[3]))
    refused("got none for ky", Packet(0.0, (0, 0), 1.0), "kx**2 + ky**2", unpaired)

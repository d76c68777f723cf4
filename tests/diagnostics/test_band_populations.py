"""Populations of local bands against projectors and against wave functions."""

import numpy as np
import pytest
from oracles import gaussian, grid_momenta
from problems import hamiltonian, matched_space

from wigner.diagnostics.band_populations import BandPopulations
from wigner.states import Packet, WignerFunction


def populations(h, state, t=0.0):
    return BandPopulations().prepare(h)(state, t)["band_population"]


@pytest.mark.parametrize(
    "spec",
    [
        "k**2/2 + x**2",
        "k*sigma_x + 0.6*sigma_z + x**2*sigma_0",
        "k*sigma_x + exp(-x**2)*sigma_z + 0.3*sigma_y + k**2*sigma_0",
        "k*sigma_x + (0.6 + t)*sigma_z + t*x*sigma_0",
        "k*sigma_x + 0.6*sigma_z + t*x*sigma_0",
        [["k", "0.3", "x/9"], ["0.3", "1", "i*0.2"], ["x/9", "-i*0.2", "-k"]],
    ],
)
@pytest.mark.parametrize("t", [0.0, 0.8])
def test_against_eigenvectors_of_the_whole_symbol(spec, t):
    """Terms left out because they are multiples of the identity change nothing."""
    space = matched_space(24, 12.0, 0.8)
    h = hamiltonian(space, spec)
    state = WignerFunction(space, np.random.default_rng(0).normal(size=(h.bands**2, *space.shape)))
    local = np.broadcast_to(h.values(t), (h.bands, h.bands, *space.shape))
    _, vectors = np.linalg.eigh(np.moveaxis(local, (0, 1), (-2, -1)))
    inside = np.einsum("...an,ab...,...bn->n...", vectors.conj(), state.matrix(), vectors)
    expected = inside.sum(axis=(1, 2)).real * space.cell
    measure = BandPopulations().prepare(h)
    assert np.allclose(measure(state, t)["band_population"], expected, rtol=1e-9)
    assert np.allclose(measure(state, t)["band_population"], expected, rtol=1e-9)
    assert np.isclose(sum(expected), state.trace())


@pytest.mark.parametrize("hbar", [1.0, 0.7])
def test_bands_of_momentum_are_shares_of_the_wave(hbar):
    """Σ_k |⟨u_n(k)|ψ̃(k)⟩|² of the wave function."""
    space = matched_space(96, 24.0, hbar)
    h = hamiltonian(space, "k*sigma_x + 0.5*k*sigma_y + 0.8*sigma_z + x**2/7*sigma_0")
    x = space.axis("x").values
    chi = np.array([0.6, 0.8j])
    waves = np.fft.fft(np.multiply.outer(chi, gaussian(x, 0.3, 0.9, 1.0, hbar)), axis=1)
    expected = np.zeros(2)
    for m, k in enumerate(grid_momenta(96, x[1] - x[0], hbar)):
        matrix = np.array([[0.8, k - 0.5j * k], [k + 0.5j * k, -0.8]])
        expected += np.abs(np.linalg.eigh(matrix)[1].conj().T @ waves[:, m]) ** 2
    expected /= expected.sum()
    state = Packet(0.3, 0.9, 1.0, spinor=(0.6, "0.8j")).wigner_function(h)
    assert np.allclose(populations(h, state), expected, atol=1e-11)
    assert abs(expected[0] - expected[1]) > 0.1


@pytest.mark.parametrize("band", [0, 1])
def test_packet_in_a_band(band):
    space = matched_space(128, 28.0)
    h = hamiltonian(space, "k*sigma_x + 2*sigma_z + x*sigma_0")
    state = Packet(0.0, 0.5, 1.0, band=band).wigner_function(h)
    assert np.allclose(populations(h, state), np.eye(2)[band], atol=1e-12)


@pytest.mark.parametrize("spec", ["k**2*sigma_0", "0*k*sigma_0", "t*k*sigma_0 + x*sigma_0"])
def test_bands_that_are_one_share_evenly(spec):
    space = matched_space(32, 12.0)
    h = hamiltonian(space, spec)
    state = Packet(0.0, 0.5, 1.0, spinor=(1, 0)).wigner_function(h)
    assert np.allclose(populations(h, state), [0.5, 0.5])


def test_band_densities_add_up_and_count_the_populations():
    """Σ_n ρ_n = ρ, ∫ρ_n = N_n read from the projectors directly; for a texture, where P_n depends on x and k."""
    space = matched_space(48, 16.0)
    h = hamiltonian(space, "k*sigma_x + sigma_z + exp(-x**2/4)*sigma_y + 0.2*x*sigma_0")
    state = Packet(0.5, 0.7, 1.0, spinor=(1, "i")).wigner_function(h)
    measured = BandPopulations().prepare(h)(state, 0.0)
    assert np.max(np.abs(measured["band_density"].sum(axis=0) - state.density())) <= 1e-13
    matrix, field = h.values(), state.matrix()
    for x in (20, 24, 30):
        levels, vectors = np.linalg.eigh(np.moveaxis(np.broadcast_to(matrix, field.shape)[:, :, x], -1, 0))
        assert levels.shape == (48, 2)
        for band in (0, 1):
            u = vectors[:, :, band]
            local = np.einsum("ka,abk,kb->k", u.conj(), field[:, :, x], u).real
            expected = local.sum() * space.axis("k").spacing / (2 * np.pi)
            assert abs(measured["band_density"][band, x] - expected) <= 1e-13
    counted = measured["band_density"].sum(axis=1) * space.axis("x").spacing
    assert np.max(np.abs(counted - measured["band_population"])) <= 1e-13

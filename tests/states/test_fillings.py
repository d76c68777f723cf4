"""Fermi and filled-band states against eigenvalues point by point."""

import numpy as np
import pytest
import scipy.special
from nouns import exact_unitary, rotated, rotated_field
from problems import evolve, hamiltonian, matched_space

from wigner.algebra import Axis, PhaseSpace
from wigner.errors import ModelError
from wigner.states import Fermi, Filled

SPECS = {
    1: "k**2/2 + x**2/8",
    2: "k*sigma_x + (0.3 + x/9)*sigma_y + 0.7*sigma_z + x**2/20*sigma_0",
    3: [["x/4", "k", "i*0.3"], ["k", "1", "0.2*x"], ["-i*0.3", "0.2*x", "-1"]],
}


@pytest.mark.parametrize("bands", [1, 2, 3])
@pytest.mark.parametrize("temperature", [0.0, 1e-12, 0.3, 50.0])
def test_fermi_occupies_eigenvalues(bands, temperature):
    space = matched_space(16, 9.0, 0.8)
    h = hamiltonian(space, SPECS[bands])
    state = Fermi(chemical_potential=0.25, temperature=temperature).wigner_function(h)
    matrix, local = state.matrix(), np.broadcast_to(h.values(), (bands, bands, *space.shape))
    for i in range(0, 16, 3):
        for j in range(0, 16, 5):
            energies, vectors = np.linalg.eigh(local[:, :, i, j])
            if temperature == 0:
                filled = (energies < 0.25).astype(float)
            else:
                with np.errstate(over="ignore"):
                    filled = 1 / (np.exp((energies - 0.25) / temperature) + 1)
            expected = (vectors * filled) @ vectors.conj().T
            assert np.allclose(matrix[:, :, i, j], expected, atol=1e-12)


def test_half_filling_on_the_fermi_level():
    space = PhaseSpace((Axis("k", "zone", -2.0, 2.0, 8),))
    state = Fermi(0.0, 0.0).wigner_function(hamiltonian(space, "k"))
    assert np.array_equal(state.data[0], [1, 1, 1, 1, 0.5, 0, 0, 0])
    assert np.isclose(state.trace(), 4.5 * 0.5 / (2 * np.pi))


@pytest.mark.parametrize("bands, filled", [(2, 1), (2, 2), (3, 1), (3, 2), (1, 1)])
def test_filled_bands(bands, filled):
    """F is the projector on the lowest bands: F² = F, tr F = filled, energy the sum of the lowest eigenvalues."""
    space = matched_space(16, 9.0, 0.8)
    h = hamiltonian(space, SPECS[bands])
    state = Filled(filled).wigner_function(h)
    matrix = state.matrix()
    assert np.allclose(np.einsum("ab...,bc...->ac...", matrix, matrix), matrix, atol=1e-12)
    assert np.allclose(state.scalar(), filled)
    local = np.broadcast_to(h.values(), (bands, bands, *space.shape))
    energies = np.linalg.eigvalsh(np.moveaxis(local, (0, 1), (-2, -1)))
    assert np.isclose(state.expectation(h.values()), energies[..., :filled].sum() * space.cell)


def test_filled_at_a_crossing_is_half_in_each_band():
    space = PhaseSpace((Axis("k", "box", -2.0, 2.0, 8),))
    state = Filled(1).wigner_function(hamiltonian(space, "k*sigma_x"))
    assert np.allclose(state.matrix()[:, :, 4], np.eye(2) / 2)
    assert np.allclose(state.scalar(), 1)


def test_of_the_hamiltonian_at_a_time():
    space = matched_space(12, 8.0)
    driven, frozen = hamiltonian(space, "k*sigma_x + t*sigma_z"), hamiltonian(space, "k*sigma_x + 2*sigma_z")
    for state in (Fermi(0.1, 0.2), Filled(1)):
        assert np.array_equal(state.wigner_function(driven, t=2.0).data, state.wigner_function(frozen).data)


# --- f(H)_⋆ -------------------------------------------------------------------------------------------------

CRYSTAL = "sin(kx)*sigma_x + sin(ky)*sigma_y + (1.3 + cos(kx) + cos(ky))*sigma_z + 0.2*cos(kx)*sigma_0"


def crystal(points, b=1.3):
    axes = [Axis(n, "zone", -np.pi, np.pi, points) for n in ("kx", "ky")]
    return PhaseSpace(tuple(axes), 4 * np.pi / points / abs(b), brackets=(("kx", "ky", b),))


@pytest.mark.parametrize("temperature", [0.0, 0.2])
def test_star_filling_is_stationary(temperature):
    """What is left under the splitting is the error of the splitting, order 4; the local filling moves by 0.05."""
    h = hamiltonian(crystal(24), CRYSTAL)
    state = Fermi(0.0, temperature, star=True).wigner_function(h)
    moved = [np.max(np.abs(evolve(h, state, 1.0, n).data - state.data)) for n in (20, 40, 80)]
    slopes = -np.diff(np.log2(moved))
    assert np.all(np.abs(slopes - 4) <= 0.1), slopes
    assert moved[-1] <= 1e-8
    local = Fermi(0.0, temperature).wigner_function(h)
    assert np.max(np.abs(evolve(h, local, 1.0, 40).data - local.data)) > 0.05


@pytest.mark.parametrize(
    ("spec", "temperature", "order"),
    [(CRYSTAL, 0.0, 1), (CRYSTAL, 0.3, 1), ("cos(kx) + 0.7*cos(ky)", 0.3, 2)],
    ids=["sea", "warm", "one band"],
)
def test_star_filling_tends_to_the_local_one(spec, temperature, order):
    """Linearly for matrices, with the square of ħ for one band."""
    sizes = (64, 96, 128)
    errors = []
    for points in sizes:
        h = hamiltonian(crystal(points), spec)
        star, local = (Fermi(0.0, temperature, star=s).wigner_function(h).data for s in (True, False))
        errors.append(np.max(np.abs(star - local)))
    slopes = -np.diff(np.log(errors)) / np.diff(np.log(sizes))
    assert np.all(np.abs(slopes - order) <= 0.1), slopes


def test_thermal_oscillator():
    """F = Σ_n f(E_n) W_n of an oscillator, W_n = 2(−1)ⁿ e^{−2H/ħω} L_n(4H/ħω)."""
    hbar, omega, mu, temperature = 0.8, 0.7, 1.1, 0.25
    h = hamiltonian(matched_space(96, 20.0, hbar), f"k**2/2 + {omega**2}*x**2/2")
    state = Fermi(mu, temperature, star=True).wigner_function(h)
    energy = h.values()[0, 0].real / (hbar * omega)
    expected = np.zeros_like(energy)
    for n in range(40):
        occupied = 1 / (np.exp((hbar * omega * (n + 0.5) - mu) / temperature) + 1)
        expected += (
            occupied * 2 * (-1) ** n * np.exp(-2 * energy) * scipy.special.eval_laguerre(n, 4 * energy)
        )
    assert np.max(np.abs(state.data[0] - expected)) <= 1e-10
    local = Fermi(mu, temperature).wigner_function(h)
    assert np.max(np.abs(local.data - state.data)) > 0.01


def test_sharp_step_of_the_levels():
    """T = 0: the number of particles is the number of levels below μ, whatever the local energies are."""
    h = hamiltonian(matched_space(96, 20.0, 0.8), "k**2/2 + 0.49*x**2/2")
    for mu, count in ((0.2, 0), (0.6, 1), (1.5, 3)):
        state = Fermi(mu, 0.0, star=True).wigner_function(h)
        assert abs(state.trace() - count) <= 1e-10
    assert np.isclose(Fermi(1.5, 0.0, star=True).wigner_function(h).purity(), 3)


def test_star_filling_turns_with_the_basis():
    unitary = exact_unitary(2, seed=3)
    h = hamiltonian(matched_space(24, 10.0, 0.9), SPECS[2])
    for temperature in (0.0, 0.2):
        spec = Fermi(0.1, temperature, star=True)
        here, there = (spec.wigner_function(p).matrix() for p in (h, rotated(h, unitary)))
        assert not np.allclose(here, there, atol=1e-2)
        assert np.max(np.abs(rotated_field(here, unitary) - there)) <= 1e-11


def test_star_filling_of_energies_beyond_all_numbers():
    h = hamiltonian(matched_space(16, 8.0), "1e308*(1 + cos(k))*sigma_x")
    with np.errstate(all="ignore"), pytest.raises(ModelError, match=r"state fermi: .* ordinary size"):
        Fermi(star=True).wigner_function(h)


def test_star_filling_needs_a_matched_grid():
    axes = (Axis("x", "box", -4, 4, 16), Axis("k", "box", -4, 4, 16))
    with pytest.raises(ModelError, match=r"state fermi: star: expected a matched grid.*or set star = false"):
        Fermi(star=True).wigner_function(hamiltonian(PhaseSpace(axes), "k*sigma_x"))


def test_more_bands_than_there_are():
    with pytest.raises(ModelError, match="filled in 1 … 2, got 3"):
        Filled(3).wigner_function(hamiltonian(matched_space(8, 8.0), "k*sigma_x"))

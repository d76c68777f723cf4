"""Fermi and filled-band states against eigenvalues point by point."""

import numpy as np
import pytest
from problems import hamiltonian, matched_space

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


def test_more_bands_than_there_are():
    with pytest.raises(ModelError, match="filled in 1 … 2, got 3"):
        Filled(3).wigner_function(hamiltonian(matched_space(8, 8.0), "k*sigma_x"))

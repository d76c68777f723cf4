"""Local bands: energies and projectors of Hermitian fields, and where bands touch."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wigner.bands import band_energies, band_projectors, matrix_function


def random_field(bands, seed, shape=(3, 5)):
    rng = np.random.default_rng(seed)
    m = rng.normal(size=(bands, bands, *shape)) + 1j * rng.normal(size=(bands, bands, *shape))
    return m + np.swapaxes(m, 0, 1).conj()


def random_unitary(bands, seed):
    rng = np.random.default_rng(seed)
    return np.linalg.qr(rng.normal(size=(bands, bands)) + 1j * rng.normal(size=(bands, bands)))[0]


def rotated(unitary, field):
    return np.einsum("ab,bc...,dc->ad...", unitary, field, unitary.conj())


@settings(max_examples=25, deadline=None)
@given(bands=st.integers(1, 4), seed=st.integers(0, 10**6))
def test_projectors_resolve_the_matrix(bands, seed):
    """Σ P_n = 1, P_n P_m = δ_nm P_n, Σ ε_n P_n = H, tr P_n = 1, ε ascending."""
    field = random_field(bands, seed)
    energies, projectors = band_energies(field), band_projectors(field)
    assert energies.shape == (bands, 3, 5)
    assert projectors.shape == (bands, bands, bands, 3, 5)
    assert np.all(np.diff(energies, axis=0) >= 0)
    one = np.eye(bands)[:, :, None, None]
    assert np.max(np.abs(projectors.sum(axis=0) - one)) <= 1e-12
    products = np.einsum("nab...,mbc...->nmac...", projectors, projectors)
    expected = np.einsum("nm,nac...->nmac...", np.eye(bands), projectors)
    assert np.max(np.abs(products - expected)) <= 1e-12
    assert np.max(np.abs(np.einsum("n...,nab...->ab...", energies, projectors) - field)) <= 1e-11
    assert np.max(np.abs(projectors - np.swapaxes(projectors, 1, 2).conj())) <= 1e-15


@settings(max_examples=15, deadline=None)
@given(bands=st.integers(2, 4), seed=st.integers(0, 10**6))
def test_rotating_the_basis_rotates_projectors(bands, seed):
    field, unitary = random_field(bands, seed), random_unitary(bands, seed + 1)
    turned = band_projectors(rotated(unitary, field))
    expected = np.array([rotated(unitary, p) for p in band_projectors(field)])
    assert np.max(np.abs(turned - expected)) <= 1e-11


@pytest.mark.parametrize("bands", [2, 3, 4])
def test_touching_bands_share_evenly_in_any_basis(bands):
    """A degenerate point has no bands of its own: its projector is split evenly, whatever the basis."""
    unitary = random_unitary(bands, 3)
    levels = np.array([1.0, 1.0, 4.0, 4.0][:bands])
    field = (unitary * levels) @ unitary.conj().T
    projectors = band_projectors(field[:, :, None])[..., 0]
    low = unitary[:, :2] @ unitary[:, :2].conj().T
    assert np.max(np.abs(projectors[0] - low / 2)) <= 1e-12
    assert np.max(np.abs(projectors[1] - low / 2)) <= 1e-12
    assert np.max(np.abs(projectors.sum(axis=0) - np.eye(bands))) <= 1e-12
    if bands == 4:
        assert np.max(np.abs(projectors[2] - (np.eye(4) - low) / 2)) <= 1e-12


def test_zero_matrix_and_nearly_touching_bands():
    assert np.allclose(band_projectors(np.zeros((2, 2, 4))), 0.5 * np.eye(2)[None, :, :, None])
    field = np.zeros((2, 2, 2), dtype=complex)
    field[0, 0], field[1, 1] = [1.0, 1e-9], [-1.0, -1e-9]
    lower, upper = band_projectors(field)
    assert np.array_equal(upper[:, :, 1], np.diag([1.0, 0.0]))
    assert np.array_equal(lower[:, :, 1], np.diag([0.0, 1.0]))


@pytest.mark.parametrize("bands", [1, 2, 3])
def test_matrix_function(bands):
    """exp(M) through eigenvalues against a Taylor series."""
    field = 0.2 * random_field(bands, 7, shape=(4,))
    series = term = np.broadcast_to(np.eye(bands)[:, :, None], field.shape).astype(complex)
    for n in range(1, 40):
        term = np.einsum("abi,bci->aci", term, field) / n
        series = series + term
    assert np.max(np.abs(matrix_function(field, np.exp) - series)) <= 1e-13

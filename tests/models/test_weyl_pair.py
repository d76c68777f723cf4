"""The four-band model of two Weyl nodes and its blocks: Pauli products, spectra, nodes, symmetries."""

import numpy as np
import pytest
from model_checks import SIGMA_0, SIGMA_X, SIGMA_Y, SIGMA_Z, check_derivatives, space_of

from wigner.errors import ModelError
from wigner.models import WeylBlock, WeylPair

SPACE = space_of("kx", "ky", "kz")
SPINS = (SIGMA_X, SIGMA_Y, SIGMA_Z)


def at(model, k):
    return model.symbol(SPACE)(kx=k[0], ky=k[1], kz=k[2])


def random_momenta(seed=0, count=6):
    return np.random.default_rng(seed).normal(size=(count, 3))


def test_matrix_of_pauli_products():
    model = WeylPair(0.9, 0.4, 1.3)
    for k in random_momenta():
        spin = sum(q * s for q, s in zip(k, SPINS, strict=True))
        wanted = (
            1.3 * np.kron(SIGMA_Z, spin) + 0.4 * np.kron(SIGMA_X, SIGMA_0) + 0.9 * np.kron(SIGMA_0, SIGMA_Z)
        )
        assert np.allclose(at(model, k), wanted, atol=1e-14)
    check_derivatives(model.symbol(SPACE), ("kx", "ky", "kz"))


@pytest.mark.parametrize(("b", "mass"), [(0.9, 0.4), (-0.7, 0.2), (0.3, 0.8), (0.0, 0.5)])
def test_bands_are_those_of_the_blocks(b, mass):
    for k in random_momenta(1):
        four = np.linalg.eigvalsh(at(WeylPair(b, mass, 1.2), k))
        blocks = [np.linalg.eigvalsh(at(WeylBlock(sign, b, mass, 1.2), k)) for sign in (1, -1)]
        assert np.allclose(four, np.sort(np.concatenate(blocks)), atol=1e-13)


def test_nodes_are_where_the_splitting_beats_the_mass():
    k0 = np.sqrt(0.9**2 - 0.4**2) / 1.3
    for sign in (1, -1):
        levels = np.linalg.eigvalsh(at(WeylPair(0.9, 0.4, 1.3), (0, 0, sign * k0)))
        assert np.allclose(levels[1:3], 0, atol=1e-14)
        slope = WeylBlock(-1, 0.9, 0.4, 1.3).symbol(SPACE).derivative("kz")(kx=0.0, ky=0.0, kz=sign * k0)
        # Chirality −1 at +k₀, +1 at −k₀.
        assert np.sign(slope[0, 0].real) == -sign
    gapped = [np.linalg.eigvalsh(at(WeylPair(0.4, 0.9), k))[2] for k in random_momenta(2, 200) * 0.5]
    assert min(gapped) >= 0.5


def test_dirac_semimetal_is_two_degenerate_weyl_copies():
    for k in random_momenta(3):
        length = np.linalg.norm(k)
        assert np.allclose(np.linalg.eigvalsh(at(WeylPair(0.0, 0.0), k)), [-length] * 2 + [length] * 2)


def test_the_splitting_breaks_time_reversal_and_keeps_inversion():
    """T = iσ_y K, P = τ_x: H(−k) = P H(k) P always; T only for b = 0."""
    reversal, parity = np.kron(SIGMA_0, 1j * SIGMA_Y), np.kron(SIGMA_X, SIGMA_0)
    for b in (0.0, 0.7):
        model = WeylPair(b, 0.4)
        for k in random_momenta(4):
            assert np.allclose(at(model, -k), parity @ at(model, k) @ parity)
            turned = reversal @ at(model, k).conj() @ reversal.conj().T
            assert np.allclose(at(model, -k), turned) == (b == 0.0)


@pytest.mark.parametrize("model", [WeylPair(), WeylBlock()], ids=lambda m: m.kind)
def test_three_momenta_are_needed(model):
    with pytest.raises(
        ModelError, match=f"model {model.kind}: expected the momentum axes kx, ky and kz, got kx"
    ):
        model.symbol(space_of("kx", "ky"))

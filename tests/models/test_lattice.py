"""Chains against hopping matrices: H(k) is the Bloch sum of the hops, with ka/ħ in the phase."""

import numpy as np
import pytest
from model_checks import check_derivatives, space_of

from wigner.algebra import Axis, PhaseSpace
from wigner.errors import ModelError
from wigner.models import Lattice


@pytest.mark.parametrize("hbar, spacing", [(1.0, 1.0), (0.4, 1.0), (0.7, 2.5)])
@pytest.mark.parametrize("chain", ["single", "ssh", "rice_mele"])
def test_bloch_sum_of_hops(chain, hbar, spacing):
    """A finite periodic chain built hop by hop is block-diagonal in plane waves e^{ikR/ħ} with blocks H(k)."""
    staggering = 0.3 if chain == "rice_mele" else 0.0
    model = Lattice(chain, hopping=1.2, second_hopping=0.5, staggering=staggering, spacing=spacing)
    cells = 6
    inner = 1 if chain == "single" else 2
    matrix = np.zeros((cells, inner, cells, inner), dtype=complex)
    for n in range(cells):
        following = (n + 1) % cells
        if chain == "single":
            matrix[n, 0, following, 0] -= 1.2
            matrix[following, 0, n, 0] -= 1.2
        else:
            for one, other, hop in (((n, 0), (n, 1), 1.2), ((n, 1), (following, 0), 0.5)):
                matrix[(*one, *other)] += hop
                matrix[(*other, *one)] += hop
            matrix[n, 0, n, 0] += staggering
            matrix[n, 1, n, 1] -= staggering
    symbol = model.symbol(space_of("x", "k", hbar=hbar))
    for m in range(-2, 4):
        k = 2 * np.pi * hbar * m / (cells * spacing)
        wave = np.exp(1j * k * spacing * np.arange(cells) / hbar) / np.sqrt(cells)
        block = np.einsum("n,namb,m->ab", wave.conj(), matrix, wave)
        assert np.allclose(symbol(k=k), block, atol=1e-13)
    assert symbol.is_hermitian()
    check_derivatives(symbol, ("k",), step=1e-5 * hbar / spacing)


@pytest.mark.parametrize("chain", ["single", "ssh", "rice_mele"])
def test_periodic_in_the_zone(chain):
    symbol = Lattice(chain, spacing=2.0).symbol(space_of("x", "k", hbar=0.5))
    k = np.linspace(-1, 1, 9)
    assert np.allclose(symbol(k=k), symbol(k=k + 2 * np.pi * 0.5 / 2.0), atol=1e-14)
    assert not np.allclose(symbol(k=k), symbol(k=k + np.pi * 0.5 / 2.0), atol=1e-3)


def test_refusals():
    with pytest.raises(ModelError, match=r"staggering = 0 for chain 'ssh', got 0\.1"):
        Lattice("ssh", staggering=0.1).symbol(space_of("x", "k"))
    with pytest.raises(ModelError, match="one momentum axis, got 2"):
        Lattice().symbol(PhaseSpace((Axis("kx", "zone", 0, 1, 4), Axis("ky", "zone", 0, 1, 4))))

"""Products of few hops are what the whole matrix gives."""

import numpy as np
import pytest

from wigner.equations import operator_form
from wigner.equations.operator_form import _product


def hopping(rng, size, hops):
    """A Hermitian matrix with few elements a row, at random places."""
    out = np.zeros((size, size), dtype=complex)
    for _ in range(hops):
        to = rng.permutation(size)
        out[np.arange(size), to] += rng.normal(size=size) + 1j * rng.normal(size=size)
    return out + out.conj().T


@pytest.mark.parametrize("hops", [0, 1, 3, 40])
def test_sparse_and_dense_products_agree(hops, monkeypatch):
    rng = np.random.default_rng(hops)
    operators = np.array([hopping(rng, 200, hops) for _ in range(3)])
    columns = rng.normal(size=(3, 7, 200)) + 1j * rng.normal(size=(3, 7, 200))
    wanted = np.einsum("sij,srj->sri", operators, columns)
    for share in (0.0, operator_form._SPARSE, 1.0):
        monkeypatch.setattr(operator_form, "_SPARSE", share)
        out = np.full_like(columns, np.nan)
        apply = _product(operators)
        apply(columns, out)
        assert np.max(np.abs(out - wanted)) <= 1e-12 * max(1.0, np.max(np.abs(wanted)))
        assert apply.__name__ == ("sparse" if 2 * hops / 200 <= share * 1.01 else "dense")

"""What every registered model must do."""

from dataclasses import FrozenInstanceError, fields, is_dataclass

import numpy as np
import pytest
from nouns import check_docstring, example, space_of

from wigner.algebra import MatrixFormula
from wigner.models import MODELS, Hamiltonian

every_model = pytest.mark.parametrize("cls", MODELS, ids=lambda c: c.kind)


def test_kinds_are_unique():
    assert len({cls.kind for cls in MODELS}) == len(MODELS)


@every_model
def test_is_a_documented_frozen_value(cls):
    assert is_dataclass(cls)
    model = example(cls)
    assert model == example(cls)
    name = fields(cls)[0].name
    with pytest.raises(FrozenInstanceError):
        setattr(model, name, getattr(model, name))
    assert "kind" not in {f.name for f in fields(cls)}
    check_docstring(cls)


@every_model
def test_builds_a_hermitian_hamiltonian_that_splits(cls):
    space = space_of(cls)
    symbol = example(cls, **({"matrix": "k*sigma_x + x*sigma_z"} if cls.kind == "formula" else {})).symbol(
        space
    )
    assert isinstance(symbol, MatrixFormula)
    assert symbol.variables <= {*space.names, "t"}
    assert symbol.is_hermitian()
    h = Hamiltonian(space, symbol)
    values = np.broadcast_to(h.values(0.3), (h.bands, h.bands, *space.shape))
    assert np.isfinite(values).all()
    assert np.max(np.abs(values - np.swapaxes(values, 0, 1).conj())) <= 1e-14
    assert np.max(np.abs(values)) > 0
    total = sum(term.symbol(t=0.3, **space.coordinates()) for term in h.terms)
    assert np.allclose(total, values, atol=1e-12)


@every_model
def test_every_number_of_a_model_matters(cls):
    """No field is read and forgotten: changing any number changes H."""
    changes = {"chain": "rice_mele"} if cls.kind == "lattice" else {}
    changes |= {"matrix": "m*k*sigma_x", "parameters": {"m": 1.0}} if cls.kind == "formula" else {}
    space = space_of(cls)
    before = example(cls, **changes).symbol(space)(**space.coordinates(), t=0.3)
    numbers = [f.name for f in fields(cls) if isinstance(getattr(example(cls, **changes), f.name), float)]
    for name in numbers:
        after = example(cls, **changes | {name: getattr(example(cls, **changes), name) + 0.37})
        assert not np.allclose(after.symbol(space)(**space.coordinates(), t=0.3), before, atol=1e-6), name

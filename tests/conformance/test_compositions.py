"""What every registered composition must be."""

import numpy as np
import pytest

from wigner.steppers import COMPOSITIONS

every_composition = pytest.mark.parametrize("composition", COMPOSITIONS, ids=lambda c: c.name)


def test_names_are_unique():
    assert len({c.name for c in COMPOSITIONS}) == len(COMPOSITIONS)


@every_composition
def test_weights(composition):
    """An even number that adds up to one step and reads the same backwards, so that every error is even in dt."""
    weights = np.array(composition.weights)
    assert len(weights) % 2 == 0
    assert abs(weights.sum() - 1) <= 1e-14
    assert np.max(np.abs(weights - weights[::-1])) <= 1e-14
    assert composition.order % 2 == 0
    assert composition.source


@every_composition
def test_order_on_a_pair_of_matrices(composition):
    """exp(ih(A + B)) of 3×3 Hermitian A, B: the error falls as h^order at fixed time, to the digits printed."""
    rng = np.random.default_rng(0)
    a, b = (m + m.conj().T for m in rng.normal(size=(2, 3, 3)) + 1j * rng.normal(size=(2, 3, 3)))

    def flow(m, h):
        levels, vectors = np.linalg.eigh(m)
        return (vectors * np.exp(-1j * h * levels)) @ vectors.conj().T

    errors, steps = [], np.array([20, 40, 80])
    for n in steps:
        h, step = 1.0 / n, np.eye(3)
        for number, weight in enumerate(composition.weights):
            for m in (a, b) if number % 2 == 0 else (b, a):
                step = flow(m, weight * h) @ step
        errors.append(np.linalg.norm(np.linalg.matrix_power(step, n) - flow(a + b, 1.0)))
    slopes = -np.diff(np.log(errors)) / np.log(2)
    assert np.all(np.abs(slopes - composition.order) <= 0.1), slopes

"""Small pieces shared by the tests of models."""

import numpy as np

from wigner.algebra import Axis, PhaseSpace

SIGMA_0 = np.eye(2)
SIGMA_X = np.array([[0, 1], [1, 0]])
SIGMA_Y = np.array([[0, -1j], [1j, 0]])
SIGMA_Z = np.array([[1, 0], [0, -1]])


def space_of(*names, hbar=1.0, points=8):
    """Boxes of different lengths, one for each name."""
    return PhaseSpace(
        tuple(Axis(n, "box", -2.0 - i, 2.0 + i, points + 2 * i) for i, n in enumerate(names)), hbar
    )


def field(values, matrix):
    return np.multiply.outer(matrix, values)


def check_derivatives(symbol, names, step=1e-5):
    """Analytic derivatives against central differences at random points."""
    rng = np.random.default_rng(1)
    at = {name: rng.normal(size=10) for name in names}
    for name in names:
        up, down = ({**at, name: at[name] + s * step} for s in (1, -1))
        numeric = (symbol(**up) - symbol(**down)) / (2 * step)
        analytic = symbol.derivative(name)(**at)
        assert np.max(np.abs(numeric - analytic)) <= 1e-8 * max(1.0, np.max(np.abs(analytic)))

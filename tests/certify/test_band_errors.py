"""Errors of what bands say: the current without its curl, and rows by name."""

import numpy as np
from problems import hamiltonian

from wigner.algebra import Axis, PhaseSpace
from wigner.certify.band_errors import band_errors, curl_free
from wigner.certify.orders import OrderRow
from wigner.equations import Boltzmann
from wigner.states import WignerFunction


def test_a_gradient_and_the_mean_stay_and_a_curl_goes():
    axes = [Axis(n, "ring" if n in "xy" else "zone", 0, 2 * np.pi, 12) for n in ("x", "y", "kx", "ky")]
    space = PhaseSpace(tuple(axes), 0.3)
    x, y = (space.axis(n).values for n in "xy")
    x, y = x[:, None], y[None]
    # ∇ sin(x + 2y), the curl of cos(3x − y), and a mean.
    kept = np.array([0.3 + np.cos(x + 2 * y), -0.1 + 2 * np.cos(x + 2 * y)])
    curl = np.array([np.sin(3 * x - y), 3 * np.sin(3 * x - y)])
    found = np.array(curl_free(dict(zip("xy", kept + curl, strict=True)), space))
    assert np.max(np.abs(found - kept)) <= 1e-13


def test_on_a_line_nothing_is_taken():
    space = PhaseSpace((Axis("x", "ring", 0, 1, 8), Axis("k", "zone", 0, 1, 8)), 0.3)
    current = np.random.default_rng(1).normal(size=8)
    (found,) = curl_free({"x": current}, space)
    assert np.array_equal(found, current)


def test_bands_stands_for_the_variable_of_an_equation():
    def row(quantity):
        return OrderRow("some", quantity, 2.0, "hbar", (0.1,), (1e-3,), 2.0, 0.0, "holds")

    assert all(row(name).is_of("bands") and row(name).is_of(name) for name in ("n_s", "f_n"))
    assert not row("density").is_of("bands")
    assert not row("n_s").is_of("f_n")


def test_a_current_that_is_rounding_is_not_compared():
    """Both bands full: no current, and no error of one; with one of them tilted there is."""
    space = PhaseSpace((Axis("k", "zone", 0, 2 * np.pi, 16),), 0.3)
    h = hamiltonian(space, "sin(k)*sigma_x + 1.5*sigma_z + 0.2*cos(k)*sigma_0")
    k = space.axis("k").values
    for tilt, there in ((0.0, False), (0.1, True)):
        data = np.zeros((4, 16))
        form = Boltzmann(h, WignerFunction(space, data), data)
        form.columns[...] = 0.9
        form.columns[0] += tilt * np.sin(k)
        form.settle(0.0)
        exact = WignerFunction(space, data)
        found = band_errors(h, exact, form.columns, form, 0.0)
        assert ("current" in found) == there and found["n_s"] == 0
        assert found["energy"] <= 1e-14 and found.get("current", 0) <= 1e-12

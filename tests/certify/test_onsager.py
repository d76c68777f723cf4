"""Onsager's rule against levels known in closed form, with slopes in the field."""

import numpy as np
import pytest

from wigner.algebra import Axis, MatrixFormula, PhaseSpace
from wigner.certify import ReferenceProblem
from wigner.certify.onsager import onsager
from wigner.errors import MeasurementError
from wigner.models import Hamiltonian


def level(matrix, b=0.3, hbar=1.0, **options):
    axes = tuple(Axis(k, "box", -8.0, 8.0, 8) for k in ("kx", "ky"))
    symbol = MatrixFormula.parse(matrix, variables=("kx", "ky"))
    h = Hamiltonian(PhaseSpace(axes, hbar, brackets=(("kx", "ky", b),)), symbol)
    given = {"centre": [0, 0], "band": symbol.size - 1, "reach": 6.0, **options}
    return onsager(ReferenceProblem(h, None, np.zeros(1), options=given), "star_level")


@pytest.mark.parametrize("b", [0.3, -0.2])
@pytest.mark.parametrize("hbar", [1.0, 0.5])
def test_oscillator(b, hbar):
    """ħω(n + ½), ω² = b²ab of an anisotropic mass, off the origin."""
    for n in range(3):
        found = level("2*(kx - 0.3)**2/2 + 0.7*ky**2/2 + 5", b, hbar, n=n, centre=[0.3, 0])
        assert abs(found - 5 - hbar * abs(b) * np.sqrt(1.4) * (n + 0.5)) <= 1e-9


@pytest.mark.parametrize("b", [0.3, -0.2])
def test_massless(b):
    """√(2nħ|b|)v with the Berry phase π, √(2(n + ½)…) without; n = 0 has no area."""
    for n in (1, 2):
        assert abs(level("1.5*(kx*sigma_x + ky*sigma_y)", b, n=n) - 1.5 * np.sqrt(2 * n * abs(b))) <= 1e-6
        plain = level("1.5*(kx*sigma_x + ky*sigma_y)", b, n=n, berry_phase=False, moment=False)
        assert abs(plain - 1.5 * np.sqrt((2 * n + 1) * abs(b))) <= 1e-8


@pytest.mark.parametrize("sign", [1, -1])
def test_massive_needs_both(sign):
    """√(m² + 2nħ|b|), n from 0 for mb > 0 and from 1 for mb < 0: order b² with both corrections, order b with one."""
    fields = 0.04, 0.02, 0.01

    def errors(n, **options):
        first = n if sign > 0 else n + 1
        found = [level("kx*sigma_x + ky*sigma_y + sigma_z", sign * b, n=n, **options) for b in fields]
        return np.abs(np.array(found) - np.sqrt(1 + 2 * first * np.array(fields)))

    for n in (0, 2):
        both, without = errors(n), errors(n, moment=False)
        assert np.log2(both[1] / both[2]) >= 1.75
        assert (np.abs(np.diff(np.log(without)) / np.log(0.5) - 1) <= 0.2).all()
    # The Berry phase of an orbit vanishes with its area: without it the error is of the same order, and larger.
    assert (errors(2, berry_phase=False) >= 5 * errors(2)).all()


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "expected n in reference_options"),
        ({"n": 400}, "expected an orbit around the centre with that area inside 6, got none"),
    ],
)
def test_what_it_refuses(options, text):
    with pytest.raises(MeasurementError, match=text):
        level("kx**2 + ky**2", **options)


def test_without_a_field():
    axes = tuple(Axis(k, "box", -1.0, 1.0, 8) for k in ("kx", "ky"))
    h = Hamiltonian(PhaseSpace(axes), MatrixFormula.parse("kx", variables=("kx", "ky")))
    for quantity, text in (("density", "expected star_level"), ("star_level", "expected a static H on kx")):
        with pytest.raises(MeasurementError, match=text):
            onsager(ReferenceProblem(h, None, np.zeros(1)), quantity)

"""Closed forms of the momentum-space fields against difference quotients of the pseudospin's direction."""

import numpy as np
import pytest

from wigner.algebra import Axis, MatrixFormula, PhaseSpace
from wigner.certify import ReferenceProblem
from wigner.certify.dirac_faraday import dirac_faraday
from wigner.errors import MeasurementError
from wigner.models import Hamiltonian

TURNED = "1.3*(kx*sigma_y + ky*sigma_z) + (0.8 + 0.1*t**2)*sigma_x"


def problem(matrix=TURNED, t=0.7):
    axes = tuple(Axis(k, "box", -2.0, 2.0, 8) for k in ("kx", "ky"))
    symbol = MatrixFormula.parse(matrix, variables=("kx", "ky", "t"))
    return ReferenceProblem(Hamiltonian(PhaseSpace(axes, 1.0), symbol), None, np.array([t]))


def test_fields_of_the_direction():
    """F_IJ = m·(∂_Im × ∂_Jm): 𝓔 = F_kt and the rate of F_xy."""

    def direction(x, y, t):
        h = np.array([1.3 * x, 1.3 * y, 0.8 + 0.1 * t**2])
        return h / np.linalg.norm(h)

    def tensor(i, j, z, step=1e-3):
        slopes = [(direction(*(z + s)) - direction(*(z - s))) / (2 * step) for s in step * np.eye(3)]
        return direction(*z) @ np.cross(slopes[i], slopes[j])

    given = problem()
    k = given.hamiltonian.space.axes[0].values
    ex, ey, rate = (
        dirac_faraday(given, f"momentum_{name}")[0]
        for name in ("electric_kx", "electric_ky", "magnetic_rate")
    )
    for i, x in enumerate(k):
        for j, y in enumerate(k):
            z, later = np.array([x, y, 0.7]), np.array([0, 0, 1e-3])
            assert abs(ex[i, j] - tensor(0, 2, z)) <= 1e-5
            assert abs(ey[i, j] - tensor(1, 2, z)) <= 1e-5
            change = (tensor(0, 1, z + later) - tensor(0, 1, z - later)) / 2e-3
            assert abs(rate[i, j] - change) <= 1e-5


def test_peak_of_the_figure():
    """0.384900 ṁ/m² at k = m/√2 for v = 1."""
    axes = Axis("kx", "box", 0.0, 4 / np.sqrt(2), 4000), Axis("ky", "box", 0.0, 4.0, 4)
    symbol = MatrixFormula.parse("kx*sigma_x + ky*sigma_y + (1 + 0.1*t)*sigma_z", variables=("kx", "ky", "t"))
    given = ReferenceProblem(Hamiltonian(PhaseSpace(axes, 1.0), symbol), None, np.array([0.0]))
    field = dirac_faraday(given, "momentum_electric_ky")[0, :, 0]
    assert abs(field.max() - 0.0384900) <= 1e-7
    assert abs(axes[0].values[np.argmax(field)] - 1 / np.sqrt(2)) <= 1e-9


@pytest.mark.parametrize(
    "matrix", ["kx*sigma_x + ky*sigma_y + t*kx*sigma_z", "kx*sigma_x + 2*ky*sigma_y + t*sigma_z"]
)
def test_another_hamiltonian_is_refused(matrix):
    with pytest.raises(MeasurementError, match="expected H = v"):
        dirac_faraday(problem(matrix), "momentum_electric_kx")
    with pytest.raises(MeasurementError, match="expected one of"):
        dirac_faraday(problem(), "density")

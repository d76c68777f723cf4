"""Ground levels in a trap against a lattice in real space and against matrices over momentum, which know no symbols."""

import numpy as np
import pytest

from wigner.algebra.formula import MatrixFormula
from wigner.algebra.phase_space import Axis, PhaseSpace
from wigner.certify.ground_level import ground_level
from wigner.equations import Boltzmann, Separable, StarProjected
from wigner.errors import MeasurementError, ModelError
from wigner.models.hamiltonian import Hamiltonian

T1, T2 = 1.0, 0.6
POINTS = 96


def trap(kappa, delta, points=POINTS, hbar=1.0):
    """The chain of lattice constant ħ in the trap: at any ħ the zone is 2π and x is on a half-lattice of ħ."""
    extent = hbar * points / 4
    space = PhaseSpace(
        (Axis("x", "box", -extent, extent, points), Axis("k", "zone", -np.pi, np.pi, points)), hbar
    )
    symbol = MatrixFormula.parse(
        "(t1 + t2*cos(k))*sigma_x + t2*sin(k)*sigma_y + d*sigma_z + kappa*x**2/2*sigma_0",
        variables=("x", "k"),
        parameters={"t1": T1, "t2": T2, "d": delta, "kappa": kappa},
    )
    return Hamiltonian(space, symbol)


def lattice_level(kappa, delta):
    """Both orbitals at the centre of their cell; T2 leads from the first of a cell to the second of the next."""
    n = np.arange(-24, 24)
    h = np.zeros((len(n), 2, len(n), 2))
    for cell, place in enumerate(n):
        well = kappa * place**2 / 2
        h[cell, :, cell, :] = [[well + delta, T1], [T1, well - delta]]
        if cell:
            h[cell, 1, cell - 1, 0] = h[cell - 1, 0, cell, 1] = T2
    return np.linalg.eigvalsh(h.reshape(2 * len(n), -1))[0]


class Ring:
    """Operators over the momenta of a ring of cells, where x is diagonal in the plane waves."""

    def __init__(self, delta, cells=48):
        self.cells, n = cells, np.arange(cells) - cells // 2
        self.k = 2 * np.pi * n / cells
        wave = np.exp(1j * np.outer(n, self.k)) / np.sqrt(cells)
        self.x = (wave.conj().T * n) @ wave
        self.x_squared = (wave.conj().T * n**2) @ wave
        p = T1 * T2 * np.sin(self.k)
        self.energy = np.sqrt(T1**2 + T2**2 + delta**2 + 2 * T1 * T2 * np.cos(self.k))
        # g = ¼|∂_k m|² of the unit vector m, and T = g/E of the lower band.
        self.metric = 0.25 * (T2**2 / self.energy**2 - p**2 / self.energy**4)
        self.stress = self.metric / self.energy

    def level(self, kappa, metric=True, stress=True, curved=0.0):
        """Lowest of −E + ½κx² + ½κg − ½κ²(xTx + curved·∂²_kT)."""
        h = np.diag(-self.energy + 0j) + 0.5 * kappa * self.x_squared
        if metric:
            h += 0.5 * kappa * np.diag(self.metric)
        if stress:
            second = np.fft.ifft(-(np.fft.fftfreq(self.cells, 1 / self.cells) ** 2) * np.fft.fft(self.stress))
            h -= 0.5 * kappa**2 * (self.x @ np.diag(self.stress) @ self.x + curved * np.diag(second.real))
        return np.linalg.eigvalsh(h)[0]


@pytest.mark.parametrize("delta", [0.0, 0.5])
@pytest.mark.parametrize("kappa", [0.04, 0.01])
def test_the_whole_operator_is_the_lattice(kappa, delta):
    h = trap(kappa, delta)
    assert abs(ground_level(h.values(), h.space) - lattice_level(kappa, delta)) <= 1e-11


@pytest.mark.parametrize("delta", [0.0, 0.5])
def test_scalar_operators_are_those_over_momentum(delta):
    """The Weyl operator of Tx² is xTx − ¼∂²_kT."""
    kappa, ring = 0.02, Ring(delta)
    h = trap(kappa, delta)
    wanted = {
        ("boltzmann", ""): ring.level(kappa, metric=False, stress=False),
        ("separable", "polarisation_energy"): ring.level(kappa, stress=False),
        ("separable", "metric_energy"): ring.level(kappa, metric=False, curved=-0.25),
        ("separable", ""): ring.level(kappa, curved=-0.25),
    }
    for (kind, without), level in wanted.items():
        equation = {"boltzmann": Boltzmann, "separable": Separable}[kind]
        lower, upper = equation.band_symbols(h, without=without)
        assert abs(ground_level(lower[None, None], h.space) - level) <= 1e-11, (kind, without)
        assert ground_level(upper[None, None], h.space) > level + 1


def slopes(errors):
    return np.log2(np.abs(errors[:-1]) / np.abs(errors[1:]))


def test_orders_in_the_trap():
    """With two orbitals alike the κ² of Tx² vanishes, and that of xTx does not."""
    kappas = np.array([0.01, 0.005, 0.0025])
    ring = Ring(0.0)
    found = {"plain": [], "metric": [], "ordered": [], "whole": []}
    for kappa in kappas:
        h, exact = trap(kappa, 0.0), lattice_level(kappa, 0.0)
        bands = {
            "plain": Boltzmann.band_symbols(h),
            "metric": Separable.band_symbols(h, without="polarisation_energy"),
            "whole": Separable.band_symbols(h),
        }
        for name, energies in bands.items():
            found[name].append(ground_level(energies[:1][None], h.space) - exact)
        found["ordered"].append(ring.level(kappa) - exact)
    found = {name: slopes(np.array(errors)) for name, errors in found.items()}
    assert found["plain"] == pytest.approx(1, abs=0.03)
    assert found["metric"] == pytest.approx(1.5, abs=0.01)
    first, second = found["ordered"]
    assert 2 < second < first < 2.15
    first, second = found["whole"]
    assert 2.2 < first < second < 2.5


def test_hbar_is_in_every_term():
    """A softer trap on a finer lattice: with x in units of ħ only κħ² counts."""
    h, fine = trap(0.02, 0.5), trap(0.02 / 0.25**2, 0.5, hbar=0.25)
    for equation in (Boltzmann, Separable):
        one, two = equation.band_symbols(h), equation.band_symbols(fine)
        assert np.abs(one - two).max() <= 1e-13 * np.abs(one).max()
    assert abs(ground_level(fine.values(), fine.space) - lattice_level(0.02, 0.5)) <= 1e-11


def test_what_has_no_level_is_refused():
    h = trap(0.02, 0.5)
    unmatched = PhaseSpace((Axis("x", "box", -8, 8, 32), Axis("k", "zone", -np.pi, np.pi, 48)), 1.0)
    with pytest.raises(MeasurementError, match="level: expected a matched grid"):
        ground_level(np.ones((1, 1, 32, 48)), unmatched)
    with pytest.raises(
        ModelError, match="energies in canonical variables, got star_projected; use boltzmann"
    ):
        StarProjected.band_symbols(h)

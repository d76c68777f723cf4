"""Lattices in the plane, and the Weyl node, against hopping matrices and closed forms."""

import numpy as np
import pytest
from model_checks import SIGMA_X, SIGMA_Y, SIGMA_Z, check_derivatives, field, space_of

from wigner.errors import ModelError
from wigner.models import Graphene, Haldane, QiWuZhang, Square, Weyl, WeylLattice

# Bonds of each lattice: orbital in the cell (0, 0), step to the other cell, orbital there, amplitude. The reverse is added.
HALF_X, HALF_Y = (SIGMA_Z - 1j * SIGMA_X) / 2, (SIGMA_Z - 1j * SIGMA_Y) / 2


def bonds(model):
    if isinstance(model, Square):
        return [(step, np.array([[-model.hopping]])) for step in ((1, 0), (0, 1))], np.zeros((1, 1))
    if isinstance(model, QiWuZhang):
        t = model.hopping
        return [((1, 0), t * HALF_X), ((0, 1), t * HALF_Y)], t * model.mass * SIGMA_Z
    between = -model.hopping * np.array([[0, 1], [0, 0]])
    inside = model.mass * SIGMA_Z - model.hopping * SIGMA_X
    next_neighbours = []
    if isinstance(model, Haldane):
        # A triangle of steps that closes, turned by +φ on one sublattice and by −φ on the other.
        hop = model.second_hopping * np.diag(np.exp(1j * model.phase * np.array([1, -1])))
        next_neighbours = [(step, hop) for step in ((1, 0), (0, -1), (-1, 1))]
    return [((1, 0), between), ((0, 1), between), *next_neighbours], inside


MODELS = [
    Square(1.3, 0.8),
    QiWuZhang(-0.7, 1.2, 0.8),
    Graphene(1.1, 0.3, 0.8),
    Haldane(1.1, 0.2, 0.7, 0.3, 0.8),
]


@pytest.mark.parametrize("hbar", [1.0, 0.5])
@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.kind)
def test_bloch_sum_of_hops(model, hbar):
    """A finite periodic lattice built bond by bond has blocks H(k) in plane waves e^{ikR/ħ}."""
    hops, onsite = bonds(model)
    cells, size = 4, len(onsite)
    matrix = np.zeros((cells, cells, size, cells, cells, size), dtype=complex)
    for i, j in np.ndindex(cells, cells):
        matrix[i, j, :, i, j, :] += onsite
        for (di, dj), hop in hops:
            there = (i + di) % cells, (j + dj) % cells
            matrix[i, j, :, there[0], there[1], :] += hop
            matrix[there[0], there[1], :, i, j, :] += hop.conj().T
    symbol = model.symbol(space_of("kx", "ky", hbar=hbar))
    assert symbol.is_hermitian()
    n = np.arange(cells)
    for m1, m2 in ((0, 0), (1, 0), (0, 1), (1, 2), (3, 1)):
        kx, ky = (2 * np.pi * hbar * m / (cells * 0.8) for m in (m1, m2))
        wave = np.exp(1j * 0.8 / hbar * (kx * n[:, None] + ky * n[None, :])) / cells
        block = np.einsum("ij,ijamnb,mn->ab", wave.conj(), matrix, wave)
        assert np.allclose(symbol(kx=kx, ky=ky), block, atol=1e-12)
    check_derivatives(symbol, ("kx", "ky"), step=1e-5 * hbar)


def test_graphene_touches_without_mass():
    symbol = Graphene(spacing=2.0).symbol(space_of("kx", "ky", hbar=0.5))
    k = 2 * np.pi / 3 * 0.5 / 2.0
    for sign in (1, -1):
        assert np.max(np.abs(symbol(kx=sign * k, ky=-sign * k))) <= 1e-14
        # |∂f/∂k| = a/ħ along either axis.
        energies = np.linalg.eigvalsh(symbol(kx=sign * k + 1e-6, ky=-sign * k))
        assert np.allclose(energies, [-4e-6, 4e-6], rtol=1e-4)


CHERN = [
    *((QiWuZhang(mass), chern) for mass, chern in ((-3.0, 0), (-1.0, 1), (1.0, -1), (3.0, 0))),
    *(
        (Haldane(phase=phase, mass=mass), chern)
        for phase, mass, chern in (
            (np.pi / 2, 0.0, 1),
            (-np.pi / 2, 0.0, -1),
            (0.5, 0.23, 1),
            (0.5, -0.23, 1),
            (0.5, 0.27, 0),
            (0.5, -0.27, 0),
        )
    ),
    (Haldane(second_hopping=-0.1), -1),
]


@pytest.mark.parametrize(("model", "chern"), CHERN)
def test_chern_number_of_the_lower_band(model, chern):
    assert lower_chern_number(model.symbol(space_of("kx", "ky"))) == chern


def lower_chern_number(symbol, **at):
    """Plaquette sum of Fukui, Hatsugai and Suzuki, with Ω = ∂_xA_y − ∂_yA_x and A = i⟨u|∂u⟩."""
    k = 2 * np.pi * np.arange(36) / 36
    h = np.moveaxis(symbol(kx=k[:, None], ky=k[None, :], **at), (0, 1), (-2, -1))
    u = np.linalg.eigh(h)[1][..., 0]

    def link(axis):
        return np.einsum("xya,xya->xy", u.conj(), np.roll(u, -1, axis))

    lx, ly = link(0), link(1)
    loop = lx * np.roll(ly, -1, 0) * np.roll(lx, -1, 1).conj() * ly.conj()
    return round(-np.angle(loop).sum() / (2 * np.pi))


@pytest.mark.parametrize("chirality", [1, -1])
def test_weyl_node(chirality):
    symbol = Weyl(chirality, velocity=1.5).symbol(space_of("kx", "ky", "kz"))
    k = dict(zip(("kx", "ky", "kz"), np.random.default_rng(0).normal(size=(3, 5)), strict=True))
    wanted = sum(
        field(1.5 * chirality * v, s) for v, s in zip(k.values(), (SIGMA_X, SIGMA_Y, SIGMA_Z), strict=True)
    )
    assert np.allclose(symbol(**k), wanted, atol=1e-14)
    check_derivatives(symbol, ("kx", "ky", "kz"))


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.kind)
def test_other_axes_are_refused(model):
    with pytest.raises(ModelError, match=f"model {model.kind}: expected the momentum axes kx and ky, got k"):
        model.symbol(space_of("x", "k"))
    with pytest.raises(ModelError, match="got kx, ky, kz"):
        model.symbol(space_of("kx", "ky", "kz"))


def test_a_weyl_node_needs_three_momenta():
    with pytest.raises(ModelError, match="model weyl: expected the momentum axes kx, ky and kz, got kx, ky"):
        Weyl().symbol(space_of("kx", "ky"))


@pytest.mark.parametrize("hbar", [1.0, 0.6])
@pytest.mark.parametrize("node", [0.8, np.pi / 2, 2.3])
def test_nodes_of_the_weyl_lattice(node, hbar):
    """Two cones at ±k₀, chirality from det(∂d/∂k), between them planes with Chern number 1, beyond with 0."""
    spacing = 0.7
    symbol = WeylLattice(node, 1.2, spacing).symbol(space_of("kx", "ky", "kz", hbar=hbar))
    k0 = node * hbar / spacing
    for sign in (1, -1):
        at = {"kx": 0.0, "ky": 0.0, "kz": sign * k0}
        assert np.max(np.abs(symbol(**at))) <= 1e-14
        slopes = [
            [np.trace(s @ symbol.derivative(n)(**at)).real / 2 for s in (SIGMA_X, SIGMA_Y, SIGMA_Z)]
            for n in ("kx", "ky", "kz")
        ]
        speed = 1.2 * spacing / hbar
        assert np.isclose(np.linalg.det(slopes), -sign * speed**3 * np.sin(node))
    # A zone of k in the units of the plaquette sum: a = ħ.
    unit = WeylLattice(node).symbol(space_of("kx", "ky", "kz"))
    for kz, chern in ((0.0, 1), (node - 0.1, 1), (0.1 - node, 1), (node + 0.1, 0), (np.pi, 0)):
        assert lower_chern_number(unit, kz=kz) == chern
    check_derivatives(symbol, ("kx", "ky", "kz"))


def test_the_only_nodes_of_the_weyl_lattice_are_two():
    symbol = WeylLattice(1.1).symbol(space_of("kx", "ky", "kz"))
    k = np.linspace(-np.pi, np.pi, 61)
    values = np.moveaxis(
        symbol(kx=k[:, None, None], ky=k[None, :, None], kz=k[None, None, :]), (0, 1), (-2, -1)
    )
    small = np.argwhere(np.linalg.eigvalsh(values)[..., 1] < 0.06)
    assert len(small) > 0
    assert np.all(small[:, :2] == 30)
    assert np.all(np.abs(np.abs(k[small[:, 2]]) - 1.1) < 0.07)


def test_a_weyl_lattice_needs_three_momenta():
    with pytest.raises(
        ModelError, match="model weyl_lattice: expected the momentum axes kx, ky and kz, got kx"
    ):
        WeylLattice().symbol(space_of("kx", "ky"))

"""What every registered diagnostic must do."""

import inspect

import numpy as np
import pytest
from nouns import exact_unitary, line, plane, rotated, rotated_field
from problems import hamiltonian

from wigner.algebra import Axis, PhaseSpace
from wigner.diagnostics import DEFAULT_DIAGNOSTICS, DIAGNOSTICS, ON_DEMAND
from wigner.states import WignerFunction

every_diagnostic = pytest.mark.parametrize("diagnostic", DIAGNOSTICS, ids=lambda d: d.name)

ROWS = [["k**2", "0.3*k", "0"], ["0.3*k", "x/3 + t", "i*0.2"], ["0", "-i*0.2", "-k"]]


def crystal():
    """A magnetic crystal: no positions, momenta that do not commute."""
    axes = (Axis("kx", "zone", -np.pi, np.pi, 12), Axis("ky", "zone", -np.pi, np.pi, 10))
    return PhaseSpace(axes, 0.8, brackets=(("kx", "ky", 0.3),))


def chain():
    """A crystal in one dimension."""
    return PhaseSpace((Axis("k", "zone", -np.pi, np.pi, 12),), 0.8)


PROBLEMS = {
    "scalar": lambda: hamiltonian(line(), "k**4/9 + x**2/4"),
    "dirac": lambda: hamiltonian(line(), "k*sigma_x + 0.7*sigma_z + exp(-x**2)*sigma_0"),
    "touching": lambda: hamiltonian(line(), "k*sigma_x + x**2*sigma_0"),
    "degenerate": lambda: hamiltonian(line(), "k**2*sigma_0/2 + x*sigma_0"),
    "driven": lambda: hamiltonian(line(), "t*k*sigma_x + cos(t)*x*sigma_z + k**2*sigma_0"),
    "three": lambda: hamiltonian(line(), ROWS),
    "plane": lambda: hamiltonian(plane(), "kx*sigma_x + ky*sigma_y + kx*ky*sigma_0 + x*y*sigma_z/9"),
    "landau": lambda: hamiltonian(plane(), "kx**2*sigma_0 + (ky - x)**2*sigma_0 + sigma_x*y"),
    "crystal": lambda: hamiltonian(crystal(), "sin(kx)*sigma_x + sin(ky)*sigma_y + sigma_z"),
    "chain": lambda: hamiltonian(chain(), "cos(k)*sigma_x + t*sin(k)*sigma_y + 0.3*sigma_z"),
    "nothing": lambda: hamiltonian(line(), "0*k"),
}
every_problem = pytest.mark.parametrize("problem", PROBLEMS)


def random_state(h, seed=0):
    """Smooth enough for every diagnostic, without any symmetry."""
    data = np.random.default_rng(seed).normal(size=(h.bands**2, *h.space.shape))
    return WignerFunction(h.space, data)


def test_names_are_unique_and_defaults_exist():
    names = [d.name for d in (*DIAGNOSTICS, *ON_DEMAND)]
    assert len(set(names)) == len(names)
    assert set(DEFAULT_DIAGNOSTICS) <= set(names)


@pytest.mark.parametrize("diagnostic", [*DIAGNOSTICS, *ON_DEMAND], ids=lambda d: d.name)
def test_is_documented(diagnostic):
    cls = diagnostic if isinstance(diagnostic, type) else type(diagnostic)
    first = inspect.cleandoc(cls.__doc__).splitlines()[0]
    assert first.endswith((".", ":"))
    assert len(first) <= 130


@every_problem
def test_quantities_do_not_collide(problem):
    h = PROBLEMS[problem]()
    names = [q.name for d in DIAGNOSTICS for q in d.quantities(h)]
    assert len(set(names)) == len(names)
    assert not set(names) & {*h.space.names, "t", "band"}


@every_problem
@every_diagnostic
def test_measures_what_it_announces(diagnostic, problem):
    """Exactly its quantities, in their shapes, finite, whatever was measured before; the state is not touched."""
    h = PROBLEMS[problem]()
    state = random_state(h)
    before = state.data.copy()
    state.data.flags.writeable = False
    measure = diagnostic.prepare(h)
    first = measure(state, 0.3)
    assert np.array_equal(state.data, before)
    sizes = {axis.name: axis.points for axis in h.space.axes} | {"band": h.bands}
    quantities = {q.name: q for q in diagnostic.quantities(h)}
    assert set(first) == set(quantities)
    for name, value in first.items():
        q = quantities[name]
        assert np.shape(value) == tuple(sizes[d] for d in q.dims)
        assert isinstance(value, float if q.dims == () else np.ndarray)
        assert np.isrealobj(value)
        assert np.isfinite(value).all()
        assert q.long_name
        assert q.units
    other = random_state(h, 1)
    later, afresh = measure(other, 1.7), diagnostic.prepare(h)(other, 1.7)
    again = measure(state, 0.3)
    for name, value in first.items():
        assert np.array_equal(value, again[name])
        assert np.array_equal(later[name], afresh[name])


@pytest.mark.parametrize("problem", [p for p in PROBLEMS if p not in ("scalar", "nothing")])
@every_diagnostic
def test_does_not_see_the_basis(diagnostic, problem):
    """H → U H U†, F → U F U† with a constant unitary changes no number: gauge invariance."""
    h = PROBLEMS[problem]()
    unitary = exact_unitary(h.bands, seed=1)
    state = random_state(h)
    turned = WignerFunction.from_matrix(h.space, rotated_field(state.matrix(), unitary))
    assert not np.allclose(turned.data, state.data, atol=0.1)
    one = diagnostic.prepare(h)(state, 0.3)
    two = diagnostic.prepare(rotated(h, unitary))(turned, 0.3)
    for name, value in one.items():
        scale = max(1.0, float(np.max(np.abs(value))))
        assert np.max(np.abs(np.asarray(value) - two[name])) <= 1e-12 * scale, name

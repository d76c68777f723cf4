"""What conformance tests share: one example of every registered kind, docstrings, and rotations of the basis."""

import inspect
import re
from dataclasses import MISSING, fields

import numpy as np
import sympy
from problems import matched_space

from wigner.algebra import Axis, MatrixFormula, PhaseSpace
from wigner.models import Hamiltonian

#: Values of the fields that have no default, by kind. A new kind with such fields is added here.
REQUIRED = {
    "packet": {"position": 0.3, "momentum": 0.6, "width": 1.1, "spinor": (0.6, "0.8*i")},
    "occupations": {"bands": ("0.8*exp(-x**2 - k**2/2)", "0.3*exp(-(x - 1)**2 - k**2/2)")},
    "star_occupations": {"bands": ("0.7 + 0.2*cos(x - k)", "0.3 + 0.2*sin(x)*cos(k)")},
    "formula": {"matrix": "exp(-(x - 0.4)**2 - (k - 0.5)**2)*(1.1*sigma_0 + 0.4*sigma_y)"},
}


def example(cls, **changes):
    """An instance with defaults, and with `REQUIRED` values where there are none."""
    needed = {f.name for f in fields(cls) if f.default is MISSING and f.default_factory is MISSING}
    known = REQUIRED.get(cls.kind, {})
    missing = needed - known.keys()
    assert not missing, f"add values of {missing} for kind {cls.kind!r} to REQUIRED in tests/nouns.py"
    return cls(**(known | changes))


def documented(docstring, section="Parameters"):
    """Names documented in a numpydoc section."""
    heading = rf"^{section}\n-+\n(.*?)(?=^[^\n]+\n---|\Z)"
    found = re.search(heading, inspect.cleandoc(docstring), re.M | re.S)
    lines = found.group(1).splitlines() if found else []
    heads = [line.split(" : ")[0] for line in lines if " : " in line and not line.startswith(" ")]
    return {name.strip() for head in heads for name in head.split(",")}


def check_docstring(cls):
    """A first line short enough for `wigner list`, then every field under Parameters."""
    assert cls.__doc__
    first = inspect.cleandoc(cls.__doc__).splitlines()[0]
    assert first.endswith((".", ":"))
    assert 15 <= len(first) <= 130
    assert documented(cls.__doc__) == {f.name for f in fields(cls)}


def line(points=32, length=14.0, hbar=0.9):
    return matched_space(points, length, hbar)


def momenta(names=("kx", "ky"), points=10, hbar=0.9):
    """No positions."""
    return PhaseSpace(tuple(Axis(n, "zone", -np.pi * hbar, np.pi * hbar, points) for n in names), hbar)


def space_of(cls):
    """A space that a model accepts: a line unless it is of the plane or of space."""
    by_kind = {
        **dict.fromkeys(("square", "qwz", "graphene", "haldane"), momenta),
        **dict.fromkeys(
            ("weyl", "weyl_lattice", "weyl_pair", "weyl_block"), lambda: momenta(("kx", "ky", "kz"))
        ),
    }
    return by_kind.get(cls.kind, line)()


def plane(points=8, length=6.0, hbar=0.9):
    k = np.pi * hbar * points / (2 * length)
    axes = [Axis(n, "box", -length / 2, length / 2, points) for n in "xy"]
    return PhaseSpace((*axes, *(Axis(n, "box", -k, k, points) for n in ("kx", "ky"))), hbar)


def exact_unitary(bands, seed=0):
    """(1 − A)(1 + A)⁻¹ of a random anti-Hermitian A of fractions: unitary without rounding."""
    rng = np.random.default_rng(seed)
    a = sympy.zeros(bands, bands)
    for row in range(bands):
        for column in range(row, bands):
            real, imag = (sympy.Rational(int(n), 7) for n in rng.integers(-9, 10, size=2))
            a[row, column] += (0 if row == column else real) + sympy.I * imag
            if row != column:
                a[column, row] += -real + sympy.I * imag
    one = sympy.eye(bands)
    unitary = ((one - a) * (one + a).inv()).applyfunc(sympy.nsimplify).applyfunc(sympy.expand_complex)
    assert sympy.simplify(unitary * unitary.H - one) == sympy.zeros(bands, bands)
    return unitary


def rotated(h, unitary):
    """U H U†, formula by formula."""
    adjoint = unitary.T.applyfunc(lambda entry: entry.xreplace({sympy.I: -sympy.I}))
    entries = (unitary * sympy.Matrix(h.symbol.entries) * adjoint).applyfunc(sympy.expand)
    return Hamiltonian(h.space, MatrixFormula.from_entries(entries))


def as_array(unitary):
    return np.array(unitary.evalf(30).tolist(), dtype=complex)


def rotated_field(matrix, unitary):
    u = as_array(unitary)
    return np.einsum("ab,bc...,dc->ad...", u, matrix, u.conj())

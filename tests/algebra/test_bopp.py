"""Bopp shifts against the formula of the star product, one wave at a time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wigner.algebra import Axis, PhaseSpace
from wigner.algebra.bopp import bopp_shifts
from wigner.algebra.star import moyal_product


def spaces():
    x, y = Axis("x", "box", -2.0, 2.0, 6), Axis("y", "ring", -1.0, 1.0, 5)
    kx, ky = Axis("kx", "box", -3.0, 3.0, 8), Axis("ky", "zone", -4.0, 4.0, 6)
    return {
        "one": (PhaseSpace((x, Axis("k", "box", -3.0, 3.0, 7)), 0.6), [("x",), ("k",)]),
        "two": (PhaseSpace((x, y, kx, ky), 0.8), [("x", "y"), ("kx", "ky"), ("x", "ky"), ("y",)]),
        "field": (
            PhaseSpace((x, y, kx, ky), 0.8, brackets=(("kx", "ky", 0.7),)),
            [("kx",), ("ky",), ("x", "y"), ("x", "ky")],
        ),
    }


CASES = [(label, names) for label, (_, every) in spaces().items() for names in every]


@pytest.mark.parametrize("label, names", CASES, ids=lambda v: v if isinstance(v, str) else "-".join(v))
def test_every_entry_is_the_shifted_argument(label, names):
    """Left: z − (ħ/2) J w; right: z + (ħ/2) J w; on a Nyquist line both signs of that wave, averaged."""
    space, _ = spaces()[label]
    shifts = bopp_shifts(space, names)
    assert shifts.coordinates == tuple(n for n in space.names if n in names)
    conjugates = [space.axis(n) for n in shifts.conjugates]
    others = [space.axis(n) for n in shifts.others]
    assert [a.name for a in (*others, *conjugates)] != []
    half = [range(a.points) for a in conjugates[:-1]] + [range(conjugates[-1].points // 2 + 1)]
    rows = list(np.ndindex(*(a.points for a in others)))
    columns = list(np.ndindex(*(len(h) for h in half)))
    rng = np.random.default_rng(0)
    for _ in range(60):
        r, c = rng.integers(len(rows)), rng.integers(len(columns))
        at = {a.name: a.values[i] for a, i in zip(others, rows[r], strict=True)}
        wave = {a.name: a.frequencies[m] for a, m in zip(conjugates, columns[c], strict=True)}
        alias = {
            a.name: -wave[a.name] if 2 * m == a.points else wave[a.name]
            for a, m in zip(conjugates, columns[c], strict=True)
        }
        for side, table in ((-1, shifts.left), (1, shifts.right)):
            entry = np.unravel_index(table[r, c], shifts.table_shape)
            for number, name in enumerate(shifts.coordinates):
                row = space.poisson_tensor[space.index(name)]
                # A coordinate of `names` is never among its own conjugates, so it is sampled as it stands.
                expected = sorted(
                    at[name] + side * 0.5 * space.hbar * sum(row[space.index(n)] * v for n, v in w.items())
                    for w in (wave, alias)
                )
                pair = [part.ravel()[entry[number]] for part in shifts.arguments[name]]
                assert np.allclose(pair, expected, atol=1e-9)


@settings(max_examples=20, deadline=None)
@given(m=st.integers(-2, 2), n=st.integers(-2, 2), hbar=st.floats(0.2, 2.0), from_left=st.booleans())
def test_function_star_wave(m, n, hbar, from_left):
    """f(k) ⋆ e^{iw·z} = f(k + ħw_x/2) e^{iw·z}: the signs, against the exact star product."""
    space = PhaseSpace((Axis("x", "ring", 0, 2 * np.pi, 8), Axis("k", "zone", 0, 2 * np.pi, 8)), hbar)
    x, k = space.coordinate("x"), space.coordinate("k")
    wave = np.exp(1j * (m * x + n * k))[None, None]

    def f(k):
        return 0.4 + np.cos(k) + 0.3 * np.sin(2 * k)

    function = np.broadcast_to(f(k), space.shape)[None, None].astype(complex)
    factors = (function, wave) if from_left else (wave, function)
    sign = 1 if from_left else -1
    expected = f(k + sign * hbar * m / 2) * wave
    assert np.max(np.abs(moyal_product(*factors, space) - expected)) <= 1e-13


def test_lists_each_argument_once():
    n, length = 32, 8.0
    k = np.pi * n / (2 * length)
    space = PhaseSpace(
        (Axis("x", "box", -length / 2, length / 2, n), Axis("k", "box", -k, k, n)),
    )
    shifts = bopp_shifts(space, ("k",))
    low = shifts.arguments["k"][0].ravel()
    inside = np.ptp(np.stack([p.ravel() for p in shifts.arguments["k"]]), axis=0) < 1e-12
    assert np.min(np.diff(np.sort(low[inside]))) > 0.1 * space.axis("k").spacing
    assert shifts.left.max() < shifts.table_shape[0]
    assert shifts.left.dtype == np.int32


def test_refuses_coordinates_that_do_not_commute():
    space, _ = spaces()["field"]
    for names in (("kx", "ky"), ("x", "kx")):
        with pytest.raises(ValueError, match="do not commute"):
            bopp_shifts(space, names)

"""The charge of a pump against its duration and temperature."""

import importlib
import os
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import solve_ivp

ANALYSIS = Path(__file__).resolve().parents[2] / "analysis"


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(os.fspath(ANALYSIS))
    return importlib.import_module("thouless_pump")


@pytest.fixture
def pump(script):
    return script.Pump.of(script.RUN)


def rice_mele(k, t):
    """H, and ∂_kH, of the run file, written out, at one momentum."""
    phase = 2 * np.pi * t - 4 / 3 * np.sin(2 * np.pi * t) + np.sin(4 * np.pi * t) / 6
    inner, outer, staggered, tilt = 1 + 0.5 * np.cos(phase), 1 - 0.5 * np.cos(phase), np.sin(phase), 0.8
    off, slope = inner + outer * np.exp(-1j * k), -1j * outer * np.exp(-1j * k)
    h = np.array([[staggered, off], [np.conj(off), -staggered]]) + tilt * np.sin(k) * np.eye(2)
    return h, np.array([[0, slope], [np.conj(slope), 0]]) + tilt * np.cos(k) * np.eye(2)


def test_exact_charge_against_an_ode_of_each_momentum(script, pump):
    duration, (space,) = 10.0, pump.hamiltonian.space.axes
    found = script.carried_exactly(pump, duration)
    for number in (3, 40):
        k = space.values[number]

        def rate(t, y, k=k):
            h, velocity = rice_mele(k, t)
            psi = y[:2]
            return np.append(-1j * duration * (h @ psi), psi.conj() @ velocity @ psi)

        for band in (0, 1):
            psi = np.linalg.eigh(rice_mele(k, 0.0)[0])[1][:, band]
            end = solve_ivp(rate, (0, 1), np.append(psi, 0).astype(complex), rtol=1e-10, atol=1e-12).y[2, -1]
            wanted = end.real * duration / 64
            assert found[band, number] == pytest.approx(wanted, abs=3e-7)


def test_each_order_is_right_to_its_power_and_each_counts(script, pump):
    """What order n misses falls as duration^{−n}; without a charge of its own no order would show."""
    filling = pump.occupations(0.3)
    (powers,) = script.charge_powers(pump, [filling])
    assert np.all(np.abs(powers) > 1e-3)
    durations = np.array([70.0, 100.0, 140.0])
    exact = [script.charge(script.carried_exactly(pump, d), filling) for d in durations]
    missed = np.abs(
        np.array([script.charges_at_orders(powers, d) for d in durations]) - np.array(exact)[:, None]
    )
    slopes = np.diff(np.log(missed), axis=0) / np.diff(np.log(durations))[:, None]
    assert np.max(np.abs(slopes[:, 1:] + [1, 2])) <= 0.15, slopes


def test_a_filled_band_carries_its_chern_number(script, pump):
    """Through every order, and exactly up to what crosses the gap."""
    filled = np.zeros((2, 64))
    filled[0] = 1.0
    (powers,) = script.charge_powers(pump, [filled])
    assert abs(powers[0]) <= 1e-12 and abs(powers[1] - 1) <= 1e-9 and abs(powers[2]) <= 1e-9
    assert script.charge(script.carried_exactly(pump, 40.0), filled) == pytest.approx(1, abs=1e-6)


def test_the_figure_shows_both_dependences(script, pump):
    figure = script.draw(pump, (8.0, 16.0), (0.2, 0.4, 0.8))
    left, right = figure.axes
    assert [len(line.get_xdata()) for line in left.lines] == [2] * 4
    assert [len(line.get_xdata()) for line in right.lines] == [3] * 4
    assert [line.get_label() for line in right.lines] == ["order 0", "order 1", "order 2", "exact"]

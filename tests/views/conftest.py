"""Runs made of formulas, with the names and dimensions that `wigner.open_run` gives."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr

_UNITS = {"x": "length", "y": "length", "kx": "ħ/length", "ky": "ħ/length"}


def _attributes(title: str, hbar: float) -> dict[str, str]:
    stored = {"space": {"hbar": hbar}, "guards": {"edge_threshold": 1e-8}}
    return {"title": title, "config_json": json.dumps(stored)}


def _scalars(t: np.ndarray, axes: list[str]) -> dict[str, tuple]:
    noise = np.random.default_rng(7).standard_normal((3, t.size)).cumsum(axis=1)
    noise -= noise[:, :1]
    edges = {}
    for number, name in enumerate(axes):
        edges[f"edge_weight_{name}"] = ("t", 1e-14 * np.exp(number + 9 * t / t[-1]))
        edges[f"conjugate_edge_weight_{name}"] = ("t", 3e-16 * np.exp(2 * number + 5 * t / t[-1]))
    return {
        "trace": ("t", 1 + 2e-16 * noise[0]),
        "purity": ("t", 1 + 8e-15 * noise[1]),
        "energy": ("t", 0.8 + 3e-9 * np.sin(3 * t) ** 2 + 1e-15 * noise[2]),
        **edges,
    }


@pytest.fixture(scope="session")
def cat_run() -> xr.Dataset:
    """One band, hbar 0.5: two packets turning in a harmonic well, with interference fringes between them."""
    hbar, d = 0.5, 3.0
    x = np.linspace(-8, 8, 160, endpoint=False)
    k = np.linspace(-8, 8, 128, endpoint=False)
    t = np.linspace(0, 4, 41)

    def cat(time: float) -> np.ndarray:
        q = x[:, None] * np.cos(time) - k[None, :] * np.sin(time)
        p = x[:, None] * np.sin(time) + k[None, :] * np.cos(time)
        envelope = np.exp(-(p**2) / hbar)
        packets = np.exp(-((q - d) ** 2) / hbar) + np.exp(-((q + d) ** 2) / hbar)
        fringes = 2 * np.exp(-(q**2) / hbar) * np.cos(2 * d * p / hbar)
        return (packets + fringes) * envelope / (1 + np.exp(-(d**2) / hbar))

    snapshots = np.stack([cat(0.0), cat(np.pi / 6), cat(4.0)])[:, None]
    everything = np.stack([cat(time) for time in t])
    density = everything.sum(2) * (k[1] - k[0]) / (2 * np.pi * hbar)
    momentum = everything.sum(1) * (x[1] - x[0]) / (2 * np.pi * hbar)
    return xr.Dataset(
        {
            "wigner_function": (("t_snapshot", "component", "x", "k"), snapshots),
            "density": (("t", "x"), density, {"units": "1/length"}),
            "momentum_density": (("t", "k"), momentum, {"units": "1/momentum"}),
            "band_population": (("t", "band"), np.ones((t.size, 1))),
            **_scalars(t, ["x", "k"]),
        },
        coords={
            "t": ("t", t, {"units": "ħ/energy"}),
            "t_snapshot": [0.0, np.pi / 6, 4.0],
            "component": ["00"],
            "band": [0],
            "x": ("x", x, {"units": "length"}),
            "k": ("k", k, {"units": "ħ/length"}),
        },
        attrs=_attributes("Cat state in a harmonic well", hbar),
    )


@pytest.fixture(scope="session")
def two_band_run() -> xr.Dataset:
    """Two bands: a packet that splits, one part in each band, coherence between them."""
    x = np.linspace(-20, 20, 192, endpoint=False)
    k = np.linspace(-7.5, 7.5, 192, endpoint=False)
    t = np.linspace(0, 8, 81)

    def packet(x0: np.ndarray | float, k0: float) -> np.ndarray:
        return 2 * np.exp(-((x[:, None] - x0) ** 2) / 2 - 2 * (k[None, :] - k0) ** 2)

    def state(time: float) -> np.ndarray:
        share = 0.35 * (1 + np.tanh(time - 3)) / 2
        up, down = packet(-8 + 2 * time, 2.0), packet(-8 + 2 * time - 1.4 * max(time - 3, 0), 1.0)
        middle = packet(-8 + 2 * time - 0.7 * max(time - 3, 0), 1.5)
        phase = 3 * (x[:, None] + 2) + 0.0 * k[None, :]
        weight = np.sqrt(share * (1 - share))
        cross = weight * middle
        return np.stack([(1 - share) * up, share * down, cross * np.cos(phase), cross * np.sin(phase)])

    snapshots = np.stack([state(0.0), state(8.0)])
    everything = np.stack([state(time)[:2].sum(0) for time in t])
    share = 0.35 * (1 + np.tanh(t - 3)) / 2
    return xr.Dataset(
        {
            "wigner_function": (("t_snapshot", "component", "x", "k"), snapshots),
            "density": (("t", "x"), everything.sum(2) * (k[1] - k[0]) / (2 * np.pi)),
            "momentum_density": (("t", "k"), everything.sum(1) * (x[1] - x[0]) / (2 * np.pi)),
            "band_population": (("t", "band"), np.stack([1 - share, share], axis=1)),
            **_scalars(t, ["x", "k"]),
        },
        coords={
            "t": t,
            "t_snapshot": [0.0, 8.0],
            "component": ["00", "11", "re01", "im01"],
            "band": [0, 1],
            "x": x,
            "k": k,
        },
        attrs=_attributes("Two bands of 100$ and 50% (no mathematics here)", 1.0),
    )


@pytest.fixture(scope="session")
def plane_run() -> xr.Dataset:
    """Two bands in two space dimensions, hbar 0.7."""
    hbar = 0.7
    axes = {
        name: np.linspace(-6, 6, points, endpoint=False)
        for name, points in zip(("x", "y", "kx", "ky"), (24, 20, 22, 18), strict=True)
    }
    t = np.linspace(0, 3, 16)
    grids = np.meshgrid(*axes.values(), indexing="ij", sparse=True)

    def state(time: float) -> np.ndarray:
        centres = (-2 + 1.5 * time, 0.4 * time, 1.0, 0.0)
        packet = 4 * np.exp(-sum((z - c) ** 2 for z, c in zip(grids, centres, strict=True)) / hbar)
        return np.stack([0.8 * packet, 0.2 * packet, 0.4 * packet, 0 * packet])

    snapshots = np.stack([state(0.0), state(3.0)])
    cell = np.prod([axes[name][1] - axes[name][0] for name in ("kx", "ky")]) / (2 * np.pi * hbar) ** 2
    density = np.stack([state(time)[:2].sum((0, 3, 4)) * cell for time in t])
    return xr.Dataset(
        {
            "wigner_function": (("t_snapshot", "component", *axes), snapshots),
            "density": (("t", "x", "y"), density, {"units": "1/length²"}),
            "band_population": (("t", "band"), np.tile([0.8, 0.2], (t.size, 1))),
            **_scalars(t, list(axes)),
        },
        coords={
            "t": t,
            "t_snapshot": [0.0, 3.0],
            "component": ["00", "11", "re01", "im01"],
            "band": [0, 1],
            **{name: (name, values, {"units": _UNITS[name]}) for name, values in axes.items()},
        },
        attrs=_attributes("Packet in the plane", hbar),
    )

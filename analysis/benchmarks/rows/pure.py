"""A pure state on the barrier against those who move wave functions, everybody at the same density error."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from wigner.models import Hamiltonian
from wigner.states import WignerFunction

from . import qutip_rival
from .equal_error import REFERENCE, spectral
from .problems import MASS, T_END, barrier_1d, packet
from .row import Row, interleaved
from .sites import TARGET, Sites, density_error

__all__ = ["pure_state", "split_operator"]


def ours(hamiltonian: Hamiltonian, state: WignerFunction) -> Callable[[], np.ndarray]:
    """The engine's fastest way to the density of a pure state."""
    return spectral(hamiltonian, state)


def split_operator(sites: Sites, steps: int) -> Callable[[], np.ndarray]:
    """The density at T_END by e^{−iVτ/2} e^{−iTτ} e^{−iVτ/2}, half steps merged; plans and tables are not timed."""
    import pyfftw

    tau = T_END / steps
    psi = pyfftw.empty_aligned((2, sites.number), dtype="complex128")
    waves, moved, mixed = (pyfftw.empty_aligned(psi.shape, dtype="complex128") for _ in range(3))
    flags = ("FFTW_MEASURE",)
    forward = pyfftw.FFTW(psi, waves, axes=(1,), flags=flags).execute
    backward = pyfftw.FFTW(moved, psi, axes=(1,), direction="FFTW_BACKWARD", flags=flags).execute
    start = sites.packet()
    energy = np.sqrt(sites.k**2 + MASS**2)
    c, s = np.cos(energy * tau), np.sin(energy * tau) / energy
    # execute does not scale: 1/n goes into the tables. Row a of `moved` is Σ_b U_ab waves_b.
    same = np.array([c - 1j * s * MASS, c + 1j * s * MASS]) / sites.number
    other = np.array([-1j * s * sites.k] * 2) / sites.number
    half, whole = np.exp(-0.5j * tau * sites.potential), np.exp(-1j * tau * sites.potential)
    swapped = waves[::-1]

    def density() -> np.ndarray:
        np.multiply(start, half, out=psi)
        for step in range(steps):
            forward()
            np.multiply(same, waves, out=moved)
            np.multiply(other, swapped, out=mixed)
            np.add(moved, mixed, out=moved)
            backward()
            np.multiply(psi, whole if step < steps - 1 else half, out=psi)
        return sites.density(psi)

    return density


def fewest_steps(sites: Sites, reference: np.ndarray) -> int:
    """Of `split_operator`, to reach the target: by doubling, then by halving the interval to one per cent."""
    few, many = 0, 64
    while density_error(split_operator(sites, many)(), reference) > TARGET:
        few, many = many, 2 * many
    while many - few > max(1, many // 100):
        middle = (few + many) // 2
        if density_error(split_operator(sites, middle)(), reference) > TARGET:
            few = middle
        else:
            many = middle
    return many


def pure_state(laps: int = 7, points: int = 256) -> Row:
    """Against the faster of a split-operator in pyFFTW and QuTiP's sesolve."""
    sites, fine = Sites(points // 2), Sites(REFERENCE * points)
    reference = fine.moved(fine.packet())
    hamiltonian = barrier_1d(points)
    engine = ours(hamiltonian, packet(hamiltonian))
    error = density_error(engine(), reference)
    if error > TARGET:
        raise SystemExit(f"expected a density error of at most {TARGET:g}, got {error:.1e}")
    steps = fewest_steps(sites, reference)
    contenders = {"wigner": engine, "split-operator": split_operator(sites, steps)}
    what = "the same as a pure state, against the faster of split-operator (pyFFTW) and QuTiP sesolve"
    settings = qutip_rival.MISSING
    if qutip_rival.installed():
        contenders["sesolve"], settings = qutip_rival.fastest(sites, sites.packet(), reference)
    times = interleaved(contenders, laps)
    rival = min((name for name in times if name != "wigner"), key=lambda name: times[name])
    told = ", ".join(f"{name} {1e3 * seconds:.3g} ms" for name, seconds in times.items())
    return Row(
        "pure_state",
        what,
        times["wigner"] / times[rival],
        1.2,
        "×",
        laps,
        f"{told} (split-operator {steps} steps; QuTiP: {settings}; error of wigner {error:.1e})",
        at_most=True,
    )

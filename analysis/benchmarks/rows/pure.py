"""A pure state on the barrier against those who move wave functions, everybody at the same density error."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from wigner.algebra.weyl import WeylTransform
from wigner.equations import Schrodinger
from wigner.models import Hamiltonian
from wigner.states import DensityFactor, WignerFunction
from wigner.steppers import COMPOSITIONS, WaveFunctions

from . import qutip_rival
from .equal_error import REFERENCE
from .problems import MASS, T_END, barrier_1d, packet, scheme
from .row import Row, interleaved
from .sites import TARGET, Sites, density_error

__all__ = ["Waves", "bring_to_target", "pure_state", "split_operator"]


_MOST_STEPS = 2**13


class Waves:
    """The engine moving the wave functions of a state."""

    def __init__(self, hamiltonian: Hamiltonian, state: WignerFunction) -> None:
        self._weyl = WeylTransform(hamiltonian.space)
        self._state, self.steps = state, 0
        self.factor = self.factorised()
        self.rank = self.factor.rank
        self._start = self.factor.columns.copy()
        # An operator's diagonal is the density times the distance of its sites, which is two grid points.
        self._scale = 1 / (2 * hamiltonian.space.axis("x").spacing)
        self._moved = WignerFunction(hamiltonian.space, np.empty_like(state.data))
        flows = Schrodinger(hamiltonian).flows(self.factor)
        scheme_4 = COMPOSITIONS[scheme("blanes_moan")]
        self._stepper = WaveFunctions(flows, scheme_4, self.factor, self._moved.data)

    def factorised(self) -> DensityFactor:
        """The wave functions of the state, found anew."""
        factor = DensityFactor.low_rank(self._state, self._weyl, 64)
        if factor is None:
            raise SystemExit("expected a state that wave functions give back, got another")
        return factor

    def density(self) -> np.ndarray:
        """At T_END on the even sites, after `steps` steps; tables are kept from lap to lap."""
        self.factor.columns[...] = self._start
        self._stepper.advance(0.0, T_END / self.steps, self.steps)
        even = self.factor.columns[0]
        weights = even.real**2 + even.imag**2
        return weights.reshape(self.rank * 2, -1).sum(axis=0) * self._scale

    def from_f_to_f(self) -> np.ndarray:
        """The density of F at T_END, and before that everything a run does: F's wave functions, steps, F."""
        self.factor.columns[...] = self.factorised().columns
        self._stepper.advance(0.0, T_END / self.steps, self.steps)
        self._stepper.settle()
        return self._moved.density()


def bring_to_target(waves: Waves, reference: np.ndarray) -> float:
    """Set the fewest steps whose density error is within the target; that error."""

    def error(steps: int) -> float:
        waves.steps = steps
        return density_error(waves.density(), reference)

    waves.steps = fewest(error)
    return error(waves.steps)


def fewest(error: Callable[[int], float]) -> int:
    """Steps that reach the target, by doubling, then by halving the interval to one per cent."""
    few, many = 0, 8
    while error(many) > TARGET:
        few, many = many, 2 * many
        if many > _MOST_STEPS:
            raise SystemExit(f"expected a density error of {TARGET:g} within {_MOST_STEPS} steps, got none")
    while many - few > max(1, many // 100):
        middle = (few + many) // 2
        few, many = (middle, many) if error(middle) > TARGET else (few, middle)
    return many


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


def pure_state(laps: int = 7, points: int = 256) -> Row:
    """Against the faster of a split-operator in pyFFTW and QuTiP's sesolve."""
    sites, fine = Sites(points // 2), Sites(REFERENCE * points)
    reference = fine.moved(fine.packet())
    hamiltonian = barrier_1d(points)
    engine = Waves(hamiltonian, packet(hamiltonian))
    error = bring_to_target(engine, reference)
    steps = fewest(lambda n: density_error(split_operator(sites, n)(), reference))
    contenders = {"wigner": engine.density, "split-operator": split_operator(sites, steps)}
    what = "the same as a pure state, against the faster of split-operator (pyFFTW) and QuTiP sesolve"
    settings = qutip_rival.MISSING
    if qutip_rival.installed():
        contenders["sesolve"], settings = qutip_rival.fastest(sites, sites.packet(), reference)
    times = interleaved(contenders | {"wigner from F to F": engine.from_f_to_f}, laps)
    rival = min((name for name in times if not name.startswith("wigner")), key=lambda name: times[name])
    told = ", ".join(f"{name} {1e3 * seconds:.3g} ms" for name, seconds in times.items())
    return Row(
        "pure_state",
        what,
        times["wigner"] / times[rival],
        1.2,
        "×",
        laps,
        f"{told} (wigner {engine.steps} steps of order 4, split-operator {steps} of order 2; QuTiP: {settings}; error "
        f"of wigner {error:.1e})",
        at_most=True,
    )

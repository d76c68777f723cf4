"""The Dirac packet on a barrier, everybody at the same density error."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from wigner.equations import Moyal
from wigner.models import Hamiltonian
from wigner.states import WignerFunction
from wigner.steppers import Spectral

from .plain import numpy_step
from .problems import T_END, barrier_1d, packet, splitting
from .row import Row, interleaved
from .sites import TARGET, Sites, density_error

__all__ = ["REFERENCE", "equal_error", "spectral"]

# Sites of the reference per grid point: twice as fine as the sites that a matched grid stands for, four times.
REFERENCE = 2


def spectral(hamiltonian: Hamiltonian, state: WignerFunction) -> Callable[[], np.ndarray]:
    """The density at T_END by one eigendecomposition, which is part of the time."""
    data = Moyal(hamiltonian).allocate()

    def density() -> np.ndarray:
        stepper = Spectral(hamiltonian, state, data)
        stepper.advance(0.0, T_END)
        stepper.settle()
        return WignerFunction(hamiltonian.space, data).density()

    return density


def steps_of_strang(
    hamiltonian: Hamiltonian, state: WignerFunction, reference: np.ndarray
) -> tuple[int, float]:
    """Fewest steps whose density error is within the target, and that error.

    Found with the engine's Strang step, equal to the plain one to rounding; the error falls as the number squared.
    """
    data = Moyal(hamiltonian).allocate()
    stepper = splitting(hamiltonian, data, "strang")

    def error(steps: int) -> float:
        data[:] = state.data
        stepper.advance(0.0, T_END / steps, steps)
        stepper.forget()
        return density_error(WignerFunction(hamiltonian.space, data).density(), reference)

    few, many = 0, 128
    while (found := error(many)) > TARGET:
        few, many = many, max(many + 1, math.ceil(1.01 * many * math.sqrt(found / TARGET)))
    # Within one per cent is as good as the clock.
    while many - few > max(1, many // 100):
        middle = max(few + 1, min(many - 1, math.ceil(many * math.sqrt(found / TARGET))))
        middle = middle if few < middle < many else (few + many) // 2
        now = error(middle)
        if now > TARGET:
            few = middle
        else:
            many, found = middle, now
    return many, found


def equal_error(laps: int = 7, points: int = 256) -> Row:
    """Ours with whatever stepper is fastest, against plain-numpy Strang at its own best dt."""
    hamiltonian = barrier_1d(points)
    state = packet(hamiltonian)
    fine = Sites(REFERENCE * points)
    reference = fine.moved(fine.packet())
    ours = spectral(hamiltonian, state)
    error = density_error(ours(), reference)
    if error > TARGET:
        raise SystemExit(f"expected a density error of at most {TARGET:g}, got {error:.1e}")
    steps, rival_error = steps_of_strang(hamiltonian, state, reference)
    slow, field = numpy_step(hamiltonian.space, T_END / steps), state.matrix()
    times = interleaved({"numpy": lambda: slow(field), "wigner": ours}, laps)
    return Row(
        "equal_error",
        f"Dirac packet on a barrier, {points}², density error {TARGET:g}, against plain-numpy Strang at its best dt",
        steps * times["numpy"] / times["wigner"],
        40,
        "×",
        laps,
        f"numpy {steps} steps of {1e3 * times['numpy']:.3g} ms (error {rival_error:.1e}), wigner spectral, its "
        f"eigendecomposition included, {1e3 * times['wigner']:.3g} ms (error {error:.1e})",
    )

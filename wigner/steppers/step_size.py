"""Choosing dt from an error target, by following the whole run once at a coarse step and adding up measured errors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..errors import SteppingError

__all__ = ["StepChoice", "choose_step"]

# Beyond this the coarse run is not in the asymptotic regime and its errors do not extrapolate.
_ASYMPTOTIC = 0.02
_MOST_STEPS = 2**17


@dataclass(frozen=True)
class StepChoice:
    """What the coarse run found.

    Parameters
    ----------
    dt : largest step that keeps the predicted error at the target, at most `longest`.
    coarse_dt : the step of the coarse run.
    coarse_error : its accumulated relative error, Σ ‖F(dt) − F(2·dt/2)‖/‖F‖/(1 − 2^−p).
    steps : single steps spent on choosing.
    """

    dt: float
    coarse_dt: float
    coarse_error: float
    steps: int


class Steps(Protocol):
    """What choosing dt needs of a stepper."""

    @property
    def order(self) -> int: ...

    def advance(self, t: float, dt: float, steps: int) -> None: ...

    def forget(self) -> None: ...


def choose_step(
    stepper: Steps, data: np.ndarray, t_start: float, t_end: float, target: float, *, longest: float
) -> StepChoice:
    r"""Pick dt so that the accumulated relative L² error of F at `t_end` is `target`.

    .. math:: dt = 0.9\, h \Big(\frac{\text{target}}{Σ_n δ_n(h)}\Big)^{1/p}, \qquad
              δ_n = \frac{‖Φ_h F_n − Φ_{h/2}^2 F_n‖}{(1 − 2^{−p}) ‖F_n‖}

    Parameters
    ----------
    stepper : of order p, acting in place on `data`.
    data : what it moves: the initial state, or its columns; unchanged on return.
    target : wanted relative error, > 0.
    longest : upper bound of dt, usually the recording interval.

    Notes
    -----
    Errors of different steps are added in norm, so the estimate is an upper bound while errors are small. Costs three
    coarse steps per coarse interval, 10 to 30 % of a run at target 1e-6, and four copies of the state.

    Raises
    ------
    SteppingError : if no coarse step down to (t_end − t_start)/2¹⁷ is asymptotic, or the state is not finite.
    """
    order = stepper.order
    richardson = 1 - 2.0**-order
    initial, start, whole, worst = data.copy(), np.empty_like(data), np.empty_like(data), np.empty_like(data)
    norm = float(np.linalg.norm(data))
    if not math.isfinite(norm):
        raise SteppingError("expected a finite initial state, got infinity or not-a-number")
    spent = 0

    def difference(t: float, h: float, pieces: int) -> float:
        """‖Φ_h F − Φ_{h/2}² F‖/‖F‖ over `pieces` steps from `start`; leaves the finer result in `data`."""
        nonlocal spent
        np.copyto(data, start)
        stepper.advance(t, h, pieces)
        np.copyto(whole, data)
        np.copyto(data, start)
        stepper.advance(t, h / 2, 2 * pieces)
        spent += 3 * pieces
        np.subtract(whole, data, out=whole)
        return float(np.linalg.norm(whole)) / norm / richardson

    span = t_end - t_start
    steps = 4
    try:
        while steps <= _MOST_STEPS:
            h = span / steps
            total = largest = 0.0
            t_worst = t_start
            np.copyto(data, initial)
            for n in range(steps):
                np.copyto(start, data)
                error = difference(t_start + n * h, h, 1)
                total += error
                if not total <= _ASYMPTOTIC:
                    break
                if error > largest:
                    largest, t_worst = error, t_start + n * h
                    np.copyto(worst, start)
            stepper.forget()
            if total <= _ASYMPTOTIC:
                dt = longest if total == 0 else min(longest, 0.9 * h * (target / total) ** (1 / order))
                # The coarse step may still converge faster than its order: measure the worst interval at dt itself.
                pieces = math.ceil(h / dt)
                np.copyto(start, worst)
                predicted = largest * (1 / pieces) ** order
                if predicted > 1e-13:
                    excess = difference(t_worst, h / pieces, pieces) / predicted
                    dt *= min(1.0, excess ** (-1 / order))
                return StepChoice(dt, h, total, spent)
            steps *= 2
    finally:
        np.copyto(data, initial)
        stepper.forget()
    raise SteppingError(
        f"expected a step that resolves the motion, found none down to dt = {span / _MOST_STEPS:.3g}; "
        "give evolution.dt, shorten the run, or make the grid's energies smaller"
    )

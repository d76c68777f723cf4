"""Choosing dt from an error target, by following the whole run once at a coarse step and adding up measured errors."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..errors import SteppingError
from .splitting import Splitting

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


def choose_step(
    stepper: Splitting, data: np.ndarray, t_start: float, t_end: float, target: float, *, longest: float
) -> StepChoice:
    r"""Pick dt so that the accumulated relative L² error of F at `t_end` is `target`.

    .. math:: dt = 0.9\, h \Big(\frac{\text{target}}{Σ_n δ_n(h)}\Big)^{1/p}, \qquad
              δ_n = \frac{‖Φ_h F_n − Φ_{h/2}^2 F_n‖}{(1 − 2^{−p}) ‖F_n‖}

    Parameters
    ----------
    stepper : of order p, acting in place on `data`.
    data : the initial state; unchanged on return.
    target : wanted relative error, > 0.
    longest : upper bound of dt, usually the recording interval.

    Notes
    -----
    Errors of different steps are added in norm, so the estimate is an upper bound while errors are small. Costs three
    coarse steps per coarse interval, 10 to 30 % of a run at target 1e-6, and three copies of the state.

    Raises
    ------
    SteppingError : if no coarse step down to (t_end − t_start)/2¹⁷ is asymptotic, or the state is not finite.
    """
    order = stepper.order
    initial, start, whole = data.copy(), np.empty_like(data), np.empty_like(data)
    norm = float(np.linalg.norm(data))
    if not math.isfinite(norm):
        raise SteppingError("expected a finite initial state, got infinity or not-a-number")
    span = t_end - t_start
    steps = 8
    spent = 0
    try:
        while steps <= _MOST_STEPS:
            h = span / steps
            total = 0.0
            np.copyto(data, initial)
            for n in range(steps):
                t = t_start + n * h
                np.copyto(start, data)
                stepper.advance(t, h)
                np.copyto(whole, data)
                np.copyto(data, start)
                stepper.advance(t, h / 2)
                stepper.advance(t + h / 2, h / 2)
                spent += 3
                np.subtract(whole, data, out=whole)
                total += float(np.linalg.norm(whole)) / norm / (1 - 2.0**-order)
                if not total <= _ASYMPTOTIC:
                    break
            stepper.forget()
            if total <= _ASYMPTOTIC:
                dt = longest if total == 0 else 0.9 * h * (target / total) ** (1 / order)
                return StepChoice(min(dt, longest), h, total, spent)
            steps *= 2
    finally:
        np.copyto(data, initial)
        stepper.forget()
    raise SteppingError(
        f"expected a step that resolves the motion, found none down to dt = {span / _MOST_STEPS:.3g}; "
        "give evolution.dt, shorten the run, or make the grid's energies smaller"
    )

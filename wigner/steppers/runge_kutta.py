"""The classical Runge–Kutta method, for equations that provide a right-hand side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol

import numpy as np

from ..errors import SteppingError

__all__ = ["RungeKutta"]

# The region of stability holds the imaginary axis up to 2√2 and the negative one down to −2.785.
_STABLE = 2.78


class Rated(Protocol):
    """What Runge–Kutta needs of an equation ∂_t X = R(X, t)."""

    columns: np.ndarray

    @property
    def nbytes(self) -> int: ...

    def rate(self, columns: np.ndarray, t: float, out: np.ndarray) -> None:
        """Write R(X, t)."""

    def spectral_radius(self, t: float) -> float:
        """A bound of |eigenvalues| of R, 1/time."""
        ...

    def settle(self, t: float) -> None:
        """Form F at time t."""


class RungeKutta:
    r"""Move what an equation moves by the classical Runge–Kutta step of order 4.

    .. math:: X(t + h) = X + \tfrac{h}{6} (R_1 + 2R_2 + 2R_3 + R_4), \qquad
              R_1 = R(X, t), \; R_{2,3} = R(X + \tfrac h2 R_{1,2}, t + \tfrac h2), \; R_4 = R(X + hR_3, t + h)

    Linear functions of X that R keeps are kept to rounding, whatever the step.

    Parameters
    ----------
    equation : provides a rate, as every `KineticForm` does.

    Other parameters
    ----------------
    start : time at which X is given.

    Notes
    -----
    Stable for h · spectral radius ≤ 2.78. Cost of a step: four rates; memory beside X: three arrays of its size.
    Source: Kutta, Z. Math. Phys. 46, 435 (1901).
    """

    needs: ClassVar[str] = "rate"
    order: ClassVar[int] = 4

    def __init__(self, equation: Rated, *, start: float = 0.0) -> None:
        self.equation = equation
        self._t = start
        self._stage, self._rate, self._sum = (np.empty_like(equation.columns) for _ in range(3))

    @property
    def moving(self) -> np.ndarray:
        """What `advance` changes, float64."""
        return self.equation.columns

    @property
    def nbytes(self) -> int:
        """Bytes held beside the state."""
        return self.equation.nbytes + 3 * self._stage.nbytes

    def longest_step(self, t: float = 0.0) -> float:
        """The longest stable step with the equation as it is at time t; infinite where nothing moves."""
        radius = self.equation.spectral_radius(t)
        return _STABLE / radius if radius > 0 else np.inf

    def prepare(self, dt: float, steps: Sequence[int] = (1,)) -> None:
        """Refuse a step that is not stable.

        Raises
        ------
        SteppingError : if dt exceeds `longest_step`.
        """
        longest = self.longest_step(self._t)
        if abs(dt) > longest:
            raise SteppingError(
                f"expected dt ≤ {longest:.3g}, where the method is stable on this grid, got {dt:.3g}; "
                "give a shorter dt, or fewer points"
            )

    def forget(self) -> None:
        """Nothing is kept."""

    def advance(self, t: float, dt: float, steps: int = 1) -> None:
        """Move from t to t + steps·dt."""
        x, stage, rate, total = self.equation.columns, self._stage, self._rate, self._sum
        # Of an unstable trial step whoever called looks at the result, not at warnings.
        with np.errstate(over="ignore", invalid="ignore"):
            for step in range(steps):
                now = t + step * dt
                self.equation.rate(x, now, total)
                np.multiply(total, dt / 2, out=stage)
                for fraction, weight in ((0.5, 0.5), (0.5, 1.0)):
                    stage += x
                    self.equation.rate(stage, now + fraction * dt, rate)
                    np.multiply(rate, weight * dt, out=stage)
                    rate *= 2
                    total += rate
                stage += x
                self.equation.rate(stage, now + dt, rate)
                total += rate
                total *= dt / 6
                x += total
        self._t = t + steps * dt

    def settle(self) -> None:
        """Form F."""
        self.equation.settle(self._t)

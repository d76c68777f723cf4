r"""Chebyshev expansion of a propagator, for equations that provide a generator; driven ones included."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Protocol

import numpy as np
import scipy.special

__all__ = ["Chebyshev", "chebyshev_exponential"]

# Nodes of Gauss on a step, and the weights of the earlier and the later one in the exponential applied first.
_NODES = (0.5 - np.sqrt(3) / 6, 0.5 + np.sqrt(3) / 6)
_WEIGHTS = (0.25 + np.sqrt(3) / 6, 0.25 - np.sqrt(3) / 6)


class GeneratorLike(Protocol):
    """∂_t X = −iGX with G frozen in time."""

    @property
    def apply(self) -> Callable[[np.ndarray, np.ndarray], None]: ...

    @property
    def centre(self) -> np.ndarray | float: ...

    @property
    def reach(self) -> float: ...


class Linear(Protocol):
    """What Chebyshev needs of an equation."""

    columns: np.ndarray

    @property
    def is_static(self) -> bool: ...

    @property
    def moving(self) -> np.ndarray: ...

    @property
    def nbytes(self) -> int: ...

    def generator(self, weights: Sequence[tuple[float, float]], start: float) -> GeneratorLike:
        """Σ w G(t) over pairs (w, t), in the frame that a step from `start` is taken in."""
        ...

    def leave_frame(self, start: float, stop: float) -> None:
        """Go back from the frame of a step from `start` to `stop`."""

    def settle(self) -> None: ...


class Chebyshev:
    r"""Move what an equation moves by Chebyshev polynomials of its generator.

    .. math:: e^{−iGτ} = e^{−icτ} \sum_k (2 − δ_{k0}) (−i)^k J_k(bτ) \, T_k\big[(G − c)/b\big], \qquad
              X(t + h) = e^{−i(w_2 G_1 + w_1 G_2)h} e^{−i(w_1 G_1 + w_2 G_2)h} X(t)

    with G₁, G₂ at the Gauss nodes of the step and w = ¼ ± √3/6: of order 4 in the step where G depends on t, exact where it
    does not.

    Parameters
    ----------
    equation : provides a generator: `OperatorForm` or `HarmonicForm`.

    Notes
    -----
    Cost of an exponential: about bτ + 20 applications of G, in three arrays of the size of X.
    Sources: Tal-Ezer & Kosloff, J. Chem. Phys. 81, 3967 (1984); Blanes & Moan, Appl. Numer. Math. 56, 1519 (2006), CF4:2.
    """

    needs: ClassVar[str] = "generator"
    order: ClassVar[int] = 4

    def __init__(self, equation: Linear) -> None:
        self.equation = equation
        self._work = np.empty((3, *equation.columns.shape), dtype=complex)
        self._static = equation.generator([(1.0, 0.0)], 0.0) if equation.is_static else None

    @property
    def is_exact(self) -> bool:
        """True if a step makes no error, however long."""
        return self._static is not None

    @property
    def moving(self) -> np.ndarray:
        """What `advance` changes, float64."""
        return self.equation.moving

    @property
    def nbytes(self) -> int:
        """Bytes held beside the state."""
        return self.equation.nbytes + self._work.nbytes

    def prepare(self, dt: float, steps: Sequence[int] = (1,)) -> None:
        """Nothing: coefficients cost little beside the products."""

    def forget(self) -> None:
        """Nothing is kept."""

    def advance(self, t: float, dt: float, steps: int = 1) -> None:
        """Move from t to t + steps·dt."""
        columns = self.equation.columns
        if self._static is not None:
            chebyshev_exponential(self._static, steps * dt, columns, self._work)
            return
        for step in range(steps):
            start = t + step * dt
            times = [start + node * dt for node in _NODES]
            for weights in (_WEIGHTS, _WEIGHTS[::-1]):
                generator = self.equation.generator(list(zip(weights, times, strict=True)), start)
                chebyshev_exponential(generator, dt, columns, self._work)
            self.equation.leave_frame(start, start + dt)

    def settle(self) -> None:
        """Form F."""
        self.equation.settle()


def chebyshev_exponential(
    generator: GeneratorLike, duration: float, columns: np.ndarray, work: np.ndarray
) -> None:
    """Replace X by e^{−iGτ}X in place.

    Parameters
    ----------
    generator : G.
    duration : τ, either sign.
    columns : X, complex.
    work : room for three arrays like `columns`.
    """
    reach = max(generator.reach, 1e-300)
    angle = reach * duration
    highest = int(abs(angle) + 20 * (1 + abs(angle) ** (1 / 3)))
    bessel = scipy.special.jv(np.arange(highest), angle)
    terms = max(2, int(np.flatnonzero(np.abs(bessel) > 1e-17)[-1]) + 1)
    before, now, after = work
    before[...] = columns
    generator.apply(columns, now)
    now /= reach
    columns *= bessel[0]
    np.multiply(now, -2j * bessel[1], out=after)
    columns += after
    factor = -1j
    for k in range(2, terms):
        generator.apply(now, after)
        after *= 2 / reach
        after -= before
        before, now, after = now, after, before
        factor *= -1j
        np.multiply(now, 2 * bessel[k] * factor, out=after)
        columns += after
    columns *= np.exp(-1j * generator.centre * duration)

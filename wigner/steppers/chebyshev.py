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

    @property
    def series(self) -> Callable[[np.ndarray, np.ndarray], None] | None: ...


class Linear(Protocol):
    """What Chebyshev needs of an equation."""

    columns: np.ndarray

    @property
    def is_static(self) -> bool: ...

    @property
    def moving(self) -> np.ndarray: ...

    @property
    def nbytes(self) -> int: ...

    @property
    def blockwise(self) -> bool:
        """True if its generators evaluate series by themselves, as far as can be told before the first step."""
        ...

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
    Cost of an exponential: about bτ + 20 applications of G, in three arrays of the size of X where G does not evaluate
    series by itself.
    Sources: Tal-Ezer & Kosloff, J. Chem. Phys. 81, 3967 (1984); Blanes & Moan, Appl. Numer. Math. 56, 1519 (2006), CF4:2.
    """

    needs: ClassVar[str] = "generator"
    order: ClassVar[int] = 4

    def __init__(self, equation: Linear) -> None:
        self.equation = equation
        self._work: np.ndarray | None = None
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
        return self.equation.nbytes + (0 if self.equation.blockwise else 3 * self.equation.columns.nbytes)

    def _room(self) -> np.ndarray:
        """Three arrays like X, made when a generator first needs them; one that evaluates series by itself never does."""
        if self._work is None:
            self._work = np.empty((3, *self.equation.columns.shape), dtype=complex)
        return self._work

    def prepare(self, dt: float, steps: Sequence[int] = (1,)) -> None:
        """Nothing: coefficients cost little beside the products."""

    def forget(self) -> None:
        """Nothing is kept."""

    def advance(self, t: float, dt: float, steps: int = 1) -> None:
        """Move from t to t + steps·dt."""
        columns = self.equation.columns
        if self._static is not None:
            chebyshev_exponential(self._static, steps * dt, columns, self._room)
            return
        for step in range(steps):
            start = t + step * dt
            times = [start + node * dt for node in _NODES]
            for weights in (_WEIGHTS, _WEIGHTS[::-1]):
                generator = self.equation.generator(list(zip(weights, times, strict=True)), start)
                chebyshev_exponential(generator, dt, columns, self._room)
            self.equation.leave_frame(start, start + dt)

    def settle(self) -> None:
        """Form F."""
        self.equation.settle()


def chebyshev_exponential(
    generator: GeneratorLike, duration: float, columns: np.ndarray, room: Callable[[], np.ndarray]
) -> None:
    """Replace X by e^{−iGτ}X in place.

    Parameters
    ----------
    generator : G.
    duration : τ, either sign.
    columns : X, complex.
    room : gives three arrays like `columns` to work in.
    """
    reach = max(generator.reach, 1e-300)
    angle = reach * duration
    highest = int(abs(angle) + 20 * (1 + abs(angle) ** (1 / 3)))
    bessel = scipy.special.jv(np.arange(highest), angle)
    terms = max(2, int(np.flatnonzero(np.abs(bessel) > 1e-17)[-1]) + 1)
    coefficients = 2 * np.array([1, -1j, -1, 1j])[np.arange(terms) % 4] * bessel[:terms]
    coefficients[0] /= 2
    if generator.series is not None:
        generator.series(coefficients, columns)
    else:
        _series(generator.apply, reach, coefficients, columns, room())
    columns *= np.exp(-1j * generator.centre * duration)


def _series(
    apply: Callable[[np.ndarray, np.ndarray], None],
    reach: float,
    coefficients: np.ndarray,
    columns: np.ndarray,
    work: np.ndarray,
) -> None:
    """Replace X by Σ_k c_k T_k(G/b) X, one product after the other."""
    before, now, after = work
    before[...] = columns
    apply(columns, now)
    now /= reach
    columns *= coefficients[0]
    np.multiply(now, coefficients[1], out=after)
    columns += after
    for coefficient in coefficients[2:]:
        apply(now, after)
        after *= 2 / reach
        after -= before
        before, now, after = now, after, before
        np.multiply(now, coefficient, out=after)
        columns += after

"""Compositions of exact flows: second and fourth order in dt, for any number of flows, with or without explicit time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

__all__ = ["COMPOSITIONS", "Composition", "FlowLike", "Splitting"]


class FlowLike(Protocol):
    """What a splitting needs of a flow."""

    @property
    def advances_time(self) -> bool: ...

    @property
    def commutes_with_time(self) -> bool: ...

    def prepare(self, duration: float) -> None: ...

    def forget(self) -> None: ...

    def apply(self, duration: float, t: float) -> None: ...


@dataclass(frozen=True)
class Composition:
    r"""A symmetric composition of the first-order step χ and its adjoint χ*.

    .. math:: S_h = χ*_{α_s h} ∘ χ_{α_{s−1} h} ∘ … ∘ χ*_{α_2 h} ∘ χ_{α_1 h}, \qquad
              χ_h = e^{h D_t} ∘ e^{h A_m} ∘ … ∘ e^{h A_1}

    Time is a flow like the others (D_t = ∂_t advances t with the terms frozen), so the order holds for H(t) too. A flow that
    says it advances time is D_t, with whatever else it does on the way, such as a shift of the momenta.

    Parameters
    ----------
    name : as in a run file.
    order : global order in dt.
    weights : α_1 … α_s, an even number.
    source : where the weights come from.
    """

    name: str
    order: int
    weights: tuple[float, ...]
    source: str


def _weights_of_splitting(a: Sequence[float], b: Sequence[float]) -> tuple[float, ...]:
    """α from e^{a_1 A} e^{b_1 B} e^{a_2 A} …: a_1 = α_1, b_1 = α_1 + α_2, a_2 = α_2 + α_3, … (McLachlan 1995)."""
    weights = [a[0]]
    for first, second in zip(b, a[1:], strict=True):
        weights.append(first - weights[-1])
        weights.append(second - weights[-1])
    return tuple(weights[: 2 * len(b)])


def _blanes_moan() -> tuple[float, ...]:
    a1, a2, a3 = 0.0792036964311957, 0.353172906049774, -0.0420650803577195
    b1, b2 = 0.209515106613362, -0.143851773179818
    a = [a1, a2, a3, 1 - 2 * (a1 + a2 + a3), a3, a2, a1]
    b = [b1, b2, 0.5 - (b1 + b2), 0.5 - (b1 + b2), b2, b1]
    return _weights_of_splitting(a, b)


#: Every composition a run file can name.
COMPOSITIONS = (
    Composition("strang", 2, (0.5, 0.5), "Strang, SIAM J. Numer. Anal. 5, 506 (1968)"),
    Composition(
        "blanes_moan",
        4,
        _blanes_moan(),
        "Blanes & Moan, J. Comput. Appl. Math. 142, 313 (2002), Table 2, S6 order 4",
    ),
)


class Splitting:
    """Move a state by composed exact flows.

    Parameters
    ----------
    flows : the flows, each acting in place on the same state; at most the last one advances time.
    composition : weights and order.

    Notes
    -----
    Neighbouring flows of one term are merged, within a step and from step to step inside one call of `advance`, also across
    the advance of time where they commute with it: with two static terms a Strang step costs two flows, a fourth-order step
    twelve.
    """

    needs: ClassVar[str] = "flows"
    #: Flows move the state itself; a stepper that moves something else holds it here.
    moving: np.ndarray | None = None

    def __init__(self, flows: Sequence[FlowLike], composition: Composition) -> None:
        self.flows = tuple(flows)
        self.composition = composition
        self._programs: dict[int, tuple[tuple[int, float, float], ...]] = {}

    @property
    def order(self) -> int:
        return self.composition.order

    def program(self, steps: int) -> tuple[tuple[int, float, float], ...]:
        """(flow, weight, time offset in steps) in order of application, for `steps` consecutive steps."""
        if steps not in self._programs:
            self._programs[steps] = self._merged(steps)
        return self._programs[steps]

    def _merged(self, steps: int) -> tuple[tuple[int, float, float], ...]:
        moving = bool(self.flows) and self.flows[-1].advances_time
        clock = len(self.flows) - moving  # the flow that advances t
        everything = range(clock + 1)
        stack: list[tuple[int, float]] = []
        for _ in range(steps):
            for number, weight in enumerate(self.composition.weights):
                for flow in everything if number % 2 == 0 else reversed(everything):
                    self._push(stack, flow, weight, clock)
        program, offset = [], 0.0
        for flow, weight in stack:
            if flow < len(self.flows):
                program.append((flow, weight, offset))
            if flow == clock:
                offset += weight
        return tuple(program)

    def _push(self, stack: list[tuple[int, float]], flow: int, weight: float, clock: int) -> None:
        """Append a flow, merged with the last one where only an advance of time that it commutes with stands between."""
        below = len(stack) - 1
        if flow != clock and below >= 0 and stack[below][0] == clock and self.flows[flow].commutes_with_time:
            below -= 1
        if below >= 0 and stack[below][0] == flow:
            stack[below] = (flow, stack[below][1] + weight)
        else:
            stack.append((flow, weight))

    def prepare(self, dt: float, steps: Sequence[int] = (1,)) -> None:
        """Tabulate what `advance` will use for these numbers of steps."""
        for number in steps:
            for flow, weight, _ in self.program(number):
                self.flows[flow].prepare(weight * dt)

    def forget(self) -> None:
        """Drop the tables of all durations."""
        for flow in self.flows:
            flow.forget()

    def advance(self, t: float, dt: float, steps: int = 1) -> None:
        """Move the state from t to t + steps·dt."""
        for flow, weight, offset in self.program(steps):
            self.flows[flow].apply(weight * dt, t + offset * dt)

    def settle(self) -> None:
        """Nothing: the state is always up to date."""

"""Charge of a Thouless pump against the duration of its cycle and its temperature: exact dynamics beside orders 0, 1, 2.

    python analysis/thouless_pump.py [--run FILE] [-o FIGURE]

The chain, its cycle and the chemical potential are those of runs/thouless_pump_warm.toml; one cycle is the unit of time, so
that hbar is 1/duration. It starts with f_n(k) = f(ε_n(k)), in which the charge is linear: exact dynamics is solved once a
duration for all temperatures, and the star-projected equation once a temperature for all durations.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.integrate import simpson

from wigner.algebra import MatrixFormula
from wigner.app.config import build, load
from wigner.equations import StarProjected
from wigner.models import Hamiltonian
from wigner.states import WignerFunction
from wigner.views.style import COLOURS, LINES, new_figure, strip, styled

HERE = Path(__file__).parent
RUN = HERE.parent / "runs" / "thouless_pump_warm.toml"
FIGURE = HERE / "pictures" / "thouless_pump.png"
DURATIONS = (4.0, 5.0, 6.3, 8.0, 10.0, 12.6, 16.0, 20.0, 25.0, 32.0, 40.0, 50.0, 63.0, 80.0, 100.0)
TEMPERATURES = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0)
# Where the other one is held.
AT_DURATION, AT_TEMPERATURE = 16.0, 0.3
TABLE = (8.0, 16.0, 40.0, 100.0), (0.05, 0.3, 1.0)
_TIMES, _STEP = 64, 0.05


@dataclass(frozen=True)
class Pump:
    """A cycle of a crystal of two bands on one line of momenta, t from 0 to 1, with its chemical potential."""

    hamiltonian: Hamiltonian
    chemical_potential: float

    @classmethod
    def of(cls, path: Path) -> Pump:
        setup = build(load(path))
        return cls(setup.hamiltonian, setup.state.chemical_potential)

    def occupations(self, temperature: float) -> np.ndarray:
        """f_n(k) at the start, (2, points)."""
        levels = np.linalg.eigvalsh(_matrices(self.hamiltonian.symbol, self.hamiltonian, 0.0)).T
        return 1 / (1 + np.exp((levels - self.chemical_potential) / temperature))


def charge_powers(pump: Pump, fillings: Sequence[np.ndarray]) -> np.ndarray:
    r"""Charge of a cycle by the star-projected equation, as coefficients of 1/ħ, 1, ħ, for each f_n(k): (fillings, 3).

    .. math:: Q = \sum_{j=0}^{2} ħ^{j−1} Q_j

    Densities of a uniform crystal stay, so that each order adds one power of ħ; ∫dt by the trapezoidal rule,
    which is exact to rounding for a cycle that starts and ends at rest.
    """
    space = pump.hamiltonian.space
    empty = WignerFunction(space, np.zeros((4, *space.shape)))
    charges = np.zeros((len(fillings), 3))
    for order in (0, 1, 2):
        form = StarProjected(pump.hamiltonian, empty, np.empty_like(empty.data), order=order)
        for t in np.arange(_TIMES) / _TIMES:
            for number, filling in enumerate(fillings):
                form.columns[...] = filling
                charges[number, order] += float(form.current(t)["x"]) / _TIMES
    return np.diff(charges, axis=1, prepend=0.0) / space.hbar ** np.array([-1.0, 0.0, 1.0])


def charges_at_orders(powers: np.ndarray, duration: float) -> np.ndarray:
    """Q of orders 0, 1, 2 of a cycle of this duration, 1/ħ."""
    return np.cumsum(powers * duration ** np.array([1.0, 0.0, -1.0]), axis=-1)


def carried_exactly(pump: Pump, duration: float) -> np.ndarray:
    r"""The same by Schrödinger's equation of every momentum at one duration, (2, points), without the package's engine.

    .. math:: q_n(k) = \frac{Δk}{2πħ} ∫_0^1 dt \, ⟨n|U^†(t) ∂_kH U(t)|n⟩, \qquad iħ \dot U = HU

    By fourth-order steps of two exponentials (Blanes and Moan, Appl. Numer. Math. 56, 1519 (2006)) and Simpson's rule.
    """
    symbol, space = pump.hamiltonian.symbol, pump.hamiltonian.space
    slope = symbol.derivative(space.names[0])
    _, states = np.linalg.eigh(_matrices(symbol, pump.hamiltonian, 0.0))
    steps = 2 * int(np.ceil(duration / _STEP / 2))
    times, dt = np.linspace(0, 1, steps + 1), 1 / steps
    currents = np.empty((steps + 1, 2, *space.shape))
    near, far = 0.5 - np.sqrt(3) / 6, 0.5 + np.sqrt(3) / 6
    much, little = 0.25 + np.sqrt(3) / 6, 0.25 - np.sqrt(3) / 6
    for number, t in enumerate(times):
        velocity = _matrices(slope, pump.hamiltonian, t) @ states
        currents[number] = np.einsum("kan,kan->nk", states.conj(), velocity).real
        first, second = (_matrices(symbol, pump.hamiltonian, t + c * dt) for c in (near, far))
        states = _turn(much * first + little * second, duration * dt) @ states
        states = _turn(little * first + much * second, duration * dt) @ states
    step = space.axes[0].extent / space.shape[0]
    return np.asarray(simpson(currents, dx=dt, axis=0)) * step * duration / (2 * np.pi)


def charge(carried: np.ndarray, occupations: np.ndarray) -> float:
    """Σ f_n(k) q_n(k)."""
    return float(np.sum(carried * occupations))


@styled
def draw(pump: Pump, durations: Sequence[float], temperatures: Sequence[float]) -> Figure:
    """Charge against duration at one temperature, and against temperature at one duration."""
    figure = new_figure(11.5, 4.8, "Charge per cycle of a Thouless pump")
    left, right = figure.subplots(1, 2)
    fillings = [pump.occupations(each) for each in (AT_TEMPERATURE, *temperatures)]
    warm, *others = charge_powers(pump, fillings)
    held = carried_exactly(pump, AT_DURATION)
    _lines(
        left,
        durations,
        [charge(carried_exactly(pump, each), fillings[0]) for each in durations],
        [charges_at_orders(warm, each) for each in durations],
    )
    _lines(
        right,
        temperatures,
        [charge(held, filling) for filling in fillings[1:]],
        [charges_at_orders(powers, AT_DURATION) for powers in others],
    )
    left.set(xscale="log", xlabel="duration of a cycle, ħ/energy")
    left.set_title(f"temperature {AT_TEMPERATURE:g}", fontsize=12)
    left.set_xticks([4, 10, 25, 50, 100], ["4", "10", "25", "50", "100"])
    left.set_xticks([], minor=True)
    right.set(xlabel="temperature, energy", ylabel="")
    right.set_title(f"duration {AT_DURATION:g}", fontsize=12)
    right.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    return figure


def _lines(axes: Axes, shown: Sequence[float], exact: Sequence[float], orders: Sequence[np.ndarray]) -> None:
    for order, line in enumerate(np.array(orders).T):
        axes.plot(shown, line, color=COLOURS[order], linestyle=LINES[order], label=f"order {order}")
    axes.plot(shown, exact, "o", color="black", markersize=4, label="exact")
    axes.set_ylabel("charge per cycle")
    strip(axes, "left", "bottom")


def _matrices(symbol: MatrixFormula, hamiltonian: Hamiltonian, t: float) -> np.ndarray:
    space = hamiltonian.space
    values = symbol(t=t, **space.coordinates())
    return np.moveaxis(np.broadcast_to(values, (*values.shape[:2], *space.shape)), -1, 0)


def _turn(h: np.ndarray, time: float) -> np.ndarray:
    """exp(−i h time) of 2×2 matrices (points, 2, 2)."""
    mean = 0.5 * (h[:, 0, 0] + h[:, 1, 1]).real
    rest = h - mean[:, None, None] * np.eye(2)
    length = np.sqrt(rest[:, 0, 0].real ** 2 + np.abs(rest[:, 0, 1]) ** 2)
    parts = np.exp(-1j * mean * time)[:, None, None]
    cosine, sine = np.cos(length * time), np.sinc(length * time / np.pi) * time
    return np.asarray(parts * (cosine[:, None, None] * np.eye(2) - 1j * sine[:, None, None] * rest))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, default=RUN, help="run file of the pump")
    parser.add_argument("-o", "--output", type=Path, default=FIGURE, help="figure to write")
    chosen = parser.parse_args()
    pump = Pump.of(chosen.run)
    print("duration temperature     exact   order 0   order 1   order 2")
    fillings = [pump.occupations(temperature) for temperature in TABLE[1]]
    powers = charge_powers(pump, fillings)
    for duration in TABLE[0]:
        whole = carried_exactly(pump, duration)
        for temperature, filling, each in zip(TABLE[1], fillings, powers, strict=True):
            orders = " ".join(f"{q:9.5f}" for q in charges_at_orders(each, duration))
            print(f"{duration:8g} {temperature:11g} {charge(whole, filling):9.5f} {orders}")
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    draw(pump, DURATIONS, TEMPERATURES).savefig(chosen.output, dpi=120)
    print(f"figure:   {chosen.output}")


if __name__ == "__main__":
    main()

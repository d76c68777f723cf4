"""How far what an equation of bands says is from exact dynamics: its variable, density, current, energy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..algebra.phase_space import PhaseSpace
from ..bands import band_energies
from ..bands.star_projector_series import split_symbol
from ..diagnostics.current import Current
from ..equations.band_observables import BandObservables, unseen_positions
from ..errors import MeasurementError
from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction

__all__ = ["band_errors", "curl_free", "relative_error"]

# Currents below this share of the largest that there could be are rounding.
_ROUNDING = 1e-13


def band_errors(
    hamiltonian: Hamiltonian, exact: WignerFunction, wanted: np.ndarray, form: BandObservables, t: float
) -> dict[str, float]:
    r"""Errors by quantity at time t: root-mean-square over the grid, relative to the exact quantity.

    Parameters
    ----------
    exact : F of exact dynamics.
    wanted : what the equation's variable is of it.
    form : the equation, its variable moved to t.

    Returns
    -------
    The equation's variable by its name, ``n_s`` or ``f_n``; ``density``; ``current``, without its curl, left out where H
    has no exact one or it is rounding; ``energy``, relative to the largest level times the number of particles. Along
    positions that the grid leaves out the total current is compared.
    """
    space, out = hamiltonian.space, {form.variable: relative_error(form.columns, wanted)}
    if space.positions:
        out["density"] = relative_error(form.density(), exact.density())
    currents = _exact_current(hamiltonian, exact, t)
    if currents is not None and _flows(hamiltonian, exact, currents, t):
        out["current"] = _distance(_current(form, t), currents)
    values = hamiltonian.values(t)
    mean, rest = split_symbol(values, space)
    highest = float(np.max(np.abs(mean[0] + band_energies(rest))))
    return out | {"energy": abs((form.energy(t) - exact.expectation(values)) / (highest * exact.trace()))}


def relative_error(found: np.ndarray, wanted: np.ndarray) -> float:
    """Root-mean-square: what oscillates between the bands makes the largest difference wander."""
    return float(np.linalg.norm(found - wanted) / np.linalg.norm(wanted))


def curl_free(currents: Mapping[str, np.ndarray], space: PhaseSpace) -> list[np.ndarray]:
    r"""j without its curl, by position: all that ∂_tρ = −∇·j tells, and the mean.

    .. math:: j(Q) → \frac{Q \, (Q·j)}{Q²}, \qquad Q ≠ 0

    On a line that is all of j.
    """
    fields = [currents[axis.name] for axis in space.positions]
    if len(fields) < 2:
        return fields
    waves = np.meshgrid(*(axis.frequencies for axis in space.positions), indexing="ij", sparse=True)
    square = sum(q**2 for q in waves)
    spectra = [np.fft.fftn(field) for field in fields]
    along = sum(q * j for q, j in zip(waves, spectra, strict=True)) / np.where(square == 0, 1.0, square)
    return [
        np.fft.ifftn(np.where(square == 0, j, q * along)).real for q, j in zip(waves, spectra, strict=True)
    ]


def _exact_current(hamiltonian: Hamiltonian, state: WignerFunction, t: float) -> list[np.ndarray] | None:
    """Of each position, and the total along those that the grid leaves out; None where there is none to compare with."""
    space, out = hamiltonian.space, []
    if space.positions:
        try:
            measured = Current().prepare(hamiltonian)(state, t)
        except MeasurementError:
            return None
        out = curl_free({a.name: np.asarray(measured[f"current_{a.name}"]) for a in space.positions}, space)
    for momentum in unseen_positions(space).values():
        velocity = hamiltonian.symbol.derivative(space.names[momentum])(t=t, **space.coordinates())
        out.append(np.array(state.expectation(velocity)))
    return out


def _flows(hamiltonian: Hamiltonian, state: WignerFunction, currents: Sequence[np.ndarray], t: float) -> bool:
    """False if what is left of the currents is rounding beside what all particles would carry at their largest velocity."""
    space, fastest = hamiltonian.space, 0.0
    for axis in space.momenta:
        slope = hamiltonian.symbol.derivative(axis.name)(t=t, **space.coordinates())
        fastest = max(fastest, float(np.max(np.linalg.norm(slope, axis=(0, 1)))))
    carried = fastest * np.abs(state.density() if space.positions else state.trace()).max()
    return any(np.max(np.abs(j)) > _ROUNDING * carried for j in currents)


def _current(form: BandObservables, t: float) -> list[np.ndarray]:
    """The same of the equation."""
    space, currents = form.space, form.current(t)
    area = space.measure(axis.name for axis in space.positions)
    totals = [np.array(currents[name].sum() * area) for name in unseen_positions(space)]
    return (curl_free(currents, space) if space.positions else []) + totals


def _distance(found: list[np.ndarray], wanted: list[np.ndarray]) -> float:
    return relative_error(*(np.concatenate([j.ravel() for j in each]) for each in (found, wanted)))

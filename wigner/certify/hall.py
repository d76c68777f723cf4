r"""What a crystal answers to uniform fields: from Chern numbers by link products, and from Kubo's formula."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, product

import numpy as np
from scipy.integrate import quad

from ..algebra.formula import constant
from ..errors import MeasurementError
from .problem import ReferenceProblem

__all__ = ["chern_current", "chern_streda", "kubo_chern", "kubo_current"]

# Step of central differences, a share of a zone.
_STEP = 1e-5


def chern_current(problem: ReferenceProblem, quantity: str) -> np.ndarray:
    r"""Current of full bands along y in a slow force along x.

    .. math:: j_y = f_x(t) \frac{C}{2πħ}, \qquad 2πC = −\sum_{\text{plaquettes}} \arg \det U_x U_y U_x^{-1} U_y^{-1}, \quad
              (U_a)_{nm} = ⟨u_n(k)|u_m(k + δ_a)⟩

    Parameters
    ----------
    problem : zones kx and ky; a force along kx; the state ``fermi`` or ``filled``, in a field {kx, ky} = b ``fermi`` with
        ``star`` and μ in a gap that stays open while b grows from nothing. Options: ``at``, values of further axes;
        ``points`` of the links an axis, 48.
    quantity : ``hall_ky``, with or without a region.

    Returns
    -------
    Series over the times. Source: Fukui, Hatsugai and Suzuki, J. Phys. Soc. Jpn. 74, 1674 (2005).

    Raises
    ------
    MeasurementError : for another problem, or bands that are not full.
    """
    name = "chern_current"
    _check(problem, name, quantity, "hall_ky", field=getattr(problem.state, "star", False))
    return _forces(problem) * _chern_number(problem, name) / (2 * np.pi * problem.hamiltonian.space.hbar)


def chern_streda(problem: ReferenceProblem, quantity: str) -> float:
    r"""Density that a field {kx, ky} = b binds to full bands, by Středa's formula, exact in the gap at every b.

    .. math:: \frac{ρ − ρ_0}{b} = −\frac{C}{2πħ}, \qquad C \text{ as in `chern_current`}

    Parameters
    ----------
    problem : as for `chern_current` in a field.
    quantity : ``streda``, ``streda_curvature``, ``streda_below``, or ``streda_above``, of which there is none; with or
        without a region. Shares of local bands are no topological number.

    Raises
    ------
    MeasurementError : for another problem or quantity, or bands that are not full.
    """
    name = "chern_streda"
    _check(problem, name, quantity, "streda", field=True)
    if quantity.startswith("streda_local"):
        raise MeasurementError(
            f"reference {name}: expected streda, or its share above or below, got {quantity!r}"
        )
    chern = 0 if quantity.startswith("streda_above") else _chern_number(problem, name)
    return -chern / (2 * np.pi * problem.hamiltonian.space.hbar)


def kubo_current(problem: ReferenceProblem, quantity: str) -> np.ndarray:
    r"""Current along y in a force along x without collisions: every state keeps the occupation it started with.

    .. math:: j_y = ∫ \frac{d^2k}{(2πħ)^2} \sum_n f_n(k − ∫f dt) \, [∂_{k_y}ε_n + ħ f_x Ω_n], \qquad
              Ω_n = −2 \operatorname{Im} \sum_m \frac{⟨n|∂_xH|m⟩⟨m|∂_yH|n⟩}{(ε_n − ε_m)^2 − (ħω)^2}

    Parameters
    ----------
    problem, quantity : as for `chern_current`, any filling; ``points`` 96; ``over``, instead of ``at``: of one further axis
        (first, last, planes), over which ∫dk_z/2πħ is taken at the middles of that many intervals, times ``weight``, 1;
        ``frequency``, ω of a force cos(ωt) in a slow envelope, 1/time, with ħω below the gaps across which it moves
        states, 0.

    Returns
    -------
    Series over the times, to second order in the force, without the part out of phase that mirror symmetry forbids.
    Derivatives of H by central differences, 1e-9.
    """
    name = "kubo_current"
    over, at = dict(problem.option("over", {})), dict(problem.option("at", {}))
    if len(over) > 1 or at.keys() & over.keys():
        raise MeasurementError(f"reference {name}: expected over with one axis that is not in at, got {over}")
    planes = [at] if not over else []
    weight = constant(problem.option("weight", 1.0), problem.parameters)
    for axis, (first, last, count) in over.items():
        start, width = (constant(end, problem.parameters) for end in (first, f"({last}) - ({first})"))
        planes = [{**at, axis: start + width * (n + 0.5) / count} for n in range(count)]
        weight *= width / count / (2 * np.pi * problem.hamiltonian.space.hbar)
    slices = [replace(problem, options={**problem.options, "at": plane}) for plane in planes]
    _check(slices[0], name, quantity, "hall_ky", field=False)
    impulses, forces = _impulses(problem), _forces(problem)
    return weight * np.sum([_kubo_plane(each, name, impulses, forces) for each in slices], axis=0)


def _kubo_plane(problem: ReferenceProblem, name: str, impulses: np.ndarray, forces: np.ndarray) -> np.ndarray:
    """The series for fixed values of all axes but kx and ky."""
    hamiltonian = problem.hamiltonian
    hbar, points = hamiltonian.space.hbar, int(problem.option("points", 96))
    velocity, curvature = _kubo(problem, points, hbar * float(problem.option("frequency", 0.0)))
    cell = np.prod([hamiltonian.space.axis(k).extent / points / (2 * np.pi * hbar) for k in ("kx", "ky")])
    out = []
    for impulse, force in zip(impulses, forces, strict=True):
        before = np.linalg.eigvalsh(_matrices(problem, _mesh(problem, points, impulse)))
        occupation = _occupation(problem, name, before)
        out.append(float(np.sum(occupation * (velocity + hbar * force * curvature))) * cell)
    return np.array(out)


def kubo_chern(problem: ReferenceProblem, quantity: str) -> np.ndarray:
    r"""Chern number of each band over the zone of kx and ky, by Kubo's formula for its curvature.

    .. math:: C_n = \frac{1}{2π} ∫ d^2k \, Ω_n

    Parameters
    ----------
    problem : zones kx and ky without a field b; an H without t. Options: ``points``, 96.
    quantity : ``chern_number``.

    Returns
    -------
    Array (times, bands, points of each further axis), for a smooth H to 1e-9.

    Raises
    ------
    MeasurementError : for another problem or quantity.
    """
    name, space = "kubo_chern", problem.hamiltonian.space
    still = [axis for axis in space.axes if axis.name not in ("kx", "ky")]
    points, rows = int(problem.option("points", 96)), []
    for values in product(*(axis.values for axis in still)):
        at = {axis.name: float(value) for axis, value in zip(still, values, strict=True)}
        one = replace(problem, options={**problem.options, "at": at})
        _check(one, name, quantity, "chern_number", field=False)
        cell = np.prod([space.axis(k).extent / points for k in ("kx", "ky")])
        rows.append(_kubo(one, points, 0.0)[1].sum(axis=(0, 1)) * cell / (2 * np.pi))
    each = np.array(rows).T.reshape(-1, *(axis.points for axis in still))
    return np.tile(each, (len(problem.times), *[1] * each.ndim))


def _kubo(problem: ReferenceProblem, points: int, quantum: float) -> tuple[np.ndarray, np.ndarray]:
    """Velocity along y and curvature at ħω = `quantum` of each band, (points, points, bands)."""
    mesh = _mesh(problem, points, 0.0)
    energies, vectors = np.linalg.eigh(_matrices(problem, mesh))
    adjoint = vectors.conj().swapaxes(-1, -2)
    slopes = []
    for k in ("kx", "ky"):
        step = _STEP * problem.hamiltonian.space.axis(k).extent
        up, down = (_matrices(problem, {**mesh, k: mesh[k] + s * step}) for s in (1, -1))
        slopes.append(adjoint @ ((up - down) / (2 * step)) @ vectors)
    gaps = energies[..., :, None] - energies[..., None, :]
    gaps[..., np.arange(gaps.shape[-1]), np.arange(gaps.shape[-1])] = np.inf
    mixed = (slopes[0] * slopes[1].swapaxes(-1, -2)).imag / (gaps**2 - quantum**2)
    return np.einsum("...nn->...n", slopes[1]).real, -2 * np.sum(mixed, axis=-1)


def _check(problem: ReferenceProblem, name: str, quantity: str, wanted: str, *, field: bool) -> None:
    hamiltonian = problem.hamiltonian
    space, names = hamiltonian.space, set(hamiltonian.space.names)
    zones = {"kx", "ky"} <= names and all(space.axis(k).is_periodic for k in ("kx", "ky"))
    changing = hamiltonian.fields is not None and hamiltonian.fields.brackets(space)
    brackets = {frozenset(pair) for *pair, value in space.brackets if value != 0}
    fitting = zones and not space.positions and not changing and brackets <= {frozenset(("kx", "ky"))}
    if not fitting or (brackets and not field) or set(problem.option("at", {})) != names - {"kx", "ky"}:
        where = "at most {kx, ky} = b, constant," if field else "no magnetic field"
        raise MeasurementError(
            f"reference {name}: expected zones kx and ky in {where} and every other axis in reference_options.at"
        )
    if "t" in hamiltonian.symbol.variables:
        raise MeasurementError(f"reference {name}: expected an H without t")
    if not quantity.startswith(wanted):
        raise MeasurementError(f"reference {name}: expected {wanted}, got {quantity!r}")


def _chern_number(problem: ReferenceProblem, name: str) -> int:
    """C of the full bands without a field."""
    points = int(problem.option("points", 48))
    energies, vectors = np.linalg.eigh(_matrices(problem, _mesh(problem, points, 0.0)))
    occupied = _occupation(problem, name, energies)
    filled = int(np.rint(occupied[0, 0].sum()))
    if np.abs(occupied - (np.arange(occupied.shape[-1]) < filled)).max() > 1e-3:
        raise MeasurementError(f"reference {name}: expected full and empty bands, got partly filled ones")
    u = vectors[..., :filled]

    def link(axis: int) -> np.ndarray:
        overlap = u.conj().swapaxes(-1, -2) @ np.roll(u, -1, axis)
        return np.asarray(np.linalg.det(overlap))

    x, y = link(0), link(1)
    loops = x * np.roll(y, -1, 0) * np.roll(x, -1, 1).conj() * y.conj()
    return round(-float(np.angle(loops).sum()) / (2 * np.pi))


def _mesh(problem: ReferenceProblem, points: int, impulse: float) -> dict[str, np.ndarray | float]:
    """k − impulse along x, and the other axes where they are asked for."""
    x, y = (problem.hamiltonian.space.axis(k) for k in ("kx", "ky"))
    steps = np.arange(points) / points
    return {
        "kx": (x.start + x.extent * steps)[:, None] - impulse,
        "ky": (y.start + y.extent * steps)[None, :],
        **{str(name): float(value) for name, value in problem.option("at", {}).items()},
    }


def _matrices(problem: ReferenceProblem, mesh: dict[str, np.ndarray | float]) -> np.ndarray:
    values = np.moveaxis(problem.hamiltonian.symbol(**mesh), (0, 1), (-2, -1))
    shape = np.broadcast_shapes(*(np.shape(v) for v in mesh.values()))
    return np.broadcast_to(values, (*shape, *values.shape[-2:]))


def _occupation(problem: ReferenceProblem, name: str, energies: np.ndarray) -> np.ndarray:
    state = problem.state
    if hasattr(state, "filled"):
        full = (np.arange(energies.shape[-1]) < state.filled).astype(float)
        return np.broadcast_to(full, energies.shape)
    if not hasattr(state, "chemical_potential"):
        raise MeasurementError(f"reference {name}: expected the state fermi or filled")
    apart = energies - state.chemical_potential
    if state.temperature == 0:
        return np.heaviside(-apart, 0.5)
    return np.asarray(0.5 * (1 - np.tanh(0.5 * apart / state.temperature)))


def _forces(problem: ReferenceProblem) -> np.ndarray:
    fields = problem.hamiltonian.fields
    if fields is None:
        return np.zeros(len(problem.times))
    return np.array([float(fields.force[0](t=t)[0, 0].real) for t in problem.times])


def _impulses(problem: ReferenceProblem) -> np.ndarray:
    """∫f_x dt from the first of the times on."""
    fields, times = problem.hamiltonian.fields, problem.times
    if fields is None:
        return np.zeros(len(times))
    pieces = [
        quad(lambda s: float(fields.force[0](t=s)[0, 0].real), one, two, epsabs=1e-13)[0]
        for one, two in pairwise(times)
    ]
    return np.concatenate([[0.0], np.cumsum(pieces)])

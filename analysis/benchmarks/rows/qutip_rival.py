"""QuTiP on the sites: the fastest of its integrators that reaches the error all contenders are brought to."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

from .problems import T_END
from .row import once
from .sites import TARGET, Sites, density_error

__all__ = ["MISSING", "fastest", "installed"]

MISSING = "QuTiP is not installed: pip install 'wigner[bench]'"

_METHODS = ("vern7", "vern9", "dop853", "tsit5", "adams")
# Stiff solvers keep a Jacobian, of the density matrix (2n)⁴ numbers.
_STIFF = ("lsoda", "bdf")
_TOLERANCES = (1e-5, 1e-6, 1e-7, 1e-8, 1e-9)


def installed() -> bool:
    return find_spec("qutip") is not None


def fastest(sites: Sites, state: np.ndarray, reference: np.ndarray) -> tuple[Callable[[], object], str]:
    """The call to time, and which method and tolerance it uses; `sesolve` for amplitudes, `mesolve` for a density matrix.

    Each method goes down the tolerances until its density is within the target, and gives up where it is already
    slower than the best.
    """
    import qutip

    hamiltonian = qutip.Qobj(sites.hamiltonian).to("Dense")
    pure = state.shape == (2, sites.number)
    start = qutip.Qobj(state.reshape(-1, 1) if pure else state).to("Dense")

    def solver(method: str, tolerance: float) -> Callable[[], Any]:
        # QuTiP's absolute tolerance is 1e-2 of its relative one unless told otherwise.
        options = {"method": method, "progress_bar": False, "nsteps": 10**6}
        options |= {"rtol": tolerance, "atol": 1e-2 * tolerance}
        if pure:
            return lambda: qutip.sesolve(hamiltonian, start, [0, T_END], options=options)
        return lambda: qutip.mesolve(hamiltonian, start, [0, T_END], options=options | {"matrix_form": True})

    best: tuple[float, Callable[[], Any], str] | None = None
    for method in (*_METHODS, *_STIFF) if pure else _METHODS:
        for tolerance in _TOLERANCES:
            solve = solver(method, tolerance)
            found: list[Any] = []
            seconds = once(lambda solve=solve, found=found: found.append(solve()))  # type: ignore[misc]
            if best and seconds > best[0]:
                break
            if density_error(sites.density(found[0].states[-1].full()), reference) <= TARGET:
                best = seconds, solve, f"{method}, rtol {tolerance:g}"
                break
    if best is None:
        raise SystemExit(f"expected an integrator of QuTiP that reaches {TARGET:g}, found none")
    return best[1], best[2]

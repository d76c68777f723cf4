"""A mixed state on a barrier against QuTiP's master equation, everybody at the same density error."""

from __future__ import annotations

import numpy as np

from wigner.algebra import MatrixFormula
from wigner.models import Hamiltonian
from wigner.states import WignerFunction
from wigner.states.packet import project

from . import qutip_rival
from .equal_error import REFERENCE
from .problems import PACKET, barrier_1d
from .pure import Waves, bring_to_target
from .row import Row, interleaved
from .sites import MOMENTUM_SPREAD, PARTS, Sites

__all__ = ["mixed_qutip", "mixture"]


def mixture(hamiltonian: Hamiltonian) -> WignerFunction:
    """`Sites.mixture` as a Wigner function, from its formula."""
    space = hamiltonian.space
    total = np.zeros((4, *space.shape))
    for band, part, sign in ((1, PARTS[0], 1), (0, PARTS[1], -1)):
        gaussian = MatrixFormula.parse(
            "exp(-(x - a)**2/(2*s**2) - (k - q)**2/(2*p**2))",
            variables=space.names,
            parameters={
                "a": PACKET["position"],
                "s": PACKET["width"],
                "q": sign * PACKET["momentum"],
                "p": MOMENTUM_SPREAD,
            },
        ).promoted(2)
        values = gaussian(**{name: space.coordinate(name) for name in space.names})
        state = WignerFunction.from_matrix(space, values)
        project(state, hamiltonian, band, {"x": PACKET["position"], "t": 0.0})
        total += part / state.trace() * state.data
    return WignerFunction(space, total)


def mixed_qutip(laps: int = 7, points: int = 256) -> Row:
    """A density matrix of full rank on points/2 sites."""
    sites, fine = Sites(points // 2), Sites(REFERENCE * points)
    what = f"the same as a mixed state, {sites.number} sites, against QuTiP mesolve (matrix_form)"
    if not qutip_rival.installed():
        return Row("mixed_qutip", what, None, 100, "×", 0, qutip_rival.MISSING)
    reference = fine.moved(fine.mixture())
    hamiltonian = barrier_1d(points)
    engine = Waves(hamiltonian, mixture(hamiltonian))
    error = bring_to_target(engine, reference)
    rival, settings = qutip_rival.fastest(sites, sites.mixture(), reference)
    times = interleaved({"qutip": rival, "wigner": engine.from_f_to_f}, laps)
    return Row(
        "mixed_qutip",
        what,
        times["qutip"] / times["wigner"],
        100,
        "×",
        laps,
        f"QuTiP ({settings}) {times['qutip']:.3g} s, wigner {1e3 * times['wigner']:.3g} ms: F's {engine.rank} wave "
        f"functions above 1e-13 found, moved in {engine.steps} steps, F formed (error {error:.1e})",
    )

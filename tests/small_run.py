"""Runs of a fraction of a second, in this process or in one of their own, and what is left of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import numpy as np

from wigner import open_run
from wigner.app.config import parse
from wigner.app.progress import NoProgress
from wigner.errors import ArchiveError
from wigner.records import load_latest

HARMONIC = "x**2/2"
CLAIM = """
[[claims]]
quantity = "{quantity}"
expected = {expected}
tolerance = {tolerance}
source = "{source}"
"""
MODELS = {
    "schrodinger": ('kind = "schrodinger"', ""),
    "dirac": ('kind = "dirac"', "band = 1"),
}


def run_text(
    *,
    model="schrodinger",
    potential=HARMONIC,
    parameters="{}",
    method="strang",
    points=64,
    state="position = 1.0\nmomentum = 0.0\nwidth = 0.7071",
    t_end=1.0,
    dt=0.05,
    every=0.1,
    record="",
    guards="",
    claims="",
):
    kind, band = MODELS[model]
    return f"""\
title = "a small run"

[space]
x = {{ min = -10, max = 10, points = {points} }}
k = {{ points = {points} }}

[model]
{kind}

[potential]
formula = "{potential}"
parameters = {parameters}

[state]
kind = "packet"
{state}
{band}

[evolution]
t_end = {t_end}
{"" if dt is None else f"dt = {dt}"}
method = "{method}"

[record]
every = {every}
{record}

[guards]
{guards}
{claims}"""


def claim(quantity="trace", expected=1, tolerance=1e-9, source="by hand", more=""):
    return CLAIM.format(quantity=quantity, expected=expected, tolerance=tolerance, source=source) + more


def config(path="small.toml", **changes):
    return parse(run_text(**changes), path)


class SignalAt(NoProgress):
    """Sends this process a signal, as a terminal would, when the run has done so many steps."""

    def __init__(self, steps, number=signal.SIGINT):
        self.steps, self.number, self.messages = steps, number, []

    def update(self, t, steps_done, steps_per_second, readout):
        if self.steps is not None and steps_done >= self.steps:
            self.steps = None
            os.kill(os.getpid(), self.number)

    def message(self, text):
        self.messages.append(text)


# --- processes ----------------------------------------------------------------------------------------------


def start(*arguments, cwd):
    """The command `wigner` in a process of its own."""
    code = "from wigner.app.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def reached(folder):
    """Step of the newest checkpoint, −1 before there is one."""
    try:
        return load_latest(folder)[0].step
    except ArchiveError:
        return -1


def wait_for_step(process, folder, step):
    """Return as soon as a checkpoint at `step` or later is there."""
    deadline = time.monotonic() + 60
    while reached(folder) < step:
        if process.poll() is not None:
            raise AssertionError(f"ended too early: {process.communicate()}")
        assert time.monotonic() < deadline, "no checkpoint"
        time.sleep(0.02)


def finish(process):
    """Exit code, standard output, standard error."""
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


# --- comparison ---------------------------------------------------------------------------------------------


def assert_same_run(one, other):
    """Every series and snapshot is the same to the last bit."""
    with open_run(one) as a, open_run(other) as b:
        assert set(a.variables) == set(b.variables)
        for name in a.variables:
            first, second = np.asarray(a[name].values), np.asarray(b[name].values)
            assert first.shape == second.shape and first.dtype == second.dtype, name
            if first.dtype.kind == "f":
                assert first.tobytes() == second.tobytes(), name


def files_of(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))

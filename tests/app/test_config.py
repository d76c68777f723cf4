"""Run files: what a good one means, and that no bad one ends in a traceback."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from pathlib import Path
from typing import get_args, get_origin, get_type_hints

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from run_files import FORMULA, GOOD, RECORD, TEXTURE, swapped

from wigner.app.config import build, load, parse, schema_json
from wigner.app.schema import read_table
from wigner.app.tables import Evolution
from wigner.diagnostics import DEFAULT_DIAGNOSTICS
from wigner.errors import ConfigError
from wigner.models import MODELS, Dirac
from wigner.simulation import METHODS
from wigner.states import STATES, Packet
from wigner.steppers import COMPOSITIONS

# --- good files ---------------------------------------------------------------------------------------------


def test_a_good_file_is_read_with_constants_evaluated_and_defaults_filled_in() -> None:
    run = parse(GOOD, "a.toml")
    assert run.title == "A packet on a barrier"
    assert run.model == Dirac(mass=0.25)
    assert run.state == Packet(position=-5.0, momentum=0.5, width=2.0, band=1)
    assert run.potential is not None
    assert run.potential.parameters["w"] == pytest.approx(2 * math.pi / 3)
    assert (run.evolution.t_start, run.evolution.method, run.evolution.dt) == (0.0, "auto", None)
    assert run.record.diagnostics == DEFAULT_DIAGNOSTICS
    assert run.record.every == pytest.approx(2 * math.pi / 63)
    assert (run.guards.edge_action, run.guards.edge_threshold, run.engine.threads) == ("stop", 1e-10, "auto")
    assert [claim.reduce for claim in run.claims] == ["final", "initial"]
    assert (run.path, run.text) == (Path("a.toml"), GOOD)


def test_building_gives_the_physics() -> None:
    setup = build(parse(GOOD))
    space = setup.space
    assert space.names == ("x", "k")
    assert space.hbar == 0.5
    # The matched momentum axis ends at πħ/2Δx.
    assert space.axis("k").stop == pytest.approx(math.pi * 0.5 / (2 * 40 / 32))
    assert space.axis("k").start == -space.axis("k").stop
    assert setup.hamiltonian.bands == 2
    h = setup.hamiltonian.symbol(x=0.0, k=0.7)
    np.testing.assert_allclose(h, [[0.3 + 0.25, 0.7], [0.7, 0.3 - 0.25]])
    assert setup.formulas["observables"]["beyond",].size == setup.formulas["observables"]["spin",].size == 2
    assert setup.numbers["t_end"] == pytest.approx(2 * math.pi)
    assert setup.numbers["mass"] == 0.25
    assert setup.state.wigner_function(setup.hamiltonian).trace() == pytest.approx(1)


def test_formula_models_in_two_dimensions() -> None:
    run = parse(FORMULA)
    assert run.record.every == pytest.approx(0.01)
    setup = build(run)
    assert setup.space.names == ("x", "y", "kx", "ky")
    assert setup.space.axis("ky").kind == "zone"
    np.testing.assert_allclose(setup.hamiltonian.symbol(kx=3.0, ky=0.0), [[9, 2j], [-2j, 1]])


def test_resolved_holds_every_key_as_json() -> None:
    resolved = parse(GOOD).resolved()
    assert json.loads(json.dumps(resolved)) == resolved
    assert resolved["model"] == {"kind": "dirac", "mass": 0.25, "velocity": 1.0}
    assert resolved["state"]["kind"] == "packet"
    assert resolved["evolution"]["error_target"] == 1e-6
    assert resolved["claims"][1]["band"] == 1
    assert parse(FORMULA).resolved()["model"]["matrix"] == [["kx**2", "a*i"], ["-a*i", "cos(ky)"]]


def test_files_are_read_from_disk_and_named_in_messages(tmp_path: Path) -> None:
    file = tmp_path / "run.toml"
    file.write_text(GOOD, encoding="utf-8")
    assert load(file).path == file
    file.write_text(swapped("hbar = 0.5", "hbra = 0.5"), encoding="utf-8")
    with pytest.raises(ConfigError, match=re.escape(f"{file}:4: space.hbra: ")):
        load(file)
    file.write_bytes(b"title = 1\n# \xff")
    with pytest.raises(ConfigError, match=r":2: expected UTF-8 text, got the byte 0xff"):
        load(file)
    with pytest.raises(ConfigError, match="no such file"):
        load(tmp_path / "none.toml")
    with pytest.raises(ConfigError, match="is a directory"):
        load(tmp_path)


def test_the_editor_schema_follows_the_registries() -> None:
    schema = json.loads(schema_json())
    mapping = schema["properties"]["model"]["discriminator"]["mapping"]
    assert set(mapping) == {model.kind for model in MODELS}
    velocity = schema["$defs"]["Dirac"]["properties"]["velocity"]
    assert velocity["anyOf"][0] == {"type": "number", "exclusiveMinimum": 0}
    assert velocity["description"] == "v > 0, length/time."
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize("table", [*MODELS, *STATES], ids=lambda table: table.__name__)
def test_every_registered_table_is_read_and_describes_each_of_its_keys(table: type) -> None:
    given_values = {"kind": table.kind}  # type: ignore[attr-defined]
    for field in dataclasses.fields(table):
        if field.default is field.default_factory is dataclasses.MISSING:
            listed = get_origin(get_type_hints(table)[field.name]) is tuple
            given_values[field.name] = [1] if listed else 1
    value, mistakes = read_table(table, given_values)
    assert mistakes == []
    assert isinstance(value, table)
    definitions = json.loads(schema_json())["$defs"]
    properties = next(d for name, d in definitions.items() if name == table.__name__)["properties"]
    assert all(properties[field.name].get("description") for field in dataclasses.fields(table))


def test_the_methods_are_those_of_the_steppers() -> None:
    named = {scheme.name for scheme in COMPOSITIONS} | METHODS.keys() | {"auto"}
    assert set(get_args(get_type_hints(Evolution)["method"])) == named


# --- random mistakes ----------------------------------------------------------------------------------------

VALUES = """
true|-1|0|1e400|nan|[]|{}|""|"x"|"1/0"|[[1]]|[["k", "i"], ["i", 0]]|1979-05-27|"\\n"|{a = 1}|"box"|"dirac"|
[1, [2]]|99999999999999999999999|0.3|[{}]|"sigma_x"|"9**9**9"|"((("|07:32:00|"lambda: 0"|"é"|[true, 1.5]|
1e300|1e-300|4|"t"|1e308|1e-320|-1e308|1e150
"""
JUNK = st.sampled_from(VALUES.replace("\n", "").split("|"))


def mutated(rows: list[str], number: int, action: str, junk: str) -> list[str]:
    row = rows[number]
    if action == "drop":
        return rows[:number] + rows[number + 1 :]
    if action == "double":
        return [*rows[: number + 1], *rows[number:]]
    if action == "value":
        row = re.sub(r"= .*", lambda _: f"= {junk}", row, count=1)
    elif action == "inner":
        row = re.sub(r"= [^={}\[\]]*([,}])", lambda match: f"= {junk}{match.group(1)}", row, count=1)
    elif action == "key":
        row = "q" + row
    elif action == "swap":
        row = rows[(number * 7 + 3) % len(rows)]
    return [*rows[:number], row, *rows[number + 1 :]]


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    text=st.sampled_from([GOOD, FORMULA, TEXTURE + RECORD]),
    changes=st.lists(
        st.tuples(
            st.integers(0, 200), st.sampled_from(["drop", "double", "value", "inner", "key", "swap"]), JUNK
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_random_mistakes_never_end_in_anything_but_clear_lines(
    text: str, changes: list[tuple[int, str, str]]
) -> None:
    rows = text.splitlines()
    for place, action, junk in changes:
        rows = mutated(rows, place % len(rows), action, junk)
    broken = "\n".join(rows) + "\n"
    try:
        run = parse(broken)
    except ConfigError as error:
        assert error.problems
        for problem in error.problems:
            assert "\n" not in str(problem)
            assert problem.line > 0 or problem.message.startswith("expected this table, got nothing"), problem
            assert problem.line <= len(rows)
        return
    build(run).state.wigner_function(build(run).hamiltonian)
    json.dumps(run.resolved())


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_random_text_never_ends_in_a_traceback(text: str) -> None:
    with pytest.raises(ConfigError):
        parse(text)

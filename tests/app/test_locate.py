"""Lines of keys in TOML texts: awkward cases by hand, random files against the reader's own paths."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wigner.app.locate import Path, dotted, line_of, locate

AWKWARD = '''# a comment = with an equals sign [table]
title = "a # sharp \\" and a ] bracket"
a.b.c = 1            # dotted

[space]
x = {kind = "box", min = -1.0,
     points = 8}
k = { min = [1,
  2], "quoted key" = 'literal \\'}
"ä \\u0041\\"" = 1
date = 1979-05-27 07:32:00

[ model . "inner" ]
matrix = [
  # first row
  ["0", "1"],   # comment with ]
  ["1", "0"],
]
text = """
x = 5 \\"""
""""
after = 1

[[claims]]
a = 1
[[ claims ]]
a = 2
[claims.options]
"b" = {}
[[claims.inner]]
c = []
[[claims.inner]]
c = """"""
d = \'\'\'two '' quotes
\'\'\'\'
e = +inf
'''.replace("min = -1.0,\n     points", "min = -1.0, points")


@pytest.mark.parametrize(
    ("path", "needle"),
    [
        (("title",), "title ="),
        (("a", "b", "c"), "a.b.c"),
        (("a", "b"), "a.b.c"),
        (("space",), "[space]"),
        (("space", "x", "points"), "x = {"),
        (("space", "k", "min", 0), "k = {"),
        (("space", "k", "min", 1), "2], "),
        (("space", "k", "quoted key"), "2], "),
        (("space", 'ä A"'), '"ä'),
        (("model", "inner", "matrix", 1, 0), '["1", "0"]'),
        (("model", "inner", "after"), "after = 1"),
        (("claims", 0, "a"), "a = 1"),
        (("claims", 1, "a"), "a = 2"),
        (("claims", 1, "options", "b"), '"b" = {}'),
        (("claims", 1, "inner", 0, "c"), "c = []"),
        (("claims", 1, "inner", 1, "c"), 'c = """"""'),
        (("claims", 1, "inner", 1, "e"), "e = +inf"),
    ],
)
def test_every_kind_of_key_is_found_on_its_line(path: Path, needle: str) -> None:
    expected = AWKWARD[: AWKWARD.rindex(needle)].count("\n") + 1
    if path == ("claims", 0, "a"):
        expected = AWKWARD[: AWKWARD.index("[[claims]]\na = 1") + 11].count("\n") + 1
    assert locate(AWKWARD)[path] == expected


def test_unknown_paths_fall_back_to_the_table_around_them() -> None:
    lines = locate("[space]\nhbar = 1\n\n[model]\n")
    assert line_of(lines, ("space", "x", "points")) == 1
    assert line_of(lines, ("model", "kind")) == 4
    assert line_of(lines, ("state",)) == 0
    assert line_of(lines, ()) == 0


def test_paths_read_as_dotted_keys() -> None:
    assert dotted(("claims", 1, "options", "b")) == "claims[1].options.b"
    assert dotted(()) == ""


def paths_of(value: Any, path: Path = ()) -> Iterator[Path]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths_of(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from paths_of(inner, (*path, number))


def test_the_awkward_file_has_exactly_the_reader_s_paths() -> None:
    assert set(locate(AWKWARD)) == set(paths_of(tomllib.loads(AWKWARD)))


names = st.sampled_from(["a", "b-c", '"d e"', "'f.g'", '"h\\t\\"]"', "1"])
blanks = st.sampled_from(["", " ", "\t"])
texts = st.sampled_from(['"x#]"', "'''\n]\n'''", '"""\n\\"""}"""', "1.5e3", "true", "-0x1", "''"])
breaks = st.sampled_from(["", " ", "\n", " # ] , }\n"])
values = st.recursive(
    texts,
    lambda inner: (
        st.lists(st.tuples(breaks, inner, breaks), max_size=3).map(
            lambda items: "[" + ",".join(before + item + after for before, item, after in items) + "]"
        )
        | st.dictionaries(names, st.tuples(blanks, inner, blanks), max_size=3).map(
            lambda items: "{" + ",".join(f"{key} = {a}{v}{b}" for key, (a, v, b) in items.items()) + "}"
        )
    ),
    max_leaves=8,
)
tables = st.tuples(
    st.sampled_from(["[t]", "[ u.v ]", "[[w]]", "[[w]]", "[w.deep]", "[[w.more]]", '["z"]']),
    st.dictionaries(names, values, max_size=3),
)


@given(st.lists(tables, max_size=6), st.sampled_from(["\n", "\r\n"]))
def test_random_files_have_exactly_the_reader_s_paths(
    parts: list[tuple[str, dict[str, str]]], end: str
) -> None:
    text = ""
    for header, pairs in parts:
        text += header + " # comment" + end
        text += "".join(f" {key}= {value} #{end}" for key, value in pairs.items())
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    lines = locate(text)
    assert set(lines) == set(paths_of(parsed))
    assert all(1 <= line <= text.count("\n") for line in lines.values())

"""Isso's database where it is damaged, hostile or something else: nothing but rows is read."""

import itertools
import sqlite3
import struct
import time
from pathlib import Path

import pytest
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moderation.errors import UnreadableInputError
from moderation.parsing.exports.isso import read_isso
from moderation.records import Page

NASTY = sorted((ROOT / "tests" / "nasty").glob("isso.*.db"))
PAGE_SIZE = 512  # bytes
SECONDS = 3  # generous: two cores, others at work
SCHEMA = """
PRAGMA page_size = 512;
CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256) UNIQUE, title VARCHAR(256));
CREATE TABLE comments (tid REFERENCES threads(id), id INTEGER PRIMARY KEY, created FLOAT,
  mode INTEGER, text VARCHAR, author VARCHAR);
INSERT INTO threads VALUES (1, '/a', 'A'), (2, '/b', 'B');
"""


def database(path: Path, comments: int = 0, script: str = SCHEMA) -> Path:
    connection = sqlite3.connect(path)
    connection.executescript(script)
    for number in range(1, comments + 1):
        connection.execute(
            "INSERT INTO comments VALUES (?, ?, 1714737900.0, 1, ?, 'Anna')",
            (1 + number % 2, number, f"Kommentar {number}: {'Wort ' * 30}"),
        )
    connection.commit()
    connection.close()
    return path


def read(path: Path) -> tuple[list[Page], list[str], str | None]:
    remarks: list[str] = []
    pages: list[Page] = []
    stream = read_isso(path, "x.db", remarks.append)
    try:
        while page := next(stream, None):
            pages.append(page)
    except UnreadableInputError as error:
        assert str(error).isprintable()
        return pages, remarks, str(error)
    return pages, remarks, None


def ids(pages: list[Page]) -> list[int]:
    return [int(one.id) for page in pages for one in page.comments]


def leaves_of_comments(whole: bytes) -> list[int]:
    """Return where the pages with comments begin."""
    return [
        place
        for place in range(PAGE_SIZE, len(whole), PAGE_SIZE)
        if whole[place] == 13 and b"Kommentar" in whole[place : place + PAGE_SIZE]
    ]


def test_threads_stay_whole_and_the_file_untouched(tmp_path: Path) -> None:
    path = database(tmp_path / "a?b#c%41 ü.db", 60)
    before = path.read_bytes()
    pages, remarks, error = read(path)
    assert [len(page.comments) for page in pages] == [30, 30]
    assert [page.article.headline for page in pages] == ["A", "B"]
    assert (remarks, error) == ([], None)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_names_that_are_addresses_and_texts_that_are_not_utf_8() -> None:
    pages, remarks, error = read(ROOT / "tests/nasty/isso.plain.db")
    authors = {one.id: one.author for page in pages for one in page.comments}
    assert authors == {"1": "Anna", "2": "Bert", "4": None}
    pages, remarks, error = read(ROOT / "tests/nasty/isso.types.db")
    assert "Für die Größe" in {one.text for page in pages for one in page.comments}
    assert "x.db, comment 4: not UTF-8; read as cp1252" in remarks
    assert error is None


def test_what_stands_around_the_damage_is_read(tmp_path: Path) -> None:
    path = database(tmp_path / "x.db", 60)
    whole = bytearray(path.read_bytes())
    leaves = leaves_of_comments(whole)
    middle = leaves[len(leaves) // 2]
    lost = whole[middle : middle + PAGE_SIZE].count(b"Kommentar")
    whole[middle : middle + PAGE_SIZE] = b"\xff" * PAGE_SIZE
    path.write_bytes(whole)
    pages, _, error = read(path)
    found = sorted(ids(pages))
    assert len(found) == 60 - lost
    assert {1, 2, 59, 60} <= set(found)
    assert error is not None
    assert f"damaged (database disk image is malformed); {len(found)} rows could be read" in error


def test_pages_in_circles_end(tmp_path: Path) -> None:
    """Five levels of pages whose sixty children are all the same page: 777 million leaves."""
    path = database(tmp_path / "x.db", 60)
    connection = sqlite3.connect(path)
    (root,) = connection.execute(
        "SELECT rootpage FROM sqlite_master WHERE name = 'comments'"
    ).fetchone()
    connection.close()
    whole = bytearray(path.read_bytes())
    chain = [root, *(place // PAGE_SIZE + 1 for place in leaves_of_comments(whole)[:5])]
    for page, child in itertools.pairwise(chain):
        cells = b"".join(struct.pack(">IB", child, 1 + number) for number in range(60))
        begin = PAGE_SIZE - len(cells)
        header = struct.pack(">BHHHBI", 5, 0, 60, begin, 0, child)
        places = b"".join(struct.pack(">H", begin + 5 * number) for number in range(60))
        content = (header + places).ljust(begin, b"\0") + cells
        whole[(page - 1) * PAGE_SIZE : page * PAGE_SIZE] = content
    path.write_bytes(whole)
    start = time.perf_counter()
    pages, _, error = read(path)
    assert time.perf_counter() - start < SECONDS
    assert pages
    assert error is not None
    assert "reading it takes too long" in error


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE a (x); CREATE VIEW comments AS SELECT 1 AS tid, 2 AS id, 'x' AS text FROM a;",
        "CREATE VIRTUAL TABLE comments USING fts5(tid, id, text);",
        "CREATE TABLE comments (tid, id, text AS (hex(zeroblob(100000000))));",
        "CREATE TABLE comments (tid, id);",
        "CREATE TABLE posts (tid, id, text);",
    ],
)
def test_what_is_no_table_of_comments_is_refused(script: str, tmp_path: Path) -> None:
    pages, _, error = read(database(tmp_path / "x.db", script=script))
    assert not pages
    assert error is not None
    assert "a SQLite database, but not Isso's (its tables: " in error


def test_foreign_tables_are_named_in_printable_signs() -> None:
    _, _, error = read(ROOT / "tests/nasty/isso.foreign.refused.db")
    assert error is not None
    assert "(its tables: a[31m, t0, t1, t2, t3, t4, t5, t6)" in error


def test_no_database_at_all(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"SQLite format 3\x00" + b"x" * 2000)
    assert read(path)[2] is not None
    assert read(tmp_path / "nothing")[2] is not None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(path=st.sampled_from(NASTY), data=st.data())
def test_cut_and_changed_databases_give_pages_or_one_line(
    tmp_path: Path, path: Path, data: st.DataObject
) -> None:
    whole = bytearray(path.read_bytes())
    place = data.draw(st.integers(16, len(whole) - 1))
    if data.draw(st.booleans()):
        del whole[place:]
    else:
        whole[place : place + 4] = data.draw(st.binary(min_size=1, max_size=4))
    changed = tmp_path / "x.db"
    changed.write_bytes(whole)
    pages, remarks, error = read(changed)
    assert pages or remarks or error

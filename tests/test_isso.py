"""Isso's database: what it says, and what hostile or damaged ones come to."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from conftest import ROOT

from moderation.errors import UnreadableInputError
from moderation.parsing.exports.isso import read_isso
from moderation.records import Page

SCHEMA = (
    "CREATE TABLE threads (id INTEGER PRIMARY KEY, uri TEXT, title TEXT);"
    "CREATE TABLE comments (tid, id INTEGER PRIMARY KEY, parent INTEGER, created FLOAT, mode"
    " INTEGER, remote_addr TEXT, text TEXT, author TEXT, email TEXT);"
    "INSERT INTO threads VALUES (1, '/bad/', 'Das Bad bleibt zu'), (2, '/bus/', 'Der Bus');"
)
SECONDS = 5  # generous: two cores, others at work
COMMENT = "INSERT INTO comments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"


def database(path: Path, rows: int = 0) -> Path:
    """Write a database with three comments in two threads, and `rows` more."""
    with closing(sqlite3.connect(path)) as made:
        made.executescript(SCHEMA)
        written = [
            (2, 1, None, 0.0, 2, "192.0.2.1", "Wann *fährt* er?", None, "anna@example.org"),
            (1, 2, None, 1714745100.5, 1, "192.0.2.1", "Schade.", "Anna", "anna@example.org"),
            (1, 3, 2, 1714745160.0, 4, "192.0.2.2", "> Schade.\n\nJa.", "Bert", None),
        ]
        more = [(1, 4 + n, None, 1.0, 1, "", f"Kommentar {n} " * 9, "A", "") for n in range(rows)]
        made.executemany(COMMENT, written + more)
        made.commit()
    return path


def read(path: Path) -> tuple[list[Page], list[str], str]:
    """Return the pages, the remarks, and the error behind them ("" for none)."""
    pages: list[Page] = []
    remarks: list[str] = []
    try:
        pages.extend(read_isso(path, path.name, remarks.append))
    except UnreadableInputError as error:
        assert "\n" not in str(error)
        return pages, remarks, str(error)
    return pages, remarks, ""


def test_threads_comments_and_decisions(tmp_path: Path) -> None:
    pages, _, error = read(database(tmp_path / "comments.db"))
    assert error == ""
    comments = {one.id: one for page in pages for one in page.comments}
    assert [comments[i].status for i in "123"] == ["pending", "approved", "deleted"]
    assert comments["1"].text == "Wann *fährt* er?"
    assert comments["3"].parent_id == "2"
    assert comments["3"].quotations
    assert str(comments["2"].published).startswith("2024-05-03T14:05:00")
    assert "192.0.2" not in repr(pages)
    assert "example.org" not in repr(pages)


@pytest.mark.parametrize("name", ["a?mode=rwc#b%20.db", "ä ö&.db"])
def test_strange_names_are_opened_as_they_stand(tmp_path: Path, name: str) -> None:
    assert read(database(tmp_path / name))[0]
    assert [one.name for one in tmp_path.iterdir()] == [name]


def test_a_waiting_log_is_told_of(tmp_path: Path) -> None:
    path = database(tmp_path / "comments.db")
    path.with_name("comments.db-wal").write_bytes(b"x")
    assert "comments.db-wal" in read(path)[1][0]


def test_a_view_is_refused_and_named(tmp_path: Path) -> None:
    path = tmp_path / "view.db"
    with closing(sqlite3.connect(path)) as made:
        made.execute("CREATE VIEW comments AS SELECT 1 AS tid, 1 AS id, 'x' AS text")
    pages, _, error = read(path)
    assert not pages
    assert "its tables: comments" in error


def test_of_a_cut_database_the_front_is_kept(tmp_path: Path) -> None:
    path = database(tmp_path / "comments.db", 2000)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    pages, _, error = read(path)
    assert sum(len(page.comments) for page in pages) > 100
    assert error


@pytest.mark.parametrize(
    "path", sorted((ROOT / "tests" / "nasty").glob("isso.*.db")), ids=lambda path: path.name
)
def test_nasty_databases_end_in_pages_or_one_line(path: Path) -> None:
    start = time.perf_counter()
    pages, _, error = read(path)
    assert time.perf_counter() - start < SECONDS
    assert pages or error
    assert not (pages and path.name.endswith(".refused.db"))

"""Lexicons run over words and harmless text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_cli import run
from wordfreq import top_n_list

from moderation.labelling import linting
from moderation.labelling.lexicon import Entry, build_lexicon
from moderation.labelling.linting import (
    harmless_texts,
    lint_lexicons,
    reviewed,
    unreviewed,
)
from moderation.records import Category


def test_the_packaged_lexicons_have_no_new_findings() -> None:
    words = (word for word in top_n_list("de", 300_000) if word.isalpha() and len(word) > 3)
    found = list(lint_lexicons(words, harmless_texts()))
    assert [one.name for one in unreviewed(found)] == []
    # What is accepted is still found; else the list grows old.
    assert reviewed() <= {one.name for one in found}


def test_a_hit_inside_an_innocent_word_is_found(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("Haus\nOberdepp\nTisch\n", encoding="utf-8")
    done = run("rules", "lint", "--words", str(tmp_path / "words.txt"))
    assert done.returncode == 1
    (found,) = map(json.loads, done.out.splitlines())
    assert (found["kind"], found["entry"], found["found"]) == (
        "collateral word",
        "Depp",
        "Oberdepp",
    )


def test_a_hit_in_harmless_text_is_found(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("Haus\n", encoding="utf-8")
    (tmp_path / "text.txt").write_text("Guten Tag.\nSie sind ein Idiot.\n", encoding="utf-8")
    done = run(
        "rules",
        "lint",
        "--words",
        str(tmp_path / "words.txt"),
        "--text",
        str(tmp_path / "text.txt"),
    )
    assert done.returncode == 1
    (found,) = map(json.loads, done.out.splitlines())
    assert (found["kind"], found["found"]) == ("collateral text", "Idiot")


def test_no_file_is_said(tmp_path: Path) -> None:
    done = run("rules", "lint", "--words", str(tmp_path / "none.txt"))
    assert done.returncode == 3
    assert "none.txt" in done.err


def test_dead_and_double_entries_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [
        Entry("Quatschkopf", "noun", "umlaut-e", ("So ein Quatschkopf.",)),
        Entry("Quatschkopp", "noun", "-s", ("So ein anderes Wort.",), forms=("Quatschkopf",)),
    ]
    known = build_lexicon(Category.INSULT, entries)
    monkeypatch.setattr(linting, "lexicon", lambda category: known)
    monkeypatch.setattr(linting, "LEXICON_CATEGORIES", (Category.INSULT,))
    found = {(one.kind, one.entry) for one in lint_lexicons((), ())}
    assert found == {("duplicate", "Quatschkopp"), ("dead entry", "Quatschkopp")}

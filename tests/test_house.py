"""Moderators' decisions in exports as gold labels."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from moderation.errors import UnreadableInputError, UsageError
from moderation.parsing.reader import Pages
from moderation.parsing.tables import Table
from moderation.records import Comment, Page, Status
from moderation.training import house
from moderation.training.house import HouseColumns, learned_head, read_house

Exports = dict[str, list[list[tuple[str, Status | None]]]]


@pytest.fixture
def exports(monkeypatch: pytest.MonkeyPatch) -> Exports:
    """Inputs by name that are read as exports; others are read as usual."""
    known: Exports = {}
    usual = house.open_input

    @contextmanager
    def opened(source: Any, warn: Any, intake: Any) -> Iterator[Pages | Table]:
        name = Path(source.name).name
        if name not in known:
            with usual(source, warn, intake) as table:
                yield table
            return
        yield Pages(
            source.name,
            iter(
                Page(
                    source.name,
                    comments=tuple(
                        Comment(str(number), text, status=status)
                        for number, (text, status) in enumerate(comments)
                    ),
                )
                for comments in known[name]
            ),
        )

    monkeypatch.setattr(house, "open_input", opened)
    return known


def read(
    folder: Path, *names: str, head: str | None = None
) -> tuple[list[tuple[str, float]], str, list[str]]:
    paths = []
    for name in names:
        path = folder / name
        if not path.exists():
            path.write_text("<x/>", encoding="utf-8")
        paths.append(str(path))
    remarks: list[str] = []
    frame = read_house(paths, HouseColumns(), head, remarks.append)
    learned = learned_head(frame)
    return (
        list(zip(frame["text"], frame[learned], strict=True)),
        learned,
        [remark.replace(f"{folder}/", "") for remark in remarks],
    )


DECIDED: list[list[tuple[str, Status | None]]] = [
    [("Danke", "approved"), ("Schönes Wetter", "approved"), ("Pfui", "rejected")],
    [
        ("Kauft Uhren", "spam"), ("Weg damit", "deleted"), ("Wartet noch", "pending"),
        ("Ohne alles", None), ("   ", "rejected"),
    ],
]  # fmt: skip


def test_decisions_teach_what_is_rejected(exports: Exports, tmp_path: Path) -> None:
    exports["export.xml"] = DECIDED
    rows, head, remarks = read(tmp_path, "export.xml")
    assert head == "rejected"
    assert rows == [
        ("Danke", 0.0), ("Schönes Wetter", 0.0), ("Pfui", 1.0), ("Kauft Uhren", 1.0),
        ("Weg damit", 1.0),
    ]  # fmt: skip
    assert remarks == [
        "export.xml: moderators' decisions teach the head 'rejected' (--head for another)",
        (
            "export.xml: status approved = no (2), rejected = yes (1), spam = yes (1), "
            "deleted = yes (1); left out: pending (1), none (1)"
        ),
    ]


@pytest.mark.parametrize("head", ["abusive", "insult"])
def test_advertising_and_what_was_taken_back_are_no_abuse(
    exports: Exports, tmp_path: Path, head: str
) -> None:
    exports["export.xml"] = DECIDED
    rows, learned, remarks = read(tmp_path, "export.xml", head=head)
    assert learned == head
    assert rows == [("Danke", 0.0), ("Schönes Wetter", 0.0), ("Pfui", 1.0)]
    assert remarks == [
        (
            "export.xml: status approved = no (2), rejected = yes (1); left out: spam (1), "
            "deleted (1), pending (1), none (1)"
        )
    ]


def test_a_head_that_is_named_needs_no_remark(exports: Exports, tmp_path: Path) -> None:
    exports["export.xml"] = DECIDED
    _, head, remarks = read(tmp_path, "export.xml", head="rejected")
    assert head == "rejected"
    assert len(remarks) == 1


def test_two_exports_may_hold_one_kind_each(exports: Exports, tmp_path: Path) -> None:
    exports["good.xml"] = [[("Danke", "approved")]]
    exports["bad.xml"] = [[("Pfui", "rejected")]]
    rows, _, remarks = read(tmp_path, "good.xml", "bad.xml")
    assert rows == [("Danke", 0.0), ("Pfui", 1.0)]
    assert remarks[1:] == [
        "good.xml: status approved = no (1)", "bad.xml: status rejected = yes (1)",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("statuses", "head", "message"),
    [
        (["approved", "approved"], None, "give some that are rejected or spam or deleted, too"),
        (["approved", "spam"], "abusive", "give some that are rejected, too"),
        (["rejected", "spam"], None, "give some that are approved, too"),
        (["pending", None], None, "no labelled comments"),
        ([None, None], None, "no decisions of moderators"),
        ([], None, "no decisions of moderators"),
    ],
)
def test_what_cannot_be_learned_from_says_what_is_missing(
    exports: Exports,
    tmp_path: Path,
    statuses: list[Status | None],
    head: str | None,
    message: str,
) -> None:
    exports["export.xml"] = [[(f"Text {n}", status) for n, status in enumerate(statuses)]]
    with pytest.raises(UnreadableInputError, match=message) as caught:
        read(tmp_path, "export.xml", head=head)
    assert "export.xml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_decisions_and_labels_together_need_a_head(exports: Exports, tmp_path: Path) -> None:
    exports["export.xml"] = DECIDED
    (tmp_path / "own.csv").write_text("text,label\nDu Ei,1\nDanke sehr,0\n", encoding="utf-8")
    with pytest.raises(UsageError, match="--head rejected or --head abusive"):
        read(tmp_path, "export.xml", "own.csv")
    rows, head, _ = read(tmp_path, "export.xml", "own.csv", head="abusive")
    assert head == "abusive"
    assert sorted(label for _, label in rows) == [0.0, 0.0, 0.0, 1.0, 1.0]


def test_labels_of_tables_say_abusive_as_before(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("text,label\nDu Ei,1\nDanke sehr,0\n", encoding="utf-8")
    rows, head, _ = read(tmp_path, "own.csv")
    assert head == "abusive"
    assert rows == [("Du Ei", 1.0), ("Danke sehr", 0.0)]


def test_what_the_model_recommended_is_no_label(tmp_path: Path) -> None:
    path = tmp_path / "scored.csv"
    path.write_text("text,score,decision,labels\nGut so,0.1,publish,\nDu Depp,0.9,reject,insult\n")
    with pytest.raises(UnreadableInputError, match="no column looks like labels"):
        read_house([str(path)], HouseColumns(), None, print)


def test_statuses_in_a_table_teach_as_an_export_does(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("text,status\nGut so,approved\nDu Depp,rejected\nUhren billig,spam\n")
    frame = read_house([str(path)], HouseColumns(), None, print)
    assert learned_head(frame) == "rejected"
    assert sorted(frame["rejected"]) == [0, 1, 1]


def test_what_lies_beside_an_export_in_its_folder_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("text,status\nGut so,approved\nDu Depp,rejected\n")
    (tmp_path / "README").write_text("Das hier sind die Kommentare vom Mai.\n")
    remarks: list[str] = []
    assert len(read_house([str(tmp_path)], HouseColumns(), None, remarks.append)) == 2
    assert any("README" in one and "left out" in one for one in remarks)

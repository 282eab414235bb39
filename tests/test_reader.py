"""Finding inputs and looking inside them."""

import os
import threading
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.errors import UnreadableInputError, UsageError
from moderation.parsing.inputs import Input, find_inputs
from moderation.parsing.reader import kind_of, open_input, read_page
from moderation.parsing.sniffing import Kind, sniff
from moderation.parsing.tables import Table


def silent(remark: str) -> None:
    """Ignore a remark."""


def test_seeds_are_pages(seeds: Path) -> None:
    assert {kind_of(Input(path.name, path)) for path in seeds.iterdir()} == {"page"}


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ('{"text": "a"}\n', "jsonl"),
        ("\n" + '{"id": 1, "body": "', "jsonl"),
        ("id,text\n1,ja\n", "csv"),
        ("Nr;Kommentar\n", "csv"),
        ("text\nDas ist gut, finde ich.\n", "csv"),
        ("a\tb\tc\n1\t2\t3\n", "csv"),
        ("Das ist, wie ich finde, gut.\nNein, gar nicht.\n", "lines"),
        ("Kommentar\n\nDie Wende\n\nEs war einmal eine Wende.\n", "lines"),
        ("Kommentar; Politik\n\nDie Wende; ein Irrtum\n\nEs war einmal.\n", "lines"),
        ('text,id\n"quer, durch",1\nkaputt\ngut,2\n', "csv"),
        ("Sie Idiot, echt\nDu Depp, wirklich\n", "lines"),
        ("Beitrag, echt peinlich\n", "lines"),
        ("17;Anna;Du Idiot\n18;Bert;Na ja\n", "lines"),
        ("nr,meinung\n1,gut\n2,so, na ja\n3,x\n4,y\n5,z\n", "csv"),
        ('[{"text": "a"}]', "jsonl"),
        ("Du Idiot\n", "lines"),
        (",author,email,text\n0,Anna,a@example.org,Gut so\n", "csv"),
        ("sep=;\nname;text\nAnna;Gut so\n", "csv"),
        ("#;Name;E-Mail;Kommentar\n1;Anna;a@example.org;Gut so\n", "csv"),
        ("Zeitstempel;Name;Ihr Kommentar zum Artikel\n1.1.2024;Anna;Gut so\n", "csv"),
        ('"Nr.","Name?","Ihr Kommentar:"\n"1","Anna","Gut so"\n', "csv"),
        ("\n\nid,text\n1,ja\n", "csv"),
        ("Guter Kommentar, danke\nSehe ich anders, leider\nStimmt, genau\n", "lines"),
        ("Na ja; ein Kommentar eben. Mehr nicht\nWirklich; nein\n", "lines"),
        ('{\n  "text": "a"\n}\n', "jsonl"),
        ('"eins"\n"zwei"\n', "jsonl"),
        ('{"source": "x", "url": null, "headline": "y", "section": "' + "z" * 99, "parsed"),
        ('{"version": 1, "users": [{"id": "' + "z" * 99, "remark42"),
        ('{"id": "c1", "storyID": "s1", "revisions": [{"body": "' + "z" * 99, "coral"),
        ("{nicht JSON}\nzweite Zeile\n", "lines"),
    ],
)
def test_inputs_are_told_apart_by_their_content(head: str, kind: str) -> None:
    assert sniff(head) == kind


@given(st.text())
def test_any_text_has_a_kind(text: str) -> None:
    assert sniff(text) in get_args(Kind)


def test_folders_are_walked_in_order_and_hidden_files_passed_over(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", ".hidden", "sub/c.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    names = [Path(one.name).name for one in find_inputs([str(tmp_path)]) if isinstance(one, Input)]
    assert names == ["a.txt", "b.txt", "c.txt"]


def test_what_is_missing_or_empty_is_named(tmp_path: Path) -> None:
    missing, empty = find_inputs([str(tmp_path / "no.txt"), str(tmp_path)])
    assert "no.txt: no such file or folder" in str(missing)
    assert "no files in this folder" in str(empty)


def test_pipes_are_read_once_and_folders_that_are_closed_are_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_text, args=("text\nja\n",))
    writer.start()
    (source,) = find_inputs([str(tmp_path / "pipe")])
    writer.join()
    assert isinstance(source, Input)
    with open_input(source, silent) as table:
        assert isinstance(table, Table)
        assert [row.comment.text for row in table.rows(silent)] == ["ja"]
    (error,) = find_inputs([str(tmp_path)])
    assert "pipe: no regular file" in str(error)


@pytest.mark.parametrize("paths", [[""], ["-", "-"]])
def test_paths_that_cannot_be_meant_are_refused(paths: list[str]) -> None:
    with pytest.raises(UsageError):
        list(find_inputs(paths))


def test_names_no_system_allows_are_named(tmp_path: Path) -> None:
    long, good = find_inputs(["a" * 300, str(tmp_path)])
    assert "cannot be read (File name too long)" in str(long)
    assert "no files" in str(good)


def test_xml_of_an_unknown_kind_is_refused_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "p.xml").write_text("<?xml version='1.0'?><note>Hallo</note>")
    with pytest.raises(UnreadableInputError, match="give an export of WordPress"):
        kind_of(Input("p.xml", tmp_path / "p.xml"))


def test_an_empty_file_is_no_page(tmp_path: Path) -> None:
    (tmp_path / "e.txt").write_bytes(b"\xef\xbb\xbf \n")
    with pytest.raises(UnreadableInputError, match=r"e\.txt: empty"):
        read_page(Input("e.txt", tmp_path / "e.txt"), silent)
    with (
        pytest.raises(UnreadableInputError, match=r"e\.txt: empty"),
        open_input(Input("e.txt", tmp_path / "e.txt"), silent),
    ):
        pass


def test_a_page_in_cp1252_is_the_same_page(seeds: Path, tmp_path: Path) -> None:
    seed = next(seeds.glob("003*"))
    other = tmp_path / seed.name
    other.write_bytes(seed.read_text(encoding="utf-8").encode("cp1252", "replace"))
    page = read_page(Input("x", other), silent)
    original = read_page(Input("x", seed), silent)
    assert page.article.headline == original.article.headline
    assert any("read as cp1252" in warning for warning in page.warnings)


def test_a_page_in_utf16_is_the_same_page(seeds: Path, tmp_path: Path) -> None:
    seed = next(seeds.glob("004*"))
    other = tmp_path / seed.name
    other.write_text(seed.read_text(encoding="utf-8"), encoding="utf-16")
    assert read_page(Input("x", other), silent) == read_page(Input("x", seed), silent)

"""Every example in docs/formats.md is what it says, and comes out as it says."""

import json
import re
import sqlite3
from pathlib import Path
from typing import Any, get_args

import pytest
from conftest import ROOT

from moderation.parsing.inputs import Input
from moderation.parsing.reader import kind_of, read_as_pages
from moderation.parsing.sniffing import Kind
from moderation.records import Comment

_BLOCK = re.compile(r"```(\w+)(?: (\w+))?\n(.*?)```", re.DOTALL)
_DOCUMENT = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")


def examples() -> list[tuple[str, str, list[dict[str, Any]]]]:
    blocks = [match.groups() for match in _BLOCK.finditer(_DOCUMENT)]
    found = []
    for (_, kind, content), (_, nothing, expected) in zip(blocks[::2], blocks[1::2], strict=True):
        assert kind
        assert nothing is None
        found.append((kind, content, json.loads(expected)))
    return found


def test_every_kind_is_documented() -> None:
    described = set(re.findall(r"[Kk]ind `([\w-]+)`|`(coral-stories)`", _DOCUMENT))
    assert {one or other for one, other in described} == set(get_args(Kind))


@pytest.mark.parametrize(("kind", "content", "expected"), examples())
def test_an_example_is_read_as_documented(
    kind: str, content: str, expected: list[dict[str, Any]], tmp_path: Path
) -> None:
    path = tmp_path / "an input"
    if kind == "isso":
        with sqlite3.connect(path) as database:
            database.executescript(content)
        database.close()
    elif kind == "parquet":
        exec(content, {"path": path})  # noqa: S102 -- the document's own example
    else:
        path.write_text(content, encoding="utf-8")
    source = Input("example", path)
    assert kind_of(source) == kind
    remarks: list[str] = []
    pages = list(read_as_pages(source, remarks.append, lambda error: None))
    assert remarks == []
    (page,) = pages
    assert len(page.comments) == len(expected)
    for comment, wanted in zip(page.comments, expected, strict=True):
        assert {key: found(comment)[key] for key in wanted} == wanted


def found(comment: Comment) -> dict[str, Any]:
    return {
        "id": comment.id,
        "text": comment.text,
        "parent_id": comment.parent_id,
        "author": comment.author,
        "published": comment.published,
        "status": comment.status,
        "quoted": [one.text for one in comment.quotations],
    }

"""Labelled records of annotation tools as rows."""

import json
from typing import Any

import pytest

from moderation.parsing.annotations import flattened
from moderation.parsing.tables import read_jsonl


def task(*choices: list[str], cancelled: bool = False) -> dict[str, Any]:
    """Return a task of Label Studio with one annotation for each of `choices`."""
    annotations = [
        {
            "completed_by": place,
            "was_cancelled": cancelled,
            "result": [{"from_name": "label", "type": "choices", "value": {"choices": one}}],
        }
        for place, one in enumerate(choices)
    ]
    guess = {"result": [{"from_name": "label", "type": "choices", "value": {"choices": ["x"]}}]}
    data = {"text": "Guten Tag"}
    return {"id": 7, "data": data, "annotations": annotations, "predictions": [guess]}


@pytest.mark.parametrize(
    ("record", "label"),
    [
        (task(["abusive"]), "abusive"),
        (task(["abusive"], ["ok"], ["ok"]), "ok"),
        (task(["abusive"], ["ok"]), ""),
        (task(["abusive", "ok"]), ""),
        (task(), ""),
        (task(["abusive"], cancelled=True), ""),
    ],
)
def test_label_studio(record: dict[str, Any], label: str) -> None:
    assert flattened(record) == {"id": 7, "text": "Guten Tag", "label": label}


@pytest.mark.parametrize(
    ("status", "label"), [("submitted", "abusive"), ("draft", ""), ("discarded", "")]
)
def test_argilla(status: str, label: str) -> None:
    suggestion = {"value": "ok", "score": 0.9, "agent": "m"}
    nested = {
        "id": "r",
        "fields": {"text": "Guten Tag"},
        "metadata": {"ressort": "Lokales"},
        "suggestions": {"label": suggestion},
        "responses": {"label": [{"value": "abusive", "user_id": "u", "status": status}]},
    }
    expected = {"id": "r", "ressort": "Lokales", "text": "Guten Tag", "label": label}
    assert flattened(nested) == expected
    flat = {
        "id": "r",
        "text": "Guten Tag",
        "label.responses": ["abusive"],
        "label.responses.status": [status],
        "label.suggestion": "ok",
        "label.suggestion.score": 0.9,
    }
    assert flattened(flat) == {"id": "r", "text": "Guten Tag", "label": label}


@pytest.mark.parametrize(
    "labels",
    [{"label": ["abusive"]}, {"labels": ["abusive"]}, {"cats": {"abusive": 1, "ok": 0}}],
)
def test_doccano(labels: dict[str, Any]) -> None:
    record = {"id": 1, "text": "Guten Tag", **labels}
    assert flattened(record) == {"id": 1, "text": "Guten Tag", "label": "abusive"}


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"text": "Guten Tag"},
        {"text": "Guten Tag", "label": "ok"},
        {"text": "Guten Tag", "labels": []},
        {"data": 1, "annotations": 2},
        {"fields": [], "responses": {}},
    ],
)
def test_other_records_are_left_alone(record: dict[str, Any]) -> None:
    assert flattened(record) is None


@pytest.mark.parametrize("junk", [None, 1, "x", [], {}, [None], [[]], {"label": [{"value": {}}]}])
def test_junk_never_raises(junk: Any) -> None:
    flattened({"data": {"text": "a"}, "annotations": [junk, {"result": junk}]})
    flattened({"data": {"text": "a"}, "annotations": [{"result": [junk, {"value": junk}]}]})
    flattened({"fields": {"text": "a"}, "responses": {"label": junk}, "metadata": junk})
    flattened({"text": "a", "label": junk, "labels": junk, "cats": junk})
    flattened({"annotation_id": 1, "label": junk, "x.responses": junk, "x.responses.status": junk})


def test_an_export_is_a_table_with_text_and_label() -> None:
    lines = json.dumps([task(["abusive"]), task(["ok"])]).splitlines(keepends=True)
    table = read_jsonl(lines, "export.json")
    assert table.text_column == "text"
    assert "label" in table.columns
    rows = list(table.rows(lambda _: None))
    assert [(row.comment.text, row.columns["label"]) for row in rows] == [
        ("Guten Tag", "abusive"),
        ("Guten Tag", "ok"),
    ]

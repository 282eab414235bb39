"""What people labelled in annotation tools: their answers are labels, suggestions never are."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from moderation.parsing.annotations import flattened
from moderation.parsing.inputs import Input
from moderation.parsing.privacy import private_table
from moderation.parsing.reader import kind_of, open_input
from moderation.parsing.tables import Table, read_jsonl
from moderation.pseudonyms import Pseudonyms

NASTY = ROOT / "tests" / "nasty"


def silent(remark: str) -> None:
    """Ignore a remark."""


def labels(name: str) -> list[Any]:
    source = Input(name, NASTY / name)
    assert kind_of(source) == "jsonl"
    with open_input(source, pytest.fail) as table:
        assert isinstance(table, Table)
        assert table.text_column == "text"
        assert "label" in table.columns
        return [row.columns.get("label") for row in table.rows(pytest.fail)]


def test_label_studio() -> None:
    # One; a tie; two of three; nobody; cancelled.
    assert labels("jsonl.labelstudio.json") == ["ok", "", "abusive", "", ""]


def test_argilla() -> None:
    # A draft is no answer, nor is what was discarded.
    assert labels("jsonl.argilla.json") == ["ok", ""]
    assert labels("jsonl.argillaflat.json") == ["ok"]


def test_doccano() -> None:
    # Places in the text are no label of the text: such rows stay as they are.
    assert labels("jsonl.doccano.jsonl") == ["abusive", "", "", [[0, 3, "x"]], "ok"]


def test_facts_beside_the_text_become_columns_and_say_which_comment_it_is() -> None:
    task = {
        "id": 5,
        "data": {"text": "Ja", "comment_id": "c5", "parent_id": "c4", "status": "approved"},
        "annotations": [{"result": [answer("ok")]}],
        "predictions": [{"result": [answer("abusive")]}],
    }
    assert flattened(task) == {**task["data"], "label": "ok"}  # type: ignore[dict-item]
    (row,) = read_jsonl([json.dumps(task)], "x").rows(silent)
    assert (row.comment.id, row.comment.parent_id, row.comment.text) == ("c5", "c4", "Ja")
    assert flattened({**task, "data": {"text": "Ja"}}) == {"id": 5, "text": "Ja", "label": "ok"}


def answer(choice: str, name: str = "label") -> dict[str, Any]:
    return {"type": "choices", "from_name": name, "value": {"choices": [choice]}}


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        # The only question there is, whatever it is called.
        ([[answer("abusive", "urteil")]], "abusive"),
        # Of several, the one called label.
        ([[answer("ja", "ironie"), answer("ok")]], "ok"),
        ([[answer("ja", "ironie"), answer("ok", "urteil")]], ""),
        # Several choices of one person are no answer.
        ([[{**answer(""), "value": {"choices": ["ok", "abusive"]}}]], ""),
        # Marked words are no answer to a question.
        ([[{"type": "labels", "from_name": "rule", "value": {"labels": ["insult"]}}]], ""),
        ([[answer("ok")], [answer("ok")], [answer("abusive")], []], "ok"),
    ],
)
def test_answers_in_label_studio(results: list[list[Any]], expected: str) -> None:
    task = {"data": {"text": "Ja"}, "annotations": [{"result": result} for result in results]}
    record = flattened(task)
    assert record is not None
    assert record["label"] == expected


def test_label_studio_json_min() -> None:
    record = {"text": "Ja", "id": 1, "annotator": 1, "annotation_id": 7}
    # A single choice is a column already.
    assert flattened({**record, "label": "ok"}) is None
    assert flattened({**record, "label": {"choices": ["ok"]}}) == {**record, "label": "ok"}
    assert flattened({**record, "label": {"choices": ["ok", "x"]}}) == {**record, "label": ""}


def test_answers_in_argilla() -> None:
    def of(*answers: Any, **more: Any) -> Any:
        return flattened({"id": "a", "fields": {"text": "Ja"}, "responses": {"label": answers}})

    plain = {"fields": {"text": "Ja"}, "suggestions": {"label": {"value": "abusive"}}}
    assert flattened({**plain, "responses": {}}) == {"text": "Ja", "label": ""}
    urteil = {**plain, "responses": {"urteil": [{"value": "ok"}]}}
    assert flattened(urteil) == {"text": "Ja", "label": "ok"}
    flat = {"text": "Ja", "label.suggestion": "abusive", "label.suggestion.score": 0.9}
    assert flattened(flat) == {"text": "Ja", "label": ""}


def test_doccano_in_other_words() -> None:
    assert flattened({"text": "Ja", "labels": ["ok"]}) == {"text": "Ja", "label": "ok"}
    cats = {"text": "Ja", "cats": {"ok": 0, "abusive": 1}}
    assert flattened(cats) == {"text": "Ja", "label": "abusive"}


@pytest.mark.parametrize(
    "record",
    [
        {"text": "Ja", "label": "ok"},
        {"text": "Ja", "label": 1},
        # Ours: labels of house rules, and a status that must stay the first column of a decision.
        {"text": "Ja", "labels": [], "status": "rejected"},
        {"text": "Ja", "labels": [{"category": "insult"}], "status": "rejected"},
        {"comment": {"text": "Ja"}, "labels": []},
        {"data": "Ja", "annotations": 1},
        {"fields": {"text": "Ja"}},
        {},
    ],
)
def test_other_tables_stay_as_they_are(record: dict[str, Any]) -> None:
    assert flattened(record) is None


def test_authors_in_tasks_get_pseudonyms() -> None:
    name = NASTY / "jsonl.labelstudio.json"
    table = read_jsonl(io.StringIO(name.read_text(encoding="utf-8")), "x")
    disguised = private_table(table, Pseudonyms(b"k" * 32))
    assert "Anna" not in str([row.columns for row in disguised.rows(silent)])


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["result", "type", "value", "choices", "from_name", "label", "status"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)
KEYS = [
    *("data", "annotations", "fields", "responses", "metadata", "annotation_id"),
    *("label", "labels", "cats", "text", "label.responses", "label.responses.status"),
]


@given(st.dictionaries(st.sampled_from(KEYS), anything))
def test_any_values_in_known_fields(record: dict[str, Any]) -> None:
    found = flattened(record)
    assert found is None or isinstance(found["label"], str)


def test_training_reads_them(tmp_path: Path) -> None:
    house = pytest.importorskip("moderation.training.house")
    tasks = [
        {"id": n, "data": {"text": f"Kommentar {n}"}, "annotations": [{"result": [answer(choice)]}]}
        for n, choice in enumerate(["ok", "abusive"] * 3)
    ]
    path = tmp_path / "labelled.json"
    path.write_text(json.dumps(tasks, indent=2), encoding="utf-8")
    reports: list[str] = []
    frame = house.read_house([str(path)], house.HouseColumns(), "abusive", reports.append)
    assert len(frame) == 6
    assert "labels from 'label'" in reports[0]

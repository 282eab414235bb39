"""``moderation convert``: each format's shape, order and exactness, and what is refused."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from moderation.annotation_records import (
    ABUSIVE,
    FLAT_COLUMNS,
    OK,
    RULE_CHOICES,
    argilla_record,
    argilla_settings,
    doccano_record,
    doccano_settings,
    flat_record,
    label_studio_interface,
    label_studio_task,
    suggested,
)
from moderation.cli.converting import Converted, Target, _groups, lines
from moderation.records import Category, Comment, Evidence, HouseRule, Label, Verdict
from moderation.training.house import NEGATIVE, POSITIVE

ROOT = Path(__file__).parents[1]
AGENT = "news 0123456789abcdef"
# A paragraph, an emoji before what is found, quotes, a formula, and signs that tables choke on.
TEXT = 'Ach 🙂👍🏽, du Idiot!\n\n"Ja";\tnein, =SUMME(1;2)\r\u2028 Ende\u00a0'
RULE = HouseRule("insult", Category.INSULT, "Keine Beleidigungen", "rules", 0, 19, "…")


def judged(text: str = TEXT, score: float | None = 0.9, number: int = 1, **fields: Any) -> Verdict:
    labels: tuple[Label, ...] = ()
    if "Idiot" in text:
        start = text.index("Idiot")
        evidence = Evidence(start, start + 5, "Idiot")
        labels = (Label(RULE, Category.INSULT, (evidence,), "insults", 2),)
    comment = Comment(str(number), text, **fields)
    decision = None if score is None else "reject" if score > 0.9 else "review"
    return Verdict(
        comment, "export.xml", "Kopf", "https://example.org/1", score, labels=labels,
        decision=decision,
    )  # fmt: skip


ANSWER = judged(
    "Danke.", 0.1, 2, parent_id="1", author="anna", published="2024-05-03T14:05:00+00:00",
    status="approved",
)  # fmt: skip


def written(to: Target, *verdicts: Verdict, agent: str | None = AGENT) -> tuple[str, list[str]]:
    remarks: list[str] = []
    text = "".join(lines(map(Converted, verdicts), to, agent, remarks.append))
    return text, remarks


def run(*arguments: str, stdin: str = "") -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "moderation", "convert", *arguments],
        input=stdin.encode(),
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    done.out, done.err = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in done.err, done.err
    return done


def test_a_suggestion_is_what_is_more_likely() -> None:
    assert suggested(judged(score=0.75)) == (ABUSIVE, 0.75)
    assert suggested(judged(score=0.5)) == (ABUSIVE, 0.5)
    assert suggested(judged(score=0.25)) == (OK, 0.75)
    assert suggested(judged(score=None)) is None


def test_training_understands_the_choices() -> None:
    assert ABUSIVE in POSITIVE
    assert OK in NEGATIVE


def test_json_lines_are_flat_records() -> None:
    text, _ = written(Target.JSONL, judged(), ANSWER)
    first, second = map(json.loads, text.rstrip("\n").split("\n"))
    assert tuple(first) == tuple(second) == FLAT_COLUMNS
    assert first["text"] == TEXT
    start = TEXT.index("Idiot")
    assert first["labels"] == [
        {
            "category": "insult", "rule_id": "insult", "strength": 2,
            "evidence": [{"start": start, "end": start + 5, "text": "Idiot"}],
        }
    ]  # fmt: skip
    assert (first["status"], second["status"]) == (None, "approved")
    assert (second["id"], second["parent_id"], second["author"]) == ("2", "1", "anna")
    assert second["published"] == "2024-05-03T14:05:00+00:00"
    assert (second["score"], second["decision"], second["labels"]) == (0.1, "review", [])


def test_csv_has_the_same_columns_and_the_texts_as_they_are() -> None:
    text, _ = written(Target.CSV, judged(), ANSWER, judged("=1+1", None, 3))
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert tuple(rows[0]) == FLAT_COLUMNS
    assert [row["text"] for row in rows] == [TEXT, "Danke.", "=1+1"]
    assert rows[0]["labels"] == "insult: „Idiot“"
    assert [row["score"] for row in rows] == ["0.9", "0.1", ""]


def test_label_studio_gets_tasks_with_predictions() -> None:
    text, _ = written(Target.LABEL_STUDIO, judged(), ANSWER)
    first, second = json.loads(text)
    assert first["data"]["text"] == TEXT
    assert set(first) == {"data", "predictions"}
    (prediction,) = first["predictions"]
    assert (prediction["model_version"], prediction["score"]) == (AGENT, 0.9)
    choice, region = prediction["result"]
    assert choice["value"] == {"choices": ["abusive"]}
    assert (choice["from_name"], choice["to_name"], choice["type"]) == ("label", "text", "choices")
    # Code points, end excluded: as Python slices.
    value = region["value"]
    assert TEXT[value["start"] : value["end"]] == value["text"] == "Idiot"
    assert value["labels"] == ["insult"]
    assert (region["from_name"], region["to_name"], region["type"]) == ("rule", "text", "labels")
    assert len({one["id"] for one in prediction["result"]}) == 2
    (prediction,) = second["predictions"]
    assert prediction["score"] == 0.9
    assert prediction["result"][0]["value"] == {"choices": ["ok"]}
    assert second["data"]["status"] == "approved"
    assert "annotations" not in text


def test_without_a_model_only_rules_suggest() -> None:
    task = label_studio_task(judged(score=None), None)
    (prediction,) = task["predictions"]
    assert prediction["model_version"] == "house rules"
    assert "score" not in prediction
    assert [one["type"] for one in prediction["result"]] == ["labels"]
    assert "predictions" not in label_studio_task(judged("Danke.", None), None)
    record = argilla_record(judged(score=None), None)
    assert set(record["suggestions"]) == {"rules"}
    assert argilla_record(judged("Danke.", None), None)["suggestions"] == {}
    assert doccano_record(judged("Danke.", None), None)["suggestion"] == ""


def test_argilla_gets_records_with_suggestions_and_no_responses() -> None:
    text, _ = written(Target.ARGILLA, judged(), ANSWER)
    first, second = json.loads(text)
    assert first["fields"] == {"text": TEXT}
    assert first["suggestions"] == {
        "label": {"value": "abusive", "score": 0.9, "agent": AGENT},
        "rules": {"value": ["insult"], "score": None, "agent": "house rules"},
    }
    assert second["suggestions"]["label"] == {"value": "ok", "score": 0.9, "agent": AGENT}
    assert second["metadata"]["status"] == "approved"
    assert not {"", None} & set(first["metadata"].values())
    assert first["responses"] == {}
    assert re.fullmatch(r"[0-9a-f]{32}", first["id"])
    assert first["id"] != second["id"]
    # Argilla's own rule for the names of agents.
    assert re.fullmatch(r"[\w:./ -]+", AGENT, re.ASCII)


def test_doccano_gets_no_label_that_no_person_gave() -> None:
    text, _ = written(Target.DOCCANO, judged(), judged("Rätsel?", None, 3), ANSWER)
    first, unscored, answer = map(json.loads, text.rstrip("\n").split("\n"))
    assert first["text"] == TEXT
    assert first["label"] == unscored["label"] == answer["label"] == []
    assert (first["suggestion"], first["suggestion_score"]) == ("abusive", 0.9)
    assert first["suggestion_rules"] == "insult"
    # The same keys in every line, none of them null: doccano makes columns of them.
    assert list(first) == list(unscored) == list(answer)
    assert None not in unscored.values()
    # Names that doccano needs for itself.
    assert not {"uuid", "filename", "upload_name", "meta"} & set(first)


def test_a_record_shows_what_its_comment_answers() -> None:
    assert label_studio_task(ANSWER, AGENT, TEXT)["data"]["thread"] == TEXT
    assert label_studio_task(ANSWER, AGENT)["data"]["thread"] == ""
    assert argilla_record(ANSWER, AGENT, TEXT)["fields"] == {"text": "Danke.", "thread": TEXT}


@pytest.mark.parametrize("to", [Target.LABEL_STUDIO, Target.ARGILLA])
@pytest.mark.parametrize("count", [0, 1, 3])
def test_an_array_is_json_however_many_there_are(to: Target, count: int) -> None:
    text, _ = written(to, *(judged(number=number) for number in range(count)))
    assert len(json.loads(text)) == count
    assert text.endswith("]\n")


@pytest.mark.parametrize("to", [Target.LABEL_STUDIO, Target.ARGILLA, Target.DOCCANO])
def test_tools_get_no_comment_without_text(to: Target) -> None:
    text, remarks = written(to, judged(" \n", None), ANSWER, judged("", None, 3))
    assert text.count("Danke.") == 1
    assert remarks == ["comments without text left out, there is nothing to label: 2"]


def test_tables_keep_comments_without_text() -> None:
    for to in (Target.JSONL, Target.CSV):
        text, remarks = written(to, judged("", None), ANSWER)
        assert text.count("export.xml") == 2
        assert remarks == []


@pytest.mark.parametrize("to", [one for one in Target if one is not Target.PARQUET])
def test_comments_are_written_as_they_come(to: Target) -> None:
    taken = 0

    def coming() -> Iterator[Converted]:
        nonlocal taken
        while True:
            taken += 1
            yield Converted(judged(number=taken))

    pieces = lines(coming(), to, AGENT, lambda remark: None)
    for _ in range(5):
        next(pieces)
    assert taken <= 5


def test_row_groups_are_bounded() -> None:
    many = (Converted(judged("Kurz", 0.1, number)) for number in range(10_000))
    sizes = [len(group) for group in _groups(many)]
    assert sizes == [4096, 4096, 1808]
    long = (Converted(judged("x" * 20_000_000, 0.1, number)) for number in range(4))
    assert [len(group) for group in _groups(long)] == [2, 2]


TABLE = 'id,parent,text\n1,,"Du Idiot 🙂\n\nzwei"\n2,1,Danke für den Artikel\n3,,=1+1\n'


@pytest.mark.parametrize("to", list(Target))
def test_a_file_is_the_same_twice(tmp_path: Path, to: Target) -> None:
    table = tmp_path / "in.csv"
    table.write_text(TABLE, encoding="utf-8")
    files = [tmp_path / "one", tmp_path / "two"]
    for file in files:
        done = run(str(table), "--to", to, "-o", str(file), "--keep-authors")
        assert done.returncode == 0, done.err
    assert files[0].read_bytes() == files[1].read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"in.csv", "one", "two"}


def test_parquet_has_types_and_the_same_records(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    table = tmp_path / "in.csv"
    table.write_text(TABLE, encoding="utf-8")
    target = tmp_path / "out.parquet"
    done = run(str(table), "--to", "parquet", "-o", str(target), "--keep-authors")
    assert done.returncode == 0, done.err
    read = pq.read_table(target)
    assert tuple(read.column_names) == FLAT_COLUMNS
    assert str(read.schema.field("score").type) == "double"
    assert str(read.schema.field("labels").type).startswith("list<")
    flat = run(str(table), "--to", "jsonl", "--keep-authors")
    assert read.to_pylist() == [json.loads(line) for line in flat.out.splitlines()]
    assert read.to_pylist()[0]["text"] == "Du Idiot 🙂\n\nzwei"


def test_half_a_sign_becomes_a_sign_in_parquet() -> None:
    ((record,),) = _groups([Converted(judged("a\ud83d"))])
    assert record["text"] == "a\ufffd"


def test_without_a_model_from_start_to_end() -> None:
    done = run("-", "--to", "label-studio", "--no-model", stdin="Du Idiot\nDanke sehr\n")
    first, second = json.loads(done.out)
    assert first["predictions"][0]["model_version"] == "house rules"
    assert "predictions" not in second


def test_a_page_shows_whom_a_comment_answers(tmp_path: Path) -> None:
    done = run(str(ROOT / "seeds"), "--to", "label-studio", "--no-model", "--keep-authors")
    tasks = json.loads(done.out)
    texts = {task["data"]["text"] for task in tasks}
    assert all(task["data"]["thread"] in texts | {""} for task in tasks)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--to", "parquet", "-"], 2, "name it with --output"),
        (["--to", "jsonl"], 2, "nothing to convert"),
        (["--to", "csv", "--settings"], 2, "needs none; choose label-studio"),
        (["--to", "jsonl", "nowhere.csv"], 3, "nowhere.csv"),
        (["--to", "jsonl", "--model", "nobody", "-"], 4, "nobody"),
        (["--to", "excel", "-"], 2, "excel"),
    ],
)
def test_what_is_refused_is_said_in_one_line(arguments: list[str], code: int, message: str) -> None:
    done = run(*arguments, stdin="Guten Tag\n")
    assert done.returncode == code
    assert message in done.err


def test_an_output_that_is_an_input_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "in.parquet"
    table.write_text(TABLE, encoding="utf-8")
    done = run(str(table), "--to", "parquet", "-o", str(table))
    assert done.returncode == 2
    assert "is also an input" in done.err
    assert table.read_text(encoding="utf-8") == TABLE


@pytest.mark.parametrize(
    ("to", "settings"),
    [
        ("label-studio", label_studio_interface),
        ("argilla", argilla_settings),
        ("doccano", doccano_settings),
    ],
)
def test_settings_are_printed_and_stand_in_the_documentation(to: str, settings: Any) -> None:
    done = run("--to", to, "--settings")
    assert done.out == settings()
    assert settings().rstrip("\n") in (ROOT / "docs" / "convert.md").read_text(encoding="utf-8")


def test_the_settings_fit_the_records() -> None:
    interface = ET.fromstring(label_studio_interface())  # noqa: S314 -- ours
    names = {one.get("name"): one for one in interface if one.get("name")}
    task = label_studio_task(judged(), AGENT)
    for one in task["predictions"][0]["result"]:
        control = names[one["from_name"]]
        allowed = {child.get("value") for child in control}
        assert control.get("toName") == one["to_name"]
        assert set(one["value"].get("choices", one["value"].get("labels"))) <= allowed
    shown = {one.get("value", "$").removeprefix("$") for one in interface} - {""}
    assert shown <= set(task["data"])
    compile(argilla_settings(), "settings", "exec")
    assert all(f'"{name}"' in argilla_settings() for name in (*RULE_CHOICES, ABUSIVE, OK))


def test_flat_records_have_the_documented_columns() -> None:
    assert tuple(flat_record(ANSWER)) == FLAT_COLUMNS
    documented = (ROOT / "docs" / "convert.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in documented for name in FLAT_COLUMNS)

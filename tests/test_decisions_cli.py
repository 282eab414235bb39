"""Decisions on the command line, and as something to learn from."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from moderation.cli import app, decisions_verbs
from moderation.decisions.records import Decision, decision_of, decision_record
from moderation.decisions.schema import HEAD
from moderation.decisions.spool import Spool
from moderation.decisions.store import open_store
from moderation.errors import ModerationError
from moderation.pseudonyms import open_pseudonyms
from moderation.training.stored import decided_texts

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
STATES = {"a": "APPROVED", "b": "REJECTED", "c": "PREMOD", "d": "NONE"}


def decisions(*arguments: Any) -> Result:
    return CliRunner().invoke(app, ["decisions", *map(str, arguments)])


def done(*arguments: Any) -> tuple[list[dict[str, Any]], str]:
    result = decisions(*arguments)
    assert result.exit_code == 0, (result.stderr, result.exception)
    return [json.loads(line) for line in result.stdout.splitlines()], result.stderr


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "decisions.db"


@pytest.fixture
def coral(tmp_path: Path) -> Path:
    path = tmp_path / "comments.json"
    records = [
        {
            "id": name,
            "storyID": "s1",
            "authorID": "user-1",
            "createdAt": {"$date": "2026-11-20T12:05:00Z"},
            "status": status,
            "revisions": [{"body": f"<p>Kommentar {name}</p>"}],
        }
        for name, status in STATES.items()
    ]
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    stories = {"id": "s1", "url": "https://example.org/radwege", "metadata": {"title": "Radwege"}}
    path.with_name("stories.json").write_text(json.dumps(stories), encoding="utf-8")
    return path


def kept(store: Path) -> list[Decision]:
    with open_store(str(store), create=False) as opened:
        return list(opened.read())


def test_coral_s_decisions_are_imported_once(coral: Path, store: Path) -> None:
    files = [coral, coral.with_name("stories.json")]
    _, said = done("import", *files, "--store", store, "--community", "zeitung")
    assert "2 decisions are new, 0 were there" in said
    _, said = done("import", *files, "--store", store, "--community", "zeitung")
    assert "0 decisions are new, 2 were there" in said
    found = {one.comment_id: one for one in kept(store)}
    assert {name: (one.attribute, one.value) for name, one in found.items()} == {
        "a": ("rejected", 0.0), "b": ("rejected", 1.0),
    }  # fmt: skip
    one = found["a"]
    assert (one.text, one.source, one.community) == ("Kommentar a", "import", "zeitung")
    assert one.url == "https://example.org/radwege"
    assert one.decided_at == datetime(2026, 11, 20, 12, 5, tzinfo=UTC)
    assert one.author == open_pseudonyms(print).of("user-1")


def test_a_changed_decision_is_another_one(coral: Path, store: Path) -> None:
    done("import", coral, "--store", store)
    coral.write_text(coral.read_text().replace("APPROVED", "REJECTED"))
    _, said = done("import", coral, "--store", store)
    assert "1 decisions are new, 1 were there" in said


def test_labelled_tables_are_imported_by_what_their_labels_say(tmp_path: Path, store: Path) -> None:
    table = tmp_path / "labels.csv"
    table.write_text("text,label\nDu Ei,1\nDanke sehr,0\nNa ja,?\n", encoding="utf-8")
    done("import", table, "--store", store, "--attribute", "INSULT", "--no-texts")
    found = kept(store)
    assert {(one.attribute, one.value, one.text) for one in found} == {
        ("INSULT", 1.0, None), ("INSULT", 0.0, None),
    }  # fmt: skip
    assert all(one.text_digest for one in found)


@pytest.mark.parametrize("label", ["label", "status"])
def test_the_number_of_a_row_is_no_comment_s_id(tmp_path: Path, store: Path, label: str) -> None:
    yes, no = {"label": ("1", "0"), "status": ("rejected", "approved")}[label]
    tables = [tmp_path / "x.csv", tmp_path / "y.csv", tmp_path / "z.jsonl"]
    tables[0].write_text(f"text,{label}\nDu Ei,{yes}\nDanke,{no}\n")
    # Some rows of a table may have an id, and others none.
    tables[1].write_text(f"id,text,{label}\n,Pfui,{yes}\n1,Na gut,{no}\n")
    lines = [{"text": "Ach", label: yes}, {"text": "So", label: no}]
    tables[2].write_text("".join(f"{json.dumps(one)}\n" for one in lines))
    assert "6 decisions are new" in done("import", *tables, "--store", store)[1]
    assert "0 decisions are new, 6 were there" in done("import", *tables, "--store", store)[1]
    assert {one.text: one.comment_id for one in kept(store)} == {
        "Du Ei": None, "Danke": None, "Pfui": None, "Na gut": "1", "Ach": None, "So": None,
    }  # fmt: skip
    assert done("forget", "--comment-id", "1", "--store", store)[0] == [{"removed": 1}]


def test_states_of_other_systems_are_imported_too(tmp_path: Path, store: Path) -> None:
    table = tmp_path / "x.csv"
    table.write_text("text,status\nA,approved\nB,spam\nC,deleted\nD,pending\nE,rejected\n")
    done("import", table, "--store", store)
    assert {(one.text, one.attribute, one.value) for one in kept(store)} == {
        ("A", "rejected", 0.0), ("B", "spam", 1.0), ("C", "deleted", 1.0), ("E", "rejected", 1.0),
    }  # fmt: skip


def test_what_cannot_be_imported_is_told_and_the_rest_goes_on(
    coral: Path, tmp_path: Path, store: Path
) -> None:
    nothing = tmp_path / "a.csv"
    nothing.write_text("text,colour\nA,red\nB,blue\n")
    result = decisions("import", nothing, coral, "--store", store)
    assert result.exit_code == 3
    assert "no column looks like labels" in result.stderr
    assert len(kept(store)) == 2


def test_an_export_comes_back_into_another_store(coral: Path, store: Path, tmp_path: Path) -> None:
    done("import", coral, "--store", store)
    with open_store(str(store)) as opened:
        opened.append([Decision(source="coral", value=0.5, attribute="TOXICITY", score=0.25)])
    export = tmp_path / "decisions.jsonl"
    done("export", "--store", store, "-o", export)
    other = tmp_path / "other.db"
    _, said = done("import", export, "--store", other)
    assert "3 decisions are new" in said
    assert kept(other) == kept(store)
    with export.open("a") as stream:
        stream.write('{"id": 7}\n')
    _, said = done("import", export, "--store", other)
    assert "decisions.jsonl, line 4: decided_at: missing" in said


def test_export_prints_what_was_decided_in_a_time(store: Path) -> None:
    with open_store(str(store)) as opened:
        opened.append(
            Decision(
                source="api", value=1, attribute="TOXICITY", decided_at=NOON + timedelta(days=day)
            )
            for day in range(5)
        )
    records, _ = done("export", "--store", store)
    assert [decision_of(one) for one in records] == kept(store)
    records, _ = done("export", "--store", store, "--since", "2026-11-27", "--until", "2026-11-29")
    assert [one["decided_at"][:10] for one in records] == ["2026-11-27", "2026-11-28"]
    assert list(records[0]) == list(decision_record(kept(store)[0]))
    result = decisions("export", "--store", store, "--since", "gestern")
    assert "--since gestern: no time" in str(result.exception)


def test_forgetting_finds_authors_by_name_and_what_still_waits(coral: Path, store: Path) -> None:
    done("import", coral, "--store", store)
    pseudonym = open_pseudonyms(print).of("user-1")
    spool = Spool(store.with_name("decisions.db.spool"))
    spool.append([Decision(source="api", value=1, attribute="TOXICITY", author=pseudonym)])
    records, said = done("forget", "--author", "user-1", "--store", store)
    assert records == [{"removed": 3}]
    assert "1 decisions moved" in said
    assert not spool.waiting
    assert kept(store) == []


def test_a_comment_is_forgotten_by_its_id(coral: Path, store: Path) -> None:
    done("import", coral, "--store", store)
    assert done("forget", "--comment-id", "a", "--store", store)[0] == [{"removed": 1}]
    assert [one.comment_id for one in kept(store)] == ["b"]
    for arguments in ([], ["--comment-id", "a", "--author", "x"]):
        assert "either" in str(decisions("forget", *arguments, "--store", store).exception)


class Slow:
    """A store that another process is moving decisions into, and that takes its time."""

    def __init__(self, store: Path) -> None:
        self.url = str(store)
        self.begun, self.go_on = threading.Event(), threading.Event()

    def append(self, found: Iterable[Decision]) -> int:
        self.begun.set()
        assert self.go_on.wait(20)
        with open_store(self.url) as opened:
            return opened.append(found)


@pytest.mark.parametrize("verb", [["forget", "--comment-id", "a"], ["expire", "--older-than=9d"]])
def test_what_a_service_is_moving_is_waited_for(
    store: Path, verb: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_store(str(store)).close()
    spool = Spool(store.with_name("decisions.db.spool"))
    old = NOON - timedelta(days=900)
    spool.append([decision("Nein", 1, comment_id="a", decided_at=old)])
    slow = Slow(store)
    with ThreadPoolExecutor(2) as pool:
        moving = pool.submit(spool.drain, slow)
        assert slow.begun.wait(20)
        with monkeypatch.context() as patch:
            patch.setattr(decisions_verbs, "_PATIENCE", 0.1)
            error = decisions(*verb, "--store", store).exception
        assert isinstance(error, ModerationError)
        assert "another program is moving what waits there; try again" in str(error)
        assert error.exit_code == 3
        removing = pool.submit(done, *verb, "--store", store)
        time.sleep(0.2)
        assert not removing.done()
        slow.go_on.set()
        assert moving.result(20) == 1
        assert removing.result(20)[0] == [{"removed": 1}]
    assert kept(store) == []


def test_a_spool_elsewhere_is_asked_for_where_none_is_beside_the_store(store: Path) -> None:
    remark = "decisions.db.spool here; name the service's --spool"
    open_store(str(store)).close()
    other = store.with_name("other.spool")
    Spool(other).append([decision("Nein", 1, comment_id="a")])
    forget = ("forget", "--comment-id", "a", "--store", store)
    records, said = done(*forget)
    assert records == [{"removed": 0}]
    assert remark in said
    records, said = done(*forget, "--spool", other)
    assert records == [{"removed": 1}]
    assert "name the service" not in said
    assert "other.spil here; name the" in done(*forget, "--spool", "other.spil")[1]
    # Where a service keeps them beside the store, there is nothing to ask.
    Spool(store.with_name("decisions.db.spool")).check()
    assert done(*forget)[1] == ""


def test_what_could_not_be_moved_is_named_and_can_be_imported(store: Path) -> None:
    class Refusing:
        def append(self, _: Iterable[Decision]) -> int:
            raise UnicodeError

    open_store(str(store)).close()
    spool = Spool(store.with_name("decisions.db.spool"))
    spool.append([decision("Nein", 1, comment_id="a")])
    assert spool.drain(Refusing()) == 0
    said = done("forget", "--comment-id", "a", "--store", store)[1]
    assert f"{spool.aside}: holds what could not be moved" in said
    assert "1 decisions are new" in done("import", spool.aside, "--store", store)[1]


def test_old_decisions_expire(store: Path) -> None:
    with open_store(str(store)) as opened:
        opened.append(
            Decision(
                source="api",
                value=1,
                attribute="TOXICITY",
                decided_at=datetime.now(UTC) - timedelta(days=days),
            )
            for days in (1, 179, 181, 400)
        )
    assert done("expire", "--older-than", "180d", "--store", store)[0] == [{"removed": 2}]
    assert len(kept(store)) == 2
    result = decisions("expire", "--older-than", "half a year", "--store", store)
    assert "write it as 180d" in str(result.exception)


def test_migrate_makes_a_store_and_says_its_revision(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODERATION_STORE", str(store))
    for _ in range(2):
        assert decisions("migrate").stdout == f"{HEAD}\n"
    assert kept(store) == []


@pytest.mark.parametrize("verb", [["export"], ["forget", "--comment-id", "a"]])
def test_a_store_that_is_not_there_is_not_made(tmp_path: Path, verb: list[str]) -> None:
    missing = tmp_path / "typo.db"
    result = decisions(*verb, "--store", missing)
    assert isinstance(result.exception, ModerationError)
    assert "there is no such store" in str(result.exception)
    assert not missing.exists()


@pytest.mark.parametrize("verb", [["export"], ["expire", "--older-than", "9d"], ["migrate"]])
def test_a_folder_is_refused_in_one_line(tmp_path: Path, verb: list[str]) -> None:
    error = decisions(*verb, "--store", tmp_path).exception
    assert isinstance(error, ModerationError)
    assert str(error) == (
        f"store {tmp_path}: is a folder; name a file in it ({tmp_path / 'decisions.db'})"
    )


def test_without_the_extra_it_is_named(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decisions_verbs, "find_spec", lambda _: None)
    for verb in ("export", "migrate"):
        said = str(decisions(verb, "--store", store).exception)
        assert "pip install 'moderation[service]'" in said


# ------------------------------------------------------------------ learning from them


def decision(text: str | None, value: float, minute: int = 0, **values: Any) -> Decision:
    return Decision(
        **{
            "source": "suggestscore",
            "attribute": "TOXICITY",
            "value": value,
            "text": text,
            "decided_at": NOON + timedelta(minutes=minute),
            **values,
        }
    )


def test_the_last_decision_about_a_text_teaches() -> None:
    changed = [decision("Na ja", 0), decision("Pfui", 1), decision("Na ja", 1, 1)]
    assert decided_texts(changed, None) == [("Na ja", "rejected"), ("Pfui", "rejected")]
    bare = decision("Pfui", 0, 2).without_text()
    assert decided_texts([*changed, bare], None)[1] == ("Pfui", "approved")
    assert decided_texts([bare, decision(" ", 1)], None) == []


def test_what_was_not_decided_waits() -> None:
    assert decided_texts([decision("Hm", 0.5), decision("Ach", 0.8)], None) == [
        ("Hm", "pending"), ("Ach", "rejected"),
    ]  # fmt: skip


def test_an_attribute_teaches_its_own_head() -> None:
    some = [
        decision("Du Ei", 1, attribute="INSULT"),
        decision("Uhren!", 1, attribute="SPAM"),
        decision("Danke", 0),
    ]
    assert decided_texts(some, None) == [("Uhren!", "spam"), ("Danke", "approved")]
    assert decided_texts(some, "insult")[0] == ("Du Ei", "rejected")
    assert len(decided_texts(some, "group_abuse")) == 2


def write_store(path: Path) -> None:
    generator = random.Random(5)
    bad = ("Idiot", "Dummkopf", "Lügner", "Schwachkopf")
    good = ("Danke", "Interessant", "Schöner Artikel", "Gute Frage")
    places = [f"Ort{number}" for number in range(400)]
    with open_store(str(path)) as store:
        store.append(
            decision(
                f"{generator.choice(bad if number % 2 else good)}, so ist es in {place}!",
                number % 2,
                number,
            )
            for number, place in enumerate(places)
        )


def test_a_model_learns_from_the_store_through_the_gate(tmp_path: Path, store: Path) -> None:
    write_store(store)
    new = tmp_path / "new"
    arguments = ["train", "--decisions", str(store), "--base", "news", "-o", str(new), "--jobs"]
    result = CliRunner().invoke(app, [*arguments, "1"])
    assert result.exit_code == 0, (result.stderr, result.exception)
    assert f"{store}: moderators' decisions teach the head 'rejected'" in result.stderr
    assert "status approved = no (200), rejected = yes (200)" in result.stderr
    assert "news → new" in result.stdout
    facts = json.loads((new / "model.json").read_text("utf-8"))
    assert facts["own_rows"]["house"] > 0


def test_a_store_that_cannot_teach_says_what_is_missing(tmp_path: Path, store: Path) -> None:
    def said() -> str:
        arguments = ["train", "--decisions", str(store), "--base", "news"]
        result = CliRunner().invoke(app, [*arguments, "-o", str(tmp_path / "new")])
        return str(result.exception)

    with open_store(str(store)) as opened:
        assert f"{store}: no labelled comments" in said()
        opened.append([decision("Danke", 0)])
        assert "give some that are rejected" in said()
    assert not (tmp_path / "new").exists()

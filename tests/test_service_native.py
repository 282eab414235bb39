"""The service's own interface: records, decisions, models."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from service_help import service
from starlette.testclient import TestClient

from moderation.decisions.store import open_store
from moderation.json_records import verdict_record
from moderation.labelling.rules_file import default_rules
from moderation.records import Comment, Page
from moderation.scoring import open_desk
from moderation.service.native import ScoreResponse
from moderation.service.record_messages import EXAMPLE

SCORE, DECISIONS = "/v1/score", "/v1/decisions"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with service(tmp_path_factory.mktemp("native")) as one:
        yield one


def test_records_are_those_of_the_command_line(client: TestClient) -> None:
    texts = ["Sie Idiot!", "Guten Morgen.", "", "> Sie Idiot!\nDas sagt man nicht.", "x" * 6_000]
    texts += [f"Das ist Beitrag Nummer {number}, und er ist harmlos." for number in range(40)]
    comments = [Comment(str(place), text) for place, text in enumerate(texts, 1)]
    sent = [{"text": text} for text in texts]
    answer = client.post(SCORE, json={"comments": sent}).json()
    desk = open_desk("news", rules=None, report=pytest.fail)
    page = Page("request", comments=tuple(comments))
    expected = [
        verdict_record(one) | {"comment": None}
        for one in desk.judge(comments, default_rules(), page)
    ]
    got = [one | {"comment": None} for one in answer["results"]]
    skipped = 3  # its line of quotation is marked when it comes in
    for place, (ours, theirs) in enumerate(zip(got, expected, strict=True)):
        if place != skipped:
            assert ours == json.loads(json.dumps(theirs))
    assert answer["results"][skipped]["comment"]["quotations"]


def test_records_are_as_the_document_says(client: TestClient) -> None:
    comments = [
        {"text": text, "author": "Erika Muster"}
        for text in ("Sie Idiot!", "Good morning, what a nice article.", "> Ja.\nNein.", "Ach", "")
    ]
    request = {
        "comments": comments,
        "house_rules": "Keine Beleidigungen. Die Kommentare sind von 8 bis 20 Uhr freigeschaltet.",
        "now": "2026-11-25T23:00:00+01:00",
    }
    answer = client.post(SCORE, json=request).json()
    for example in (answer, EXAMPLE):
        assert ScoreResponse.model_validate(example).model_dump(mode="json") == example
    assert any(one["state"] for one in answer["results"])
    assert any(one["labels"] for one in answer["results"])


def test_no_author_is_named(client: TestClient) -> None:
    request = {"comment": {"text": "Guten Morgen.", "author": "Erika Muster"}}
    first, second = (client.post(SCORE, json=request) for _ in range(2))
    assert "Muster" not in first.text
    author = first.json()["results"][0]["comment"]["author"]
    assert author.startswith("author-")
    assert author == second.json()["results"][0]["comment"]["author"]


def test_private_data_are_found_where_house_rules_are_silent(client: TestClient) -> None:
    request = {"comment": {"text": "Rufen Sie mich an: 0170 1234567, max@muster.example"}}
    (result,) = client.post(SCORE, json=request).json()["results"]
    assert {label["category"] for label in result["labels"]} == {"privacy"}
    assert result["decision"] == "review"


def test_a_netiquette_that_is_no_netiquette_is_too_long(client: TestClient) -> None:
    rules = "Keine Beleidigungen, bitte.\n" * 3_000
    answer = client.post(SCORE, json={"comment": {"text": "Hallo"}, "house_rules": rules})
    assert answer.status_code == 400


def test_house_rules_may_be_sent_as_a_netiquette_or_as_clauses(client: TestClient) -> None:
    netiquette = "Bitte bleiben Sie sachlich. Persönliche Beleidigungen sind bei uns tabu."
    clauses = [{"id": "r1", "category": "insult", "quote": "Wir beleidigen niemanden."}]
    for rules, quote in ((netiquette, "Beleidigungen sind"), (clauses, "Wir beleidigen niemanden")):
        request = {"comment": {"text": "Sie Idiot!"}, "house_rules": rules}
        (result,) = client.post(SCORE, json=request).json()["results"]
        assert quote in result["labels"][0]["quote"]


def test_the_article_shows_what_is_off_topic_and_now_what_is_open(client: TestClient) -> None:
    request = {
        "comment": {"text": "Guten Morgen, schöner Artikel."},
        "article": {"headline": "Neue Buslinie", "body": "Der Bus fährt jetzt öfter. " * 30},
        "now": "2026-11-25T20:14:00+01:00",
    }
    (result,) = client.post(SCORE, json=request).json()["results"]
    assert result["page"]["headline"] == "Neue Buslinie"
    assert result["state"]["kind"] == "held"
    assert result["decision"] == "publish"


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        ({}, "give comment"),
        ({"comments": []}, "give comment"),
        ({"comment": {"text": "a"}, "comments": [{"text": "b"}]}, "give comment"),
        ({"comment": {"txt": "a"}}, "comment"),
        ({"comments": [{"text": "a"}] * 1001}, "comments"),
        ({"comments": [{"text": "a", "id": "1"}, {"text": "b", "id": "1"}]}, "same id"),
        ({"comment": {"text": "a"}, "house_rules": "Der Bus fährt."}, "no rules recognised"),
        ({"comment": {"text": "a"}, "house_rules": [{"id": "r", "category": "x", "quote": "q"}]},
         "unknown category"),
        ({"comment": {"text": "a"}, "now": "gestern"}, "gestern"),
    ],
)  # fmt: skip
def test_what_cannot_be_judged_is_told_in_one_line(
    client: TestClient, request_: Any, told: str
) -> None:
    answer = client.post(SCORE, json=request_)
    assert answer.status_code == 400
    message = answer.json()["error"]["message"]
    assert told in message
    assert "\n" not in message


def test_decisions_come_in_and_are_deleted_on_request(tmp_path: Path) -> None:
    database = str(tmp_path / "decisions.db")
    decisions = [
        {"comment_id": "1", "decision": "rejected", "text": "Sie Idiot!", "author": "Erika"},
        {"comment_id": "2", "decision": "approved", "text": "Guten Tag.", "do_not_store": True},
        {"comment_id": "3", "decision": "approved", "author": "Erika", "id": 32 * "a",
         "decided_at": "2026-11-25T20:14:00+01:00"},
    ]  # fmt: skip
    with service(tmp_path, decisions=database) as client:
        answer = client.post(DECISIONS, json={"decisions": decisions})
        assert answer.json() == {"receipt": "stored", "decisions": 3}
        # The same decision again counts once.
        client.post(DECISIONS, json={"decisions": decisions[2:]})
        with open_store(database) as store:
            stored = {one.comment_id: one for one in store.read()}
        assert stored["1"].text == "Sie Idiot!"
        assert stored["1"].score is not None
        assert (stored["1"].author or "").startswith("author-")
        assert stored["2"].text is None
        assert stored["3"].decided_at.isoformat() == "2026-11-25T19:14:00+00:00"
        assert len(stored) == 3
        assert client.delete(DECISIONS, params={"comment_id": "2"}).json() == {"deleted": 1}
        assert client.delete(DECISIONS, params={"author": "Erika"}).json() == {"deleted": 2}
        assert client.delete(DECISIONS).status_code == 400
        assert client.delete(DECISIONS, params={"comment_id": ""}).status_code == 400
    with open_store(database) as store:
        assert store.count() == 0


@pytest.mark.parametrize(
    "decision",
    [{}, {"decision": "maybe"}, {"decision": "approved", "id": "x"},
     {"decision": "approved", "decided_at": "2026-11-25T20:14:00"},
     {"decision": "approved", "comment_id": "x" * 501}],
)  # fmt: skip
def test_decisions_that_cannot_be_meant_are_refused(tmp_path: Path, decision: Any) -> None:
    with service(tmp_path, decisions=str(tmp_path / "d.db")) as client:
        good = {"comment_id": "1", "decision": "approved"}
        answer = client.post(DECISIONS, json={"decisions": [good, decision]})
        assert answer.status_code == 400
    with open_store(str(tmp_path / "d.db")) as store:
        assert store.count() == 0


def test_old_decisions_are_deleted(tmp_path: Path) -> None:
    database = str(tmp_path / "decisions.db")
    old = {"comment_id": "1", "decision": "approved", "decided_at": "2020-01-01T00:00:00Z"}
    with service(tmp_path, decisions=database) as client:
        client.post(DECISIONS, json={"decisions": [old, {"decision": "approved"}]})
    with service(tmp_path, decisions=database, retention_days=30) as client:
        client.get("/healthz")
    with open_store(database) as store:
        assert store.count() == 1


def test_whether_decisions_are_kept_is_told(tmp_path: Path) -> None:
    one = {"decisions": [{"comment_id": "1", "decision": "approved"}]}
    folder = tmp_path / "gone"
    folder.mkdir()
    with service(tmp_path, decisions=str(folder / "d.db")) as client:

        def told() -> Any:
            return client.get("/readyz").json()["decisions"]

        assert client.post(DECISIONS, json=one).json()["receipt"] == "stored"
        assert told() == "stored"
        shutil.rmtree(folder)
        answer = client.post(DECISIONS, json=one)
        assert answer.status_code == 503
        message = answer.json()["error"]["message"]
        assert message.startswith(f"not recorded, send it again: {folder / 'd.db'}: ")
        assert message.count("not recorded") == 1
        assert told() == "refused"
        folder.mkdir()
        assert client.post(DECISIONS, json=one).json()["receipt"] in {"queued", "stored"}
        assert told() in {"queued", "stored"}


def test_a_model_is_swapped_kept_and_taken_back(tmp_path: Path, news_folder: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(news_folder, folder)
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    from moderation.service.app import create_app
    from moderation.service.settings import Settings

    app = create_app(Settings(str(folder), runtime=str(runtime)))
    with TestClient(app, base_url="http://localhost") as client:
        first = client.get("/v1/model").json()
        assert first["previous"] is None
        assert client.post("/v1/model/rollback").status_code == 409
        other = news_folder.parent / "open"
        shutil.rmtree(folder)
        shutil.copytree(other, folder)
        second = client.post("/v1/model/reload").json()
        assert second["digest"] != first["digest"] == second["previous"]
        assert client.post("/v1/model/rollback").json()["digest"] == first["digest"]
        # A damaged model changes nothing.
        (folder / "arrays.npz").write_bytes(b"no model")
        answer = client.post("/v1/model/reload")
        assert answer.status_code == 409
        assert "stays as it is" in answer.json()["error"]["message"]
        assert client.get("/v1/model").json()["digest"] == first["digest"]


def test_whoever_watches_is_answered(client: TestClient) -> None:
    assert client.get("/healthz").json()["status"] == "ok"
    assert client.get("/readyz").json()["model"]
    client.post(SCORE, json={"comment": {"text": "Geheimnis"}})
    metrics = client.get("/metrics").text
    assert 'moderation_requests_total{path="/v1/score",status="200"}' in metrics
    assert "Geheimnis" not in metrics


def test_the_openapi_document_is_complete(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (path, method)
            if method == "post" and not path.startswith("/v1/model"):
                assert "requestBody" in operation, path
    for name in ("AnalyzeCommentRequest", "ScoreRequest", "DecisionsRequest"):
        assert document["components"]["schemas"][name]["examples"], name


def test_one_deletion_a_request(tmp_path: Path) -> None:
    with service(tmp_path, decisions=str(tmp_path / "d.db")) as client:
        answer = client.delete(f"{DECISIONS}?comment_id=c1&comment_id=c2")
        assert answer.status_code == 400
        assert "a request for each" in answer.json()["error"]["message"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_who_watches_may_ask_for_heads(client: TestClient, path: str) -> None:
    answer = client.head(path)
    assert (answer.status_code, answer.content) == (200, b"")

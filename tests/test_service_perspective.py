"""The Perspective API, as its published reference and its real clients have it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from service_help import ANALYZE, SUGGEST, analyze_request, service
from starlette.testclient import TestClient

from moderation.decisions.store import open_store
from moderation.model.classifier import Classifier
from moderation.service.attributes import STEPS, severe
from moderation.service.perspective import suggestion
from moderation.service.perspective_messages import SuggestCommentScoreRequest


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with service(tmp_path_factory.mktemp("perspective")) as one:
        yield one


def values(answer: Any) -> dict[str, float]:
    scores = answer.json()["attributeScores"]
    return {name: one["summaryScore"]["value"] for name, one in scores.items()}


def failure(answer: Any) -> tuple[int, str, str]:
    error = answer.json()["error"]
    assert error["code"] == answer.status_code
    kind = next((one["errorType"] for one in error.get("details", ()) if "errorType" in one), "")
    return answer.status_code, error["status"], f"{kind}: {error['message']}"


def test_toxicity_is_the_score_of_the_command_line(client: TestClient, news: Classifier) -> None:
    text = "Sie sind ein Idiot."
    answer = client.post(f"{ANALYZE}?key=any", json=analyze_request(text, languages=["de"]))
    (scores,) = news.scores([text])
    assert values(answer)["TOXICITY"] == pytest.approx(scores["abusive"], abs=1e-6)
    assert answer.json()["languages"] == ["de"]


def test_the_shape_is_that_of_the_original(client: TestClient) -> None:
    answer = client.post(ANALYZE, json=analyze_request("Schöner Artikel.", clientToken="t-1"))
    body = answer.json()
    scores = body["attributeScores"]["TOXICITY"]
    assert set(body) == {"attributeScores", "languages", "detectedLanguages", "clientToken"}
    assert body["clientToken"] == "t-1"
    assert scores["summaryScore"]["type"] == "PROBABILITY"
    # Without span annotations the one span is the whole text.
    assert scores["spanScores"] == [{"begin": 0, "end": 16, "score": scores["summaryScore"]}]


def test_spans_count_utf16_units_as_the_original_does(client: TestClient) -> None:
    text = "🤡 Sie Idiot! 🤡 Guten Tag auch. Bis morgen."
    answer = client.post(ANALYZE, json=analyze_request(text, spanAnnotations=True)).json()
    encoded = text.encode("utf-16-le")
    spans = answer["attributeScores"]["TOXICITY"]["spanScores"]
    parts = [encoded[2 * one["begin"] : 2 * one["end"]].decode("utf-16-le") for one in spans]
    assert parts == ["🤡 Sie Idiot!", "🤡 Guten Tag auch.", "Bis morgen."]
    assert spans[0]["score"]["value"] > 0.9 > 0.5 > spans[2]["score"]["value"]


@pytest.mark.parametrize(
    "change",
    [{"clientToken": "\ud800"}, {"languages": ["\ud800"]}, {"requestedAttributes": {"\ud800": {}}},
     {"requestedAttributes": {"TOXICITY": {"scoreType": "\ud800"}}}],
)  # fmt: skip
def test_half_of_a_pair_is_no_crash(client: TestClient, change: Any) -> None:
    body = json.dumps(analyze_request() | change)
    answer = client.post(ANALYZE, content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (200, 400)


def test_answers_are_bounded(client: TestClient) -> None:
    asked = {f"TOXICITY@{number}": {} for number in range(100)}
    request = analyze_request("Ja. Ab! " * 2_500, spanAnnotations=True, languages=["de"])
    answer = client.post(ANALYZE, json=request | {"requestedAttributes": asked})
    assert answer.status_code == 200
    assert len(answer.content) < 100_000


@pytest.mark.parametrize("threshold", ["NaN", "Infinity"])
def test_a_threshold_is_a_number(client: TestClient, threshold: str) -> None:
    request = json.dumps(analyze_request()).replace("{}", f'{{"scoreThreshold": {threshold}}}')
    assert client.post(ANALYZE, content=request).status_code == 400


def test_scores_below_a_threshold_are_left_out(client: TestClient) -> None:
    asked = {"TOXICITY": {"scoreThreshold": 0.99}, "INSULT": {"scoreThreshold": 0}}
    request = analyze_request() | {"requestedAttributes": asked}
    scores = client.post(ANALYZE, json=request).json()["attributeScores"]
    assert scores["TOXICITY"] == {}
    assert "summaryScore" in scores["INSULT"]


def test_every_attribute_is_served_with_versions_and_suffixes(client: TestClient) -> None:
    names = ["TOXICITY", "SEVERE_TOXICITY", "INSULT", "PROFANITY", "IDENTITY_ATTACK", "THREAT"]
    names += ["SEXUALLY_EXPLICIT", "OBSCENE", "SPAM", "LIKELY_TO_REJECT"]
    names += ["TOXICITY@6", "TOXICITY_EXPERIMENTAL", "INSULT_EXPERIMENTAL"]
    request = analyze_request() | {"requestedAttributes": {key: {} for key in names}}
    found = values(client.post(ANALYZE, json=request))
    assert list(found) == names
    assert all(0 <= value <= 1 for value in found.values())


@pytest.mark.parametrize(
    ("text", "attribute"),
    [
        ("Dich bringe ich um, ich weiß, wo du wohnst.", "THREAT"),
        ("Du bist ein Idiot.", "INSULT"),
        ("Was für eine verdammte Scheiße.", "PROFANITY"),
        ("Klicken Sie hier und verdienen Sie 5000 Euro im Monat: http://geld.example", "SPAM"),
    ],
)
def test_what_a_rule_found_counts_for_its_attribute(
    client: TestClient, text: str, attribute: str
) -> None:
    request = analyze_request() | {"requestedAttributes": {attribute: {}}}
    assert values(client.post(ANALYZE, json=request))[attribute] < 0.5
    request["comment"] = {"text": text}
    assert values(client.post(ANALYZE, json=request))[attribute] >= STEPS[1]


def test_severe_is_one_half_where_the_model_rejects() -> None:
    assert severe(0.9, 0.9) == pytest.approx(0.5)
    assert severe(0.0, 0.9) < 0.001 < 0.999 < severe(1.0, 0.9)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"comment": {"text": ""}}, "COMMENT_EMPTY: Comment must be non-empty."),
        ({"comment": None}, "COMMENT_EMPTY: Comment must be non-empty."),
        ({"comment": {"text": "ä" * 10_241}}, "COMMENT_TOO_LONG: Comment text too long."),
        ({"requestedAttributes": {}}, "NO_REQUESTED_ATTRIBUTES: Missing requested_attributes"),
        (
            {"requestedAttributes": {"KIND": {}}},
            "INVALID_REQUEST: Unknown requested attribute: KIND",
        ),
        (
            {"languages": ["en"]},
            (
                "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE: "
                "Attribute TOXICITY does not support request languages: en"
            ),
        ),
        (
            {"requestedAttributes": {"FLIRTATION": {}}, "languages": ["de"]},
            (
                "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE: "
                "Attribute FLIRTATION does not support request languages: de"
            ),
        ),
        (
            {"requestedAttributes": {"TOXICITY": {"scoreType": "RAW"}}},
            "INVALID_REQUEST: Requested score type RAW is not supported by attribute TOXICITY",
        ),
        (
            {"comment": {"text": "a", "type": "HTML"}},
            "INVALID_REQUEST: Currently, only 'PLAIN_TEXT' comments are supported",
        ),
        ({"comment": {"text": "a", "type": "PDF"}}, "INVALID_REQUEST: Unknown text type"),
        (
            {"context": {"entries": [{"text": "a"}], "articleAndParentComment": {}}},
            (
                "INVALID_REQUEST: Context can have either entries or article_and_parent_comment, "
                "but both fields were populated."
            ),
        ),
    ],
)
def test_errors_are_those_of_the_original(
    client: TestClient, change: dict[str, Any], told: str
) -> None:
    answer = client.post(ANALYZE, json=analyze_request() | change)
    assert failure(answer) == (400, "INVALID_ARGUMENT", told)


def test_a_foreign_comment_is_detected(client: TestClient) -> None:
    text = "The government has lost the trust of the people who work every day in this country."
    answer = client.post(ANALYZE, json=analyze_request(text))
    assert failure(answer)[0] == 400
    details = answer.json()["error"]["details"][0]["languageNotSupportedByAttributeError"]
    assert details["detectedLanguages"] == ["en"]
    # Whoever says that it is German is believed, as by the original.
    assert client.post(ANALYZE, json=analyze_request(text, languages=["de-AT"])).status_code == 200
    # And who lets attributes be dropped gets an answer without them.
    dropped = client.post(ANALYZE, json=analyze_request(text, dropUnsupportedAttributes=True))
    assert dropped.json()["attributeScores"] == {}


def test_a_word_or_two_are_taken_for_german(client: TestClient) -> None:
    assert client.post(ANALYZE, json=analyze_request("Ok")).json()["languages"] == ["de"]


def test_unknown_fields_null_and_snake_case_are_taken_as_google_takes_them(
    client: TestClient,
) -> None:
    request = {
        "comment": {"text": "Guten Tag.", "farbe": "blau", "type": None},
        "requested_attributes": {"TOXICITY": None},
        "span_annotations": "true",
        "languages": None,
        "context": None,
        "clientToken": None,
        "später": [1, 2],
    }
    assert set(values(client.post(ANALYZE, json=request))) == {"TOXICITY"}


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"a"', b'{"comment": 1}', b'{"comment": {"text": "\xff"}}',
     b'{"comment": {"text": ["a"]}}', b"[" * 100_000, b'{"a":' * 50_000],
)  # fmt: skip
def test_what_is_no_request_is_refused_in_the_original_s_shape(
    client: TestClient, body: bytes
) -> None:
    answer = client.post(ANALYZE, content=body, headers={"content-type": "application/json"})
    assert failure(answer)[:2] == (400, "INVALID_ARGUMENT")


@settings(max_examples=30)
@given(st.text(min_size=1, max_size=200))
def test_any_text_is_answered(client: TestClient, text: str) -> None:
    request = analyze_request(text, languages=["de"], spanAnnotations=True)
    # Lone surrogates, which JSON can write, included.
    answer = client.post(ANALYZE, content=json.dumps(request),
                         headers={"content-type": "application/json"})  # fmt: skip
    assert answer.status_code == (400 if not text or text.isspace() else 200)
    if answer.status_code == 200:
        length = len(text.encode("utf-16-le", "surrogatepass")) // 2
        for span in answer.json()["attributeScores"]["TOXICITY"]["spanScores"]:
            assert 0 <= span["begin"] < span["end"] <= length


def coral_feedback(status: str, text: str = "Sie sind ein Idiot.") -> dict[str, Any]:
    """Return what Coral sends when a moderator has decided."""
    told = {
        "url": "https://zeitung.example/artikel?commentID=c-7",
        "reply_to_id_Coral_comment_id": "c-6",
        "Coral_comment_id": "c-7",
    }
    return {
        "comment": {"text": text},
        "context": {"entries": [{"text": json.dumps(told)}]},
        "attributeScores": {"TOXICITY": {"summaryScore": {"value": int(status == "DELETED")}}},
        "languages": ["de"],
        "communityId": "Coral:kommentare.zeitung.example",
        "clientToken": "comment:c-7",
    }


@pytest.mark.parametrize("named", [True, False], ids=["status", "model"])
@pytest.mark.parametrize(("status", "value"), [("APPROVED", 0.0), ("DELETED", 1.0)])
def test_coral_s_decisions_are_stored(
    tmp_path: Path, status: str, value: float, named: bool
) -> None:
    database = str(tmp_path / "decisions.db")
    feedback = coral_feedback(status)
    if named:
        # As coral-server writes it: the score is 1 whatever was decided.
        feedback["attributeScores"] = {status: {"summaryScore": {"value": 1}}}
    with service(tmp_path, decisions=database) as client:
        answer = client.post(f"{SUGGEST}?key=any", json=feedback)
        assert answer.json()["clientToken"] == "comment:c-7"
    with open_store(database) as store:
        (decision,) = store.read()
    assert decision.value == value
    # Nobody but its author deletes a comment in the sense of stores (training/stored.py).
    assert decision.attribute == ("rejected" if named else "TOXICITY")
    assert decision.comment_id == "c-7"
    assert decision.parent_id == "c-6"
    assert decision.url == "https://zeitung.example/artikel?commentID=c-7"
    assert decision.community == "Coral:kommentare.zeitung.example"
    assert decision.text == "Sie sind ein Idiot."
    assert decision.score is not None
    assert decision.score > 0.9
    assert len(decision.model_digest or "") == 64


def test_decisions_about_many_attributes_are_refused(tmp_path: Path) -> None:
    scores = {f"A{number}": {"summaryScore": {"value": 1}} for number in range(101)}
    with service(tmp_path, decisions=str(tmp_path / "d.db")) as client:
        request = {"comment": {"text": "Guten Tag"}, "attributeScores": scores}
        answer = client.post(SUGGEST, json=request)
        assert answer.status_code == 400
        assert "More than 100" in answer.json()["error"]["message"]
        scores.pop("A0")
        assert client.post(SUGGEST, json=request).status_code == 200


def test_addresses_that_no_store_takes_lose_no_decision(tmp_path: Path) -> None:
    feedback = coral_feedback("DELETED")
    told = {"url": "https://zeitung.example/" + "a" * 3_000, "Coral_comment_id": "c" * 600}
    feedback["context"]["entries"][0]["text"] = json.dumps(told)
    with service(tmp_path, decisions=str(tmp_path / "d.db")) as client:
        assert client.post(SUGGEST, json=feedback).status_code == 200
    with open_store(str(tmp_path / "d.db")) as store:
        (decision,) = store.read()
    assert (decision.value, decision.url, decision.comment_id) == (1.0, None, "c-7")


@pytest.mark.parametrize("public", ["https://kommentare.example/perspective", None])
def test_the_discovery_document_names_the_address_that_clients_use(
    tmp_path: Path, public: str | None
) -> None:
    with service(tmp_path, public_url=public) as client:
        document = client.get("/$discovery/rest?version=v1alpha1").json()
        servers = client.get("/openapi.json").json().get("servers")
    assert document["rootUrl"] == f"{public or 'http://localhost'}/"
    assert servers == ([{"url": public}] if public else None)


@pytest.mark.parametrize("options", [{"store_texts": False}, {}])
def test_texts_are_stored_only_where_that_is_allowed(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    database = str(tmp_path / "decisions.db")
    with service(tmp_path, decisions=database, **options) as client:
        feedback = coral_feedback("APPROVED")
        feedback["attributeScores"]["TOXICITY"]["summaryScore"]["value"] = 0
        if not options:
            feedback["doNotStore"] = True
        assert client.post(SUGGEST, json=feedback).status_code == 200
    with open_store(database) as store:
        (decision,) = store.read()
    assert decision.text is None
    assert decision.text_digest is not None
    assert b"Idiot" not in (tmp_path / "decisions.db").read_bytes()


@pytest.mark.parametrize(
    "scores",
    [{}, None, {"TOXICITY": {}}, {"TOXICITY": {"summaryScore": {"value": 2}}},
     {"TOXICITY": {"summaryScore": {"value": -0.1}}}],
)  # fmt: skip
def test_decisions_that_say_nothing_are_refused(tmp_path: Path, scores: Any) -> None:
    with service(tmp_path, decisions=str(tmp_path / "d.db")) as client:
        answer = client.post(SUGGEST, json={"comment": {"text": "a"}, "attributeScores": scores})
    assert failure(answer)[:2] == (400, "INVALID_ARGUMENT")


def test_decisions_without_a_store_are_refused_aloud(client: TestClient) -> None:
    answer = client.post(SUGGEST, json=coral_feedback("APPROVED"))
    assert answer.status_code == 409
    assert "--decisions" in answer.json()["error"]["message"]


def test_a_score_that_is_left_out_is_zero_and_spans_count_without_a_summary() -> None:
    def values_of(scores: Any) -> Any:
        record = {"comment": {"text": "Guten Tag."}, "attributeScores": {"TOXICITY": scores}}
        return dict(suggestion(SuggestCommentScoreRequest.model_validate(record)).values)

    assert values_of({"summaryScore": {}}) == {"TOXICITY": 0.0}
    spans = [{"begin": 0, "end": 2, "score": {"value": 0.25}}, {"score": {"value": 1}}]
    assert values_of({"spanScores": spans}) == {"TOXICITY": 1.0}

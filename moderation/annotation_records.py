"""Comments as records for labelling tools, with the model's suggestion as pre-annotation.

A suggestion says what the model thinks more likely, ``abusive`` or ``ok``, and how sure it is. It
stands where the tool keeps suggestions, never where people's labels stand; what moderators decided
(``status``) is a fact beside it. Nothing here invents a gold label.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

from moderation.json_records import evidence_record, rounded
from moderation.records import PROCEDURAL, Category, Label, Verdict

#: The choices people have; ``moderation train`` reads both back.
ABUSIVE: Final = "abusive"
OK: Final = "ok"
#: From this score on a comment is more likely abusive than not: scores are calibrated.
_EVEN = 0.5
#: Who suggests where there is no model.
RULES_AGENT: Final = "house rules"
#: Columns of a flat record, in order.
FLAT_COLUMNS: Final = (
    "source",
    "headline",
    "url",
    "id",
    "parent_id",
    "author",
    "published",
    "status",
    "text",
    "score",
    "decision",
    "labels",
)
#: What a house rule may be about, as far as a comment can breach it.
RULE_CHOICES: Final = tuple(str(category) for category in Category if category not in PROCEDURAL)
# Hexadecimal digits of an id: two comments of a billion have the same one by chance in 10^20 cases.
_ID_DIGITS = 32


def suggested(verdict: Verdict) -> tuple[str, float] | None:
    """Return the more likely choice and how likely it is, 0.5 to 1; None without a score."""
    score = verdict.score
    if score is None:
        return None
    return (ABUSIVE, score) if score >= _EVEN else (OK, 1 - score)


def flat_record(verdict: Verdict) -> dict[str, Any]:
    """Return a comment as one flat record, with :data:`FLAT_COLUMNS`."""
    comment = verdict.comment
    return {
        "source": verdict.source,
        "headline": verdict.headline,
        "url": verdict.url,
        "id": comment.id,
        "parent_id": comment.parent_id,
        "author": comment.author,
        "published": comment.published,
        "status": comment.status,
        "text": comment.text,
        "score": rounded(verdict.score),
        "decision": verdict.decision,
        "labels": [_label(label) for label in verdict.labels],
    }


def _label(label: Label) -> dict[str, Any]:
    return {
        "category": str(label.category),
        "rule_id": label.rule.id,
        "strength": label.strength,
        "evidence": [evidence_record(one) for one in label.evidence],
    }


def label_studio_task(verdict: Verdict, agent: str | None, thread: str = "") -> dict[str, Any]:
    """Return a Label Studio task for the interface of :func:`label_studio_interface`.

    Parameters
    ----------
    verdict
        What was judged.
    agent
        Name and digest of the model; None: none was used.
    thread
        The text of the comment this one answers, for reading along.

    Returns
    -------
    dict
        ``data`` and at most one of ``predictions``. Its places count code points, end excluded, as
        Label Studio does since version 1.4 (github.com/HumanSignal/label-studio/pull/1559).
    """
    result: list[dict[str, Any]] = []
    suggestion = suggested(verdict)
    if suggestion is not None:
        result.append(
            {
                "id": "suggestion",
                "from_name": "label",
                "to_name": "text",
                "type": "choices",
                "value": {"choices": [suggestion[0]]},
            }
        )
    result += [
        {
            # What belongs together has one id there, so that each place needs its own.
            "id": f"{label.rule.id}-{one.start}",
            "from_name": "rule",
            "to_name": "text",
            "type": "labels",
            "value": {**evidence_record(one), "labels": [str(label.category)]},
        }
        for label in verdict.labels
        for one in label.evidence
    ]
    task: dict[str, Any] = {"data": {**_shown(verdict), "thread": thread}}
    if result:
        prediction: dict[str, Any] = {"model_version": agent or RULES_AGENT}
        if suggestion is not None:
            prediction["score"] = rounded(suggestion[1])
        task["predictions"] = [{**prediction, "result": result}]
    return task


def argilla_record(verdict: Verdict, agent: str | None, thread: str = "") -> dict[str, Any]:
    """Return a record as Argilla 2 reads it with ``dataset.records.from_json``.

    The parameters are those of :func:`label_studio_task`. The same comment gets the same ``id``
    every time, so that logging it again updates it.
    """
    suggestions: dict[str, Any] = {}
    suggestion = suggested(verdict)
    if suggestion is not None:
        suggestions["label"] = {
            "value": suggestion[0],
            "score": rounded(suggestion[1]),
            "agent": agent,
        }
    if verdict.labels:
        categories = dict.fromkeys(str(label.category) for label in verdict.labels)
        suggestions["rules"] = {"value": list(categories), "score": None, "agent": RULES_AGENT}
    shown = _shown(verdict)
    text = shown.pop("text")
    fields = {"text": text}
    if thread:
        fields["thread"] = thread
    return {
        "id": _identity(verdict),
        "fields": fields,
        # Argilla takes no empty values.
        "metadata": {name: value for name, value in shown.items() if value not in ("", None)},
        "suggestions": suggestions,
        "responses": {},
        "vectors": {},
    }


def doccano_record(verdict: Verdict, agent: str | None) -> dict[str, Any]:
    """Return a record for doccano's text classification (JSONL).

    doccano has no suggestions: whatever stands in ``label`` counts as a person's. It stays empty;
    the suggestion goes beside it, where doccano shows it with the comment's other facts.
    """
    suggestion = suggested(verdict)
    shown = _shown(verdict)
    return {
        "text": shown.pop("text"),
        "label": [],
        # Never null: doccano reads columns, in which a gap becomes a number that is no JSON.
        **{name: "" if value is None else value for name, value in shown.items()},
        "suggestion": suggestion[0] if suggestion else "",
        "suggestion_score": rounded(suggestion[1]) if suggestion else "",
        "suggestion_rules": ", ".join(
            dict.fromkeys(str(label.category) for label in verdict.labels)
        ),
        "suggestion_agent": (agent or RULES_AGENT) if suggestion or verdict.labels else "",
    }


def _shown(verdict: Verdict) -> dict[str, Any]:
    """Return what a person who labels sees of a comment; tools want texts, not gaps."""
    comment = verdict.comment
    return {
        "text": comment.text,
        "source": verdict.source,
        "headline": verdict.headline or "",
        "url": verdict.url or "",
        "comment_id": comment.id,
        "parent_id": comment.parent_id or "",
        "author": comment.author or "",
        "published": comment.published or "",
        "status": comment.status or "",
        "abusive_score": rounded(verdict.score),
        "decision": verdict.decision or "",
    }


def _identity(verdict: Verdict) -> str:
    comment = verdict.comment
    parts = (verdict.source, verdict.url or "", comment.id, comment.text)
    whole = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(whole).hexdigest()[:_ID_DIGITS]


def label_studio_interface() -> str:
    """Return the labelling interface (XML) that the tasks of :func:`label_studio_task` fit."""
    rules = "\n".join(f'    <Label value="{name}"/>' for name in RULE_CHOICES)
    return f"""<View>
  <Header value="$headline"/>
  <Text name="thread" value="$thread"/>
  <Labels name="rule" toName="text">
{rules}
  </Labels>
  <Text name="text" value="$text"/>
  <Choices name="label" toName="text" choice="single" required="true" showInLine="true">
    <Choice value="{ABUSIVE}"/>
    <Choice value="{OK}"/>
  </Choices>
</View>
"""


def argilla_settings() -> str:
    """Return Python that makes an Argilla 2 dataset and logs the records into it."""
    rules = "\n".join(f'                "{name}",' for name in RULE_CHOICES)
    return f"""import argilla as rg

client = rg.Argilla(api_url="http://localhost:6900", api_key="…")
settings = rg.Settings(
    fields=[
        rg.TextField(name="text"),
        rg.TextField(name="thread", title="answers", required=False),
    ],
    questions=[
        rg.LabelQuestion(name="label", labels=["{ABUSIVE}", "{OK}"]),
        rg.MultiLabelQuestion(
            name="rules",
            labels=[
{rules}
            ],
            required=False,
        ),
    ],
    metadata=[
        rg.TermsMetadataProperty(name="status"),
        rg.FloatMetadataProperty(name="abusive_score", min=0, max=1),
    ],
    allow_extra_metadata=True,
)
dataset = rg.Dataset(name="comments", settings=settings, client=client)
dataset.create()
dataset.records.from_json("comments.json")
"""


def doccano_settings() -> str:
    """Return how a doccano project for the records of :func:`doccano_record` is made."""
    return f"""1. Create a project: Text Classification, "Allow single label" on.
2. Labels: create {ABUSIVE} and {OK}.
3. Dataset, Import: format JSONL, column data "text", column label "label".
"""

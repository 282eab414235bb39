"""What people labelled in Label Studio, Argilla or doccano, as rows with a column ``label``.

Only people's answers are labels: predictions and suggestions never are. Where several people
answered, the majority counts; a tie, several choices of one person, or no answer leave the label
empty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_LABEL = "label"
#: Names by which a record's facts already say which comment it is.
_IDENTITIES = frozenset({"id", "comment_id"})
# Keys of flat records of Argilla: "label.responses", "label.suggestion.score".
_RESPONSES, _SUGGESTION = ".responses", ".suggestion"
#: A category of "cats" is meant from this value on; doccano and spaCy write 0 or 1.
_MEANT = 0.5


def flattened(record: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a labelled record as plain columns and ``label``; None if it is no such record.

    Parameters
    ----------
    record
        One object of an export: a task of Label Studio (JSON or JSON_MIN), a record of Argilla 2
        (nested or flat), or a line of doccano.
    """
    if isinstance(record.get("data"), dict) and isinstance(record.get("annotations"), list):
        return _labelled(record, (record["data"],), _majority(_label_studio(record)))
    if "annotation_id" in record and isinstance(record.get(_LABEL), dict):
        # JSON_MIN: one choice is a text already, several stand in an object.
        return {**record, _LABEL: _majority([_one(record[_LABEL].get("choices"))])}
    if isinstance(record.get("fields"), dict) and isinstance(record.get("responses"), dict):
        metadata = record.get("metadata")
        facts = (metadata if isinstance(metadata, dict) else {}, record["fields"])
        return _labelled(record, facts, _majority(_argilla(record["responses"])))
    if any(name.endswith((_RESPONSES, _SUGGESTION)) for name in record):
        return {**_plain(record), _LABEL: _majority(_flat_argilla(record))}
    return _doccano(record)


def _labelled(
    record: Mapping[str, Any], facts: Iterable[Mapping[str, Any]], label: str
) -> dict[str, Any]:
    columns = {name: value for group in facts for name, value in group.items()}
    if not _IDENTITIES & columns.keys() and isinstance(record.get("id"), str | int):
        columns = {"id": record["id"], **columns}
    return {**columns, _LABEL: label}


def _label_studio(record: Mapping[str, Any]) -> Iterator[str | None]:
    """Yield each person's choice: of the question ``label``, or of the only one there is."""
    answers: list[dict[str, Any]] = []
    for annotation in record["annotations"]:
        if not isinstance(annotation, dict) or annotation.get("was_cancelled"):
            continue
        result = annotation.get("result")
        answers.append(
            {
                str(one.get("from_name")): one.get("value", {}).get("choices")
                for one in (result if isinstance(result, list) else ())
                if isinstance(one, dict)
                and one.get("type") == "choices"
                and isinstance(one.get("value", {}), dict)
            }
        )
    question = _question(name for answer in answers for name in answer)
    for answer in answers:
        yield _one(answer.get(question))


def _argilla(responses: Mapping[str, Any]) -> Iterator[str | None]:
    given = responses.get(_question(responses))
    for one in given if isinstance(given, list) else ():
        # Drafts and discarded answers are none; older records name no state.
        if isinstance(one, dict) and one.get("status", "submitted") in {"submitted", None}:
            yield _one(one.get("value"))


def _flat_argilla(record: Mapping[str, Any]) -> Iterator[str | None]:
    questions = (name.removesuffix(_RESPONSES) for name in record if name.endswith(_RESPONSES))
    name = _question(questions) + _RESPONSES
    given, states = record.get(name), record.get(f"{name}.status")
    if not isinstance(given, list):
        return
    for place, value in enumerate(given):
        state = states[place] if isinstance(states, list) and place < len(states) else None
        if state in ("submitted", None):
            yield _one(value)


def _plain(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a flat record of Argilla without what people and models answered."""
    return {
        name: value
        for name, value in record.items()
        if _RESPONSES not in name and _SUGGESTION not in name
    }


def _doccano(record: Mapping[str, Any]) -> dict[str, Any] | None:
    if not isinstance(record.get("text"), str):
        return None
    label, labels, cats = record.get(_LABEL), record.get("labels"), record.get("cats")
    if isinstance(label, list) and all(isinstance(one, str) for one in label):
        return {**record, _LABEL: _majority(label)}
    if _LABEL in record:
        return None
    # Other tables, ours among them, have empty lists of other things called labels.
    if isinstance(labels, list) and labels and all(isinstance(one, str) for one in labels):
        return {**_without(record, "labels"), _LABEL: _majority(labels)}
    if isinstance(cats, dict) and all(isinstance(one, int | float) for one in cats.values()):
        meant = [name for name, value in cats.items() if value >= _MEANT]
        return {**_without(record, "cats"), _LABEL: _majority(meant)}
    return None


def _without(record: Mapping[str, Any], left_out: str) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != left_out}


def _question(names: Iterable[str]) -> str:
    """Return the question whose answers are labels: ``label``, or the only one asked."""
    asked = set(names)
    return asked.pop() if len(asked) == 1 else _LABEL


def _one(value: Any) -> str | None:
    """Return a single choice; None where there is none, or more than one."""
    if isinstance(value, list):
        value = value[0] if len(value) == 1 else None
    if isinstance(value, str | int | float):
        return str(value)
    return None


def _majority(votes: Iterable[str | None]) -> str:
    counts = Counter(vote for vote in votes if vote is not None).most_common(2)
    if not counts or (len(counts) > 1 and counts[0][1] == counts[1][1]):
        return ""
    return counts[0][0]

"""The Perspective API in German: what a request asks for, and what it is answered.

Everything here is a pure function of a request and scores; the scores are asked for in
:mod:`moderation.service.perspective_routes`. Messages of errors are those of the original, for
clients that compare them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moderation.language import is_foreign, language_of
from moderation.model.classifier import Classifier
from moderation.service.attributes import Attribute, attribute_named
from moderation.service.failures import ServiceError
from moderation.service.perspective_messages import (
    AnalyzeCommentRequest,
    AttributeParameters,
    Context,
    SuggestCommentScoreRequest,
    TextEntry,
)
from moderation.text import sentences

#: Bytes of a comment, as in the original.
MAX_TEXT_BYTES = 20_480
#: Attributes that one request may ask for or score; the original has some twenty.
MAX_ATTRIBUTES = 100
#: Span scores in an answer: sentences times attributes; where there would be more, the whole text
#: is the one span.
MAX_SPAN_SCORES = 2_000
GERMAN = "de"
#: Digits of a score; what is below is noise.
_DIGITS = 6
_PROBABILITY = ("", "PROBABILITY", "SCORE_TYPE_UNSPECIFIED")
_SCORE_TYPES = (*_PROBABILITY, "STD_DEV_SCORE", "PERCENTILE", "RAW")
_PLAIN = ("", "PLAIN_TEXT", "TEXT_TYPE_UNSPECIFIED")
#: What moderators did, which Coral sends as if it were an attribute, with a score of 1 whatever it
#: was (services/perspective in coral-server); and the score that it stands for.
_DONE = {"APPROVED": 0.0, "HIGHLIGHTED": 0.0, "DELETED": 1.0}
_REJECTED = "rejected"
_ERROR = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that can be answered.

    Attributes
    ----------
    text
        The comment.
    attributes
        By requested name.
    thresholds
        By requested name, where one was given.
    languages, detected
        What the client said (or, without, what was detected), and what was detected.
    spans
        Parts of `text` that are scored, too, in code points; the whole where none are asked for.
    """

    text: str
    attributes: Mapping[str, Attribute]
    thresholds: Mapping[str, float]
    languages: tuple[str, ...]
    detected: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]


def asked(request: AnalyzeCommentRequest, classifier: Classifier) -> Asked:
    """Return what a request asks for.

    Raises
    ------
    ServiceError
        400, as the original refuses it.
    """
    text = text_of(request.comment)
    _check_context(request.context)
    if not request.requested_attributes:
        raise invalid("Missing requested_attributes", "NO_REQUESTED_ATTRIBUTES")
    if len(request.requested_attributes) > MAX_ATTRIBUTES:
        raise invalid(f"More than {MAX_ATTRIBUTES} requested attributes")
    languages, detected = languages_of(text, request.languages)
    attributes: dict[str, Attribute] = {}
    for name, parameters in request.requested_attributes.items():
        _check_score_type(name, parameters)
        try:
            attribute = attribute_named(name, classifier)
        except KeyError:
            raise invalid(f"Unknown requested attribute: {name}") from None
        foreign = [one for one in languages if not _is_german(one)]
        if attribute is not None and not foreign:
            attributes[name] = attribute
        elif not request.drop_unsupported_attributes:
            raise _unsupported(name, foreign or languages, request.languages, detected)
    spans = tuple(sentences(text)) if request.span_annotations else ((0, len(text)),)
    if len(spans) * len(attributes) > MAX_SPAN_SCORES:
        spans = ((0, len(text)),)
    return Asked(
        text,
        attributes,
        {
            name: parameters.score_threshold
            for name, parameters in request.requested_attributes.items()
            if parameters.score_threshold is not None
        },
        languages,
        detected,
        spans,
    )


def analysis(
    request: AnalyzeCommentRequest,
    question: Asked,
    summary: Sequence[float],
    span_values: Iterable[Sequence[float]],
) -> dict[str, Any]:
    """Return the answer to a request, ready for JSON.

    Parameters
    ----------
    request, question
        What was asked.
    summary
        The value of each attribute for the comment, in order.
    span_values
        The same for each of the question's spans.
    """
    places = _utf16_places(question.text, question.spans)
    columns = list(zip(*span_values, strict=True)) or [() for _ in summary]
    scores: dict[str, Any] = {}
    for name, value, column in zip(question.attributes, summary, columns, strict=True):
        least = question.thresholds.get(name, 0.0)
        found: dict[str, Any] = {}
        spans = [
            {"begin": begin, "end": end, "score": _score(span_value)}
            for (begin, end), span_value in zip(places, column, strict=True)
            if span_value >= least
        ]
        if spans:
            found["spanScores"] = spans
        if value >= least:
            found["summaryScore"] = _score(value)
        scores[name] = found
    answer: dict[str, Any] = {
        "attributeScores": scores,
        "languages": list(question.languages),
        "detectedLanguages": list(question.detected),
    }
    if request.client_token:
        answer["clientToken"] = request.client_token
    return answer


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A moderator's decision as `comments:suggestscore` brings it.

    Attributes
    ----------
    text
        The comment.
    values
        By attribute, 0 (fine) to 1; what a moderator did to the comment stands under ``rejected``.
    languages, detected
        As in :class:`Asked`.
    comment_id, parent_id, url
        What Coral writes into the context, and into its client token.
    """

    text: str
    values: Mapping[str, float]
    languages: tuple[str, ...]
    detected: tuple[str, ...]
    comment_id: str | None = None
    parent_id: str | None = None
    url: str | None = None


def suggestion(request: SuggestCommentScoreRequest) -> Suggestion:
    """Return what a moderator decided.

    Raises
    ------
    ServiceError
        400, as the original refuses it.
    """
    text = text_of(request.comment)
    _check_context(request.context)
    if not request.attribute_scores:
        raise invalid("attribute_scores must not be empty")
    if len(request.attribute_scores) > MAX_ATTRIBUTES:
        raise invalid(f"More than {MAX_ATTRIBUTES} attribute scores")
    values: dict[str, float] = {}
    for name, scores in request.attribute_scores.items():
        given = [scores.summary_score, *(span.score for span in scores.span_scores)]
        if not any(given):
            raise invalid(f"No scores for attribute {name}")
        for score in given:
            if score is not None and score.value is not None and not 0 <= score.value <= 1:
                raise invalid(f"Score of attribute {name} is not between 0 and 1")
        summary = scores.summary_score
        if name in _DONE:
            values[_REJECTED] = _DONE[name]
        elif summary is not None:
            # As everywhere in Google's JSON, a number that is left out is 0.
            values[name] = summary.value or 0.0
        else:
            values[name] = max(one.value or 0.0 for one in given if one is not None)
    languages, detected = languages_of(text, request.languages)
    coral = _coral_context(request.context)
    comment_id = _word(coral.get("Coral_comment_id"))
    if comment_id is None and request.client_token:
        comment_id = _word(request.client_token.removeprefix("comment:"))
    return Suggestion(
        text,
        values,
        languages,
        detected,
        comment_id,
        _word(coral.get("reply_to_id_Coral_comment_id")),
        _word(coral.get("url"), 2_000),
    )


def text_of(comment: TextEntry | None) -> str:
    """Return the text of a comment.

    Raises
    ------
    ServiceError
        400, where there is none, or too much of it, or it is no plain text.
    """
    text = comment.text if comment is not None else ""
    if comment is not None and comment.type not in _PLAIN:
        known = comment.type == "HTML"
        raise invalid(
            "Currently, only 'PLAIN_TEXT' comments are supported" if known else "Unknown text type"
        )
    if not text or text.isspace():
        raise invalid("Comment must be non-empty.", "COMMENT_EMPTY")
    # Unpaired surrogates, which JSON can write, are three bytes.
    if 4 * len(text) > MAX_TEXT_BYTES < len(text.encode("utf-8", "surrogatepass")):
        raise invalid("Comment text too long.", "COMMENT_TOO_LONG")
    return text


def languages_of(text: str, requested: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the languages that count for a text, and those that were detected.

    Where nobody can tell, as with a word or two, it is German: this is a German newsroom's desk.
    """
    language = language_of(text)
    detected = (str(language.code) if is_foreign(language) else GERMAN,)
    return (tuple(requested) if requested else detected), detected


def invalid(message: str, kind: str = "INVALID_REQUEST") -> ServiceError:
    """Return the original's 400, `kind` is its ``errorType``."""
    return ServiceError(400, message, details=[{"@type": _ERROR, "errorType": kind}])


def _unsupported(
    name: str, languages: Sequence[str], requested: Sequence[str], detected: Sequence[str]
) -> ServiceError:
    reason: dict[str, Any] = {"attribute": name, "detectedLanguages": list(detected)}
    if requested:
        reason["requestedLanguages"] = list(requested)
    kind = "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE"
    message = f"Attribute {name} does not support request languages: {', '.join(languages)}"
    details = {"@type": _ERROR, "errorType": kind, "languageNotSupportedByAttributeError": reason}
    return ServiceError(400, message, details=[details])


def _check_context(context: Context | None) -> None:
    if context is not None and context.entries and context.article_and_parent_comment is not None:
        raise invalid(
            "Context can have either entries or article_and_parent_comment, but both fields were "
            "populated."
        )


def _check_score_type(name: str, parameters: AttributeParameters) -> None:
    if parameters.score_type in _PROBABILITY:
        return
    if parameters.score_type not in _SCORE_TYPES:
        raise invalid(f"Unknown score type: {parameters.score_type}")
    raise invalid(
        f"Requested score type {parameters.score_type} is not supported by attribute {name}"
    )


def _is_german(language: str) -> bool:
    return language.lower().replace("_", "-").partition("-")[0] == GERMAN


def _score(value: float) -> dict[str, Any]:
    return {"value": round(value, _DIGITS), "type": "PROBABILITY"}


def _utf16_places(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans, which are in order, counted in UTF-16 code units, as the original counts."""
    places = []
    done = units = 0

    def unit_at(place: int) -> int:
        nonlocal done, units
        part = text[done:place]
        units += len(part) + sum(character > "\uffff" for character in part)
        done = place
        return units

    for start, end in spans:
        begin = unit_at(start)
        places.append((begin, unit_at(end)))
    return places


def _coral_context(context: Context | None) -> dict[str, Any]:
    """Return what Coral tells of a comment: JSON in the text of the first entry."""
    for entry in context.entries[:1] if context is not None else ():
        try:
            found = json.loads(entry.text)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            return found
    return {}


def _word(value: Any, longest: int = 500) -> str | None:
    """Return a name or address; one that no store takes is left out, the decision stays."""
    return value if isinstance(value, str) and 0 < len(value) <= longest else None

"""What ``moderation parse`` has written, read again: one JSON object a page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar, get_args, get_type_hints

from moderation.errors import UnreadableInputError
from moderation.parsing.decoding import Warn
from moderation.parsing.json_lines import json_objects
from moderation.records import (
    Article,
    Category,
    Comment,
    CommentPolicy,
    Evidence,
    HouseRule,
    Page,
    ReleaseHours,
    Status,
)

_STATUSES: frozenset[str] = frozenset(get_args(Status))
_ARTICLE_TEXTS = ("headline", "section", "published", "author", "agency")
_WEEKDAYS = frozenset(range(1, 8))
_START = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_END = re.compile(rf"{_START.pattern}|24:00")
_Read = TypeVar("_Read")


def sniff_parsed(first: Mapping[str, Any]) -> bool:
    """Return whether the first object of an input is a page as ``moderation parse`` writes it."""
    if [*first][:4] == ["source", "url", "headline", "section"]:
        # As it is written; of a long page the look-ahead sees the beginning alone.
        return True
    return _is_page(first)


def _is_page(record: Mapping[str, Any]) -> bool:
    return (
        isinstance(record.get("comments"), list)
        and isinstance(record.get("house_rules"), list)
        and isinstance(record.get("comment_policy"), dict)
    )


def read_parsed(lines: Iterable[str], source: str, warn: Warn) -> Iterator[Page]:
    """Yield the pages of an output of ``moderation parse``; their sources are those of then.

    Parameters
    ----------
    lines
        One JSON object each; blank lines are skipped.
    source
        Name of the input.
    warn
        Is told of each line that is no such page, and of each part of a page that was changed and
        cannot be understood; it is left out.

    Raises
    ------
    UnreadableInputError
        If no line is such a page, or the input cannot be read on.
    """
    nothing = True
    for number, record in json_objects(lines, source, warn):
        if _is_page(record):
            nothing = False
            yield _Reader(source, number, warn).page(record)
        else:
            warn(f"{source}, line {number}: no page as moderation parse writes it; left out")
    if nothing:
        raise UnreadableInputError(
            f"{source}: no page as moderation parse writes it; give its output as it is"
        )


class _Reader:
    """Reads the parts of a page, and goes on where one cannot be understood."""

    def __init__(self, source: str, line: int, warn: Warn) -> None:
        self._source, self._line, self._warn = source, line, warn

    def page(self, record: Mapping[str, Any]) -> Page:
        name = _text(record.get("source")) or self._source
        texts = {key: _text(record.get(key)) for key in _ARTICLE_TEXTS}
        rules = (self._part("house rule", _rule, one, name) for one in record["house_rules"])
        comments = (
            self._part("comment", _comment, one, number)
            for number, one in enumerate(record["comments"], start=1)
        )
        return Page(
            name,
            Article(
                **texts,
                body=_text(record.get("body")) or "",
                tags=_texts(record.get("tags")),
                teasers=_texts(record.get("teasers")),
            ),
            tuple(one for one in comments if one is not None),
            tuple(one for one in rules if one is not None),
            self._part("comment_policy", _policy, record["comment_policy"]) or CommentPolicy(),
            _texts(record.get("warnings")),
            _text(record.get("url")),
        )

    def _part(self, what: str, read: Callable[..., _Read], *given: Any) -> _Read | None:
        try:
            return read(*given)
        except (ValueError, LookupError, TypeError, AttributeError, OverflowError):
            self._warn(f"{self._source}, line {self._line}: a {what} is damaged; left out")
            return None


def _comment(record: Mapping[str, Any], number: int) -> Comment:
    text = record["text"]
    if not isinstance(text, str):
        raise TypeError
    status = record.get("status")
    quotations = (_quotation(one, text) for one in record.get("quotations") or ())
    identity, parent = _text(record.get("id")) or str(number), _text(record.get("parent_id"))
    return Comment(
        identity,
        text,
        # Somebody has changed it: a comment answers no other than others.
        parent if parent != identity else None,
        _text(record.get("author")),
        _text(record.get("published")),
        status if status in _STATUSES else None,
        tuple(one for one in quotations if one is not None),
    )


def _rule(record: Mapping[str, Any], source: str) -> HouseRule:
    return HouseRule(
        str(record["id"]),
        Category(record["category"]),
        str(record["quote"]),
        source,
        int(record["start"]),
        int(record["end"]),
        str(record["sentence"]),
        _one_of(HouseRule, "modality", record.get("modality", "forbids")),
        str(record.get("aspect", "")),
    )


def _policy(record: Mapping[str, Any]) -> CommentPolicy:
    return CommentPolicy(
        _one_of(CommentPolicy, "status", record["status"]),
        _evidence(record.get("statement")),
        _number(record.get("declared")),
        _texts(record.get("systems")),
        _one_of(CommentPolicy, "guidelines", record["guidelines"]),
        _evidence(record.get("guidelines_link")),
        tuple(_hours(one) for one in record.get("release_hours") or ()),
        _number(record.get("closes_after_days")),
    )


def _hours(record: Mapping[str, Any]) -> ReleaseHours:
    days, holidays = record.get("days"), record.get("holidays")
    if days is not None and not set(days) <= _WEEKDAYS:
        raise ValueError
    return ReleaseHours(
        str(record["rule_id"]),
        bool(record["released"]),
        _hour(record["start"], _START),
        _hour(record["end"], _END),
        None if days is None else tuple(days),
        None if holidays is None else bool(holidays),
    )


def _hour(words: str, hours: re.Pattern[str]) -> str:
    if not hours.fullmatch(words):
        raise ValueError
    return words


def _one_of(record: type, name: str, value: Any) -> Any:
    if value not in _choices(record, name):
        raise ValueError
    return value


@cache
def _choices(record: type, name: str) -> tuple[Any, ...]:
    return get_args(get_type_hints(record)[name])


def _evidence(record: Mapping[str, Any] | None) -> Evidence | None:
    if record is None:
        return None
    return Evidence(int(record["start"]), int(record["end"]), str(record["text"]))


def _quotation(record: Mapping[str, Any], text: str) -> Evidence | None:
    """Return a quotation; None where it points beyond the text: all behind it would be shifted."""
    start, end = int(record["start"]), int(record["end"])
    return Evidence(start, end, text[start:end]) if 0 <= start < end <= len(text) else None


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()

"""Values in the exports of comment systems: names, addresses and moments, of whatever type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from moderation.parsing.dates import iso_moment

# What MongoDB's Extended JSON, versions 1 and 2, wraps a value in:
# {"$oid": "65a0…"}, {"$numberLong": "1714737900000"}, {"$date": "2024-05-03T12:05:00Z"}.
_WRAPPERS = ("$oid", "$date", "$numberLong", "$numberInt", "$numberDouble", "$uuid")
# Controls, halves of UTF-16 pairs and non-characters: none of them is text, none can be written.
_NO_TEXT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_EMAIL = re.compile(r"[^\s@]{1,100}@[^\s@]{1,200}\.[^\s@.]{2,30}")
# IPv4, also with its last part zeroed or starred, and IPv6 (at least two colons).
_NETWORK = re.compile(
    r"[0-9]{1,3}(?:\.(?:[0-9]{1,3}|[x*])){3}|(?=[^:]{0,4}:[^:]{0,4}:)[0-9a-f:]{3,39}", re.IGNORECASE
)
_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:[.,][0-9]{1,12})?"
    r" ?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Characters of a moment in words that are kept where nobody can tell what they mean.
_LONGEST_MOMENT = 60
#: Programs write "never" as the first moment of their calendar.
_NEVER = "0001-01-01"


def bare(value: Any) -> Any:
    """Return what MongoDB's Extended JSON wraps in an object of one key."""
    for _ in range(2):  # {"$date": {"$numberLong": "…"}}
        if isinstance(value, dict) and len(value) == 1:
            value = next((value[key] for key in _WRAPPERS if key in value), value)
    return value


def named(value: Any) -> str | None:
    """Return a name, id or address as one line of text; None where there is none."""
    value = bare(value)
    if isinstance(value, str):
        return _NO_TEXT.sub("", value).strip() or None
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    # Longer numbers are no ids; Python refuses to write them.
    return str(value) if abs(value) < 2**128 else None


def first_named(record: Mapping[str, Any], *keys: str) -> str | None:
    """Return the first of several fields that holds a name."""
    return next((name for key in keys if (name := named(record.get(key)))), None)


def display_name(*values: Any) -> str | None:
    """Return the first name that is no e-mail and no network address."""
    for value in values:
        name = named(value)
        if name and not _EMAIL.fullmatch(name) and not _NETWORK.fullmatch(name):
            return name
    return None


def moment(value: Any) -> str | None:
    """Return a moment as ISO 8601, with zone where it has one.

    Parameters
    ----------
    value
        ISO 8601, words, or milliseconds since 1970 as a number; also in Extended JSON.

    Returns
    -------
    str or None
        ``"2024-05-03T12:05:00+00:00"``, or the words themselves where nobody can tell.
    """
    inner = bare(value)
    if isinstance(inner, str) and inner is not value:
        # In Extended JSON, numbers are texts.
        digits = inner.removeprefix("-")
        if digits.isascii() and digits.isdigit() and len(digits) < 20:
            inner = int(inner)
    if isinstance(inner, str):
        return _from_words(inner)
    if isinstance(inner, int | float) and not isinstance(inner, bool):
        return moment_of_seconds(inner / 1000) if abs(inner) < 2**63 else None
    return None


def moment_of_seconds(seconds: Any) -> str | None:
    """Return the moment so many seconds after the beginning of 1970, in UTC."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return (_EPOCH + timedelta(seconds=int(seconds))).isoformat()
    except (OverflowError, ValueError):  # beyond the calendar, or not a number
        return None


def _from_words(words: str) -> str | None:
    words = _NO_TEXT.sub("", words[:_LONGEST_MOMENT]).strip()
    match = _MOMENT.fullmatch(words)
    if match is None or words.startswith(_NEVER):
        return None if words.startswith(_NEVER) else iso_moment(words) or words or None
    day, clock, zone = match.groups()
    try:
        return datetime.fromisoformat(f"{day}T{clock}{zone or ''}").isoformat()
    except ValueError:  # no such day or hour
        return words

"""Columns: which of them is the comment, its author, its time; and the comment in a row."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from moderation.errors import UnreadableInputError, UsageError
from moderation.parsing.markup import Fragment, marked_quotations, text_of_html
from moderation.records import Comment, Status
from moderation.text import printable

#: Column names that mean "the comment", most telling first; compared in lower case.
TEXT_COLUMNS = (
    "text",
    "comment_text",
    "kommentartext",
    "comment_content",
    "comment_body",
    "kommentar",
    "comment",
    "body",
    "message",
    "content",
    "beitrag",
    "inhalt",
    "nachricht",
    "leserkommentar",
    "tweet",
)
_ID_COLUMNS = ("id", "comment_id", "kommentar_id", "uuid")
_PARENT_COLUMNS = ("parent_id", "parentid", "parent", "comment_parent", "antwort_auf")
#: Column names that mean "who wrote it".
AUTHOR_COLUMNS = ("author", "autor", "user", "username", "name", "comment_author", "nutzer")
_PUBLISHED_COLUMNS = ("published", "date", "datum", "created_at", "createdat", "time", "zeit")
#: Columns in which comment systems and houses keep what they decided.
_STATUS_COLUMNS = ("status", "comment_approved", "moderation_status", "comment_status")
_STATUSES: Mapping[str, Status] = {
    "approved": "approved",
    "rejected": "rejected",
    "spam": "spam",
    "deleted": "deleted",
    "trash": "deleted",
    "pending": "pending",
    "hold": "pending",
}
#: WordPress's own, in its column `comment_approved` alone: elsewhere a number says something else.
_APPROVED: Mapping[str, Status] = {"1": "approved", "0": "pending"}
#: Words that name columns of comments, whole or within a longer name ("Ihr Kommentar").
KNOWN_COLUMNS = frozenset(
    (
        *TEXT_COLUMNS,
        *_ID_COLUMNS,
        *_PARENT_COLUMNS,
        *AUTHOR_COLUMNS,
        *_PUBLISHED_COLUMNS,
        *("email", "mail", "ip", "status", "label", "score", "url", "zeitstempel", "timestamp"),
    )
)
# Markup that a browser would not show: tags of comments, and references to signs.
_MARKUP = re.compile(
    r"</?(?:p|br|blockquote|div|li|ul|ol|a|b|i|em|strong|span|img)\b[^<>]{0,500}>"
    r"|&(?:lt|gt|amp|quot|nbsp|[aou]uml|szlig|#\d{1,6}|#x[\da-f]{1,6});",
    re.IGNORECASE,
)
#: Columns up to which the places of id and author are remembered.
_REMEMBERED_COLUMNS = 64
#: Names of columns, and characters of each, that a message shows.
_SHOWN_NAMES, _LONGEST_NAME = 30, 40
#: A column of running text has at least this many characters a cell on average.
_GUESS_LENGTH = 20


def distinct(names: Iterable[str]) -> list[str]:
    """Return column names without surrounding space; empty or repeated ones get a number."""
    found: dict[str, None] = {}
    for index, name in enumerate(names, start=1):
        candidate = name.strip() or f"column_{index}"
        while candidate in found:
            candidate = f"{candidate}_{index}"
        found[candidate] = None
    return list(found)


def _listed(names: Sequence[str]) -> str:
    """Return the names of columns for a message: some of them, each on one line."""
    shown = [printable(name)[:_LONGEST_NAME] for name in names[:_SHOWN_NAMES]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more else "") or "none"


def choose_text_column(
    names: list[str], sample: list[dict[str, Any]], source: str, wanted: str | None
) -> tuple[str, bool]:
    """Return the column of the comments, and whether it was guessed.

    Parameters
    ----------
    names
        The columns.
    sample
        The first rows.
    source
        Name of the table, for messages.
    wanted
        The column that the user named; None: guess by name, then by length.

    Raises
    ------
    UnreadableInputError
        If no column looks like comments.
    UsageError
        If there is no column called `wanted`.
    """
    if wanted is not None:
        if wanted in names:
            return wanted, False
        raise UsageError(f"{source}: no column {wanted!r}; the columns are: {_listed(names)}")
    lowered = {name.casefold(): name for name in reversed(names)}
    for telling in TEXT_COLUMNS:
        # A list of comments called "comments" is no column of texts.
        if telling in lowered and (
            not sample or any(_text(row.get(lowered[telling])) for row in sample)
        ):
            return lowered[telling], True
    lengths = {
        name: sum(len(_text(row.get(name))) for row in sample) / max(len(sample), 1)
        for name in names
    }
    longest = max(lengths, key=lambda name: lengths[name], default=None)
    if longest is not None and (
        lengths[longest] >= _GUESS_LENGTH or (len(names) == 1 and lengths[longest] > 0)
    ):
        return longest, True
    raise UnreadableInputError(
        f"{source}: no column looks like comments; name one of these with --text-column: "
        f"{_listed(names)}"
    )


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        # Our own records and several exports keep the text inside a comment object.
        return _text(value.get("text"))
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, float):
        # Columns of numbers with gaps come as floats: 17.0 is the comment 17.
        return str(int(value) if value.is_integer() else value) if math.isfinite(value) else ""
    return str(value) if isinstance(value, int) else ""


def _places_of(columns: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    names = tuple(columns)
    # A hostile table with thousands of columns, others in each row, must not be remembered.
    return (_places if len(names) <= _REMEMBERED_COLUMNS else _places.__wrapped__)(names)


@lru_cache(maxsize=256)
def _places(names: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Return the names of the columns of id, parent, author and time, most telling first."""
    lowered = {name.casefold(): name for name in reversed(names)}
    groups = (_ID_COLUMNS, _PARENT_COLUMNS, AUTHOR_COLUMNS, _PUBLISHED_COLUMNS, _STATUS_COLUMNS)
    return tuple(tuple(lowered[name] for name in group if name in lowered) for group in groups)


def has_id(columns: Mapping[str, Any]) -> bool:
    """Return whether a row has an id of its own, so that its comment needs no number."""
    return _first(columns, _places_of(columns)[0]) is not None


def comment_of(columns: Mapping[str, Any], text_column: str, index: int) -> Comment:
    """Return the comment in a row; `index` is its id where no column has one."""
    identity, parent, author, published, status = _places_of(columns)
    text = _text(columns.get(text_column))
    # Dumps of databases hold what was sent to the browser; the user's own column stays as it is.
    marked = ("<" in text or "&" in text) and _MARKUP.search(text) is not None
    fragment = text_of_html(text) if marked else Fragment(text, marked_quotations(text))
    return Comment(
        id=_first(columns, identity) or str(index),
        text=fragment.text,
        parent_id=_whole_number(_first(columns, parent)),
        author=_first(columns, author, _author),
        published=_first(columns, published),
        status=_status(columns, status),
        quotations=fragment.quotations,
    )


def _status(columns: Mapping[str, Any], names: tuple[str, ...]) -> Status | None:
    for name in names:
        value = _text(columns[name]).strip().casefold()
        if value in _STATUSES:
            return _STATUSES[value]
        if value in _APPROVED and name.casefold() == "comment_approved":
            return _APPROVED[value]
    return None


def _author(value: Any) -> str:
    if isinstance(value, dict):
        named = (value.get(key) for key in ("name", "username", "display_name", "id"))
        return next((text for one in named if (text := _text(one))), "")
    return _text(value)


def _whole_number(text: str | None) -> str | None:
    """Return "17" for "17.0", as spreadsheets write a column of numbers with gaps."""
    return text[:-2] if text and text.endswith(".0") and text[:-2].isdecimal() else text


def _first(
    columns: Mapping[str, Any], names: tuple[str, ...], read: Callable[[Any], str] = _text
) -> str | None:
    for name in names:
        if text := read(columns[name]):
            return text
    return None

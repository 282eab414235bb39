"""Privacy on entry: e-mail and network addresses are dropped, authors become pseudonyms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

from moderation.parsing.columns import AUTHOR_COLUMNS
from moderation.parsing.tables import RawRow, Row, RowParser, Table
from moderation.pseudonyms import Pseudonyms
from moderation.records import Page

# Column names, lower case, without signs between words: "comment_author_email", "E-Mail-Adresse",
# "comment_author_IP", "remoteAddr", "comment_author_url" (where authors write their homepage).
_DROPPED = re.compile(
    r".{0,40}e?mail(?:s|addr(?:ess)?|adressen?)?"
    r"|(?:.{0,40}(?:author|autor|user|client|remote|comment|poster|nutzer))?(?:ip(?:v[46])?)"
    r"(?:addr(?:ess)?|adressen?|hash)?"
    r"|remote(?:addr(?:ess)?|host|ip)|(?:comment)?author(?:url|website|homepage)"
)
_NAMES_OF_AUTHORS = frozenset(
    name.replace("_", "")
    for name in (
        *AUTHOR_COLUMNS,
        "user_name",
        "author_name",
        "author_id",
        "user_id",
        "display_name",
        "nickname",
        "nick",
        "verfasser",
        "benutzer",
        "benutzername",
        "nutzername",
        "screen_name",
    )
)
#: Within an object that is an author, these say who it is.
_NAMES_WITHIN = frozenset({"id", "name", "title", "login", "slug", "handle"})
_SIGNS = re.compile(r"[\W_]+")
#: Levels of nested values that are looked through: as deep as rows of JSON may be.
_DEPTH = 100

_Kind = Literal["kept", "dropped", "author"]


@lru_cache(maxsize=4096)
def _kind(column: str) -> _Kind:
    name = _SIGNS.sub("", column[:100]).casefold()
    if _DROPPED.fullmatch(name):
        return "dropped"
    return "author" if name in _NAMES_OF_AUTHORS else "kept"


def private_page(page: Page, pseudonyms: Pseudonyms) -> Page:
    """Return a page whose commenters have pseudonyms."""
    return replace(
        page,
        comments=tuple(
            replace(comment, author=pseudonyms.of(comment.author)) if comment.author else comment
            for comment in page.comments
        ),
    )


def private_table(table: Table, pseudonyms: Pseudonyms) -> Table:
    """Return a table without columns of e-mail and network addresses, its authors disguised.

    The column of the comments stays as it is, whatever it is called.
    """
    kinds = {name: _kind(name) for name in table.columns if name != table.text_column}
    dropped = tuple(name for name, kind in kinds.items() if kind == "dropped")
    return replace(
        table,
        columns=tuple(name for name in table.columns if name not in dropped),
        parse=_PrivateRows(table.parse, table.text_column, pseudonyms),
        dropped=dropped,
        disguised=tuple(name for name, kind in kinds.items() if kind == "author"),
    )


@dataclass(frozen=True, slots=True)
class _PrivateRows:
    """Parses a row and disguises it; can be handed to another process."""

    parse: RowParser
    text_column: str
    pseudonyms: Pseudonyms

    def __call__(self, raw: RawRow) -> Row:
        row = self.parse(raw)
        if row.unreadable:
            return row
        comment = row.comment
        if comment.author:
            comment = replace(comment, author=self.pseudonyms.of(comment.author))
        columns = dict(
            _disguised(row.columns.items(), self.pseudonyms, self.text_column, author=False)
        )
        return replace(row, columns=columns, comment=comment)


def _disguised(
    items: Iterable[tuple[str, Any]],
    pseudonyms: Pseudonyms,
    text_column: str | None,
    *,
    author: bool,
    depth: int = 0,
) -> Iterator[tuple[str, Any]]:
    for name, value in items:
        kind = "kept" if name == text_column else _kind(name)
        if kind == "dropped":
            continue
        is_author = kind == "author" or (author and name.casefold() in _NAMES_WITHIN)
        yield name, _disguise(value, pseudonyms, author=is_author, depth=depth)


def _disguise(value: Any, pseudonyms: Pseudonyms, *, author: bool, depth: int) -> Any:
    if isinstance(value, str):
        return pseudonyms.of(value) if author else value
    if isinstance(value, bool) or depth >= _DEPTH:
        return value
    if isinstance(value, int):
        return pseudonyms.of(str(value)) if author else value
    if isinstance(value, Mapping):
        return dict(_disguised(value.items(), pseudonyms, None, author=author, depth=depth + 1))
    if isinstance(value, list):
        return [_disguise(one, pseudonyms, author=author, depth=depth + 1) for one in value]
    return value

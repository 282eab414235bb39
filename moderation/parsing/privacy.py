"""Privacy on entry: e-mail and network addresses are dropped, authors become pseudonyms."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

from moderation.parsing.columns import AUTHOR_COLUMNS
from moderation.parsing.json_lines import json_value
from moderation.parsing.tables import RawRow, Row, RowParser, Table
from moderation.pseudonyms import Pseudonyms
from moderation.records import Comment, Page

# Parts of a column's name, as signs and capitals part them: "comment_author_email", "lastIp",
# "E-Mail (Autor)", "x_forwarded_for". A column with one of these holds an address.
_MAIL_PARTS = frozenset({"email", "emails", "mail", "mails", "emailadresse", "mailadresse"})
_NETWORK_PARTS = frozenset({"ip", "ips", "ipv4", "ipv6", "ipaddress", "ipaddr", "ipadresse"})
_DROPPED = re.compile(
    r".*(?:e_?mail|remote_?addr|remote_?host|forwarded_?for).*|.*author_?(?:url|website).*"
)
# Who wrote it, or to whom it answers.
_AUTHOR_PARTS = frozenset(
    [
        "author",
        "autor",
        "autorin",
        "user",
        "username",
        "users",
        "nutzer",
        "nutzerin",
        "nutzername",
        "benutzer",
        "benutzername",
        "benutzerin",
        "verfasser",
        "verfasserin",
        "kommentator",
        "kommentatorin",
        "commenter",
        "commentator",
        "absender",
        "sender",
        "login",
        "nick",
        "nickname",
        "screenname",
        "displayname",
        "realname",
        "fullname",
        "klarname",
        "vorname",
        "nachname",
        "firstname",
        "lastname",
        "surname",
        "poster",
        "account",
        "member",
        "mitglied",
        "nutzers",
        "autors",
        "benutzers",
        "verfassers",
    ]
)
_AUTHOR_NAMES = frozenset(
    {*AUTHOR_COLUMNS, "from", "created_by", "posted_by", "full_name", "first_name", "last_name"}
)
# Parts that make a name of something else: "article_author", "user_count", "author_score".
_NO_AUTHOR_PARTS = frozenset(
    [
        "article",
        "artikel",
        "page",
        "seite",
        "section",
        "file",
        "host",
        "count",
        "anzahl",
        "score",
        "type",
        "typ",
        "role",
        "rolle",
        "rank",
        "url",
        "link",
        "agent",
        "language",
        "lang",
        "since",
        "rating",
        "karma",
        "status",
    ]
)
#: Within an object that is an author, these say who it is.
_NAMES_WITHIN = frozenset({"id", "name", "title", "login", "slug", "handle"})
_PART = re.compile(r"[A-ZÄÖÜ]?[a-zäöüß]+|[A-ZÄÖÜ]+(?![a-zäöüß])|\d+")
_DIGITS = re.compile(r"\d+\Z")
# A value that is nothing but an address, whatever its column is called.
_ADDRESS = re.compile(
    r"\s*(?:[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}|\d{1,3}(?:\.\d{1,3}){3}"
    r"|(?=[\da-fA-F:]{0,45}:[\da-fA-F:]{0,45}:)[\da-fA-F:]{3,45})\s*"
)
#: Characters of a cell that may be JSON and is looked into.
_LONGEST_JSON = 100_000
#: Levels of nested values that are looked through: as deep as rows of JSON may be.
_DEPTH = 100

_Kind = Literal["kept", "dropped", "author"]


@lru_cache(maxsize=65_536)
def _kind(column: str) -> _Kind:
    name = column[:100]
    parts = [_DIGITS.sub("", part.casefold()) or part for part in _PART.findall(name)]
    flat = "_".join(parts)
    if not _MAIL_PARTS.isdisjoint(parts) or not _NETWORK_PARTS.isdisjoint(parts):
        return "dropped"
    if _DROPPED.fullmatch(flat):
        return "dropped"
    if name.strip().casefold() in _AUTHOR_NAMES or flat in _AUTHOR_NAMES:
        return "author"
    if not _AUTHOR_PARTS.isdisjoint(parts) and _NO_AUTHOR_PARTS.isdisjoint(parts):
        return "author"
    return "kept"


def private_page(page: Page, pseudonyms: Pseudonyms) -> Page:
    """Return a page whose commenters have pseudonyms."""
    return replace(
        page,
        comments=tuple(_disguised_comment(comment, pseudonyms) for comment in page.comments),
    )


def _disguised_comment(comment: Comment, pseudonyms: Pseudonyms) -> Comment:
    """Return a comment whose author has a pseudonym, and ids that are no addresses."""
    if "@" in comment.id or "@" in (comment.parent_id or ""):
        comment = replace(
            comment,
            id=_no_address(comment.id, pseudonyms),
            parent_id=comment.parent_id and _no_address(comment.parent_id, pseudonyms),
        )
    if not comment.author:
        return comment
    return Comment(
        comment.id,
        comment.text,
        comment.parent_id,
        pseudonyms.of(comment.author),
        comment.published,
        comment.status,
        comment.quotations,
    )


def _no_address(identity: str, pseudonyms: Pseudonyms) -> str:
    return pseudonyms.of(identity) if _ADDRESS.fullmatch(identity) else identity


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
            # Nobody can tell what stands where in it.
            hidden = {name: _hidden(value) for name, value in row.columns.items()}
            return replace(row, columns=hidden)
        comment = _disguised_comment(row.comment, self.pseudonyms)
        columns = dict(
            _disguised(row.columns.items(), self.pseudonyms, self.text_column, author=False)
        )
        # Written out, as is a comment: `replace` takes several times as long.
        return Row(row.line, columns, comment, row.warnings)


def _disguised(
    items: Iterable[tuple[str, Any]],
    pseudonyms: Pseudonyms,
    text_column: str | None,
    *,
    author: bool,
    depth: int = 0,
) -> Iterator[tuple[str, Any]]:
    for name, value in items:
        if name == text_column and isinstance(value, str):
            yield name, value
            continue
        kind = "kept" if name == text_column else _kind(name)
        if kind == "dropped":
            continue
        is_author = kind == "author" or (author and name.casefold() in _NAMES_WITHIN)
        yield name, _disguise(value, pseudonyms, author=is_author, depth=depth)


def _disguise(value: Any, pseudonyms: Pseudonyms, *, author: bool, depth: int) -> Any:
    if isinstance(value, str):
        return _disguised_text(value, pseudonyms, author=author, depth=depth)
    if isinstance(value, bool) or value is None or depth >= _DEPTH:
        return value
    if isinstance(value, int | float):
        return pseudonyms.of(f"{value:.0f}") if author else value
    if isinstance(value, Mapping):
        return dict(_disguised(value.items(), pseudonyms, None, author=author, depth=depth + 1))
    if isinstance(value, list) and _is_pair(value):
        # A map, as Parquet hands it over.
        kind = _kind(value[0])
        if kind == "dropped":
            return [value[0], None]
        return [value[0], _disguise(value[1], pseudonyms, author=kind == "author", depth=depth + 1)]
    if isinstance(value, list):
        return [_disguise(one, pseudonyms, author=author, depth=depth + 1) for one in value]
    return value


def _is_pair(value: list[Any]) -> bool:
    return len(value) == 2 and isinstance(value[0], str) and _kind(value[0]) != "kept"


def _disguised_text(text: str, pseudonyms: Pseudonyms, *, author: bool, depth: int) -> str:
    if author:
        return pseudonyms.of(text)
    if ("@" in text or "." in text or ":" in text) and _ADDRESS.fullmatch(text):
        return ""
    if text[:1] in {"{", "["} and len(text) <= _LONGEST_JSON:
        # A cell that holds a whole object.
        try:
            value = json_value(text)
        except ValueError:
            return text
        disguised = _disguise(value, pseudonyms, author=False, depth=depth + 1)
        return text if disguised == value else json.dumps(disguised, ensure_ascii=False)
    return text


def _hidden(value: Any) -> str:
    """Return what is shown of a row that could not be read."""
    return f"({len(value):,} characters, see --keep-authors)" if isinstance(value, str) else ""

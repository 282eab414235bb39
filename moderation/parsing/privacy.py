"""Privacy on entry: e-mail and network addresses are dropped, authors become pseudonyms."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from moderation.parsing.columns import AUTHOR_COLUMNS
from moderation.parsing.json_lines import json_value
from moderation.parsing.tables import RawRow, Row, RowParser, Table
from moderation.pseudonyms import Pseudonyms
from moderation.records import Comment, Page

# Parts of a column's name, as signs and capitals part them: "comment_author_email", "lastIp",
# "E-Mail (Autor)", "x_forwarded_for". A column with one of these holds an address.
_ADDRESS_PARTS = frozenset(
    (
        *("mail", "mails", "mailto", "mailadresse", "usermail", "authormail", "kontaktmail"),
        *("ip", "ips", "ipaddress", "ipaddr", "ipadresse", "ipadressen"),
    )
)
_DROPPED = re.compile(
    r".*(?:e_?mail|remote_?addr|remote_?host|forwarded_?for).*|.*author_?(?:url|website).*"
)
# The same where neither signs nor capitals part it: "userip", "IPaddr", "ipv4".
_NETWORK = re.compile(
    r"(?<![^\W_])(?:user|client|remote|last|author|autor|nutzer|benutzer|comment|kommentar|poster"
    r"|visitor)?_?ip(?:v[46]|addr(?:ess|esse)?|adressen?)?(?![^\W\d_])"
)
# Who wrote it, or to whom it answers.
_AUTHOR_PARTS = frozenset(
    [
        "login",
        "loginname",
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
        "fromname",
        "createdby",
        "postedby",
        "poster",
        "account",
        "member",
        "mitglied",
    ]
)
# "autorin", "nutzers", "userid", "Benutzername", "authorname": one word for a person, and of them.
_AUTHOR_PART = re.compile(
    r"(?:authors?|autor(?:en|s)?|users?|nutzers?|benutzers?|verfassers?|kommentators?|commenters?"
    r"|commentators?|absenders?|senders?)(?:in|innen)?"
    r"(?:u?ids?|uuid|name[ns]?|login|nick|nickname|displayname|key|kennung|konto|nr|nummer|handle)?"
)
_AUTHOR_NAMES = frozenset(
    (
        *AUTHOR_COLUMNS,
        *("from", "from_name", "to_name", "reply_to_name", "created_by", "posted_by"),
        *("full_name", "first_name", "last_name", "display_name", "screen_name", "real_name"),
        *("nick_name", "ihr_name", "dein_name", "your_name"),
    )
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
# Parts of a name that tell one comment from another: an address there becomes a pseudonym, so that
# answers still find what they answer to.
_IDENTITY_PARTS = frozenset({"id", "ids", "uuid", "parent", "parentid", "antwort"})
#: Within an object that is an author, these say who it is.
_NAMES_WITHIN = frozenset({"id", "name", "title", "login", "slug", "handle"})
_PART = re.compile(r"[A-ZÄÖÜ]?[a-zäöüß]+|[A-ZÄÖÜ]+(?![a-zäöüß])|\d+")
_DIGITS = re.compile(r"\d+\Z")
#: Characters of a column's name that are looked at: questions of surveys are columns, too.
_LONGEST_NAME = 1_000

# A value that is nothing but addresses, whatever its column is called: up to 20 of them, as
# X-Forwarded-For and lists of recipients have them ("Anna <anna@example.org>, b@example.org").
_MAIL = (
    r"(?:(?:[^\s<>@,;][^<>@,;\r\n]{0,99})?<)?(?:mailto:)?[\w.!#$%&'*+/=?^`{|}~-]{1,64}"
    r"@[\w-]{1,63}(?:\.[\w-]{1,63}){1,10}>?"
)
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|0{0,2}\d|0?[1-9]\d)"
_V4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
# Eight groups, or fewer around a gap: "12:30:45" is a time.
_GROUP = r"[\da-fA-F]{1,4}"
_V6 = (
    rf"(?:(?:{_GROUP}:){{7}}{_GROUP}|(?:{_GROUP}:){{6}}{_V4}"
    rf"|(?:{_GROUP}(?::{_GROUP}){{0,6}})?::(?:(?:{_GROUP}:){{0,5}}{_V4}"
    rf"|{_GROUP}(?::{_GROUP}){{0,6}})|{_GROUP}(?::{_GROUP}){{0,6}}::)(?:%[\w.]{{1,20}})?"
)
# With a port ("192.0.2.1:80", "[::1]:80") or the bits of a network ("192.0.2.0/24").
_IP = rf"(?:{_V4}(?::\d{{1,5}})?|\[{_V6}\](?::\d{{1,5}})?|{_V6})(?:/\d{{1,3}})?"
_MAILS = re.compile(rf"\s{{0,20}}{_MAIL}(?:[,;\s]{{1,5}}{_MAIL}){{0,19}}[,;\s]{{0,20}}")
_IPS = re.compile(rf"\s{{0,20}}{_IP}(?:[,;\s]{{1,5}}{_IP}){{0,19}}[,;\s]{{0,20}}")
#: Characters of a cell that may be JSON and is looked into.
_LONGEST_JSON = 100_000
#: Levels of nested values that are looked through: as deep as rows of JSON may be.
_DEPTH = 100
#: Kinds of columns that are remembered beyond those of the header.
_REMEMBERED = 4_096

#: What stands in a column; "address": its very name is one.
_Kind = Literal["kept", "dropped", "author", "identity", "address"]


def _kind(column: str) -> _Kind:
    name = column[:_LONGEST_NAME]
    if _is_address(name):
        # A header that is a row of data.
        return "address"
    parts = [_DIGITS.sub("", part.casefold()) or part for part in _PART.findall(name)]
    flat, plain = "_".join(parts), name.strip().casefold()
    if not _ADDRESS_PARTS.isdisjoint(parts) or _DROPPED.fullmatch(flat) or _NETWORK.search(plain):
        return "dropped"
    if plain in _AUTHOR_NAMES or flat in _AUTHOR_NAMES:
        return "author"
    if _NO_AUTHOR_PARTS.isdisjoint(parts) and any(
        part in _AUTHOR_PARTS or _AUTHOR_PART.fullmatch(part) for part in parts
    ):
        return "author"
    return "kept" if _IDENTITY_PARTS.isdisjoint(parts) else "identity"


class _Kinds(dict[str, _Kind]):
    """Kinds of columns, found once: those of a header, and some of the many JSON may have."""

    def __init__(self, header: Iterable[str] = ()) -> None:
        super().__init__((name, _kind(name)) for name in header)
        self.most = len(self) + _REMEMBERED

    def __missing__(self, name: str) -> _Kind:
        kind = _kind(name)
        if len(name) <= _LONGEST_NAME:
            if len(self) >= self.most:
                self.clear()
            self[name] = kind
        return kind


def _is_address(text: str) -> bool:
    """Whether a text is nothing but e-mail or network addresses."""
    if "@" in text:
        return _MAILS.fullmatch(text) is not None
    return ("." in text or ":" in text) and _IPS.fullmatch(text) is not None


def _pseudonym(author: str, pseudonyms: Pseudonyms) -> str:
    """Return an author's pseudonym, the same for "17" and "17.0"."""
    author = author.strip()
    if author.endswith(".0") and author[:-2].isdecimal():
        # As spreadsheets write a column of numbers with gaps.
        author = author[:-2]
    return pseudonyms.of(author)


def private_page(page: Page, pseudonyms: Pseudonyms) -> Page:
    """Return a page whose commenters have pseudonyms."""
    return replace(
        page,
        comments=tuple(_disguised_comment(comment, pseudonyms) for comment in page.comments),
    )


def _disguised_comment(comment: Comment, pseudonyms: Pseudonyms) -> Comment:
    """Return a comment whose author has a pseudonym, and ids that are no addresses."""
    identity, parent, author = comment.id, comment.parent_id, comment.author
    if _is_address(identity):
        identity = pseudonyms.of(identity)
    if parent and _is_address(parent):
        parent = pseudonyms.of(parent)
    if author:
        author = _pseudonym(author, pseudonyms)
    elif identity is comment.id and parent is comment.parent_id:
        return comment
    # Written out: `replace` takes several times as long.
    return Comment(
        identity,
        comment.text,
        parent,
        author,
        comment.published,
        comment.status,
        comment.quotations,
    )


def private_table(table: Table, pseudonyms: Pseudonyms) -> Table:
    """Return a table without columns of e-mail and network addresses, its authors disguised.

    The column of the comments stays as it is, whatever it is called; but a column whose very name
    is an address, as where the header is a row of data, is called by its number.
    """
    kinds = _Kinds(table.columns)
    renamed = _renamed(table.columns, kinds)
    others = [name for name in table.columns if name != table.text_column]
    dropped = tuple(name for name in others if kinds[name] == "dropped")
    left_out = frozenset(dropped)
    return replace(
        table,
        columns=tuple(renamed.get(name, name) for name in table.columns if name not in left_out),
        text_column=renamed.get(table.text_column, table.text_column),
        parse=_PrivateRows(table.parse, table.text_column, renamed, _Disguise(pseudonyms, kinds)),
        dropped=dropped,
        disguised=tuple(name for name in others if kinds[name] == "author"),
    )


def _renamed(columns: tuple[str, ...], kinds: _Kinds) -> dict[str, str]:
    """Return other names for columns that are called by an address."""
    taken, renamed = set(columns), {}
    for number, name in enumerate(columns, start=1):
        if kinds[name] == "address":
            other = f"column_{number}"
            while other in taken:
                other = f"{other}_{number}"
            taken.add(other)
            renamed[name] = other
    return renamed


@dataclass(frozen=True, slots=True)
class _Disguise:
    """Disguises values; can be handed to another process."""

    pseudonyms: Pseudonyms
    kinds: _Kinds

    def named(
        self, items: Iterable[tuple[str, Any]], *, author: bool, depth: int
    ) -> Iterator[tuple[str, Any]]:
        """Yield the fields of an object that may stay; `author`: the object is one."""
        for name, value in items:
            kind = self.kinds[name]
            if kind == "dropped":
                continue
            if kind == "address":
                name = self.pseudonyms.of(name)
            elif author and kind != "author" and name.casefold() in _NAMES_WITHIN:
                kind = "author"
            yield name, self.value(value, kind, depth)

    def value(self, value: Any, kind: _Kind, depth: int) -> Any:
        """Return what is shown of a value that stands in a column of this kind."""
        if isinstance(value, str):
            return self._text(value, kind, depth)
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, int | float):
            if kind != "author":
                return value
            whole = isinstance(value, float) and value.is_integer()
            return self.pseudonyms.of(f"{value:.0f}" if whole else str(value))
        if depth >= _DEPTH:
            # What is too deep to be looked through may hold anything.
            return None
        if isinstance(value, Mapping):
            return dict(self.named(value.items(), author=kind == "author", depth=depth + 1))
        if isinstance(value, list | tuple):
            return [self._element(one, kind, depth + 1) for one in value]
        return value

    def _element(self, value: Any, kind: _Kind, depth: int) -> Any:
        """Return what is shown of an element of a list; a pair is a field of a Parquet map."""
        if isinstance(value, list | tuple) and len(value) == 2 and isinstance(value[0], str):
            author = kind == "author"
            if self.kinds[value[0]] != "kept" or (author and value[0].casefold() in _NAMES_WITHIN):
                field = next(self.named([(value[0], value[1])], author=author, depth=depth), None)
                return list(field) if field else [value[0], None]
        return self.value(value, kind, depth)

    def _text(self, text: str, kind: _Kind, depth: int) -> str:
        if kind == "author":
            return _pseudonym(text, self.pseudonyms)
        if _is_address(text):
            return self.pseudonyms.of(text) if kind == "identity" else ""
        if text.lstrip()[:1] in {"{", "["} and len(text) <= _LONGEST_JSON:
            # A cell that holds a whole object.
            try:
                value = json_value(text)
            except ValueError:
                return text
            disguised = self.value(value, "kept", depth + 1)
            return text if disguised == value else json.dumps(disguised, ensure_ascii=False)
        return text


@dataclass(frozen=True, slots=True)
class _PrivateRows:
    """Parses a row and disguises it; can be handed to another process."""

    parse: RowParser
    text_column: str
    renamed: Mapping[str, str]
    disguise: _Disguise

    def __call__(self, raw: RawRow) -> Row:
        row = self.parse(raw)
        if row.unreadable:
            # Nobody can tell what stands where in it.
            hidden = {name: _hidden(value) for name, value in row.columns.items()}
            return replace(row, columns=hidden)
        comment = _disguised_comment(row.comment, self.disguise.pseudonyms)
        # Written out, as is a comment: `replace` takes several times as long.
        return Row(row.line, self._columns(row.columns), comment, row.warnings)

    def _columns(self, columns: Mapping[str, Any]) -> dict[str, Any]:
        disguise, kinds, shown = self.disguise, self.disguise.kinds, {}
        for name, value in columns.items():
            kind = kinds[name]
            if name == self.text_column:
                if kind == "address":
                    name = self.renamed.get(name, name)
                shown[name] = value if isinstance(value, str) else disguise.value(value, "kept", 0)
            elif kind == "address":
                # An object of JSON may have names that the header has not.
                other = self.renamed.get(name) or disguise.pseudonyms.of(name)
                shown[other] = disguise.value(value, kind, 0)
            elif kind != "dropped":
                shown[name] = disguise.value(value, kind, 0)
        return shown


def _hidden(value: Any) -> str:
    """Return what is shown of a row that could not be read."""
    return f"({len(value):,} characters, see --keep-authors)" if isinstance(value, str) else ""

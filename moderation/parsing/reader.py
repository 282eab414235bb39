"""Look inside an input to see what it is, and hand it to the reader that fits."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from moderation.errors import ModerationError, UnreadableInputError
from moderation.parsing.decoding import Warn, decoded_lines
from moderation.parsing.exports.gathering import Thread
from moderation.parsing.house_rules import Netiquette, read_netiquette
from moderation.parsing.inputs import Input
from moderation.parsing.markup import marked_quotations
from moderation.parsing.page_text import parse_page_text
from moderation.parsing.privacy import private_page, private_table
from moderation.parsing.sniffing import Kind, begins_array, sniff
from moderation.parsing.tables import Row, Table, read_csv, read_jsonl, read_lines
from moderation.pseudonyms import Pseudonyms
from moderation.records import Comment, Page

Problem = Callable[[ModerationError], None]

#: Kinds that are one article page each.
PAGE_KINDS: frozenset[Kind] = frozenset({"page", "html"})

#: A saved article page has kilobytes; more than this is no page.
MAX_PAGE_CHARACTERS = 4_000_000
#: HTML may carry its pictures inside.
MAX_HTML_CHARACTERS = 16_000_000
#: Comments and characters of a table in one page.
_PAGE_OF_TABLE, _CHARACTERS_OF_PAGE = 50_000, 20_000_000
#: Kinds that may be one array.
_JSON_KINDS: frozenset[Kind] = frozenset({"jsonl", "coral", "coral-stories", "remark42", "parsed"})
#: Lines looked at to tell what an input is.
_SNIFFED_LINES = 400
# White space and byte order marks in any encoding.
_BLANK_BYTES = b"\x00\xff\xfe\xef\xbb\xbf \t\r\n"
_SQLITE, _PARQUET = b"SQLite format 3\x00", b"PAR1"
_XML = re.compile(r"\s*<\?xml\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Intake:
    """How inputs are taken in.

    Attributes
    ----------
    kind
        What the inputs are; None: look inside each.
    text_column
        Where the comments of tables stand; None: guess. Pages and exports have no columns.
    pseudonyms
        Makes names of authors and drops columns of e-mail and network addresses; None: all stays.
    stories
        The articles that exports of comments alone name by number.
    """

    kind: Kind | None = None
    text_column: str | None = None
    pseudonyms: Pseudonyms | None = None
    stories: Mapping[str, Thread] = field(default_factory=dict)


#: Everything is looked into, nothing disguised.
PLAIN = Intake()


@dataclass(frozen=True, slots=True)
class Pages:
    """Pages being read: one saved article, or all that an export holds.

    Attributes
    ----------
    source
        Its name.
    pages
        Read as they are asked for.
    position
        Returns how many bytes of the input have been read.
    """

    source: str
    pages: Iterator[Page]
    position: Callable[[], int] = field(repr=False, default=lambda: 0)


@contextmanager
def open_input(source: Input, warn: Warn, intake: Intake = PLAIN) -> Iterator[Pages | Table]:
    """Open an input and yield it as pages or as a table, which are read on demand.

    Parameters
    ----------
    source
        What to read.
    warn
        Is told what had to be repaired, one line each.
    intake
        How to take it in.

    Raises
    ------
    UnreadableInputError
        If nothing can be read from it; also while pages or rows are read, behind what could be.
    UsageError
        If a table has no such column.
    """
    kind = intake.kind or kind_of(source)
    with _opened(source, kind, warn, intake) as opened:
        if intake.pseudonyms is None:
            yield opened
        elif isinstance(opened, Table):
            yield private_table(opened, intake.pseudonyms)
        else:
            disguised = (private_page(page, intake.pseudonyms) for page in opened.pages)
            yield replace(opened, pages=disguised)


@contextmanager
def _opened(source: Input, kind: Kind, warn: Warn, intake: Intake) -> Iterator[Pages | Table]:
    name = source.name
    if kind in PAGE_KINDS:
        page = read_page(source, warn, kind)
        yield Pages(name, iter((page,)), lambda: source.size() or 0)
    elif kind == "isso":
        from moderation.parsing.exports.isso import read_isso

        with source.as_file() as path:
            yield Pages(name, read_isso(path, name, warn))
    elif kind == "parquet":
        from moderation.parsing.parquet import read_parquet

        with source.as_file() as path:
            yield read_parquet(path, name, warn, intake.text_column)
    else:
        with source.opened() as stream:
            # An array may be one line of any length.
            whole = kind not in _JSON_KINDS or not begins_array(_decoded_head(source))
            opened = _streamed(stream, name, kind, warn, intake, whole=whole)
            yield opened if source.path is None else replace(opened, position=stream.tell)


def _streamed(
    stream: BinaryIO, name: str, kind: Kind, warn: Warn, intake: Intake, *, whole: bool
) -> Pages | Table:
    """Return what is read from front to back."""
    if kind == "wordpress":
        from moderation.parsing.exports.wordpress import read_wxr

        return Pages(name, read_wxr(stream, name, warn))
    if kind == "disqus":
        from moderation.parsing.exports.disqus import read_disqus

        return Pages(name, read_disqus(stream, name, warn))
    lines = decoded_lines(stream, name, warn, whole=whole)
    if kind == "csv":
        return read_csv(lines, name, warn, intake.text_column)
    if kind == "jsonl":
        return read_jsonl(lines, name, intake.text_column)
    if kind == "coral":
        from moderation.parsing.exports.coral import read_coral

        return Pages(name, read_coral(lines, name, warn, intake.stories))
    if kind == "coral-stories":
        # They are read before the comments, see `read_stories`.
        return Pages(name, iter(()))
    if kind == "remark42":
        from moderation.parsing.exports.remark42 import read_remark42

        return Pages(name, read_remark42(lines, name, warn))
    if kind == "parsed":
        from moderation.parsing.exports.parsed import read_parsed

        return Pages(name, read_parsed(lines, name, warn))
    return read_lines(lines, name)


def read_page(source: Input, warn: Warn, kind: Kind | None = None) -> Page:
    """Parse one article page, saved as text or as HTML.

    Raises
    ------
    UnreadableInputError
        If it is empty, too long, not text, or cannot be read.
    """
    return _read_document(source, warn, kind or kind_of(source))[0]


def read_netiquette_in(source: Input, warn: Warn, *, whole: bool = False) -> tuple[Netiquette, str]:
    """Read the house rules in a page or text, and the text in which they stand.

    Parameters
    ----------
    source
        What to read: a saved page, or a netiquette as text.
    warn
        Is told what had to be repaired.
    whole
        Read all of it as house rules, whatever it looks like.

    Raises
    ------
    UnreadableInputError
        As :func:`read_page`, and if it is an export or a database.
    """
    kind = kind_of(source)
    if kind in {"isso", "parquet", "wordpress", "disqus"}:
        raise UnreadableInputError(f"{source.name}: holds comments; give a page or text with rules")
    # A netiquette in short lines, or with semicolons, looks like a list of comments or a table.
    page, text = _read_document(source, warn, "html" if kind == "html" else "page")
    return read_netiquette(text, source.name, page.house_rules, whole=whole), text


def _read_document(source: Input, warn: Warn, kind: Kind) -> tuple[Page, str]:
    """Read one page and return it with the text that its spans are places in."""
    remarks: list[str] = []

    def note(remark: str) -> None:
        remarks.append(remark)
        warn(remark)

    longest = MAX_HTML_CHARACTERS if kind == "html" else MAX_PAGE_CHARACTERS
    parts: list[str] = []
    length = 0
    with source.opened() as stream:
        for line in decoded_lines(stream, source.name, note):
            parts.append(line)
            length += len(line)
            if length > longest:
                raise UnreadableInputError(
                    f"{source.name}: longer than {longest:,} characters, no article page; give "
                    "tables as CSV or JSON Lines"
                )
    text = "".join(parts)
    if not text.strip():
        raise UnreadableInputError(f"{source.name}: empty; nothing to read")
    if kind == "html":
        from moderation.parsing.page_html import parse_html_document

        page, text = parse_html_document(text, source.name)
    else:
        page = parse_page_text(text, source.name)
        page = replace(page, comments=tuple(map(_with_quotations, page.comments)))
    return replace(page, warnings=(*page.warnings, *remarks)), text


def _with_quotations(comment: Comment) -> Comment:
    quotations = marked_quotations(comment.text)
    return replace(comment, quotations=quotations) if quotations else comment


def read_as_pages(
    source: Input, warn: Warn, problem: Problem, intake: Intake = PLAIN
) -> Iterator[Page]:
    """Read any input as pages: a table becomes pages with comments and no article.

    `problem` is told of rows that could not be read.

    Raises
    ------
    UnreadableInputError
        If nothing can be read from it, or nothing more.
    """
    with open_input(source, warn, intake) as opened:
        if isinstance(opened, Pages):
            yield from opened.pages
            return
        gathered = _TablePage(source.name)
        pages = 0
        try:
            for row in opened.rows(warn):
                if row.unreadable:
                    problem(unreadable_row(source.name, row))
                if gathered.add(row):
                    yield gathered.page()
                    gathered, pages = _TablePage(source.name), pages + 1
        except UnreadableInputError:
            yield gathered.page()
            raise
        # A table without rows is a page without comments.
        if gathered.rows or not pages:
            yield gathered.page()


def unreadable_row(name: str, row: Row) -> UnreadableInputError:
    """Return the error that names a row of the table `name` which could not be read."""
    return UnreadableInputError(f"{name}, line {row.line}: {row.warnings[0]}; mend the line")


class _TablePage:
    """Rows of a table that become one page."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._comments: list[Comment] = []
        self._remarks: list[str] = []
        self._characters = 0
        self.rows = 0

    def add(self, row: Row) -> bool:
        """Add a row; return whether the page is full."""
        self.rows += 1
        if row.comment.text.strip():
            self._comments.append(row.comment)
            self._characters += len(row.comment.text)
        else:
            self._remarks.append(f"line {row.line}: {', '.join(row.warnings) or 'no text'}")
        return self.rows >= _PAGE_OF_TABLE or self._characters >= _CHARACTERS_OF_PAGE

    def page(self) -> Page:
        """Return the page so far."""
        return Page(self._name, comments=tuple(self._comments), warnings=tuple(self._remarks))


def read_stories(source: Input, warn: Warn) -> dict[str, Thread]:
    """Return the articles in Coral's export of stories, by their id."""
    from moderation.parsing.exports.coral import read_coral_stories

    with source.opened() as stream:
        whole = not begins_array(_decoded_head(source))
        lines = decoded_lines(stream, source.name, warn, whole=whole)
        return {story.id: story for story in read_coral_stories(lines, source.name, warn)}


def kind_of(source: Input) -> Kind:
    """Look inside an input and tell what it is.

    Raises
    ------
    UnreadableInputError
        If it is empty or not text, or XML of an unknown kind.
    """
    first = source.first_bytes()
    if first.startswith(_SQLITE):
        return "isso"
    if first.startswith(_PARQUET):
        return "parquet"
    if not first.strip(_BLANK_BYTES):
        raise UnreadableInputError(f"{source.name}: empty; nothing to read")
    head = _decoded_head(source)
    kind = sniff(head)
    if kind in {"page", "lines"} and _XML.match(head):
        raise UnreadableInputError(
            f"{source.name}: XML of an unknown kind; give an export of WordPress (WXR) or Disqus, "
            "or a saved page"
        )
    return kind


def _decoded_head(source: Input) -> str:
    # What is repaired on the way is reported when the input is read, not twice.
    first = io.BytesIO(source.first_bytes())
    lines = decoded_lines(first, source.name, lambda remark: None)
    return "".join(itertools.islice(lines, _SNIFFED_LINES))

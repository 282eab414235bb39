"""Look inside an input to see what it is, and hand it to the reader that fits."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import BinaryIO, Literal

from moderation.errors import UnreadableInputError
from moderation.parsing.decoding import Warn, decoded_lines
from moderation.parsing.exports.gathering import Thread
from moderation.parsing.inputs import Input
from moderation.parsing.markup import marked_quotations
from moderation.parsing.page_text import looks_like_page, parse_page_text
from moderation.parsing.privacy import private_page, private_table
from moderation.parsing.tables import (
    DELIMITERS,
    TEXT_COLUMNS,
    Row,
    Table,
    read_csv,
    read_jsonl,
    read_lines,
)
from moderation.pseudonyms import Pseudonyms
from moderation.records import Comment, Page

Kind = Literal[
    "page",
    "html",
    "lines",
    "csv",
    "jsonl",
    "parquet",
    "wordpress",
    "disqus",
    "coral",
    "coral-stories",
    "isso",
    "remark42",
    "parsed",
]
#: Kinds that are one article page each.
PAGE_KINDS: frozenset[Kind] = frozenset({"page", "html"})

#: A saved article page has kilobytes; more than this is no page.
MAX_PAGE_CHARACTERS = 4_000_000
#: HTML may carry its pictures inside.
MAX_HTML_CHARACTERS = 16_000_000
#: Comments of a table in one page.
_PAGE_OF_TABLE = 50_000
#: Lines looked at to tell what an input is.
_SNIFFED_LINES = 400
#: Lines in which a table must show its shape.
_HEADER_ROWS = 20
#: Share of rows that must have as many cells as the header.
_FITTING_SHARE = 0.8
# A column name: one or two words that begin with a letter, no sentence, nothing after a comma and a
# space ("Sie Idiot, echt" is no header).
_COLUMN_NAME = re.compile(r"\ufeff?[^\W\d][\w./()-]{0,39}(?: [\w./()-]{1,20})? ?")
# White space and byte order marks in any encoding.
_BLANK_BYTES = b"\x00\xff\xfe\xef\xbb\xbf \t\r\n"
_JSON_ARRAY = re.compile(r"\s*\[\s*[{\"]")
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
            whole = kind != "jsonl" or not _JSON_ARRAY.match(_decoded_head(source))
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
    remarks: list[str] = []

    def note(remark: str) -> None:
        remarks.append(remark)
        warn(remark)

    kind = kind or kind_of(source)
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
        from moderation.parsing.page_html import parse_page_html

        page = parse_page_html(text, source.name)
    else:
        page = parse_page_text(text, source.name)
        page = replace(page, comments=tuple(map(_with_quotations, page.comments)))
    return replace(page, warnings=(*page.warnings, *remarks))


def _with_quotations(comment: Comment) -> Comment:
    quotations = marked_quotations(comment.text)
    return replace(comment, quotations=quotations) if quotations else comment


def read_as_pages(source: Input, warn: Warn, intake: Intake = PLAIN) -> Iterator[Page]:
    """Read any input as pages: a table becomes pages with comments and no article.

    Raises
    ------
    UnreadableInputError
        If nothing can be read from it, or nothing more.
    """
    with open_input(source, warn, intake) as opened:
        if isinstance(opened, Pages):
            yield from opened.pages
            return
        rows: list[Row] = []
        pages = 0
        try:
            for row in opened.rows(warn):
                rows.append(row)
                if len(rows) == _PAGE_OF_TABLE:
                    yield _page_of(source.name, rows)
                    rows, pages = [], pages + 1
        except UnreadableInputError:
            yield _page_of(source.name, rows)
            raise
        # A table without rows is a page without comments.
        if rows or not pages:
            yield _page_of(source.name, rows)


def _page_of(name: str, rows: Sequence[Row]) -> Page:
    comments: list[Comment] = []
    remarks: list[str] = []
    for row in rows:
        if row.comment.text.strip():
            comments.append(row.comment)
        else:
            remarks.append(f"line {row.line}: {', '.join(row.warnings) or 'no text'}")
    return Page(name, comments=tuple(comments), warnings=tuple(remarks))


def read_stories(source: Input, warn: Warn) -> dict[str, Thread]:
    """Return the articles in Coral's export of stories, by their id."""
    from moderation.parsing.exports.coral import read_coral_stories

    with source.opened() as stream:
        lines = decoded_lines(stream, source.name, warn)
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


def sniff(head: str) -> Kind:
    """Tell what the first lines of an input are.

    Parameters
    ----------
    head
        The beginning of the decoded input.
    """
    lines = head.splitlines()
    first = next((line for line in lines if line.strip()), "")
    if first.lstrip("\ufeff").lstrip().startswith("<") and (markup := _sniff_markup(head)):
        return markup
    if _is_json_object(first) or _JSON_ARRAY.match(head):
        return _sniff_json(head)
    if _is_header(lines[lines.index(first) :] if first else ()):
        return "csv"
    return "page" if looks_like_page(head) else "lines"


def _sniff_markup(head: str) -> Kind | None:
    from moderation.parsing.exports.sniffing import sniff_xml
    from moderation.parsing.page_html import looks_like_html

    return sniff_xml(head) or ("html" if looks_like_html(head) else None)


def _sniff_json(head: str) -> Kind:
    from moderation.parsing.exports.coral import sniff_coral
    from moderation.parsing.exports.parsed import sniff_parsed
    from moderation.parsing.exports.remark42 import sniff_remark42

    try:
        first, _ = json.JSONDecoder().raw_decode(head.lstrip("\ufeff [\t\r\n"))
    except (ValueError, RecursionError):
        # Cut by the look-ahead, or broken: rows, whatever they are.
        return "jsonl"
    if not isinstance(first, dict):
        return "jsonl"
    if sniff_parsed(first):
        return "parsed"
    return sniff_coral(first) or sniff_remark42(first) or "jsonl"


def _is_json_object(line: str) -> bool:
    if not line.lstrip().startswith("{"):
        return False
    # A line cut by the look-ahead is no whole object, but begins like one.
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return re.match(r'\s*\{\s*"', line) is not None


def _is_header(lines: Sequence[str]) -> bool:
    """Whether `lines` are a table: column names, and rows that have as many cells right below."""
    if not lines or (len(lines) > 1 and not lines[1].strip()):
        # A kicker ("Kommentar"), then a blank line: a page, whatever it is called.
        return False
    if lines[0].strip().strip('"').casefold() in TEXT_COLUMNS:
        return not looks_like_page("\n".join(lines[1:]))
    for delimiter in DELIMITERS:
        try:
            names, *rows = csv.reader(lines[:_HEADER_ROWS], delimiter=delimiter)
        except csv.Error:
            continue
        if len(names) < 2 or not all(_COLUMN_NAME.fullmatch(name) for name in names):
            continue
        telling = any(name.strip().casefold() in TEXT_COLUMNS for name in names)
        fitting = sum(len(row) == len(names) for row in rows if row)
        # Without a telling name, only rows of one shape tell a table from sentences with commas.
        if telling or (rows and fitting >= _FITTING_SHARE * len(rows)):
            return True
    return False

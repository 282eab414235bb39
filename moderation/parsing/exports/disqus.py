"""Disqus's export: threads, and posts that name their thread and the post they answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from moderation.errors import UnreadableInputError
from moderation.parsing.decoding import Warn, decoded_lines
from moderation.parsing.exports.gathering import Posted, Thread, gather
from moderation.parsing.exports.xml_stream import MAX_TEXT, Closed, Field, Opened, read_records
from moderation.parsing.markup import text_of_html
from moderation.records import Comment, Page, Status

_HOLDERS = {"": frozenset({"thread", "post"}), "post": frozenset({"author"})}


@dataclass(slots=True)
class _Record:
    """A thread or post: its fields, what its references name, whether it was read to its end."""

    id: str
    line: int
    fields: dict[str, str] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    author: dict[str, str] = field(default_factory=dict)
    complete: bool = True


def read_disqus(stream: BinaryIO, source: str, warn: Warn) -> Iterator[Page]:
    """Yield a page for each thread that has posts, threads with one address as one page.

    Parameters
    ----------
    stream
        The export.
    source
        Its name.
    warn
        Is told of each repair, with its line.

    Raises
    ------
    UnreadableInputError
        If there is no post in the export, or it goes on in a way that must be refused; what stood
        before has been yielded.
    """
    pieces = decoded_lines(stream, source, warn, whole=False)
    records = read_records(pieces, source, warn, _HOLDERS)
    found = 0
    for page in gather(source, _read(records, source, warn), warn):
        found += len(page.comments)
        yield page
    if not found:
        raise UnreadableInputError(
            f"{source}: no posts in this export; ask Disqus for it again (Admin, Export)"
        )


def _read(
    records: Iterator[Opened | Field | Closed], source: str, warn: Warn
) -> Iterator[Thread | Posted]:
    for one in records:
        if not isinstance(one, Opened):
            continue
        record = _read_record(records, one)
        if one.name == "thread":
            yield _thread(record)
        elif (comment := _comment(record, source, warn)) is not None:
            thread = record.references.get("thread", "")
            yield Posted(thread, comment, f"line {record.line}")


def _read_record(records: Iterator[Opened | Field | Closed], opened: Opened) -> _Record:
    record = _Record(opened.attributes.get("id", ""), opened.line)
    into = record.fields
    for one in records:
        if isinstance(one, Opened):
            into = record.author
        elif isinstance(one, Closed):
            if one.name == opened.name:
                record.complete = one.complete
                break
            into = record.fields
        elif "id" in one.attributes:
            record.references.setdefault(one.name, one.attributes["id"])
        elif one.complete:
            into.setdefault(one.name, one.text.strip())
    return record


def _thread(record: _Record) -> Thread:
    link = record.fields.get("link") or None
    return Thread(
        record.id,
        headline=text_of_html(record.fields.get("title", "")).text or None,
        url=link,
        published=_moment(record.fields.get("createdAt", "")),
        closed=record.fields.get("isClosed") == "true",
    )


def _comment(record: _Record, source: str, warn: Warn) -> Comment | None:
    fields = record.fields
    if not record.complete and "message" not in fields:
        return None
    if len(fields.get("message", "")) >= MAX_TEXT:
        warn(
            f"{source}, line {record.line}: a comment of more than {MAX_TEXT:,} characters; "
            "left out"
        )
        return None
    fragment = text_of_html(fields.get("message", ""))
    author = record.author
    return Comment(
        id=record.id or f"line-{record.line}",
        text=fragment.text,
        parent_id=record.references.get("parent"),
        author=author.get("name") or author.get("username") or None,
        published=_moment(fields.get("createdAt", "")),
        status=_status(fields),
        quotations=fragment.quotations,
    )


def _status(fields: dict[str, str]) -> Status:
    if fields.get("isSpam") == "true":
        return "spam"
    return "deleted" if fields.get("isDeleted") == "true" else "approved"


def _moment(words: str) -> str | None:
    return words.replace("Z", "+00:00") or None

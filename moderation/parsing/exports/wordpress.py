"""WordPress's export (WXR 1.0 to 1.2): posts with their comments."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import BinaryIO

from moderation.errors import UnreadableInputError
from moderation.parsing.decoding import Warn, decoded_lines
from moderation.parsing.exports.gathering import Posted, Thread, gather
from moderation.parsing.exports.xml_stream import MAX_TEXT, Closed, Field, Opened, read_records
from moderation.parsing.markup import text_of_html
from moderation.records import Article, Comment, Page, Status

_HOLDERS = {"": frozenset({"item"}), "item": frozenset({"comment"})}
#: `comment_approved`; other values are plugins' own.
_STATUSES: Mapping[str, Status] = {
    "1": "approved",
    "approve": "approved",
    "approved": "approved",
    "0": "pending",
    "hold": "pending",
    "spam": "spam",
    "trash": "deleted",
    "post-trashed": "deleted",
}
#: `comment_type` of what readers write; pingbacks, trackbacks and order notes are no comments.
_COMMENT_TYPES = frozenset({"", "comment", "review"})
# "2024-05-03 12:05:00", and WordPress's word for "not set".
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2})?)")
_NOT_SET = "0000-00-00"


@dataclass(slots=True)
class _Item:
    """A post while it is read; the fields of its comments are read one by one."""

    fields: dict[str, str] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def read_wxr(stream: BinaryIO, source: str, warn: Warn) -> Iterator[Page]:
    """Yield a page for each post that has comments; a post with very many comes in several.

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
        If there is no comment in the export, or it goes on in a way that must be refused; what
        stood before has been yielded.
    """
    pieces = decoded_lines(stream, source, warn, whole=False)
    records = read_records(pieces, source, warn, _HOLDERS)
    found = items = 0
    for one in records:
        if isinstance(one, Opened) and one.name == "item":
            items += 1
            for page in _read_item(records, source, warn):
                found += len(page.comments)
                yield page
    if not found:
        raise UnreadableInputError(
            f"{source}: no comments in this export ({items} posts); export all content, not posts "
            "alone"
        )


def _read_item(
    records: Iterator[Opened | Field | Closed], source: str, warn: Warn
) -> Iterator[Page]:
    item = _Item()
    for page in gather(source, _posted(records, item, source, warn), warn):
        article = _article(item)
        left_out = tuple(f"{count} {kind} left out" for kind, count in item.left_out.items())
        yield replace(
            page,
            article=article,
            url=item.fields.get("link") or None,
            warnings=(*page.warnings, *left_out),
        )


def _posted(
    records: Iterator[Opened | Field | Closed], item: _Item, source: str, warn: Warn
) -> Iterator[Posted | Thread]:
    """Yield the comments of an item; what else it says goes to `item`."""
    for one in records:
        if isinstance(one, Closed):
            return
        if isinstance(one, Opened):
            comment = _read_comment(records, one.line, item, source, warn)
            if comment is not None:
                yield Posted("item", comment, f"line {one.line}")
        elif one.name == "category" and one.attributes.get("domain") == "post_tag":
            item.tags.append(one.text.strip())
        elif one.name == "category" and one.attributes.get("domain", "category") != "category":
            continue
        # Of "content:encoded" and "excerpt:encoded" the first is the text.
        elif one.text.strip():
            item.fields.setdefault(one.name, one.text.strip())


def _read_comment(
    records: Iterator[Opened | Field | Closed], line: int, item: _Item, source: str, warn: Warn
) -> Comment | None:
    fields: dict[str, str] = {}
    for one in records:
        if isinstance(one, Closed):
            if not one.complete and "content" not in fields:
                return None
            break
        # Half a comment says something else than the whole.
        if isinstance(one, Field) and one.complete:
            fields.setdefault(one.name.removeprefix("comment_"), one.text)
    kind = fields.get("type", "").strip()
    if kind not in _COMMENT_TYPES:
        item.left_out[f"{kind[:40]}(s)"] += 1
        return None
    content = fields.get("content", "")
    if len(content) >= MAX_TEXT:
        warn(f"{source}, line {line}: a comment of more than {MAX_TEXT:,} characters; left out")
        return None
    fragment = text_of_html(content)
    if not fragment.text:
        item.left_out["comment(s) without text"] += 1
        return None
    parent = fields.get("parent", "").strip()
    return Comment(
        id=fields.get("id", "").strip() or f"line-{line}",
        text=fragment.text,
        parent_id=parent if parent not in {"", "0"} else None,
        author=fields.get("author", "").strip() or None,
        published=_moment(fields.get("date_gmt", ""), "+00:00") or _moment(fields.get("date", "")),
        status=_STATUSES.get(fields.get("approved", "").strip().lower()),
        quotations=fragment.quotations,
    )


def _article(item: _Item) -> Article:
    fields = item.fields
    return Article(
        headline=text_of_html(fields.get("title", "")).text or None,
        section=fields.get("category"),
        published=(
            _moment(fields.get("post_date_gmt", ""), "+00:00")
            or _moment(fields.get("post_date", ""))
            or _feed_moment(fields.get("pubDate", ""))
        ),
        body=text_of_html(fields.get("encoded", "")).text,
        tags=tuple(dict.fromkeys(item.tags)),
    )


def _moment(words: str, zone: str = "") -> str | None:
    match = _MOMENT.search(words)
    if match is None or match[1] == _NOT_SET:
        return None
    return f"{match[1]}T{match[2]}{zone}"


def _feed_moment(words: str) -> str | None:
    """Return a date as feeds write it ("Thu, 02 May 2024 08:00:00 +0000")."""
    try:
        return parsedate_to_datetime(words).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None

"""Coral (before 2019: Talk): collections of comments and stories as mongoexport writes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from moderation.errors import UnreadableInputError
from moderation.parsing.decoding import Warn
from moderation.parsing.exports.fields import bare, display_name, first_named, moment, named
from moderation.parsing.exports.gathering import Posted, Thread, gather
from moderation.parsing.json_lines import json_objects
from moderation.parsing.markup import text_of_html
from moderation.records import Comment, Page, Status

# Talk 4 says ACCEPTED where Coral says APPROVED. NONE was published without anybody's decision.
_STATUSES: Mapping[str, Status] = {
    "APPROVED": "approved",
    "ACCEPTED": "approved",
    "REJECTED": "rejected",
    "PREMOD": "pending",
    "SYSTEM_WITHHELD": "pending",
}
# Fields of Coral 5 and later, and of Talk 4.
_STORY, _PARENT = ("storyID", "asset_id"), ("parentID", "parent_id")
_AUTHOR, _DELETED = ("authorID", "author_id"), ("deletedAt", "deleted_at")
_CREATED = ("createdAt", "created_at")
# A story has some of these, and no text.
_OF_STORIES = frozenset({"commentCounts", "tenantID", "scrapedAt", "scraped", "publication_date"})
_OF_METADATA = frozenset({"title", "publishedAt"})
_OF_TEXTS = frozenset({"text", "body", "comment", "content", "message", "revisions"})


def sniff_coral(first: Mapping[str, Any]) -> Literal["coral", "coral-stories"] | None:
    """Tell by the first object of an input whether it holds comments or stories of Coral."""
    if any(name in first for name in _STORY):
        return "coral" if "revisions" in first or "body" in first else None
    if not isinstance(first.get("url"), str) or _OF_TEXTS & first.keys():
        return None
    metadata = first.get("metadata")
    described = isinstance(metadata, dict) and bool(_OF_METADATA & metadata.keys())
    return "coral-stories" if described or _OF_STORIES & first.keys() else None


def read_coral_stories(lines: Iterable[str], source: str, warn: Warn) -> Iterator[Thread]:
    """Yield the stories of a collection `stories` (Talk 4: `assets`).

    Parameters
    ----------
    lines
        JSON Lines, or an array (``mongoexport --jsonArray``), decoded.
    source
        Name of the input.
    warn
        Is told of what is no story, with its line; it is left out.
    """
    for number, record in json_objects(lines, source, warn):
        story = _story(record)
        if story is None:
            warn(f"{source}, line {number}: a story without id; left out")
        else:
            yield story


def _story(record: Mapping[str, Any]) -> Thread | None:
    identity = first_named(record, "id", "_id")
    if identity is None:
        return None
    metadata = record.get("metadata")
    inner = metadata if isinstance(metadata, dict) else {}
    return Thread(
        identity,
        headline=named(inner.get("title")) or named(record.get("title")),
        url=named(record.get("url")),
        published=moment(inner.get("publishedAt")) or moment(record.get("publication_date")),
    )


def read_coral(
    lines: Iterable[str], source: str, warn: Warn, stories: Mapping[str, Thread]
) -> Iterator[Page]:
    """Yield one page per story of a collection `comments`; the last revision is the text.

    Parameters
    ----------
    lines
        JSON Lines, or an array (``mongoexport --jsonArray``), decoded.
    source
        Name of the input.
    warn
        Is told of what is no comment, with its line; it is left out.
    stories
        By their ids, as :func:`read_coral_stories` yields them; they give headlines.

    Raises
    ------
    UnreadableInputError
        If there is no comment at all, or the input cannot be read on.
    """
    yield from gather(source, _found(lines, source, warn, stories), warn)


def _found(
    lines: Iterable[str], source: str, warn: Warn, stories: Mapping[str, Thread]
) -> Iterator[Thread | Posted]:
    told: set[str] = set()
    nothing = True
    for number, record in json_objects(lines, source, warn):
        if sniff_coral(record) == "coral-stories" and (story := _story(record)):
            yield story
            continue
        if not any(name in record for name in (*_STORY, "revisions", "body")):
            warn(f"{source}, line {number}: no comment of Coral; left out")
            continue
        nothing = False
        one = _posted(record, number)
        if one.thread_id in stories and one.thread_id not in told:
            told.add(one.thread_id)
            yield stories[one.thread_id]
        yield one
    if nothing:
        raise UnreadableInputError(
            f"{source}: no comments in this export; give the collection comments of Coral"
        )


def _posted(record: Mapping[str, Any], number: int) -> Posted:
    story = first_named(record, *_STORY) or ""
    deleted = any(record.get(name) for name in _DELETED)
    fragment = text_of_html(_body(record))
    published = next((at for name in _CREATED if (at := moment(record.get(name)))), None)
    comment = Comment(
        id=first_named(record, "id", "_id") or f"line-{number}",
        text=fragment.text,
        parent_id=first_named(record, *_PARENT),
        author=display_name(*(record.get(name) for name in _AUTHOR)),
        published=published,
        status="deleted" if deleted else _STATUSES.get(str(bare(record.get("status")))),
        quotations=fragment.quotations,
    )
    return Posted(story, comment, f"line {number}")


def _body(record: Mapping[str, Any]) -> str:
    """Return the HTML of the last revision that has one."""
    revisions = record.get("revisions")
    for revision in reversed(revisions) if isinstance(revisions, list) else ():
        if isinstance(revision, dict) and isinstance(revision.get("body"), str):
            return str(revision["body"])
    body = record.get("body")
    return body if isinstance(body, str) else ""

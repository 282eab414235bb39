"""Remark42: backups, one line of metadata and then one comment a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from moderation.errors import UnreadableInputError
from moderation.parsing.decoding import Warn
from moderation.parsing.exports.fields import display_name, moment, named
from moderation.parsing.exports.gathering import Posted, Thread, gather
from moderation.parsing.json_lines import json_objects
from moderation.parsing.markup import text_of_html
from moderation.records import Comment, Page


def sniff_remark42(first: Mapping[str, Any]) -> Literal["remark42"] | None:
    """Tell by the first object of an input whether it is a backup of Remark42."""
    return "remark42" if _is_metadata(first) or _is_comment(first) else None


def _is_metadata(record: Mapping[str, Any]) -> bool:
    # Of a long list of users the look-ahead does not see the end, and nothing of the posts.
    return "version" in record and isinstance(record.get("users"), list)


def _is_comment(record: Mapping[str, Any]) -> bool:
    locator = record.get("locator")
    return isinstance(locator, dict) and "url" in locator and ("pid" in record or "orig" in record)


def read_remark42(lines: Iterable[str], source: str, warn: Warn) -> Iterator[Page]:
    """Yield one page per address that was commented on.

    Parameters
    ----------
    lines
        A backup, unpacked and decoded; its line of metadata may be missing.
    source
        Name of the input.
    warn
        Is told of what is no comment, with its line; it is left out.

    Raises
    ------
    UnreadableInputError
        If there is no comment at all, or the input cannot be read on.
    """
    yield from gather(source, _found(lines, source, warn), warn)


def _found(lines: Iterable[str], source: str, warn: Warn) -> Iterator[Thread | Posted]:
    told: Thread | None = None
    nothing = True
    for number, record in json_objects(lines, source, warn):
        if _is_metadata(record):
            continue
        if not _is_comment(record):
            warn(f"{source}, line {number}: no comment of Remark42; left out")
            continue
        nothing = False
        thread = _thread(record)
        if thread != told:
            told = thread
            yield thread
        yield _posted(record, thread.id, number)
    if nothing:
        raise UnreadableInputError(
            f"{source}: no comments in this backup; make it with remark42 backup"
        )


def _thread(record: Mapping[str, Any]) -> Thread:
    locator = record["locator"]
    url = named(locator.get("url"))
    # Several sites may have the same path.
    identity = f"{named(locator.get('site')) or ''} {url or ''}"
    return Thread(identity, headline=named(record.get("title")), url=url)


def _posted(record: Mapping[str, Any], thread_id: str, number: int) -> Posted:
    deleted = record.get("delete") is True
    # `orig` is the Markdown that `text` was made from.
    sources = (record.get("text"), record.get("orig"))
    html = next((one for one in sources if isinstance(one, str) and one.strip()), "")
    fragment = text_of_html(html)
    user = record.get("user")
    known = user if isinstance(user, dict) else {}
    comment = Comment(
        id=named(record.get("id")) or f"line-{number}",
        text=fragment.text,
        parent_id=named(record.get("pid")),
        author=display_name(known.get("name"), known.get("id")),
        published=moment(record.get("time")),
        status="deleted" if deleted else None,
        quotations=fragment.quotations,
    )
    return Posted(thread_id, comment, f"line {number}")

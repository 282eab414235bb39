"""What an element says about a comment."""

from __future__ import annotations

from dataclasses import dataclass, replace

from moderation.parsing.html.words import (
    cut,
    joined,
)
from moderation.parsing.markup import Fragment
from moderation.records import Evidence, Status


@dataclass(slots=True)
class Reading:
    """What an element says about a comment."""

    author: str | None = None
    published: str | None = None
    text: str = ""
    quotations: tuple[Evidence, ...] = ()
    status: Status | None = None
    title: str | None = None
    reply_to: str | None = None


def titled(reading: Reading) -> Reading:
    """Return a comment with its title as the first paragraph."""
    if reading.title is None or reading.text.startswith(reading.title.rstrip(".… ")):
        return reading
    fragment = joined([Fragment(reading.title), Fragment(reading.text, reading.quotations)])
    return replace(reading, text=fragment.text, quotations=fragment.quotations)


def cut_text(reading: Reading, start: int, stop: int) -> None:
    """Keep of the words of a comment what stands from `start` to `stop`."""
    fragment = cut(Fragment(reading.text, reading.quotations), start, stop)
    reading.text, reading.quotations = fragment.text, fragment.quotations

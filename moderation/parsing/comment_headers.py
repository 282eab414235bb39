"""Who wrote a comment and when: the lines that open comments, in the layouts pages use."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from moderation.parsing import cues
from moderation.parsing.dates import iso_moment
from moderation.parsing.lines import LONGEST_CUE_LINE, Line

#: Words and characters at most in a name above a comment.
_LONGEST_NAME_WORDS = 5
_LONGEST_NAME = 50
# Words of sentences: a line with one of them is no name.
_NO_NAME = frozenset(
    {"das", "ist", "war", "ich", "wir", "es", "ein", "eine", "nicht", "auch", "wie", "seit", "bis"}
    | {"sind", "hat", "haben", "wird", "dass", "wenn"}
)
_NAME_DECORATION = " \t\xa0*_|•·,;:–—-@>→"
_BYLINE = re.compile(r"(?:Von|VON)[:\s]")
_INITIAL = re.compile(r"(?:^|\s)\w{1,3}\.$")

#: How sure a header is: ``dated`` names its verb or number, ``loose`` is just a name and a date,
#: ``undated`` is "Max sagt:" without a date.
HeaderKind = Literal["dated", "loose", "undated"]


@dataclass(frozen=True, slots=True)
class Header:
    """What a comment's first lines say about it.

    Attributes
    ----------
    kind
        How sure the header is.
    author, published, number, parent
        Name, date (ISO 8601 or the page's words), the page's own number, and the name or number
        of the comment answered.
    lines
        How many lines the header takes.
    text_offset
        Where the comment begins in the header's first line, if it begins there.
    """

    kind: HeaderKind
    author: str | None
    published: str | None = None
    number: str | None = None
    parent: str | None = None
    lines: int = 1
    text_offset: int | None = None


def read_header(line: Line, following: Line | None) -> Header | None:
    """Return the header that `line` (with the line `following` it) is, or ``None``."""
    date_below = following is not None and cues.is_line(following.plain, "date_line")
    if cues.is_line(line.plain, "date_line", "comment_foot"):
        return None
    if date_below and following is not None:
        verb = cues.match_line("header_undated", line.plain)
        name = verb["author"] if verb else line.plain
        # "Folgende Termine:" above a date is a reader's list; "Von …" is a byline.
        if is_name(name) and (verb or not (name.endswith(":") or _BYLINE.match(name))):
            date = cues.match_line("date_line", following.plain)
            number = date["number"] if date else None
            return Header("dated", clean_name(name), _published(date), number, lines=2)
    for role, kind in _HEADER_ROLES:
        match = cues.match_line(role, line.plain)
        if match and is_name(match["author"]):
            return _from_match(match, kind)
    match = cues.match_start("header_with_text", line.text)
    if match and is_name(match["author"]):
        return _from_match(match, "dated", text_offset=match.start("text"))
    match = cues.match_line("header_undated", line.plain)
    if match and is_name(match["author"]):
        return _from_match(match, "undated")
    return None


_HEADER_ROLES: tuple[tuple[str, HeaderKind], ...] = (("header", "dated"), ("header_loose", "loose"))


def _from_match(match: re.Match[str], kind: HeaderKind, text_offset: int | None = None) -> Header:
    groups = match.groupdict()
    author, parent = _split_reply(groups["author"])
    return Header(
        kind,
        clean_name(author),
        _published(match),
        number=groups.get("number"),
        parent=groups.get("parent") or parent,
        text_offset=text_offset,
    )


def _split_reply(author: str) -> tuple[str, str | None]:
    """Part "Erika → Max" (as Disqus writes replies) into who writes and who is answered."""
    left, arrow, right = author.replace("➜", "→").partition("→")
    return (left, right.strip() or None) if arrow and left.strip() else (author, None)


def _published(match: re.Match[str] | None) -> str | None:
    words = cues.named(match, "when") if match and "when" in match.groupdict() else None
    return (iso_moment(words) or words) if words else None


def clean_name(name: str) -> str | None:
    """Return `name` without the signs pages put around it; ``None`` if nothing is left."""
    return name.strip(_NAME_DECORATION) or None


def is_name(words: str) -> bool:
    """Return whether `words` may be the name or nickname above a comment."""
    name = words.strip(_NAME_DECORATION)
    if not name or len(name) > _LONGEST_NAME or not any(sign.isalnum() for sign in name):
        return False
    if name[-1] in "!?…" or (name[-1] == "." and not _INITIAL.search(name)):
        return False
    parts = name.casefold().split()
    return len(parts) <= _LONGEST_NAME_WORDS and _NO_NAME.isdisjoint(parts)


def date_only(line: Line) -> str | None:
    """Return when, if `line` is nothing but a date (ISO 8601 or the page's words)."""
    return _published(cues.match_line("date_line", line.plain))


def foot_date(line: Line) -> str | None:
    """Return when, if the line that ends a comment ("Gefällt mir · Antworten · …") says so."""
    return _published(cues.match_line("comment_foot", line.plain))


def item_header(lines: Sequence[Line], first_text: str) -> tuple[Header | None, int]:
    """Return the header inside a list item and the number of title lines before it.

    Parameters
    ----------
    lines
        The lines of the item, at least one.
    first_text
        What is left of the first line behind its number or bullet.
    """
    following = lines[1] if len(lines) > 1 else None
    if len(first_text) > LONGEST_CUE_LINE:
        return None, 0
    opening = replace(lines[0], text=first_text, plain=" ".join(first_text.split()))
    header = read_header(opening, following)
    if header is not None:
        return header, 0
    # "1. A title" above "name, date": the title is the reader's.
    if following is not None:
        header = read_header(following, lines[2] if len(lines) > 2 else None)
        if header is not None and header.kind != "undated":
            return header, 1
    return None, 0

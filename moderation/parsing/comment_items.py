"""One comment while it is read: its header, its text, and the comment it answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from moderation.parsing import cues
from moderation.parsing.comment_headers import Header, date_only, is_name, item_header
from moderation.parsing.comment_layouts import Layout, spoken_header
from moderation.parsing.lines import Line, unwrapped

#: Words at most in a name that a reply begins with, and characters looked at for it.
_NAME_WORDS = 5
_NAME_CHARACTERS = 100


@dataclass(slots=True)
class Item:
    """A comment while it is read.

    Attributes
    ----------
    opener
        Index of the line that opens it.
    label
        The page's own number ("1.2"), if it has one.
    parent
        Position of the comment it answers among the items.
    text_offset
        Where the text begins in the first line of a list item.
    titles
        Lines in front of the header that are the reader's title.
    lines
        All its lines, header included.
    header, published, reply_to, text
        What was read from the lines.
    """

    opener: int
    label: str | None = None
    parent: int | None = None
    text_offset: int = 0
    titles: int = 0
    lines: list[Line] = field(default_factory=list)
    header: Header | None = None
    published: str | None = None
    reply_to: str | None = None
    text: str = ""


def read_item(item: Item, layout: Layout) -> None:
    """Set header, date and text of `item` from its lines.

    `layout` is the layout of its section; list items and comments that open with a date keep
    their header in other places than the rest.
    """
    first = item.lines[item.titles]
    used, offset = 0, 0
    if layout in {"numbered", "bulleted"}:
        offset = item.text_offset
        item.header, item.titles = item_header(item.lines, first.text[offset:])
    elif layout == "date_first":
        item.published = date_only(first)
        used = 1
        if len(item.lines) > 2 and is_name(item.lines[1].plain) and not item.lines[1].gap:
            item.header = Header("dated", item.lines[1].plain)
            used = 2
    elif layout == "footed":
        item.header = Header("undated", first.plain)
        used = 1
    elif _is_dated_below(item):
        item.published = date_only(item.lines.pop())
    elif layout == "signed":
        signature = cues.match_line("signature", item.lines[-1].plain)
        if signature and len(item.lines) > 1:
            item.lines.pop()
            item.header = Header("undated", signature["author"], lines=0)
    elif layout == "spoken":
        spoken = spoken_header(first)
        if spoken:
            item.header = Header("undated", spoken["author"], text_offset=spoken.start("text"))
    if item.header is not None and used == 0:
        item.published = item.header.published or item.published
        used = item.header.lines
        if item.header.text_offset is not None and not item.titles:
            used, offset = 0, offset + item.header.text_offset
    body = item.lines[: item.titles] + item.lines[item.titles + used :]
    if item.header is not None and body and cues.is_line(body[0].plain, "reply_to"):
        item.reply_to = body.pop(0).plain
    parts: list[str] = []
    for line in body:
        raw = line.text[offset:] if line is item.lines[0] else line.text
        if raw:
            parts += ["\n\n" if line.gap else "\n", unwrapped(raw)]
    item.text = "".join(parts).strip()


def _is_dated_below(item: Item) -> bool:
    """Return whether a comment without date above its text ends with one, as in old blogs."""
    if item.header is None or item.header.kind != "undated" or len(item.lines) <= 2:
        return False
    return date_only(item.lines[-1]) is not None


def resolve_replies(items: Sequence[Item]) -> None:
    """Find the parents that headers or "@name" name; only an unambiguous name counts."""
    by_name: dict[str, list[int]] = {}
    for position, item in enumerate(items):
        if item.label is not None and "." in item.label and item.parent is None:
            above = by_name.get("#" + item.label.rpartition(".")[0], ())
            item.parent = above[0] if above else None
        if item.parent is None:
            for name in _addressees(item):
                named = by_name.get(name.casefold(), ())
                if len(named) == 1:
                    item.parent = named[0]
                    break
        if item.header is not None and item.header.author:
            author = item.header.author.casefold()
            by_name.setdefault(author, []).append(position)
            # "Erika Muster (emuster)" is answered as "Erika Muster".
            bare = author.partition(" (")[0]
            if bare != author:
                by_name.setdefault(bare, []).append(position)
        if item.label is not None:
            by_name.setdefault(f"#{item.label}", []).append(position)


def _addressees(item: Item) -> Iterator[str]:
    """Yield the names or numbers ("#3") a comment may answer, the longest reading first."""
    reply = cues.match_line("reply_to", item.reply_to) if item.reply_to else None
    if reply:
        words = reply["parent"].strip(" @").split()
    elif item.header is not None and item.header.parent:
        words = item.header.parent.strip(" @").split()
    elif item.text.startswith("@"):
        words = item.text[1:_NAME_CHARACTERS].split("\n", 1)[0].split()
    else:
        return
    for count in range(min(len(words), _NAME_WORDS), 0, -1):
        name = " ".join(words[:count])
        bare = name.rstrip(":,;-–!")
        yield from (name, bare, bare.rstrip("."))
        if count == 1 and bare.lstrip("#").isdecimal():
            yield "#" + bare.lstrip("#")

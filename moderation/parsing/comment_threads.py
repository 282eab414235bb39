"""Comment threads: from the lines below a heading like "7 Kommentare" to comments with parents.

Layouts: numbered and bulleted lists nested by indentation; headers with name and date on one line
or two; "Name sagt:"; date first; and comments parted only by their "Antworten" lines. Comments are
read below a recognised heading only, and a weak sign (a number, a bullet) counts only directly
below it: an ordered list in an article is no thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from moderation.parsing import cues
from moderation.parsing.comment_headers import Header, date_only, is_name, item_header, read_header
from moderation.parsing.comment_nesting import Nesting, item_mark
from moderation.parsing.lines import Line, unwrapped
from moderation.records import Comment

Layout = Literal["numbered", "bulleted", "dated", "loose", "undated", "date_first", "footed"]

#: Lines looked at below a heading for the first comment, and unknown lines tolerated among them.
_SEARCHED = 40
_TOLERATED = 6
#: Characters: lines of at least this length are article prose when above a heading.
PROSE = 120
# A "comment" with this many prose paragraphs, in a page with no article above it, is the article.
_ARTICLE_PARAGRAPHS = 4
#: Characters at most in a title line above a comment's header.
_LONGEST_TITLE = 100

#: Words at most in a name that a reply begins with.
_NAME_WORDS = 5

_STRONG = ("comments_heading",)
_WEAK = ("comments_heading_weak", "comments_form")
#: Lines between heading and first comment, and lines among comments, that are neither.
_PREAMBLE = ("interface", "badge", "more_comments", "comments_offer", "comments_none", "furniture")
_CONTROLS = ("interface", "badge", "more_comments")
_SOFT_ENDS = ("comments_form", "teaser_heading")
_HEADED: frozenset[Layout] = frozenset({"dated", "loose", "undated", "date_first"})


@dataclass(frozen=True, slots=True)
class Thread:
    """The comments of one section.

    Attributes
    ----------
    comments
        In page order.
    heading
        Index of the line that heads the section.
    first, end
        Range of line indices from the first comment to after the last.
    removed
        Comments of which the page keeps only a note that they were removed.
    unknown_lines
        Lines between heading and first comment that fit nothing.
    """

    comments: tuple[Comment, ...]
    heading: int
    first: int
    end: int
    removed: int = 0
    unknown_lines: int = 0


@dataclass(slots=True)
class _Item:
    """A comment while it is read: its lines, and what its header said."""

    opener: int
    label: str | None = None
    parent: int | None = None
    text_offset: int = 0
    titles: int = 0
    lines: list[Line] = field(default_factory=list)
    header: Header | None = None
    published: str | None = None
    text: str = ""


def is_strong_heading(line: Line) -> bool:
    """Return whether `line` can only head a comment section (not a part of an article)."""
    return cues.is_line(line.plain, *_STRONG)


def read_thread(
    lines: Sequence[Line], skipped: frozenset[int], addressed: frozenset[int]
) -> Thread | None:
    """Read the comment section of a page.

    Parameters
    ----------
    lines
        All lines of the page.
    skipped
        Indices of lines known to be something else (house rules, notices).
    addressed
        Indices of lines that speak to commenters: passed over above the first comment and below
        the last, but a comment may speak so, too.

    Returns
    -------
    Thread or None
        ``None`` where no section with a known layout was found.
    """
    best: tuple[tuple[bool, int, int], Layout, int] | None = None
    prose_above = False
    for index, line in enumerate(lines):
        strong = is_strong_heading(line)
        if strong or cues.is_line(line.plain, *_WEAK):
            opening = _opening(lines, skipped | addressed, index, strong=strong)
            if opening is not None:
                layout, first, unknown = opening
                key = (not prose_above, unknown, index)
                if best is None or key < best[0]:
                    best = key, layout, first
        prose_above |= len(line.text) >= PROSE and index not in skipped
    if best is None:
        return None
    (no_prose_above, unknown, heading), layout, first = best
    thread = _read_items(lines, skipped, addressed, heading, first, layout, unknown)
    if thread is not None and no_prose_above and _holds_article(thread):
        return None
    return thread


def _holds_article(thread: Thread) -> bool:
    """Return whether a counter above the article was taken for the heading of its comments."""
    return any(
        sum(len(paragraph) >= PROSE for paragraph in comment.text.split("\n\n"))
        >= _ARTICLE_PARAGRAPHS
        for comment in thread.comments
    )


def _opening(
    lines: Sequence[Line], skipped: frozenset[int], heading: int, *, strong: bool
) -> tuple[Layout, int, int] | None:
    """Return the layout below a heading, its first line and the unknown lines above that."""
    unknown = 0
    below = [
        index
        for index in range(heading + 1, min(len(lines), heading + _SEARCHED))
        if index not in skipped and not cues.is_line(lines[index].plain, *_PREAMBLE)
    ]
    for position, index in enumerate(below):
        line = lines[index]
        if cues.is_line(line.plain, "comments_form", *_STRONG, "comments_heading_weak"):
            continue
        if cues.is_line(line.plain, "section_end", "teaser_heading", "tags_heading"):
            break
        # A numbered list whose items have headers is still told apart by its numbers.
        mark = item_mark(line) if strong and unknown == 0 else None
        if mark is not None and mark.number is not None and len(mark.number) == 1:
            return "numbered", index, 0
        following = lines[below[position + 1]] if position + 1 < len(below) else None
        header = read_header(line, following)
        if header is not None and (header.kind != "undated" or unknown == 0):
            return header.kind, index, unknown
        if unknown == 0 and date_only(line):
            return "date_first", index, 0
        if mark is not None and mark.number is None:
            return "bulleted", index, 0
        unknown += 1
        if unknown > _TOLERATED:
            break
    return _footed_opening(lines, skipped, heading) if strong else None


def _footed_opening(
    lines: Sequence[Line], skipped: frozenset[int], heading: int
) -> tuple[Layout, int, int] | None:
    """Recognise comments that consist of a name, text, and an "Antworten" line."""
    first: int | None = None
    size = feet = 0
    for index in range(heading + 1, min(len(lines), heading + _SEARCHED)):
        line = lines[index]
        if index in skipped or cues.is_line(line.plain, "badge"):
            continue
        if cues.is_line(line.plain, "comment_foot"):
            if size == 1:
                return None
            feet += size > 1
            size = 0
        elif cues.is_line(line.plain, "section_end", "teaser_heading", "comments_form"):
            break
        elif not cues.is_line(line.plain, *_PREAMBLE):
            if size == 0 and not (is_name(line.text) and line.text[0].isupper()):
                return None
            first = index if first is None else first
            size += 1
    return ("footed", first, 0) if first is not None and feet > 1 else None


def _read_items(
    lines: Sequence[Line],
    skipped: frozenset[int],
    addressed: frozenset[int],
    heading: int,
    first: int,
    layout: Layout,
    unknown: int,
) -> Thread | None:
    items, end = _split_items(lines, skipped, first, layout)
    last = items[-1].lines
    while len(last) > 2 and end - 1 in addressed and last[-1] is lines[end - 1] and last[-1].gap:
        last.pop()
        end -= 1
    if layout in _HEADED:
        unknown = _claim_titles(lines, items, heading, unknown)
    for item in items:
        _read_item(item, layout)
    _resolve_replies(items)
    return _thread(items, heading, first, end, unknown)


def _split_items(
    lines: Sequence[Line], skipped: frozenset[int], first: int, layout: Layout
) -> tuple[list[_Item], int]:
    """Part the lines from `first` on into items; also return where the section ends."""
    nesting = Nesting(numbered=layout == "numbered")
    items: list[_Item] = []
    closed = False
    end = first
    for index in range(first, len(lines)):
        line = lines[index]
        if cues.is_line(line.plain, "section_end"):
            break
        if cues.is_line(line.plain, *_SOFT_ENDS):
            if layout not in _HEADED:
                break
            closed = True
            continue
        if index in skipped or _is_control(line):
            closed |= layout == "footed" and cues.is_line(line.plain, "comment_foot")
            continue
        item = _open(lines, index, layout, nesting, fresh=closed or not items)
        if item is not None:
            items.append(item)
            closed = False
        if not closed and items:
            items[-1].lines.append(line)
            end = index + 1
    return items, end


def _is_control(line: Line) -> bool:
    return cues.is_line(line.plain, *_CONTROLS, *_STRONG)


def _open(
    lines: Sequence[Line], index: int, layout: Layout, nesting: Nesting, *, fresh: bool
) -> _Item | None:
    """Return the item that the line at `index` opens, if it opens one."""
    line = lines[index]
    if layout in {"numbered", "bulleted"}:
        mark = item_mark(line)
        place = nesting.place(mark, line) if mark is not None else None
        if mark is None or place is None:
            return None
        return _Item(index, place.label, place.parent, mark.text_offset)
    header: Header | None = None
    if layout == "footed":
        if not fresh or not is_name(line.text):
            return None
    elif layout == "date_first":
        if date_only(line) is None:
            return None
    else:
        header = read_header(line, _next(lines, index))
        if header is None or not _fits(header, layout):
            return None
    parent = nesting.place_by_indent(line)
    return _Item(index, header.number if header else None, parent, header=header)


def _next(lines: Sequence[Line], index: int) -> Line | None:
    """Return the next line that is not a badge or control between name and date."""
    below = islice(lines, index + 1, index + 4)
    return next(
        (line for line in below if not cues.is_line(line.plain, "interface", "badge")), None
    )


def _fits(header: Header, layout: Layout) -> bool:
    """Return whether a header may open a comment in a section that began with `layout`."""
    if layout == "loose":
        return header.kind != "undated"
    return header.kind == layout or (layout == "undated" and header.kind == "dated")


def _claim_titles(lines: Sequence[Line], items: list[_Item], heading: int, unknown: int) -> int:
    """Give each comment the title line above its header, if all of them have one.

    Returns the number of unknown lines that are left above the first comment.
    """
    if unknown != 1 or len(items) < 2:
        return unknown
    title = lines[items[0].opener - 1]
    tails = [item.lines[-1] for item in items[:-1]]
    if items[0].opener - 1 <= heading or not all(
        tail.gap and len(item.lines) > 2 and len(tail.text) <= _LONGEST_TITLE
        for tail, item in zip(tails, items, strict=False)
    ):
        return unknown
    for item, next_item in zip(items[-2::-1], items[:0:-1], strict=True):
        next_item.lines.insert(0, item.lines.pop())
    items[0].lines.insert(0, title)
    for item in items:
        item.titles = 1
    return 0


def _read_item(item: _Item, layout: Layout) -> None:
    """Set header and text of an item from its lines."""
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
    if item.header is not None and used == 0:
        item.published = item.header.published
        used = item.header.lines
        if item.header.text_offset is not None and not item.titles:
            used, offset = 0, offset + item.header.text_offset
    for line in item.lines[: item.titles] + item.lines[item.titles + used :]:
        raw = line.text[offset:] if line is item.lines[0] else line.text
        if raw:
            item.text += ("\n\n" if line.gap else "\n") if item.text else ""
            item.text += unwrapped(raw)
    item.text = item.text.strip()


def _resolve_replies(items: list[_Item]) -> None:
    """Find the parents that headers or "@name" name; only an unambiguous name counts."""
    by_name: dict[str, list[int]] = {}
    for position, item in enumerate(items):
        if item.parent is None:
            for name in _addressees(item):
                named = by_name.get(name.casefold(), ())
                if len(named) == 1:
                    item.parent = named[0]
                    break
        if item.header is not None and item.header.author:
            by_name.setdefault(item.header.author.casefold(), []).append(position)
        if item.label is not None:
            by_name.setdefault(f"#{item.label}", []).append(position)


def _addressees(item: _Item) -> Iterator[str]:
    """Yield the names or numbers ("#3") a comment may answer, the longest reading first."""
    if item.header is not None and item.header.parent:
        words = item.header.parent.strip(" @").split()
    elif item.text.startswith("@"):
        words = item.text[1:_LONGEST_TITLE].split("\n", 1)[0].split()
    else:
        return
    for count in range(min(len(words), _NAME_WORDS), 0, -1):
        name = " ".join(words[:count])
        bare = name.rstrip(":,;-–!")
        yield from (name, bare, bare.rstrip("."))
        if count == 1 and bare.lstrip("#").isdecimal():
            yield "#" + bare.lstrip("#")


def _thread(items: list[_Item], heading: int, first: int, end: int, unknown: int) -> Thread | None:
    """Make comments of the items, numbered; those without text are left out."""
    ids: list[str] = []
    taken: set[str] = set()
    children: dict[int | None, int] = {}
    comments: list[Comment] = []
    kept: set[str] = set()
    removed = 0
    for item in items:
        children[item.parent] = children.get(item.parent, 0) + 1
        ordinal = str(children[item.parent])
        above = "" if item.parent is None else ids[item.parent] + "."
        label = item.label or above + ordinal
        unique, count = label, 1
        while unique in taken:
            count += 1
            unique = f"{label}-{count}"
        taken.add(unique)
        ids.append(unique)
        if cues.is_line(" ".join(item.text.split()), "removed"):
            removed += 1
            continue
        if not item.text:
            continue
        parent = item.parent
        while parent is not None and ids[parent] not in kept:
            parent = items[parent].parent
        kept.add(unique)
        comments.append(
            Comment(
                id=unique,
                text=item.text,
                parent_id=None if parent is None else ids[parent],
                author=item.header.author if item.header else None,
                published=item.published,
            )
        )
    if not comments and not removed:
        return None
    return Thread(tuple(comments), heading, first, end, removed, unknown)

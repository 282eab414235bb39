"""Comment threads: from the lines below a heading like "7 Kommentare" to comments with parents.

Layouts: numbered and bulleted lists nested by indentation; headers with name and date on one line
or two; "Name sagt:"; date first; and comments parted only by their "Antworten" lines. Comments are
read below a recognised heading only, and a weak sign (a number, a bullet) counts only directly
below it: an ordered list in an article is no thread.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from moderation.parsing import cues
from moderation.parsing.comment_headers import (
    Header,
    clean_name,
    date_only,
    foot_date,
    is_name,
    read_header,
)
from moderation.parsing.comment_items import Item, read_item, resolve_replies
from moderation.parsing.comment_layouts import Layout, find_opening, is_foot, spoken_header
from moderation.parsing.comment_nesting import Nesting, item_mark
from moderation.parsing.lines import Line
from moderation.records import Comment

#: Characters: lines of at least this length are article prose when above a heading.
PROSE = 120
# A "comment" with this many prose paragraphs, in a page with no article above it, is the article.
_ARTICLE_PARAGRAPHS = 4
#: Headings that are looked at: a page has a few, a hostile one thousands.
_MOST_HEADINGS = 500
#: Characters at most in a title line above a comment's header.
_LONGEST_TITLE = 100

_STRONG = ("comments_heading",)
_WEAK = ("comments_heading_weak", "comments_form")
#: Heads without a heading above them that make a section.
_HEADS_ALONE = 2
#: Characters at most in a line that may be a link below the last comment.
_LONGEST_LINK = 140
_COMMENT_OF = re.compile(r"Kommentar von\b", re.IGNORECASE)
#: Lines among comments that are no part of them.
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
        Index of the line that heads the section; ``None`` where the comments stand below the
        article without any.
    first, end
        Range of line indices from the first comment to after the last.
    removed
        Comments of which the page keeps only a note that they were removed.
    unknown_lines
        Lines between heading and first comment that fit nothing.
    empty
        Headers below which there is no text.
    """

    comments: tuple[Comment, ...]
    heading: int | None
    first: int
    end: int
    removed: int = 0
    unknown_lines: int = 0
    empty: int = 0


def is_strong_heading(line: Line) -> bool:
    """Return whether `line` can only head a comment section (not a part of an article)."""
    return cues.is_line(line.plain, *_STRONG)


def read_thread(
    lines: Sequence[Line],
    skipped: frozenset[int],
    addressed: frozenset[int],
    menu: frozenset[int] = frozenset(),
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
    menu
        Indices of lines that head nothing, because they are entries of a menu.

    Returns
    -------
    Thread or None
        ``None`` where no section with a known layout was found.
    """
    best: tuple[tuple[bool, int, bool, int], Layout, int] | None = None
    prose_above = False
    looked_below = 0
    for index, line in enumerate(lines):
        if index in menu:
            continue
        if looked_below >= _MOST_HEADINGS:
            break
        strong = is_strong_heading(line)
        below = lines[index + 1] if index + 1 < len(lines) else None
        # Of several headings in a row, the last one heads the comments.
        repeated = strong and below is not None and is_strong_heading(below)
        weak = cues.is_line(line.plain, *_WEAK) or _closes_above_dates(lines, index, skipped)
        if not repeated and (strong or weak):
            looked_below += 1
            opening = find_opening(lines, skipped | addressed, index, strong=strong)
            if opening is not None:
                layout, first, unknown = opening
                key = (not prose_above, unknown, not strong, index)
                # "Kommentar" above a headline and a byline is the kind of the article.
                article = unknown and not strong and not prose_above
                if not article and (best is None or key < best[0]):
                    best = key, layout, first
        prose_above |= len(line.text) >= PROSE and index not in skipped
    if best is None:
        return _headless(lines, skipped, addressed)
    (no_prose_above, unknown, _, heading), layout, first = best
    thread = _read_items(lines, skipped, addressed, heading, first, layout, unknown)
    if thread is not None and no_prose_above and _holds_article(thread):
        return None
    return thread


def _closes_above_dates(lines: Sequence[Line], index: int, skipped: frozenset[int]) -> bool:
    """Return whether a notice that the section is closed stands directly above a dated comment."""
    if index not in skipped or index + 2 >= len(lines) or len(lines[index].text) > _LONGEST_TITLE:
        return False
    date, text = lines[index + 1], lines[index + 2]
    return date.gap and not text.gap and date_only(date) is not None


def _headless(
    lines: Sequence[Line], skipped: frozenset[int], addressed: frozenset[int]
) -> Thread | None:
    """Read comments that stand below the article without a heading: "Max sagt:" above dates."""
    heads: list[int] = []
    for index, (line, below) in enumerate(pairwise(lines)):
        if (
            line.gap
            and not below.gap
            and cues.match_line("header_undated", line.plain)
            and cues.is_line(below.plain, "date_line")
            and (header := read_header(line, below)) is not None
            and header.kind == "dated"
        ):
            heads.append(index)
    if len(heads) < _HEADS_ALONE or not any(
        len(line.text) >= PROSE // 2 for line in lines[: heads[0]]
    ):
        return None
    return _read_items(lines, skipped, addressed, None, heads[0], "dated", 0)


def _holds_article(thread: Thread) -> bool:
    """Return whether a counter above the article was taken for the heading of its comments."""
    return any(
        sum(len(paragraph) >= PROSE for paragraph in comment.text.split("\n\n"))
        >= _ARTICLE_PARAGRAPHS
        for comment in thread.comments
    )


def _read_items(
    lines: Sequence[Line],
    skipped: frozenset[int],
    addressed: frozenset[int],
    heading: int | None,
    first: int,
    layout: Layout,
    unknown: int,
) -> Thread | None:
    items, end = _split_items(lines, skipped, first, layout)
    if not items:
        return None
    last = items[-1].lines
    while len(last) > 2 and end - 1 in addressed and last[-1] is lines[end - 1] and last[-1].gap:
        last.pop()
        end -= 1
    if layout in _HEADED and heading is not None:
        unknown = _claim_titles(lines, items, heading, unknown)
    for item in items:
        read_item(item, layout)
    resolve_replies(items)
    return _thread(items, heading, first, end, unknown)


def _split_items(
    lines: Sequence[Line], skipped: frozenset[int], first: int, layout: Layout
) -> tuple[list[Item], int]:
    """Part the lines from `first` on into items; also return where the section ends."""
    nesting = Nesting(numbered=layout == "numbered")
    items: list[Item] = []
    closed = False
    end = first
    apart = layout in _HEADED and _stand_apart(lines, first)
    replies = cues.is_line(lines[first].plain, "header") and _COMMENT_OF.match(lines[first].plain)
    links: tuple[int, int] | None = None
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
            if items and is_foot(line, layout):
                items[-1].published = foot_date(line) or items[-1].published
                closed = True
            continue
        if cues.is_line(line.plain, "newsroom_reply"):
            closed = True
            continue
        if links is None and line.gap and items and cues.is_line(line.plain, "teaser_box"):
            links = len(items[-1].lines), index
        reply = cues.match_line("reply_head", line.plain) if replies and line.gap else None
        if reply and items and is_name(reply["author"]):
            header = Header("undated", clean_name(reply["author"]))
            items.append(Item(index, None, _top(items), header=header, lines=[line]))
            nesting.place_by_indent(line)
            end, closed, links = index + 1, False, None
            continue
        above = items[-1] if items else None
        item = _open(lines, index, layout, nesting, above, fresh=closed or not items, apart=apart)
        if item is not None:
            before = items[-1].lines if items else []
            if item.header and len(before) > 1 and cues.is_line(before[-1].plain, "reply_to"):
                item.reply_to = before.pop().plain
            items.append(item)
            closed = False
            links = None
        if not closed and items:
            items[-1].lines.append(line)
            end = index + 1
            # A signature is the end of a letter and names its author.
            closed = layout == "signed" and is_foot(line, layout)
    if links is not None and _are_links(items[-1].lines[links[0] :]):
        end = links[1]
        del items[-1].lines[links[0] :]
    return items, end


def _top(items: Sequence[Item]) -> int:
    """Return the position of the last comment that answers none."""
    return next(i for i in range(len(items) - 1, -1, -1) if items[i].parent is None)


def _are_links(below: Sequence[Line]) -> bool:
    """Return whether lines below the last comment, from "Mehr zum Thema" on, hold no sentence."""
    return all(
        len(line.text) <= _LONGEST_LINK
        and not line.text.endswith((".", "!", "…", "?"))
        and "://" not in line.text
        for line in below
    )


def _stand_apart(lines: Sequence[Line], first: int) -> bool:
    """Return whether blank lines or controls stand above most names above dates."""
    apart = close = 0
    for index in range(first, len(lines) - 1):
        line = lines[index]
        below = lines[index + 1]
        if below.gap or not cues.is_line(below.plain, "date_line"):
            continue
        if not is_name(line.plain) or cues.is_line(line.plain, *_CONTROLS):
            continue
        if _begins(lines, index):
            apart += 1
        else:
            close += 1
    return apart > 0 and apart >= close


def _begins(lines: Sequence[Line], index: int) -> bool:
    """Return whether something new may begin at `index`: below a blank line, a control, an edge."""
    line, above = lines[index], lines[max(index - 1, 0)]
    return line.gap or line.indent != above.indent or _is_control(above)


def _is_listed(
    lines: Sequence[Line], index: int, header: Header, above: Item, *, apart: bool, loose: bool
) -> bool:
    """Return whether a line above a date is part of a comment that lists dates."""
    if header.number or _begins(lines, index):
        return False
    if header.lines == 1:
        # "Max schrieb am …:" below "Erika, 12.05.2016, 14:03" is a quotation of Max.
        return loose and header.kind == "dated"
    # A header directly below a header would leave that comment without text.
    bare = above.header is not None and len(above.lines) == above.header.lines > 1
    return apart or bare


def _is_control(line: Line) -> bool:
    return cues.is_line(line.plain, *_CONTROLS, *_STRONG, "comment_foot")


def _open(
    lines: Sequence[Line],
    index: int,
    layout: Layout,
    nesting: Nesting,
    above: Item | None,
    *,
    fresh: bool,
    apart: bool,
) -> Item | None:
    """Return the item that the line at `index` opens, if it opens one."""
    line = lines[index]
    if layout in {"numbered", "bulleted"}:
        mark = item_mark(line)
        place = nesting.place(mark, line) if mark is not None else None
        if mark is None or place is None:
            return None
        return Item(index, place.label, place.parent, mark.text_offset)
    header: Header | None = None
    if layout == "footed":
        if not fresh or not is_name(line.text):
            return None
    elif layout == "signed":
        if not fresh:
            return None
    elif layout == "spoken":
        if not (line.gap or fresh) or spoken_header(line) is None:
            return None
    elif layout == "date_first":
        if date_only(line) is None:
            return None
    else:
        header = read_header(line, _next(lines, index))
        if header is None or not _fits(header, layout):
            return None
        loose = layout == "loose"
        if above and _is_listed(lines, index, header, above, apart=apart, loose=loose):
            return None
    parent = nesting.place_by_indent(line)
    return Item(index, header.number if header else None, parent, header=header)


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


def _claim_titles(lines: Sequence[Line], items: list[Item], heading: int, unknown: int) -> int:
    """Give each comment the title line above its header, if all of them have one.

    Returns the number of unknown lines that are left above the first comment.
    """
    if unknown != 1 or len(items) < 2:
        return unknown
    title = lines[items[0].opener - 1]
    # A reply says whom it answers in the place of a title.
    titled = [(item, below) for item, below in pairwise(items) if below.reply_to is None]
    if items[0].opener - 1 <= heading or not all(
        item.lines[-1].gap and len(item.lines) > 2 and len(item.lines[-1].text) <= _LONGEST_TITLE
        for item, _ in titled
    ):
        return unknown
    for item, below in reversed(titled):
        below.lines.insert(0, item.lines.pop())
        below.titles = 1
    items[0].lines.insert(0, title)
    items[0].titles = 1
    return 0


def _thread(
    items: list[Item], heading: int | None, first: int, end: int, unknown: int
) -> Thread | None:
    """Make comments of the items, numbered; those without text are left out."""
    ids: list[str] = []
    taken: set[str] = set()
    children: dict[int | None, int] = {}
    comments: list[Comment] = []
    kept: set[str] = set()
    removed = empty = 0
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
            empty += item.header is not None
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
    return Thread(tuple(comments), heading, first, end, removed, unknown, empty)

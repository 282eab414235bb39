"""A page saved as text: the article, its comments, its house rules, and how commenting works."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from moderation.parsing import cues
from moderation.parsing.article import is_consent, is_paragraph, read_article
from moderation.parsing.clauses import read_clauses
from moderation.parsing.comment_policy import (
    SectionFacts,
    closed_notice,
    points_elsewhere,
    read_policy,
)
from moderation.parsing.comment_threads import PROSE, Thread, is_strong_heading, read_thread
from moderation.parsing.guidelines import (
    guideline_blocks,
    is_addressed,
    is_below_heading,
    reads_as_rule,
)
from moderation.parsing.house_rules import rules_in_blocks
from moderation.parsing.lines import Line, read_lines
from moderation.parsing.navigation import menu_headings
from moderation.records import Comment, CommentPolicy, Page

#: So many long paragraphs parted by blank lines are a page, not a list of comments.
_PAGE_PARAGRAPHS = 3
_LONG_PARAGRAPH = 200
#: Long paragraphs between two headings that show the first to be a mere counter.
_ARTICLE_GOES_ON = 2
#: Lines looked at from either end to tell a page from a list.
_SNIFFED = 2000

_PAGE_ROLES = (
    "comments_heading",
    "comments_form",
    "comments_none",
    "comments_offer",
    "teaser_heading",
    "teaser_box",
    "tags_heading",
    "tags_inline",
    "teaser_inline",
    "guidelines_heading",
    "guidelines_link_line",
    "share",
    "footer",
)
# Lines that are known parts of a page and so are not "lines of an unknown layout".
_KNOWN_ROLES = (
    "interface",
    "badge",
    "furniture",
    "share",
    "comments_heading",
    "comments_heading_weak",
    "comments_form",
    "comments_offer",
    "comments_none",
    "more_comments",
    "guidelines_heading",
    "guidelines_link_line",
    "address",
    "url",
    "topics_heading",
)
_COUNTER = re.compile(r"\(?\d{1,6}\)?")
_SECTION_ENDS = (
    "section_end",
    "footer",
    "teaser_heading",
    "teaser_box",
    "tags_heading",
    "tags_inline",
    "topics_heading",
)


@dataclass(frozen=True, slots=True)
class CommentsApart:
    """Comments that were read before the text around them.

    Attributes
    ----------
    comments
        In page order.
    removed, empty
        Comments of which only a note is left, and those without text.
    article_end
        Where the article is known to end in the text, in code points.
    """

    comments: tuple[Comment, ...] = ()
    removed: int = 0
    empty: int = 0
    article_end: int | None = None


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the lines of a page are shared out, by index."""

    thread: Thread | None
    heading: int | None
    article_end: int
    blocks: tuple[slice, ...]
    known: frozenset[int]
    unread: tuple[int, ...]


def looks_like_page(text: str) -> bool:
    """Return whether `text` has the structure of a saved page.

    ``False`` for plain lists with one comment a line.
    """
    lines = read_lines(text)
    # Structure shows at the top or the bottom; a long list of comments need not be read through.
    sample = lines if len(lines) <= 2 * _SNIFFED else lines[:_SNIFFED] + lines[-_SNIFFED:]
    for line in sample:
        if cues.is_line(line.plain, *_PAGE_ROLES):
            return True
        if line.plain and closed_notice(text, line):
            return True
    long = sum(line.gap and len(line.text) >= _LONG_PARAGRAPH for line in sample)
    return long >= _PAGE_PARAGRAPHS


def parse_page_text(text: str, source: str) -> Page:
    """Read a page saved as text.

    Parameters
    ----------
    text
        The decoded page, any string.
    source
        Its path or name.

    Returns
    -------
    Page
        Nothing is raised for any text: what was not understood is said in ``warnings``.
    """
    return _parsed(text, source, None)


def parse_text_around(text: str, source: str, apart: CommentsApart) -> Page:
    """Read what a page says besides its comments, which were read and taken out before.

    Parameters
    ----------
    text
        The page as text, without its comments.
    source
        Its path or name.
    apart
        The comments.

    Returns
    -------
    Page
        As :func:`parse_page_text` gives it, with these comments.
    """
    return _parsed(text, source, apart)


def _parsed(text: str, source: str, apart: CommentsApart | None) -> Page:
    lines = read_lines(text)
    if not lines and apart is None:
        return Page(source, warnings=("the page is empty",))
    layout = _share_out(lines, text, apart)
    thread = layout.thread
    if apart is None:
        apart = CommentsApart(
            thread.comments if thread else (),
            thread.removed if thread else 0,
            thread.empty if thread else 0,
        )
    comment_lines = range(thread.first, thread.end) if thread else range(0)
    skipped = layout.known | frozenset(comment_lines) | frozenset(layout.unread)
    rest = [index for index in range(layout.article_end, len(lines)) if index not in skipped]
    reading = read_article(lines, layout.article_end, skipped, rest)
    rules = rules_in_blocks(text, source, lines, layout.blocks)
    margin = [
        line
        for index, line in enumerate(lines)
        if index not in reading.own and index not in comment_lines and index not in layout.unread
    ]
    facts = SectionFacts(
        heading=None if layout.heading is None else lines[layout.heading],
        form=next((line for line in margin if cues.is_line(line.plain, "comments_form")), None),
        declared=_declared(lines, margin, layout.heading, thread),
        comments=len(apart.comments),
        unread_lines=len(layout.unread),
    )
    policy = read_policy(text, margin, rules, facts)
    return Page(
        source=source,
        article=reading.article,
        comments=apart.comments,
        house_rules=rules,
        comment_policy=policy,
        warnings=tuple(_warnings(lines, layout, facts, policy, apart)),
        url=reading.url,
    )


def _share_out(lines: Sequence[Line], text: str, apart: CommentsApart | None) -> _Layout:
    """Tell apart comments, house rules, notices and article.

    With `apart`, there are no comments among the lines.
    """
    article_starts = _first_paragraph(lines)
    candidates = guideline_blocks(lines, text)
    below_heading = _indices(block for block in candidates if is_below_heading(lines, block))
    menu = menu_headings(lines, article_starts)
    article_stops = _last_paragraph(lines, text, below_heading)
    last_sentence = _last_paragraph(lines, text, below_heading, short=True)
    over = None
    if apart is not None and apart.article_end is not None:
        over = sum(line.start < apart.article_end for line in lines)
        article_stops = last_sentence = over - 1
    speakers = _speakers(lines)
    section = _section_starts(lines, article_starts)
    blocks = [
        block
        for block in candidates
        # Above the article or within it, only a heading makes a passage house rules.
        if (
            _has_heading(lines, block)
            or (
                block.start > max(article_starts, article_stops, last_sentence)
                and (block.start > section or _speaks_to_readers(lines[block]))
            )
        )
        and _speaker(lines[block.start]) not in speakers
        # A crosshead of an article about netiquettes is followed by no rules.
        and any(read_clauses(text, lines[block]))
    ]
    headed = _indices(block for block in blocks if _has_heading(lines, block))
    addressed = _indices(blocks) - headed
    notices = {
        index: notice
        for index, line in enumerate(lines)
        if index > article_starts
        and index not in headed
        and (notice := closed_notice(text, line))
        # Between paragraphs of the article, only what speaks of this page is a notice.
        and (index > article_stops or cues.find_first("own_page", notice.text))
    }
    elsewhere = frozenset(
        index
        for index, line in enumerate(lines)
        if index > article_stops >= 0 and points_elsewhere(line)
    )
    # Inside a comment, only a line that is nothing but the notice is not the reader's.
    bare = frozenset(i for i, notice in notices.items() if notice.text == lines[i].text)
    thread = None
    if apart is None:
        thread = read_thread(lines, headed | bare, addressed | frozenset(notices), menu)
    known = headed | addressed | elsewhere | frozenset(notices)
    if thread is not None:
        blocks = [cut for block in blocks if (cut := _outside(block, thread)).start < cut.stop]
        known = known - frozenset(range(thread.first, thread.end))
        heading = thread.heading
    else:
        heading = _bare_heading(lines, known, menu)
    unread = () if thread or apart is not None else _unread(lines, heading, known)
    ends = [
        len(lines) if over is None else over,
        *(block.start for block in blocks if block.start > article_starts),
    ]
    if heading is not None and (thread is not None or heading > article_starts):
        ends.append(heading)
    elif thread is not None:
        ends.append(thread.first)
    ends += [
        index
        for index, line in enumerate(lines)
        if index > article_starts and cues.is_line(line.plain, "comments_form")
    ][:1]
    return _Layout(thread, heading, min(ends), tuple(blocks), known, unread)


def _indices(blocks: Iterable[slice]) -> frozenset[int]:
    return frozenset(index for block in blocks for index in range(block.start, block.stop))


def _first_paragraph(lines: Sequence[Line]) -> int:
    """Return the index of the first line of running text, or -1 (all is above nothing)."""
    return next(
        (
            index
            for index, line in enumerate(lines)
            if is_paragraph(line, in_head=True) and not is_consent(line)
        ),
        -1,
    )


def _last_paragraph(
    lines: Sequence[Line], text: str, aside: frozenset[int], *, short: bool = False
) -> int:
    """Return the index of the last long paragraph above the first heading of comments, or -1.

    A paragraph that speaks to commenters or closes the comments is no part of the article, nor is
    one of those `aside`. With `short`, whole sentences count as well as long paragraphs.
    """
    last = -1
    for index, line in enumerate(lines):
        if is_strong_heading(line) and last >= 0:
            break
        if index in aside or not line.gap:
            continue
        if len(line.text) >= PROSE or (short and is_paragraph(line, in_head=True)):
            rule = is_addressed(line, text) or (short and reads_as_rule(line, text))
            last = last if rule or closed_notice(text, line) else index
    return last


def _section_starts(lines: Sequence[Line], article_starts: int) -> int:
    """Return the index of the first line below the article's start that is about commenting."""
    return next(
        (
            index
            for index, line in enumerate(lines)
            if index > article_starts
            and cues.is_line(
                line.plain, "comments_heading", "comments_form", "comments_offer", "comments_none"
            )
        ),
        len(lines),
    )


def _speaks_to_readers(lines: Sequence[Line]) -> bool:
    return any(cues.find_first("reader", line.text) for line in lines)


def _speaker(line: Line) -> str | None:
    match = cues.match_start("header_spoken", line.text)
    return match["author"] if match else None


def _speakers(lines: Sequence[Line]) -> frozenset[str]:
    """Return who speaks in several paragraphs, as in an interview."""
    counts = Counter(name for line in lines if line.gap and (name := _speaker(line)))
    return frozenset(name for name, count in counts.items() if count > 1)


def _has_heading(lines: Sequence[Line], block: slice) -> bool:
    first = lines[block.start]
    return (
        cues.is_line(first.plain, "guidelines_heading")
        or bool(cues.match_start("guidelines_intro", first.text))
        or is_below_heading(lines, block)
    )


def _outside(block: slice, thread: Thread) -> slice:
    """Return what of a block of house rules stands above or below the comments."""
    if block.start < thread.first:
        return slice(block.start, min(block.stop, thread.first))
    return slice(max(block.start, thread.end), block.stop)


def _bare_heading(
    lines: Sequence[Line], skipped: frozenset[int], menu: frozenset[int]
) -> int | None:
    """Return the heading of a section without readable comments.

    A counter above the article, or in its middle, is passed over for a later heading.
    """
    headings = [
        index for index, line in enumerate(lines) if index not in menu and is_strong_heading(line)
    ]
    if not headings:
        return None
    # Long paragraphs up to each line, to count those above and between headings.
    long = [0]
    for index, line in enumerate(lines):
        prose = index not in skipped and line.gap and len(line.text) >= PROSE
        long.append(long[-1] + prose)
    for heading, following in pairwise(headings):
        if long[heading] and long[following] - long[heading] < _ARTICLE_GOES_ON:
            return heading
    last = headings[-1]
    return None if long[-1] > long[last] == 0 else last


def _unread(lines: Sequence[Line], heading: int | None, skipped: frozenset[int]) -> tuple[int, ...]:
    """Return the lines below a heading that are in no known layout and no known part of a page."""
    if heading is None or not any(len(line.text) >= PROSE for line in lines[:heading]):
        return ()
    unread: list[int] = []
    for index in range(heading + 1, len(lines)):
        line = lines[index]
        if cues.is_line(line.plain, *_SECTION_ENDS, "comments_form"):
            if unread or not cues.is_line(line.plain, "comments_form"):
                break
            continue
        if (
            index not in skipped
            and not cues.is_line(line.plain, *_KNOWN_ROLES)
            and not any(
                cues.find_first(role, line.text)
                for role in ("system", "elsewhere", "appeal", "pointer")
                if len(line.text) <= 4 * PROSE
            )
        ):
            unread.append(index)
    return tuple(unread)


def _declared(
    lines: Sequence[Line], margin: Sequence[Line], heading: int | None, thread: Thread | None
) -> int | None:
    """Return the number of comments the page announces: the largest, where it says several."""
    counts = []
    if heading is not None:
        below = lines[heading + 1] if heading + 1 < len(lines) else None
        weak = cues.match_line("comments_heading_weak", lines[heading].plain)
        if weak and (words := cues.named(weak, "count")):
            counts.append(cues.number(words))
        # "Kommentare" with its counter on the next line.
        if below and not below.gap and _COUNTER.fullmatch(below.plain):
            counts.append(cues.number(below.plain))
    counts += [count for line in margin if (count := _heading_count(line)) is not None]
    if thread is not None and thread.heading is not None:
        # Several headings among the comments ("Leserbriefe (1)", "Kommentare (2)") add up.
        within = [_heading_count(line) or 0 for line in lines[thread.heading : thread.end]]
        if sum(within) == len(thread.comments):
            return len(thread.comments)
    return max(counts, default=None)


def _heading_count(line: Line) -> int | None:
    match = cues.match_line("comments_heading", line.plain)
    words = cues.named(match, "count") if match else None
    return cues.number(words) if words else None


def _warnings(
    lines: Sequence[Line],
    layout: _Layout,
    facts: SectionFacts,
    policy: CommentPolicy,
    apart: CommentsApart,
) -> list[str]:
    warnings = []
    thread = layout.thread
    found = facts.comments
    removed, empty = apart.removed, apart.empty
    if facts.declared is not None and facts.declared != found and not layout.unread:
        reason = (
            "the text holds fewer comments than the page announces"
            if facts.declared > found
            else "the text holds more comments than the page announces"
        )
        warnings.append(f"declared {facts.declared}, found {found}: {reason}")
    if layout.unread and layout.heading is not None:
        warnings.append(
            f"comment section found at line {lines[layout.heading].number}, but its layout was "
            f"not recognised; {len(layout.unread)} lines kept out of the article"
        )
    if removed:
        warnings.append(f"{removed} comment(s) were removed by the newsroom: only a note is left")
    if empty:
        warnings.append(f"{empty} comment(s) have no text in this page: left out")
    if thread and thread.unknown_lines:
        warnings.append(
            f"{thread.unknown_lines} line(s) between the heading of the comments and the first "
            "comment were not understood"
        )
    more = next((line for line in lines if cues.is_line(line.plain, "more_comments")), None)
    if more and (found or thread or layout.heading is not None):
        warnings.append(f"more comments are kept on other pages (line {more.number}: {more.plain})")
    if policy.guidelines == "linked" and policy.guidelines_link:
        warnings.append(
            f"community standards are linked ({policy.guidelines_link.text}), but not quoted in "
            "the page: no house rules were read"
        )
    if policy.status == "unknown" and policy.guidelines == "none":
        warnings.append(
            "nothing about comments was recognised in this page; its paragraphs were read as the "
            "article"
        )
    return warnings

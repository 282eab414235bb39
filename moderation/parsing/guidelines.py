"""Where a page quotes its house rules: passages under a heading, or addressed to commenters."""

from __future__ import annotations

import re
from collections.abc import Sequence

from moderation.parsing import cues
from moderation.parsing.lines import ITEM, Line
from moderation.text import sentences

#: Lines without any rule a passage may hold between two that have one ("Auf … können Sie …").
_LOOSE_LINES = 3

#: Sentences with rules that make a paragraph right below the heading of the comments a netiquette.
_SENTENCES_BELOW_HEADING = 2

#: Characters: an item this short may name what is forbidden without a verb ("Beleidigungen").
LONGEST_BARE_ITEM = 80

#: Roles of lines that end a passage: another part of the page begins.
_OTHER_PARTS = (
    "comments_heading",
    "comments_none",
    "comments_form",
    "more_comments",
    "section_end",
    "teaser_heading",
    "tags_heading",
    "tags_inline",
    "header",
    "header_loose",
    "header_undated",
    "date_line",
)
#: Characters: a longer line is a document, no notice above comments.
_LONGEST_NETIQUETTE = 4000
_CATEGORY_ROLES = (
    "rule_insult",
    "rule_group_abuse",
    "rule_defamation",
    "rule_indecency",
    "rule_incivility",
    "rule_off_topic",
    "rule_advertising",
    "rule_privacy",
    "rule_links",
)
_WORKING_ROLES = (
    "rule_procedure",
    "rule_length_limit",
    "rule_language",
    "rule_real_names",
    "rule_opening_hours",
    "rule_closing_time",
)


def guideline_blocks(lines: Sequence[Line], text: str) -> list[slice]:
    """Return the passages of `lines` that hold house rules, in order, not overlapping."""
    blocks: list[slice] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        end = index
        if cues.is_line(line.plain, "guidelines_heading"):
            end = _block_end(lines, text, index + 1, bare=forbids_list(line))
            # The heading alone is a link to rules that stand elsewhere.
            end = 0 if end == index + 1 else end
        elif cues.match_start("guidelines_intro", line.text) or is_addressed(line, text):
            end = _block_end(
                lines,
                text,
                index + 1,
                items_only=not line.text.endswith(":"),
                bare=forbids_list(line),
            )
        elif _heads_comments(line) and index + 1 < len(lines):
            below = lines[index + 1]
            if _rule_sentences(below, text) >= _SENTENCES_BELOW_HEADING:
                index += 1
                end = max(_block_end(lines, text, index), index + 1)
        if end > index:
            blocks.append(slice(index, end))
            index = end
        else:
            index += 1
    return blocks


def _heads_comments(line: Line) -> bool:
    return cues.is_line(line.plain, "comments_heading", "comments_offer")


def is_below_heading(lines: Sequence[Line], block: slice) -> bool:
    """Return whether a passage stands directly below the heading of the comments."""
    return block.start > 0 and _heads_comments(lines[block.start - 1])


def _rule_sentences(line: Line, text: str) -> int:
    """Return how many sentences of a line read as rules; nobody's report does."""
    if line.end - line.start > _LONGEST_NETIQUETTE:
        return 0
    if cues.find_first("first_person", text, line.start, line.end):
        return 0
    count = 0
    for left, right in sentences(line.text):
        span = (text, line.start + left, line.start + right)
        if cues.find_first("report", *span) or text[span[1]] in '„“"»«':
            continue
        count += _is_rule(*span)
    return count


def is_addressed(line: Line, text: str) -> bool:
    """Return whether a line tells commenters what is expected; reports and quotations do not."""
    hit = cues.find_first("guidelines_sentence", text, line.start, line.end)
    if hit is None or any(
        cues.find_first(role, text, line.start, line.end) for role in ("speech", "first_person")
    ):
        return False
    return not _QUOTATION.search(text, line.start, hit.start())


_QUOTATION = re.compile(r"[„“”\"»«]")


def _block_end(
    lines: Sequence[Line], text: str, start: int, *, items_only: bool = False, bare: bool = False
) -> int:
    """Return the index after the last line of the passage that begins at `start`.

    With `bare`, short lines that name what is forbidden belong to it.
    """
    end = index = start
    while index < len(lines) and index - end <= _LOOSE_LINES:
        line = lines[index]
        if cues.is_line(line.plain, *_OTHER_PARTS):
            break
        if ITEM.match(line.text):
            after, holds = _list_end(lines, text, index)
            if not holds:
                break
            end = index = after
            continue
        if items_only:
            break
        index += 1
        if cues.is_line(line.plain, "interface", "badge"):
            continue
        if cues.is_line(line.plain, "guidelines_heading") or reads_as_rule(line, text, item=bare):
            end = index
    return end


def is_title(line: Line) -> bool:
    """Return whether `line` is short and ends no sentence, as titles and bare items do."""
    return 0 < len(line.plain) <= LONGEST_BARE_ITEM and line.plain[-1] not in ".!?,;…"


def forbids_list(introduction: Line) -> bool:
    """Return whether what follows `introduction` is what is forbidden ("Nicht erlaubt sind:")."""
    spans = list(sentences(introduction.text))
    last = introduction.text[spans[-1][0] :] if spans else ""
    return cues.is_line(" ".join(last.strip("#*_ ").split()), "prohibition_intro")


def _list_end(lines: Sequence[Line], text: str, start: int) -> tuple[int, bool]:
    """Return where a list ends and whether at least half of its items read as rules."""
    index, items, rules = start, 0, 0
    while index < len(lines):
        line = lines[index]
        if ITEM.match(line.text):
            items += 1
            rules += reads_as_rule(line, text, item=True)
        elif line.gap and line.indent <= lines[start].indent:
            break
        index += 1
    return index, 2 * rules >= items


def reads_as_rule(line: Line, text: str, *, item: bool = False) -> bool:
    """Return whether a line forbids, asks or explains something commenters should know."""
    span = (text, line.start, line.end)
    if item and line.plain and len(line.plain) <= LONGEST_BARE_ITEM and _is_named(*span):
        return True
    return _is_rule(*span)


def _is_rule(text: str, start: int, end: int) -> bool:
    if any(cues.find_first(role, text, start, end) for role in _WORKING_ROLES):
        return True
    norms = ("prohibition", "directive")
    return _is_named(text, start, end) and any(
        cues.find_first(role, text, start, end) for role in norms
    )


def _is_named(text: str, start: int, end: int) -> bool:
    return any(cues.find_first(role, text, start, end) for role in _CATEGORY_ROLES)

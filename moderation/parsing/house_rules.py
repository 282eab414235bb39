"""House rules: which clauses of a netiquette forbid or ask what, quoted with their spans.

A sentence is cut into its parts at commas, dashes and conjunctions; a part that carries the words
of a category becomes a clause of its own ("keine rassistischen", "rufschädigenden"). A part counts
only where the sentence, or the introduction of its list, forbids or asks something: a text that
merely mentions insults yields no rule.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from moderation.parsing import cues
from moderation.parsing.guidelines import (
    LONGEST_BARE_ITEM,
    forbids_list,
    guideline_blocks,
    is_title,
)
from moderation.parsing.lines import ITEM, Line, read_lines
from moderation.records import PROCEDURAL, Category, HouseRule
from moderation.text import sentences

#: What readers can breach by wording alone must be forbidden; tone and topic may be asked for.
_ASKED_FOR = frozenset(
    {
        Category.INCIVILITY,
        Category.OFF_TOPIC,
        Category.PRIVACY,
        Category.LENGTH_LIMIT,
        Category.LANGUAGE,
        Category.REAL_NAMES,
    }
)
#: Categories a clause can be about; in the order of these, where a clause names two at one place.
_CONTENT = (
    *(category for category in Category if category not in PROCEDURAL),
    Category.LANGUAGE,
    Category.REAL_NAMES,
)
# A document without any heading is taken as house rules when this share of its sentences are rules.
_RULE_SHARE = 0.4
# Characters: a sentence no longer than this with a single clause is quoted whole.
_LONGEST_WHOLE = 120

_PART_BREAK = re.compile(
    r"[,;:()/•]|(?<=\s)[-–—](?=\s)|(?<=\s)(?:und|oder|sowie|noch|bzw\.|beziehungsweise|aber|sondern)"
    r"(?=\s)|(?<=\s)(?=ohne\s)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Clause:
    category: Category
    start: int
    end: int
    sentence_start: int
    sentence_end: int


@dataclass(frozen=True, slots=True)
class _Context:
    """The introduction a list item stands under: where it begins and whether it forbids."""

    start: int
    forbids: bool


def read_house_rules(
    text: str, source: str, start: int = 0, end: int | None = None
) -> tuple[HouseRule, ...]:
    """Read the house rules quoted in German text.

    Parameters
    ----------
    text
        The decoded document.
    source
        Its path or name, kept in each rule.
    start, end
        The part of `text` to read; spans count from the start of `text` all the same.

    Returns
    -------
    tuple of HouseRule
        In the order of the text, with ``text[rule.start:rule.end] == rule.quote``. Where the text
        marks its house rules by a heading or by addressing commenters, only those passages are
        read; otherwise all of it, provided it reads like a netiquette.
    """
    lines = read_lines(text, start, end)
    clauses = list(read_clauses(text, lines))
    if not _is_netiquette(lines, clauses):
        blocks = guideline_blocks(lines, text)
        clauses = [clause for block in blocks for clause in read_clauses(text, lines[block])]
    return name_rules(text, source, clauses)


def _is_netiquette(lines: Sequence[Line], clauses: Sequence[_Clause]) -> bool:
    """Return whether all of a document is house rules: by its title, or by what most of it says."""
    if lines and cues.is_line(lines[0].plain, "guidelines_heading"):
        return True
    total = sum(1 for line in lines for _ in sentences(line.text))
    return len({clause.sentence_end for clause in clauses}) > _RULE_SHARE * total


def rules_in_blocks(
    text: str, source: str, lines: Sequence[Line], blocks: Iterable[slice]
) -> tuple[HouseRule, ...]:
    """Read the house rules of the given `blocks` of `lines`, in page order."""
    clauses = [clause for block in blocks for clause in read_clauses(text, lines[block])]
    return name_rules(text, source, clauses)


def name_rules(text: str, source: str, clauses: Iterable[_Clause]) -> tuple[HouseRule, ...]:
    """Turn clauses into rules with ids ("insult", "insult-2"), leaving out repeated wordings."""
    counts: Counter[Category] = Counter()
    seen: set[tuple[Category, str]] = set()
    rules = []
    for clause in clauses:
        quote = text[clause.start : clause.end]
        key = (clause.category, " ".join(quote.casefold().split()))
        if key in seen:
            continue
        seen.add(key)
        counts[clause.category] += 1
        count = counts[clause.category]
        rules.append(
            HouseRule(
                id=clause.category.value + (f"-{count}" if count > 1 else ""),
                category=clause.category,
                quote=quote,
                source=source,
                start=clause.start,
                end=clause.end,
                sentence=text[clause.sentence_start : clause.sentence_end],
            )
        )
    return tuple(rules)


def read_clauses(text: str, lines: Sequence[Line]) -> Iterator[_Clause]:
    """Yield the clauses of guideline `lines`, each list under its introduction."""
    context: _Context | None = None
    for line, following in zip_longest(lines, lines[1:]):
        if _introduces(line, following):
            context = _Context(line.start, forbids_list(line))
            if not cues.is_line(line.plain, "guidelines_heading"):
                yield from _line_clauses(text, line, None)
            continue
        if not ITEM.match(line.text) and len(line.text) > LONGEST_BARE_ITEM:
            context = None
        yield from _line_clauses(text, line, context)


def _introduces(line: Line, following: Line | None) -> bool:
    """Return whether `line` introduces the list that follows."""
    if following is None or ITEM.match(line.text):
        return False
    if line.text.endswith(":"):
        return True
    listed = ITEM.match(following.text) is not None
    return is_title(line) and (listed or (is_title(following) and forbids_list(line)))


def _line_clauses(text: str, line: Line, context: _Context | None) -> Iterator[_Clause]:
    mark = ITEM.match(line.text)
    begin = line.start + (mark.end() if mark else 0)
    for left, right in sentences(text[begin : line.end]):
        yield from _sentence_clauses(text, begin + left, begin + right, context)


def _sentence_clauses(
    text: str, start: int, end: int, context: _Context | None
) -> Iterator[_Clause]:
    if text[start:end].endswith("?") or cues.find_first("report", text, start, end):
        return
    for category in (Category.OPENING_HOURS, Category.CLOSING_TIME):
        if cues.find_first(f"rule_{category}", text, start, end):
            yield _Clause(category, start, end, start, end)
            return
    forbids = cues.find_first("prohibition", text, start, end) is not None
    asks = cues.find_first("directive", text, start, end) is not None
    inherited = context is not None and context.forbids
    found = _content_clauses(text, start, end)
    if not forbids and not inherited:
        permits = cues.find_first("permission", text, start, end) is not None
        found = [] if permits or not asks else [part for part in found if part[0] in _ASKED_FOR]
    sentence_start = start
    # A bare item says nothing without the introduction that forbids it.
    if context is not None and inherited and not forbids:
        sentence_start = context.start
    if not any(category is not Category.PROCEDURE for category, _, _ in found):
        if cues.find_first("rule_procedure", text, start, end):
            yield _Clause(Category.PROCEDURE, start, end, start, end)
        return
    if len(found) == 1 and end - start <= _LONGEST_WHOLE:
        yield _Clause(found[0][0], start, end, sentence_start, end)
        return
    for category, left, right in found:
        yield _Clause(category, left, right, sentence_start, end)


def _content_clauses(text: str, start: int, end: int) -> list[tuple[Category, int, int]]:
    """Return the parts of a sentence that carry a category; equal neighbours are one."""
    merged: list[tuple[Category, int, int]] = []
    previous: Category | None = None
    for left, right in _parts(text, start, end):
        if previous is Category.GROUP_ABUSE and cues.find_first("group_trait", text, left, right):
            merged[-1] = (previous, merged[-1][1], right)  # "… wegen Herkunft, Religion, Alter"
            continue
        hit = _category(text, left, right)
        if hit is None:
            previous = None
            continue
        category, cue_end = hit
        cut = cues.find_first("predicate", text, cue_end, right)
        # Only the last part of an enumeration trails the verb of the whole sentence.
        cut_right = cut.start() if cut and (merged or right < end - 1) else right
        while cut_right > left and text[cut_right - 1].isspace():
            cut_right -= 1
        if merged and previous is category:
            merged[-1] = (category, merged[-1][1], cut_right)
        else:
            merged.append((category, left, cut_right))
        previous = category
    return merged


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    left = start
    for match in _PART_BREAK.finditer(text, start, end):
        yield from _stripped(text, left, match.start())
        left = match.end()
    yield from _stripped(text, left, end)


def _stripped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    part = text[start:end]
    bare = part.rstrip(" \t\r\n\xa0.!?…\"”“»«'").lstrip(" \t\r\n\xa0\"”“„»«'")
    if bare:
        offset = part.index(bare)
        yield start + offset, start + offset + len(bare)


def _category(text: str, start: int, end: int) -> tuple[Category, int] | None:
    """Return the category of a part by its first cue (the longest of equals), and the cue's end."""
    strong = cues.find_first("procedure_clause", text, start, end)
    if strong:
        return Category.PROCEDURE, strong.end()
    best: tuple[int, int, Category, int] | None = None
    for category in _CONTENT:
        hit = cues.find_first(f"rule_{category}", text, start, end)
        if hit:
            key = (hit.start(), -hit.end())
            if best is None or key < best[:2]:
                best = (*key, category, hit.end())
    return (best[2], best[3]) if best else None

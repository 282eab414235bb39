"""House rules: what a document forbids its commenters, asks of them and tells them.

All of a document is read where it is a netiquette; of any other, the passages that are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from moderation.parsing import cues
from moderation.parsing.clauses import (
    Clause,
    Sentence,
    forbidding,
    not_understood,
    read_clauses,
    read_sentences,
)
from moderation.parsing.guidelines import guideline_blocks
from moderation.parsing.lines import Line, read_lines
from moderation.records import Category, Evidence, HouseRule

# A text without a title is taken as house rules where at least _MIN_CLAUSES of its sentences and
# _SOME_SHARE of them are rules: of _MANY_CATEGORIES (netiquettes have 7 to 12, columns about hatred
# at most 6); or of fewer, where it is about comments and how people speak to each other, and where
# the house itself speaks in at least _VOICE_SHARE of it.
_MIN_CLAUSES, _MANY_CATEGORIES = 2, 8
_SOME_SHARE, _VOICE_SHARE = 0.3, 0.3
# What reports more than this share of its sentences is news about rules.
_REPORT_SHARE = 0.19
# An interview asks the other; the questions of a netiquette are those of readers ("Darf ich …?").
_ASKS_YOU, _MIN_QUESTIONS = re.compile(r"\b(?:Sie|Ihnen)\b"), 2
# Lines that pages have and netiquettes have not.
_PAGE_LINES = ("header", "header_loose", "header_undated", "date_line", "comments_heading")
# How people speak to each other: without it, a text is about something else.
_MANNERS = frozenset(
    {
        Category.INSULT,
        Category.GROUP_ABUSE,
        Category.DEFAMATION,
        Category.INCIVILITY,
        Category.OFF_TOPIC,
    }
)


@dataclass(frozen=True, slots=True)
class Netiquette:
    """What a document says to its commenters.

    Attributes
    ----------
    rules
        What it forbids, asks, permits and states, in the order of the text.
    not_understood
        Sentences, and parts of enumerations, among the rules whose meaning was not recognised.
    whole
        Whether all of the document was read, not only the passages that are house rules.
    """

    rules: tuple[HouseRule, ...]
    not_understood: tuple[Evidence, ...]
    whole: bool = True


def read_netiquette(
    text: str, source: str, known: Sequence[HouseRule], *, whole: bool = False
) -> Netiquette:
    """Read house rules completely, permissions and what is not understood included.

    Parameters
    ----------
    text
        The decoded document.
    source
        Its path or name, kept in each rule.
    known
        The rules that were found in it as a page; the passages in which they stand are read, or
        all of it where all of it reads like a netiquette.
    whole
        Read all of the text as house rules, whatever it looks like.

    Returns
    -------
    Netiquette
        Its spans count code points from the start of `text`. Without rules it is empty: what is no
        netiquette has not failed to be understood.
    """
    lines = read_lines(text)
    read = _read_whole(text, lines, certain=whole)
    complete = bool(read)
    if not complete:
        starts = [rule.start for rule in known]
        blocks = (block for block in guideline_blocks(lines, text) if _holds(lines[block], starts))
        read = [sentence for block in blocks for sentence in read_sentences(text, lines[block])]
    rules = name_rules(text, source, (clause for sentence in read for clause in sentence.clauses))
    if not rules:
        return Netiquette((), (), complete)
    unread = [
        Evidence(start, end, text[start:end])
        for sentence in read
        if sentence.listed
        for start, end in not_understood(text, sentence)
    ]
    return Netiquette(rules, tuple(unread), complete)


def _holds(lines: Sequence[Line], places: Sequence[int]) -> bool:
    return any(lines[0].start <= place < lines[-1].end for place in places)


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
    read = _read_whole(text, lines)
    if read:
        return name_rules(
            text, source, (clause for sentence in read for clause in forbidding(sentence))
        )
    return rules_in_blocks(text, source, lines, guideline_blocks(lines, text))


def _read_whole(text: str, lines: Sequence[Line], *, certain: bool = False) -> list[Sentence]:
    """Return the sentences of a document if all of it is house rules, else nothing.

    Where that is not `certain`, its title tells, or what most of it says.
    """
    if not lines:
        return []
    certain = certain or cues.is_line(lines[0].plain, "guidelines_heading")
    if not certain and any(cues.is_line(line.plain, *_PAGE_LINES) for line in lines):
        return []
    read = list(read_sentences(text, lines, certain=True))
    return read if certain or _is_netiquette(text, lines, read) else []


def _is_netiquette(text: str, lines: Sequence[Line], read: Sequence[Sentence]) -> bool:
    """Return whether most of a document reads like house rules."""
    said_to = [one for one in read if one.listed and text[one.end - 1] != "?"]
    total = len(said_to)
    reports = sum(_holds_cue(text, one, "report", "speech") for one in said_to)
    voiced = sum(_holds_cue(text, one, "house_voice") for one in said_to)
    if reports > _REPORT_SHARE * total or _is_interview(text, lines, read):
        return False
    found = sum(bool(one.clauses) for one in said_to)
    if found == total > 0:
        return True
    if found < max(_SOME_SHARE * total, _MIN_CLAUSES):
        return False
    categories = {clause.category for sentence in read for clause in sentence.clauses}
    return len(categories) >= _MANY_CATEGORIES or (
        voiced >= _VOICE_SHARE * total
        and not categories.isdisjoint(_MANNERS)
        and _is_about_comments(lines)
    )


def _is_about_comments(lines: Sequence[Line]) -> bool:
    return cues.is_line(lines[0].plain, "document_title") or any(
        cues.find_first(role, line.text) for line in lines for role in ("commenting", "talking")
    )


def _is_interview(text: str, lines: Sequence[Line], read: Iterable[Sentence]) -> bool:
    questions = (text[one.start : one.end] for one in read if text[one.end - 1] == "?")
    return cues.is_line(lines[0].plain, "interview") or (
        sum(_ASKS_YOU.search(question) is not None for question in questions) >= _MIN_QUESTIONS
    )


def _holds_cue(text: str, sentence: Sentence, *roles: str) -> bool:
    words = text[sentence.start : sentence.end]
    return any(cues.find_first(role, words) for role in roles)


def rules_in_blocks(
    text: str, source: str, lines: Sequence[Line], blocks: Iterable[slice]
) -> tuple[HouseRule, ...]:
    """Read the house rules of the given `blocks` of `lines`, in page order."""
    clauses = [clause for block in blocks for clause in read_clauses(text, lines[block])]
    return name_rules(text, source, clauses)


def name_rules(text: str, source: str, clauses: Iterable[Clause]) -> tuple[HouseRule, ...]:
    """Turn clauses into rules with ids ("insult", "insult-2"), leaving out repeated wordings."""
    counts: Counter[Category] = Counter()
    seen: set[tuple[Category, str]] = set()
    # One sentence may hold many rules, and be long.
    whole: dict[tuple[int, int], str] = {}
    rules = []
    for clause in clauses:
        quote = text[clause.start : clause.end]
        key = (clause.category, " ".join(quote.casefold().split()))
        if key in seen:
            continue
        seen.add(key)
        place = (clause.sentence_start, clause.sentence_end)
        if place not in whole:
            whole[place] = text[slice(*place)]
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
                sentence=whole[place],
                modality=clause.modality,
                aspect=clause.aspect,
            )
        )
    return tuple(rules)

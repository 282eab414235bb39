"""House rules: what a document forbids its commenters, asks of them and tells them.

All of a document is read where it is a netiquette; of any other, the passages that are.
"""

from __future__ import annotations

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
from moderation.parsing.guidelines import guideline_blocks, is_title
from moderation.parsing.lines import Line, read_lines
from moderation.records import Category, Evidence, HouseRule
from moderation.text import sentences

# A document without a title is taken as house rules when more than _SPOKEN_SHARE of its sentences
# are rules that are said to somebody, or at least _RULE_SHARE are rules and _SPOKEN_SHARE_OF_MANY
# are said to somebody. The netiquettes of development have .25 to 1 of these, articles at most .44.
_SPOKEN_SHARE, _RULE_SHARE, _SPOKEN_SHARE_OF_MANY = 0.4, 0.65, 0.25
_MIN_CLAUSES = 2
# What reports more than this share of its sentences is news about rules.
_REPORT_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class Netiquette:
    """What a document says to its commenters.

    Attributes
    ----------
    rules
        What it forbids, asks, permits and states, in the order of the text.
    not_understood
        Sentences, and parts of enumerations, among the rules whose meaning was not recognised.
    """

    rules: tuple[HouseRule, ...]
    not_understood: tuple[Evidence, ...]


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
    read = list(read_sentences(text, lines, certain=True))
    if not whole and not _is_netiquette(text, lines, read):
        starts = [rule.start for rule in known]
        blocks = (block for block in guideline_blocks(lines, text) if _holds(lines[block], starts))
        read = [sentence for block in blocks for sentence in read_sentences(text, lines[block])]
    rules = name_rules(text, source, (clause for sentence in read for clause in sentence.clauses))
    if not rules:
        return Netiquette((), ())
    unread = [
        Evidence(start, end, text[start:end])
        for sentence in read
        if sentence.listed
        for start, end in not_understood(text, sentence)
    ]
    return Netiquette(rules, tuple(unread))


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
    read = list(read_sentences(text, lines, certain=True))
    if _is_netiquette(text, lines, read):
        return name_rules(
            text, source, (clause for sentence in read for clause in forbidding(sentence))
        )
    return rules_in_blocks(text, source, lines, guideline_blocks(lines, text))


def _is_netiquette(text: str, lines: Sequence[Line], read: Iterable[Sentence]) -> bool:
    """Return whether all of a document is house rules: by its title, or by what most of it says.

    `read` is what it says if it is.
    """
    if lines and cues.is_line(lines[0].plain, "guidelines_heading"):
        return True
    total = reports = 0
    for line in lines:
        for left, right in sentences(line.text) if not is_title(line) else ():
            span = (text, line.start + left, line.start + right)
            if text[span[2] - 1] == "?":
                continue
            total += 1
            reports += any(cues.find_first(role, *span) for role in ("report", "speech"))
    if reports > _REPORT_SHARE * total:
        return False
    # Where several clauses stand in a sentence, the last speaks for it.
    spoken = [_is_spoken(text, sentence.clauses[-1]) for sentence in read if sentence.clauses]
    found = len(spoken)
    titled = bool(lines) and cues.is_line(lines[0].plain, "document_title")
    if titled or any(cues.find_first("commenting", line.text) for line in lines):
        said = sum(spoken)
        return found >= _MIN_CLAUSES and (
            said > _SPOKEN_SHARE * total
            or (found >= _RULE_SHARE * total and said >= _SPOKEN_SHARE_OF_MANY * total)
        )
    return found == total > 0


def _is_spoken(text: str, clause: Clause) -> bool:
    """Return whether a clause stands in a sentence that a house says to its readers, not news."""
    span = (text, clause.sentence_start, clause.sentence_end)
    roles = ("prohibition", "permission", "commenting", "addresses")
    return any(cues.find_first(role, *span) for role in roles)


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
                modality=clause.modality,
                aspect=clause.aspect,
            )
        )
    return tuple(rules)

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
from moderation.records import PROCEDURAL, Category, Evidence, HouseRule, Modality
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


#: What clauses of procedure are about, in the order in which they are looked for.
ASPECTS: tuple[str, ...] = (
    "no_claim",
    "no_correspondence",
    "blocking",
    "deletion",
    "editing",
    "review",
    "registration",
    "reporting",
    "liability",
    "copyright",
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of house rules that says one thing, at its place in the whole text."""

    category: Category
    start: int
    end: int
    sentence_start: int
    sentence_end: int
    modality: Modality
    aspect: str = ""


@dataclass(frozen=True, slots=True)
class _Context:
    """The introduction a list item stands under: where it begins and whether it forbids."""

    start: int
    forbids: bool


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
    text: str, source: str, known: Sequence[HouseRule] | None = None, *, whole: bool = False
) -> Netiquette:
    """Read house rules completely, permissions and what is not understood included.

    Parameters
    ----------
    text
        The decoded document.
    source
        Its path or name, kept in each rule.
    known
        The rules that were found in it as a page; None: it is looked for passages with rules.
        The passages in which these stand are read.
    whole
        Read all of the text as house rules, whatever it looks like.

    Returns
    -------
    Netiquette
        Its spans count code points from the start of `text`. Without rules it is empty: what is no
        netiquette has not failed to be understood.
    """
    lines = read_lines(text)
    if whole or _is_netiquette(lines, list(read_clauses(text, lines))):
        blocks = [slice(0, len(lines))]
    else:
        blocks = guideline_blocks(lines, text)
    if known is not None and not whole:
        starts = [rule.start for rule in known]
        blocks = [block for block in blocks if _holds(lines[block], starts)]
    parts = [part for block in blocks for part in read_parts(text, lines[block])]
    rules = name_rules(text, source, (part for part in parts if isinstance(part, Clause)))
    unread = tuple(part for part in parts if isinstance(part, Evidence))
    return Netiquette(rules, unread if rules else ())


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
    clauses = list(read_clauses(text, lines))
    if not _is_netiquette(lines, clauses):
        blocks = guideline_blocks(lines, text)
        clauses = [clause for block in blocks for clause in read_clauses(text, lines[block])]
    return name_rules(text, source, clauses)


def _is_netiquette(lines: Sequence[Line], clauses: Sequence[Clause]) -> bool:
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


def read_clauses(text: str, lines: Sequence[Line]) -> Iterator[Clause]:
    """Yield what guideline `lines` forbid, ask or state, each list under its introduction."""
    for part in read_parts(text, lines):
        if isinstance(part, Clause) and part.modality != "permits":
            yield part


def read_parts(text: str, lines: Sequence[Line]) -> Iterator[Clause | Evidence]:
    """Yield the clauses of guideline `lines` and what of them was not understood, in order.

    Headings and introductions of lists are neither.
    """
    context: _Context | None = None
    for line, following in zip_longest(lines, lines[1:]):
        if _introduces(line, following):
            context = _Context(line.start, forbids_list(line))
            if not cues.is_line(line.plain, "guidelines_heading"):
                yield from (
                    part for part in _line_parts(text, line, None) if isinstance(part, Clause)
                )
            continue
        if not ITEM.match(line.text) and len(line.text) > LONGEST_BARE_ITEM:
            context = None
        heading = context is None and is_title(line) and not ITEM.match(line.text)
        for part in _line_parts(text, line, context):
            if isinstance(part, Clause) or not heading:
                yield part


def _introduces(line: Line, following: Line | None) -> bool:
    """Return whether `line` introduces the list that follows."""
    if following is None or ITEM.match(line.text):
        return False
    if line.text.endswith(":"):
        return True
    listed = ITEM.match(following.text) is not None
    return is_title(line) and (listed or (is_title(following) and forbids_list(line)))


def _line_parts(text: str, line: Line, context: _Context | None) -> Iterator[Clause | Evidence]:
    mark = ITEM.match(line.text)
    begin = line.start + (mark.end() if mark else 0)
    for left, right in sentences(text[begin : line.end]):
        start, end = begin + left, begin + right
        clauses = list(_sentence_clauses(text, start, end, context))
        yield from clauses
        done = start
        # What an enumeration names beside what was understood is not to be lost.
        for left, right in _unread(text, start, end, clauses):
            if left >= done:
                yield Evidence(left, right, text[left:right])
                done = right


def _unread(
    text: str, start: int, end: int, clauses: Sequence[Clause]
) -> Iterator[tuple[int, int]]:
    """Yield the parts of a sentence that no clause covers and that may say something."""
    if not clauses:
        yield start, end
        return
    for left, right in _parts(text, start, end):
        covered = any(one.start < right and left < one.end for one in clauses)
        words = _GENERAL.sub(" ", text[left:right])
        if not covered and _NOUN.search(words, 1 if left == start else 0):
            yield left, right


# A noun that is not the first word of its sentence.
_NOUN = re.compile(r"(?<![\w-])[A-ZÄÖÜ]\w{3,}")
# Nouns by which every clause may be carried.
_GENERAL = re.compile(
    r"\b(?:(?:Leser|Nutzer)?(?:Kommentar|Beitr[aä]g|Inhalt|Äußerung|Aeusserung|Äusserung|Text|Posting|Post|Meinung"
    r"|Regel|Richtlinie|Netiquette|Redaktion|Moderation|Moderator|Nutzer|User|Leser|Forum|Seite"
    r"|Diskussion|Debatte|Form|Art|Ihr|Ihnen|Ihre|Bitte|Wort|Zuschrift|Teilnehmer)\w{0,12})\b"
)


def _sentence_clauses(
    text: str, start: int, end: int, context: _Context | None
) -> Iterator[Clause]:
    if text[start:end].endswith("?") or cues.find_first("report", text, start, end):
        return
    for category in (Category.OPENING_HOURS, Category.CLOSING_TIME):
        if cues.find_first(f"rule_{category}", text, start, end):
            yield Clause(category, start, end, start, end, "states")
            return
    forbids = cues.find_first("prohibition", text, start, end) is not None
    asks = cues.find_first("directive", text, start, end) is not None
    inherited = context is not None and context.forbids
    found = _content_clauses(text, start, end)
    permits = False
    if not forbids and not inherited:
        permits = cues.find_first("permission", text, start, end) is not None
        if not permits:
            found = [part for part in found if part[0] in _ASKED_FOR] if asks else []
    sentence_start = start
    # A bare item says nothing without the introduction that forbids it.
    if context is not None and inherited and not forbids:
        sentence_start = context.start
    if not any(category is not Category.PROCEDURE for category, _, _ in found):
        if cues.find_first("rule_procedure", text, start, end):
            aspect = _aspect(text, start, end)
            yield Clause(Category.PROCEDURE, start, end, start, end, "states", aspect)
        return
    if len(found) == 1 and end - start <= _LONGEST_WHOLE:
        found = [(found[0][0], start, end)]
    for category, left, right in found:
        if category is Category.PROCEDURE:
            aspect = _aspect(text, left, right)
            yield Clause(category, left, right, sentence_start, end, "states", aspect)
            continue
        modality = "permits" if permits else _modality(text, left, right, category)
        yield Clause(category, left, right, sentence_start, end, modality)


def _modality(text: str, start: int, end: int, category: Category) -> Modality:
    """Return whether a clause that is no permission forbids or asks."""
    asks = (
        category in _ASKED_FOR
        and cues.find_first("directive", text, start, end) is not None
        and cues.find_first("prohibition", text, start, end) is None
    )
    return "asks" if asks else "forbids"


def _aspect(text: str, start: int, end: int) -> str:
    found = (one for one in ASPECTS if cues.find_first(f"procedure_{one}", text, start, end))
    return next(found, "")


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

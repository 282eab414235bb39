"""Clauses: what each sentence of house rules says, and what of it was not understood.

A sentence is cut into its parts at commas, dashes and conjunctions; a part that carries the words
of a category becomes a clause of its own ("keine rassistischen", "rufschädigenden"). A part counts
only where the sentence, or the introduction of its list, forbids or asks something: a text that
merely mentions insults yields no rule.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from moderation.parsing import cues
from moderation.parsing.guidelines import LONGEST_BARE_ITEM, forbids_list, is_title
from moderation.parsing.lines import ITEM, Line
from moderation.records import PROCEDURAL, Category, Modality
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
    """The introduction a list item stands under.

    ``start`` is where it begins, ``forbids`` whether it forbids what is listed, ``heads`` whether
    it is a heading, below which paragraphs stand, too.
    """

    start: int
    forbids: bool
    heads: bool = False


#: What opens an item of a list of house rules: a bullet or number, "a)", or a picture.
MARK = re.compile(
    rf"{ITEM.pattern}|\(?[a-z]\)\s{{1,8}}|[+✓✔✗✘×]\s{{1,8}}|[^\w\s\x00-\xbf„“”‚‘’»«]{{1,3}}\s{{1,8}}"
)
# "Nicht freigegeben werden Beiträge, die" goes on in the items below.
_OPEN_END = re.compile(r"\b(?:die|welche|wer|dass|was|in denen|wenn|auf|sind|werden|…|\.\.\.)$")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of house rules, at its place in the whole text.

    ``clauses`` is what it says; ``listed`` whether what was not understood of it is to be told,
    which that of headings and introductions is not.
    """

    start: int
    end: int
    clauses: tuple[Clause, ...]
    listed: bool


def read_clauses(text: str, lines: Sequence[Line]) -> Iterator[Clause]:
    """Yield what guideline `lines` forbid, ask or state, each list under its introduction."""
    for sentence in read_sentences(text, lines):
        yield from forbidding(sentence)


def forbidding(sentence: Sentence) -> Iterator[Clause]:
    """Yield the clauses of a sentence that are no permissions."""
    return (clause for clause in sentence.clauses if clause.modality != "permits")


def read_sentences(
    text: str, lines: Sequence[Line], *, certain: bool = False
) -> Iterator[Sentence]:
    """Yield the sentences of guideline `lines`, in order, each list under its introduction.

    Where it is `certain` that all lines are house rules, a sentence that names what they are about
    needs no word that forbids or asks.
    """
    context: _Context | None = None
    for previous, line, following in zip([None, *lines], lines, [*lines[1:], None], strict=False):
        if _introduces(line, following):
            context = _Context(line.start, forbids_list(line), heads=is_title(line))
            if not cues.is_line(line.plain, "guidelines_heading"):
                yield from _introduction(text, line, certain=certain)
            continue
        item = MARK.match(line.text)
        if context is not None and not item and len(line.text) > LONGEST_BARE_ITEM:
            context = context if context.heads and certain else None
        heading = is_title(line) and not item and not (context is not None and context.forbids)
        heading = heading and not (certain and _is_bare_item(previous, following))
        listed = previous is not None and MARK.match(previous.text)
        if certain and not (item and listed) and _is_crosshead(line, following):
            context = None
            heading = True
            if cues.find_first("prohibition", line.text) is None:
                continue
        for start, end in _spans(line):
            # A line that ends no sentence may be a link or a button.
            sure = certain and not heading
            found = _sentence_clauses(text, start, end, context, certain=sure)
            yield Sentence(start, end, tuple(found), listed=not heading)


def _introduction(text: str, line: Line, *, certain: bool) -> Iterator[Sentence]:
    """Yield the sentences of a line that introduces a list; the last says little by itself."""
    spans = list(_spans(line))
    for start, end in spans:
        last = (start, end) == spans[-1]
        found = _sentence_clauses(text, start, end, None, certain=certain and not last)
        yield Sentence(start, end, tuple(found), listed=not last)


def _spans(line: Line) -> Iterator[tuple[int, int]]:
    """Yield where the sentences of a line stand in the whole text, without what marks an item."""
    mark = MARK.match(line.text)
    begin = mark.end() if mark else 0
    opened: int | None = None
    spans = list(sentences(line.text[begin:]))
    for left, right in spans:
        question = line.text[begin + left : begin + right]
        if opened is None and (left, right) != spans[-1] and _TOPIC.fullmatch(question):
            opened = left
            continue
        yield line.start + begin + (left if opened is None else opened), line.start + begin + right
        opened = None


# "Bierfragen? Falsches Blog." says one thing; "Darf ich Links setzen?" is a question.
_TOPIC = re.compile(
    r"(?!(?:w(?:er|as|ie|o|ann|arum|ohin|oher|elche\w?|en|em|eshalb|ieso|ozu|ovon|oran)|an|bei|mit|von|f(?:ü|ue)r|und"
    r"|noch|darf|dürfen|kann|können|muss|müssen|soll|ist|sind|hat|haben|wird|werden|gibt|gilt"
    r"|\w+(?:en|t|st) (?:sie|ihr|du|ich|wir|es))\b)[^.!?\n]{3,60}\?",
    re.IGNORECASE,
)


def _is_crosshead(line: Line, following: Line | None) -> bool:
    """Return whether `line` is a title above a paragraph, which says what the title names."""
    return (
        is_title(line)
        and line.gap
        and following is not None
        and MARK.match(following.text) is None
        and not is_title(following)
    )


def _is_bare_item(previous: Line | None, following: Line | None) -> bool:
    """Return whether a short line stands among others, as the items of a list without marks do."""
    return previous is not None and all(
        line is None or (is_title(line) and not MARK.match(line.text))
        for line in (previous, following)
    )


def _introduces(line: Line, following: Line | None) -> bool:
    """Return whether `line` introduces the list that follows."""
    if following is None or MARK.match(line.text):
        return False
    if line.text.endswith(":"):
        return True
    listed = MARK.match(following.text) is not None
    if listed and (is_title(line) or _OPEN_END.search(line.text)):
        return True
    return is_title(line) and forbids_list(line)


def not_understood(text: str, sentence: Sentence) -> Iterator[tuple[int, int]]:
    """Yield the stretches of a sentence that no clause covers and that may say something."""
    if not sentence.clauses:
        yield sentence.start, sentence.end
        return
    # Clauses come in order and do not overlap.
    ends = [one.end for one in sentence.clauses]
    for left, right in _parts(text, sentence.start, sentence.end, certain=True):
        behind = bisect_right(ends, left)
        covered = behind < len(ends) and sentence.clauses[behind].start < right
        words = _GENERAL.sub(" ", text[left:right])
        if not covered and _NOUN.search(words, 1 if left == sentence.start else 0):
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
    text: str, start: int, end: int, context: _Context | None, *, certain: bool
) -> Iterator[Clause]:
    if text[start:end].endswith("?"):
        return
    speaks = certain and (context is not None or _HOUSE_SPEAKS.search(text, start, end))
    if not speaks and cues.find_first("report", text, start, end):
        return
    if certain and cues.find_first("explains", text, start, end):
        return
    timed = _timed(text, start, end, "rule")
    if timed is not None:
        yield Clause(timed, start, end, start, end, "states")
        return
    forbids = cues.find_first("prohibition", text, start, end) is not None
    asks = cues.find_first("directive", text, start, end) is not None
    inherited = context is not None and context.forbids
    found = _content_clauses(text, start, end, certain=certain)
    says = certain and _says_to_somebody(text[start:end])
    if certain and not any(category is not Category.PROCEDURE for category, _, _ in found):
        timed = _timed(text, start, end, "wide")
        if timed is not None:
            yield Clause(timed, start, end, start, end, "states")
            return
        if says and not found and cues.find_first("wide_procedure", text, start, end) is None:
            found = list(_faint_clauses(text, start, end))
    permits = False
    if not forbids and not inherited:
        permits = _permits(text, start, end)
        if not permits and not certain:
            found = [part for part in found if part[0] in _ASKED_FOR] if asks else []
    sentence_start = start
    # A bare item says nothing without the introduction that forbids it.
    if context is not None and inherited and not forbids:
        sentence_start = context.start
    if not any(category is not Category.PROCEDURE for category, _, _ in found):
        aspect = _aspect(text, start, end)
        roles = _PROCEDURE_ROLES if certain else _PROCEDURE_ROLES[:1]
        if any(cues.find_first(role, text, start, end) for role in roles) or (certain and aspect):
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


_PROCEDURE_ROLES = (
    "rule_procedure",
    "wide_procedure",
    "wide_procedure_clause",
    "frame_procedure",
)
# What a house does, or asks its readers to do; such a sentence reports nothing.
_HOUSE_SPEAKS = re.compile(r"\bwir\b|\bwerden\b|\bwird\b|\b[A-ZÄÖÜ]\w{2,15}en Sie\b", re.IGNORECASE)


def _says_to_somebody(sentence: str) -> bool:
    """Return whether a sentence forbids, asks or addresses; a bare item ("Häme") does, too."""
    roles = ("prohibition", "directive", "house_voice", "addresses")
    return sentence[-1] not in ".!" or any(cues.find_first(role, sentence) for role in roles)


def _timed(text: str, start: int, end: int, kind: str) -> Category | None:
    """Return whether a sentence tells hours or an end, by cues of this kind."""
    order = (Category.OPENING_HOURS, Category.CLOSING_TIME)
    for category in order if kind == "rule" else reversed(order):
        if cues.find_first(f"{kind}_{category}", text, start, end):
            return category
    return None


def _permits(text: str, start: int, end: int) -> bool:
    """Return whether a sentence without a prohibition permits something without reserve."""
    return (
        cues.find_first("permission", text, start, end) is not None
        and _ONLY.search(text, start, end) is None
    )


_ONLY = re.compile(r"\b(?:nur|ausschließlich|ausschliesslich|lediglich)\b", re.IGNORECASE)


def _faint_clauses(text: str, start: int, end: int) -> Iterator[tuple[Category, int, int]]:
    """Yield what a sentence that is certainly a rule is about, by words that mean it only there."""
    for category in _CONTENT:
        if cues.find_first(f"faint_{category}", text, start, end):
            yield category, start, end
            return


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


def _content_clauses(
    text: str, start: int, end: int, *, certain: bool
) -> list[tuple[Category, int, int]]:
    """Return the parts of a sentence that carry a category; equal neighbours are one."""
    merged: list[tuple[Category, int, int]] = []
    previous: Category | None = None
    for left, right in _parts(text, start, end, certain=certain):
        more = _CARRIES_ON.get(previous) if previous else None
        if previous and more and cues.find_first(more, text, left, right):
            merged[-1] = (previous, merged[-1][1], right)  # "… wegen Herkunft, Religion, Alter"
            continue
        if certain and merged and _ASIDE.match(text, left, right):
            continue
        hit = _category(text, left, right, certain=certain)
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


# What carries on an enumeration that has begun.
_CARRIES_ON = {Category.GROUP_ABUSE: "group_trait", Category.REAL_NAMES: "name_detail"}
# What gives reasons or details of the part before it.
_ASIDE = re.compile(
    r"(?:auch|weil|damit|denn|da|solange|sofern|sonst|egal|obwohl|falls|so dass|sodass)\b",
    re.IGNORECASE,
)


def _parts(text: str, start: int, end: int, *, certain: bool) -> Iterator[tuple[int, int]]:
    left = start
    for match in _PART_BREAK.finditer(text, start, end):
        # "Vor- und Nachnamen" is one word, "Hass- und Gewaltaufrufe" are two.
        split = _SPLIT_WORD.search(text, left, match.start())
        if split and _category(text, left, match.start(), certain=certain) is None:
            continue
        yield from _stripped(text, left, match.start())
        left = match.end()
    yield from _stripped(text, left, end)


_SPLIT_WORD = re.compile(r"\w-,?\s{0,4}$")


def _stripped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    part = text[start:end]
    bare = part.rstrip(" \t\r\n\xa0.!?…\"”“»«'").lstrip(" \t\r\n\xa0\"”“„»«'")
    if bare:
        offset = part.index(bare)
        yield start + offset, start + offset + len(bare)


def _category(text: str, start: int, end: int, *, certain: bool) -> tuple[Category, int] | None:
    """Return the category of a part by its first cue (the longest of equals), and the cue's end."""
    for role in ("procedure_clause", "wide_procedure_clause")[: 1 + certain]:
        strong = cues.find_first(role, text, start, end)
        if strong:
            return Category.PROCEDURE, strong.end()
    best: tuple[int, int, Category, int] | None = None
    for category in _CONTENT:
        for role in (f"rule_{category}", f"wide_{category}")[: 1 + certain]:
            hit = cues.find_first(role, text, start, end)
            if hit:
                key = (hit.start(), -hit.end())
                if best is None or key < best[:2]:
                    best = (*key, category, hit.end())
    if best is None:
        return None
    against = certain and best[2] is Category.INSULT and cues.find_first("group", text, start, end)
    return (Category.GROUP_ABUSE if against else best[2]), best[3]

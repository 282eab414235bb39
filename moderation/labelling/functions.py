"""The labelling functions, and applying house rules to a comment with them.

Each function knows one way of breaching one category. It abstains (returns `None`) unless it has
evidence; abstaining is not approval. What a function finds becomes a label only if the newsroom's
own rules forbid it: no rule, no label.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from moderation.labelling.clues import LEXICON, PATTERNS, Clue
from moderation.labelling.fitting import Fitting
from moderation.labelling.formalities import FORMAL, formal_labels
from moderation.labelling.lexicon import lexicon
from moderation.labelling.off_topic import Subject, find_off_topic
from moderation.labelling.patterns import find_patterns
from moderation.labelling.personal_data import find_personal_data
from moderation.labelling.reading import Hit, Reading, read
from moderation.labelling.shouting import find_shouting
from moderation.labelling.sweeping import find_sweeping
from moderation.labelling.waking import wakes
from moderation.labelling.words import (
    find_despised_groups,
    find_group_slurs,
    find_words,
    has_link,
)
from moderation.records import Category, Evidence, HouseRule, Label

#: Where a house quotes no rule of a category: the rules that cover it all the same, in order. A
#: slur on a group is an insult, an insult is not fair, and obscenity is neither. Defamation,
#: advertising and private data need a rule of their own: "fair" does not forbid them by itself.
FALLBACKS: dict[Category, tuple[Category, ...]] = {
    Category.GROUP_ABUSE: (Category.INSULT, Category.INCIVILITY),
    Category.INSULT: (Category.INCIVILITY,),
    Category.INDECENCY: (Category.INCIVILITY,),
}


@dataclass(frozen=True, slots=True)
class LabellingFunction:
    """One way to find one category.

    Attributes
    ----------
    name
        Unique; stands in :attr:`moderation.records.Label.function`.
    category
        What its findings breach.
    find
        Reading → hits, or `None` to abstain.
    description
        What it looks for, in one sentence.
    clues
        :mod:`moderation.labelling.clues` of which a word of the comment must have one, or it is
        sure to abstain; 0 where it looks at more than words.
    """

    name: str
    category: Category
    find: Callable[[Reading], tuple[Hit, ...] | None]
    description: str
    clues: int = 0


def _function(
    name: str,
    category: Category,
    find: Callable[[Reading], Iterable[Hit]],
    description: str,
    clues: int = 0,
) -> LabellingFunction:
    return LabellingFunction(
        name, category, lambda reading: tuple(find(reading)) or None, description, clues
    )


def _word_function(name: str, category: Category, description: str) -> LabellingFunction:
    clue = LEXICON[category]
    return _function(
        name,
        category,
        lambda reading: find_words(reading, lexicon(category), reading.places(clue)),
        description,
        clue,
    )


def _pattern_function(name: str, category: Category, description: str) -> LabellingFunction:
    return _function(
        name,
        category,
        lambda reading: find_patterns(reading, category),
        description,
        PATTERNS[category],
    )


def _insults_at_groups(reading: Reading) -> Iterator[Hit]:
    for category in (Category.INSULT, Category.INDECENCY):
        places = reading.places(LEXICON[category])
        yield from find_group_slurs(reading, lexicon(category), places)


def _sales_patterns(reading: Reading) -> Iterator[Hit]:
    if has_link(reading.text):
        yield from find_patterns(reading, Category.ADVERTISING)


#: All labelling functions; where two find the same words the earlier one keeps them, so that the
#: more specific rule is quoted.
FUNCTIONS: tuple[LabellingFunction, ...] = (
    _word_function("group_slurs", Category.GROUP_ABUSE, "Slurs and dehumanising words."),
    _function(
        "insulted_groups",
        Category.GROUP_ABUSE,
        _insults_at_groups,
        "Insults aimed at a group by a compound, an adjective or a statement.",
        LEXICON[Category.INSULT] | LEXICON[Category.INDECENCY],
    ),
    _function(
        "despised_groups",
        Category.GROUP_ABUSE,
        find_despised_groups,
        "A group's name coloured with contempt.",
        Clue.GROUP | Clue.DESPISED,
    ),
    _function(
        "sweeping_statement",
        Category.GROUP_ABUSE,
        lambda reading: find_sweeping(reading, protected=True),
        "A group of birth, faith, body or fate is condemned as a whole.",
        Clue.GROUP,
    ),
    _pattern_function(
        "group_patterns",
        Category.GROUP_ABUSE,
        "Wordings that deny a group its place or its dignity.",
    ),
    _pattern_function("threats", Category.INDECENCY, "Threats and wishes of violence."),
    _word_function("indecent_words", Category.INDECENCY, "Vulgar and obscene words."),
    _word_function("insults", Category.INSULT, "Insulting words."),
    _pattern_function(
        "insult_patterns", Category.INSULT, "Wordings that insult without a word that does."
    ),
    _function(
        "sweeping_insult",
        Category.INSULT,
        lambda reading: find_sweeping(reading, protected=False),
        "A party or profession is condemned as a whole.",
        Clue.GROUP,
    ),
    _word_function("accusations", Category.DEFAMATION, "A named person is called a criminal."),
    _pattern_function(
        "insinuations", Category.DEFAMATION, "A crime is insinuated, and nothing said to prove it."
    ),
    _word_function(
        "rude_words", Category.INCIVILITY, "Words and phrases that are not fair or factual."
    ),
    _pattern_function(
        "rude_wordings", Category.INCIVILITY, "Wordings that patronise or jeer at the other side."
    ),
    _function("shouting", Category.INCIVILITY, find_shouting, "A run of words in capitals."),
    _word_function("sales_talk", Category.ADVERTISING, "Sales talk, mostly beside a link."),
    _function(
        "sales_patterns",
        Category.ADVERTISING,
        _sales_patterns,
        "Wordings of advertisements beside a link.",
        PATTERNS[Category.ADVERTISING],
    ),
    _function(
        "personal_data",
        Category.PRIVACY,
        find_personal_data,
        "E-mail and postal addresses, telephone numbers and bank accounts.",
    ),
)


#: Knows the article, not the comment alone, and stands behind all others: `label_text` asks it.
OFF_TOPIC = LabellingFunction(
    "off_topic",
    Category.OFF_TOPIC,
    lambda _reading: None,
    "Several words of a subject that is far from the article's.",
)


def label_text(
    text: str,
    rules: Sequence[HouseRule],
    subject: Subject | None = None,
    thread: Sequence[str] = (),
) -> tuple[Label, ...]:
    """Apply house rules to one comment.

    Parameters
    ----------
    text
        The comment, any text.
    rules
        The newsroom's rules. Of several in a category the one is quoted that speaks of what was
        found (:mod:`moderation.labelling.fitting`), else the first; a category without a rule
        follows :data:`FALLBACKS`; permissions and rules of procedure are never applied to a
        comment.
    subject
        What its article is about (:func:`moderation.labelling.off_topic.subject_of`); None: nobody
        knows, and nothing is off topic.
    thread
        The comments it answers, nearest first.

    Returns
    -------
    tuple of Label
        At most one per rule, in order of first evidence; evidence in text order, never overlapping,
        with offsets into `text`. Empty where all functions abstain, which is not approval.
        What formalities (links, length) find may overlap it.
    """
    away = find_off_topic(text, subject, thread) or ()
    labels = label_reading(read(text), rules, away) if away or wakes(text) else ()
    formal = [rule for rule in rules if rule.category in FORMAL]
    return _in_order((*labels, *formal_labels(text, formal))) if formal else labels


def findings(text: str) -> Iterator[tuple[LabellingFunction, tuple[Hit, ...]]]:
    """Yield what each labelling function finds in a comment, whatever the house rules are.

    Functions that abstain are left out; the others come in the order of :data:`FUNCTIONS`.
    """
    if not wakes(text):
        return
    reading = read(text)
    for function in FUNCTIONS:
        if function.clues and not function.clues & reading.clues:
            continue
        hits = function.find(reading)
        if hits is not None:
            yield function, hits


def label_reading(
    reading: Reading, rules: Sequence[HouseRule], off_topic: Sequence[Hit] = ()
) -> tuple[Label, ...]:
    """Apply house rules to a comment that has been read, whether it wakes or not.

    As :func:`label_text`, which asks :func:`moderation.labelling.waking.wakes` first and finds what
    is `off_topic`.
    """
    fitting: Fitting | None = None
    taken: list[tuple[Hit, LabellingFunction, HouseRule]] = []
    for function in (*FUNCTIONS, OFF_TOPIC):
        if function.clues and not function.clues & reading.clues:
            continue
        hits = off_topic if function is OFF_TOPIC else function.find(reading)
        if not hits:
            continue
        fitting = fitting or _fitting(rules)
        for hit in hits:
            applied = fitting.rule_for(function.name, function.category, hit.source)
            if applied is not None:
                taken.append((hit, function, applied))
    return _labels(reading.text, taken) if taken else ()


#: The rules of the last comment: those of the next one, as a rule.
_latest: list[tuple[tuple[HouseRule, ...], Fitting]] = []


def _fitting(rules: Sequence[HouseRule]) -> Fitting:
    """Return which rule is quoted for what; kept for as long as the same tuple comes."""
    for known, fitting in _latest:
        if known is rules:
            return fitting
    fitting = Fitting(rules, FALLBACKS)
    if isinstance(rules, tuple):
        _latest[:] = [(rules, fitting)]
    return fitting


def _labels(
    text: str, found: Sequence[tuple[Hit, LabellingFunction, HouseRule]]
) -> tuple[Label, ...]:
    """Make one label per rule; `found` stands in the order of the functions."""
    by_rule: dict[str, list[tuple[Hit, LabellingFunction, HouseRule]]] = {}
    for finding in found:
        by_rule.setdefault(finding[2].id, []).append(finding)
    labels: list[Label] = []
    taken: list[list[Hit]] = []
    for findings in by_rule.values():
        hits = _merged(hit for hit, _, _ in findings)
        own = [hit for hit in hits if not any(_covers(others, hit) for others in taken)]
        if not own:
            continue
        taken.append(own)
        strength = max(hit.strength for hit in own)
        function = next(
            function
            for hit, function, _ in findings
            if hit.strength == strength and _covers(own, hit)
        )
        labels.append(
            Label(
                rule=findings[0][2],
                category=function.category,
                evidence=tuple(
                    Evidence(hit.start, hit.end, text[hit.start : hit.end]) for hit in own
                ),
                function=function.name,
                strength=strength,
            )
        )
    return _in_order(labels)


def _in_order(labels: Iterable[Label]) -> tuple[Label, ...]:
    return tuple(sorted(labels, key=lambda label: label.evidence[0].start))


def _merged(hits: Iterable[Hit]) -> list[Hit]:
    """Join overlapping hits; the stronger one lends its strength."""
    merged: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, hit.end)):
        if merged and hit.start < merged[-1].end:
            last = merged.pop()
            stronger = hit if hit.strength > last.strength else last
            hit = Hit(last.start, max(last.end, hit.end), stronger.strength, stronger.source)
        merged.append(hit)
    return merged


def _covers(hits: Sequence[Hit], hit: Hit) -> bool:
    """Whether `hit` lies inside one of `hits`, which are in order and apart."""
    place = bisect_right(hits, hit.start, key=lambda other: other.start) - 1
    return place >= 0 and hit.end <= hits[place].end

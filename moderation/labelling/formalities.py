"""Formalities: house rules on links and on length, which a comment keeps or breaches countably."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from moderation.records import Category, Evidence, HouseRule, Label
from moderation.text import NUMBER_WORDS

#: Categories that are found by counting, not by reading.
FORMAL: frozenset[Category] = frozenset({Category.LINKS, Category.LENGTH_LIMIT})

_LINK = re.compile(r"(?:https?://|\bwww\.)[^\s<>\"]{3,2000}", re.IGNORECASE)
# "Links auf Angebote von Händlern": nobody can tell from an address what stands behind it.
_SOME_LINKS = re.compile(
    r"\b(?:ver)?links?\w{0,5} (?:zu|zur|zum|auf|mit|von|in|ohne|die|deren|und quellen)\b"
    r"|\b(?:kommerziell|werb|rechtswidrig|strafbar|illegal|unseriös|nicht nachvollziehbar"
    r"|zu viele)\w{0,6} (?:\w{1,20} )?(?:hyper|web)?links?\b"
    # "Gehen Sie sparsam mit Links um": how many that is nobody can tell.
    r"|\b(?:sparsam|übermäßig|übermässig|massenhaft|mehrere|zahlreiche|etliche)",
    re.IGNORECASE,
)
_NAMES_LINKS = re.compile(
    r"links?\b|\bverlink|\burls?\b|\w(?:netz|web|net)?seiten\b", re.IGNORECASE
)
_ANY_LINKS = re.compile(r"\b(?:fremde|externe|andere)\w{0,2} \w", re.IGNORECASE)
_LIMIT = re.compile(
    r"(?P<number>\d{1,3}[.  ]\d{3}|\d{2,6})\s{1,3}(?P<unit>zeichen|anschläge|buchstaben|wört|wort)",
    re.IGNORECASE,
)
_MINIMUM = re.compile(r"\b(?:mindestens|wenigstens|minimal)\s", re.IGNORECASE)
_WORD = re.compile(r"\S+")
# How many links a clause allows: "nicht mehr als zwei Links", "bis zu drei externe Links", "Links:
# maximal zwei", "ein Link pro Kommentar"; and from which number on it forbids them: "ab drei
# Links".
_MOST_LINKS = 10
_SEVERAL = "|".join(word for word, number in NUMBER_WORDS.items() if 2 <= number <= _MOST_LINKS)
_NUMBER = rf"(?:\d{{1,2}}|eine?[nmrs]?|{_SEVERAL})"
_ORDINALS = ("ersten", "zweiten", "dritten", "vierten", "fünften", "sechsten")
_LINKS = (
    r"(?:hyper|web|quellen)?-?(?:links?|verlinkung(?:en)?|verweise?n?|urls?|(?:inter)?netzadressen?"
    r"|(?:web|internet)-?adressen?)\b"
)
_AT_MOST = (
    r"\b(?:mehr als|über|maximal|max\.?|höchstens|allerhöchstens|bis zu|nur|lediglich|allenfalls"
    r"|nicht über)(?: insgesamt| je| jeweils)?"
)
_EACH = (
    r"(?:pro|je|in (?:einem|jedem|ihrem|deinem)) (?:\w{1,20} )?(?:kommentar|beitrag|posting|text)"
)
_LINK_LIMIT = re.compile(
    rf"{_AT_MOST} (?:{_NUMBER} bis )?(?P<most>{_NUMBER}) (?:\(\d{{1,2}}\) )?"
    rf"(?:\w{{1,20}} ){{0,2}}?{_LINKS}"
    rf"|\b(?:weniger als|ab) (?P<from>{_NUMBER}) (?:\w{{1,20}} ){{0,2}}?{_LINKS}"
    rf"|\b(?P<or_more>{_NUMBER}) (?:oder|und) mehr (?:\w{{1,20}} ){{0,2}}?{_LINKS}"
    rf"|\bab (?:dem|der) (?:(?P<nth>{'|'.join(_ORDINALS)})|(?P<dot>\d{{1,2}})\.) {_LINKS}"
    rf"|\b{_LINKS}(?:\W{{1,3}}\w{{1,20}}){{0,4}}?\W{{1,3}}(?:{_AT_MOST}|auf) (?P<behind>{_NUMBER})"
    r"(?! (?:\w{1,20} )?(?:zeichen|wort|wört|seiten?|angebot|inhalt|quelle))\b"
    rf"|(?<!kein )(?<!keine )(?P<each>\b{_NUMBER}) (?:\w{{1,20}} ){{0,2}}?{_LINKS} {_EACH}",
    re.IGNORECASE,
)
_AT_MOST_BEFORE = re.compile(rf"{_AT_MOST} $", re.IGNORECASE)
#: Characters quoted of what is beyond a limit.
_QUOTED = 60


def formal_labels(text: str, rules: Iterable[HouseRule]) -> Iterator[Label]:
    """Yield what a comment breaches of rules on links and length, one label a rule.

    Parameters
    ----------
    text
        The comment, any text.
    rules
        The newsroom's rules, in their order; the first of a category that forbids or asks counts,
        or that permits so many and no more. Rules about some links only ("Links zu Shops") and
        rules on length without a number never apply.
    """
    done: set[Category] = set()
    for rule in rules:
        if rule.category not in FORMAL or rule.category in done:
            continue
        if rule.modality == "permits" and not _limits(rule):
            continue
        if rule.category is Category.LINKS:
            hits, function = _links(text, rule), "links"
        else:
            hits, function = _beyond(text, rule), "length"
        if hits:
            done.add(rule.category)
            yield Label(rule, rule.category, tuple(hits), function)


def _limits(rule: HouseRule) -> bool:
    """Whether a permission ends somewhere: "Bis zu drei Links sind erlaubt"."""
    if rule.category is Category.LINKS:
        return link_limit(rule.quote) is not None
    found = _LIMIT.search(rule.quote)
    return found is not None and _AT_MOST_BEFORE.search(rule.quote[: found.start()]) is not None


def _links(text: str, rule: HouseRule) -> Sequence[Evidence]:
    if not _about_all_links(rule.quote):
        return ()
    hits = [match.span() for match in _LINK.finditer(text)]
    # So many are allowed; what is quoted is beyond.
    hits = hits[link_limit(rule.quote) or 0 :]
    return [Evidence(start, end, text[start:end]) for start, end in hits]


@cache
def _about_all_links(quote: str) -> bool:
    quote = " ".join(quote.split())
    if _NAMES_LINKS.search(quote) is None and link_limit(quote) is None:
        return False
    if _MINIMUM.search(quote):
        # "Nennen Sie mindestens einen Link."
        return False
    quote = _IN_A_COMMENT.sub("", quote)
    return _SOME_LINKS.search(quote) is None or _ANY_LINKS.search(quote) is not None


# "nicht mehr als zwei Links in einem Kommentar" says where links stand, not where they lead.
_IN_A_COMMENT = re.compile(rf"\b{_EACH}", re.IGNORECASE)


@cache
def link_limit(quote: str) -> int | None:
    """Return how many links a clause allows in a comment, if it says so.

    Examples
    --------
    >>> link_limit("Ein Kommentar darf nicht mehr als zwei Links enthalten.")
    2
    """
    quote = " ".join(quote.split())
    found = _LINK_LIMIT.search(quote)
    if found is None or _MINIMUM.search(quote, 0, found.end()):
        return None
    kind = found.lastgroup or ""
    word = found[kind].casefold()
    if kind == "nth":
        return _ORDINALS.index(word)
    if word.isdecimal():
        number = int(word)
    else:
        number = NUMBER_WORDS["ein" if word.startswith("ein") else word]
    return number - 1 if kind in {"from", "or_more", "dot"} else number


def _beyond(text: str, rule: HouseRule) -> Sequence[Evidence]:
    limit = length_limit(rule.quote)
    if limit is None:
        return ()
    number, unit = limit
    if unit == "characters":
        start = number if len(text) > number else None
    else:
        words = [match.start() for match in _WORD.finditer(text)]
        start = words[number] if len(words) > number else None
    if start is None or not text[start:].strip():
        return ()
    end = min(len(text), start + _QUOTED)
    return [Evidence(start, end, text[start:end])]


@cache
def length_limit(quote: str) -> tuple[int, str] | None:
    """Return the most characters or words that a clause allows, with their unit, if it says so.

    Examples
    --------
    >>> length_limit("Bitte höchstens 1.000 Zeichen.")
    (1000, 'characters')
    """
    found = _LIMIT.search(quote)
    if found is None or _MINIMUM.search(quote, 0, found.start()):
        return None
    number = int(re.sub(r"\D", "", found["number"]))
    return number, "words" if found["unit"].casefold().startswith("w") else "characters"

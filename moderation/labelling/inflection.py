"""German inflection as far as word lists need it: from a lemma to the forms it appears in.

The classes follow the dictionaries: a noun's class names its plural ("umlaut-e": Kopf, Köpfe),
an adjective takes all endings and degrees, a verb its finite forms and participles. A few forms
that no one uses are generated too; they cost a dictionary slot and match nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from moderation.text import fold_text

_ADJECTIVE_ENDINGS = ("", "e", "en", "er", "es", "em")
_UMLAUT = {"a": "ä", "o": "ö", "u": "ü", "A": "Ä", "O": "Ö", "U": "Ü"}
# "au" is one vowel: Sau, Säue.
_LAST_VOWEL = re.compile(r"(au|[aou])(?!.*[aou])", re.IGNORECASE | re.DOTALL)
_UNSTRESSED_PREFIX = re.compile(r"(?:ver|be|er|zer|ent|ge)|.*ieren$")


@dataclass(frozen=True, slots=True)
class Forms:
    """Folded forms by number; one form may be both. What has no number counts as singular."""

    singular: frozenset[str]
    plural: frozenset[str]


def with_umlaut(word: str) -> str:
    """Return `word` with its last back vowel changed: Kopf, Köpf."""
    return _LAST_VOWEL.sub(lambda match: _UMLAUT[match[0][0]] + match[0][1:], word, count=1)


def inflect(lemma: str, part_of_speech: str, inflection: str, participle: str = "") -> Forms:
    """Return the folded forms of `lemma`.

    Parameters
    ----------
    lemma
        Dictionary form: nominative singular, positive, or infinitive.
    part_of_speech
        ``noun``, ``adjective``, ``verb`` or ``phrase``.
    inflection
        Noun: ``weak``, ``-``, ``-e``, ``umlaut-e``, ``-er``, ``umlaut-er``, ``-n``, ``-s``,
        ``mass``, ``adjectival``, ``plural`` (the lemma is one) or ``invariant``; ``+in`` behind
        the class adds the feminine. Adjective: ``regular``, ``umlaut`` or ``invariant``. Verb:
        ``weak``, ``strong`` (with `participle`); a separable particle is set off: ``ab|knallen``.
        Phrase: ``fixed``.
    participle
        Past participle of a strong verb.

    Raises
    ------
    ValueError
        If the class is not known for the part of speech.
    """
    singular: set[str]
    plural: set[str] = set()
    if part_of_speech == "noun":
        inflection, plus, _ = inflection.partition("+in")
        singular, plural = _noun(lemma, inflection)
        if plus:
            stem = lemma.removesuffix("e")
            singular.add(stem + "in")
            plural.add(stem + "innen")
    elif part_of_speech == "adjective":
        singular = _adjective(lemma, inflection)
    elif part_of_speech == "verb":
        singular = _verb(lemma, inflection, participle)
    elif (part_of_speech, inflection) == ("phrase", "fixed"):
        singular = {lemma}
    else:
        raise ValueError(f"{lemma}: no inflection {inflection!r} for {part_of_speech!r}")
    return Forms(_folded(singular), _folded(plural))


def _folded(words: set[str]) -> frozenset[str]:
    # One call for all: lexicons have thousands of forms, and loading them should take no time.
    return frozenset(fold_text("\n".join(words)).split("\n")) if words else frozenset()


def _noun(lemma: str, inflection: str) -> tuple[set[str], set[str]]:
    n = "n" if re.search(r"(?:e|el|er)$", lemma) else "en"
    genitives = {lemma, lemma + "s", lemma + "es"}
    match inflection:
        case "weak":  # the oblique singular looks like the plural: den Idioten
            return {lemma}, {lemma + n}
        case "-":
            return {lemma, lemma + "s"}, {lemma, lemma + "n"}
        case "-e" | "-er":
            plural = lemma + inflection[1:]
        case "umlaut-e" | "umlaut-er":
            plural = with_umlaut(lemma) + inflection.removeprefix("umlaut-")
        case "-n":
            return {lemma}, {lemma + n}
        case "-s":
            return {lemma}, {lemma + "s"}
        case "mass":
            return genitives, set()
        case "adjectival":
            stem = lemma.removesuffix("r").removesuffix("e")
            return {stem + "e", stem + "er", stem + "es", stem + "em"}, {stem + "en"}
        case "plural":
            return set(), {lemma}
        case "invariant":
            return {lemma}, set()
        case _:
            raise ValueError(f"{lemma}: unknown noun class {inflection!r}")
    return genitives, {plural, plural + "n"}


def _adjective(lemma: str, inflection: str) -> set[str]:
    if inflection == "invariant":
        return {lemma}
    if inflection not in {"regular", "umlaut"}:
        raise ValueError(f"{lemma}: unknown adjective class {inflection!r}")
    stem = lemma.removesuffix("e")
    # "übel" loses its vowel before an ending: übler, üble.
    inflected = re.sub(r"e(l)$", r"\1", stem)
    degree = with_umlaut(stem) if inflection == "umlaut" else stem
    forms = {lemma} | {inflected + ending for ending in _ADJECTIVE_ENDINGS[1:]}
    forms |= {re.sub(r"e(l)$", r"\1", degree) + "er" + ending for ending in _ADJECTIVE_ENDINGS}
    for superlative in ("st", "est"):
        forms |= {degree + superlative + ending for ending in _ADJECTIVE_ENDINGS[1:]}
    return forms


def _verb(lemma: str, inflection: str, participle: str) -> set[str]:
    particle, bar, verb = lemma.rpartition("|")
    stem = re.sub(r"e?n$", "", verb)
    finite = {verb, *(stem + ending for ending in ("e", "st", "t", "et", "est"))}
    if inflection == "weak":
        finite |= {stem + ending for ending in ("te", "ten", "test", "tet")}
        past = stem + ("et" if stem.endswith(("t", "d")) else "t")
        past = past if _UNSTRESSED_PREFIX.match(verb) else "ge" + past
    elif inflection == "strong" and participle:
        past = participle.removeprefix(particle)
    else:
        raise ValueError(f"{lemma}: unknown verb class {inflection!r}, or no participle")
    forms = finite | {past + ending for ending in _ADJECTIVE_ENDINGS}
    forms |= {stem + "end" + ending for ending in _ADJECTIVE_ENDINGS}
    if bar:
        forms |= {"zu" + verb}
    return {particle + form for form in forms}

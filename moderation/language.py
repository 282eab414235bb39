"""The language of a comment, as far as anybody can tell; for short texts often nobody can.

What is not German is marked and not scored by a model that learned German. The mistakes do not
weigh the same: a foreign comment taken for German gets a useless score; a German one taken for
foreign is not scored at all, and whoever adds a foreign sentence to an insult would slip past. So
another language needs small words of its own in a good part of the text, and German ones must be
next to absent.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from moderation.records import Language

#: Words that are looked at, from the beginning and the end: enough to tell, and bounded.
_LOOKED_AT = 300
#: A share of German small words of which German is sure; running German has about a half.
_SURELY_GERMAN = 0.2
#: Another language needs so many small words of its own, in such a share of the words …
_FEWEST_WORDS, _LEAST_SHARE = 3, 0.22
#: … and so many for each German word beside them.
_TO_ONE_GERMAN = 6
#: Letters of another script that tell by themselves, and their share of all letters.
_FEWEST_LETTERS, _LETTER_SHARE = 8, 0.6
#: The least lead over the language next to it.
_LEAD = 1.25
#: Small words that chance or names bring along; they damp the confidence of short texts.
_BY_CHANCE = 0.5

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
# Addresses and names of accounts are no words of a language.
_NO_WORDS = re.compile(r"(?:https?://|www\.)\S+|[@#]\w+|\S+@\S+")
_GERMAN = "de"
_UNKNOWN = Language(None, 0.0)


@dataclass(frozen=True, slots=True)
class _Words:
    """What each small word says: the languages that have it; German words are apart."""

    german: frozenset[str]
    languages: dict[str, tuple[str, ...]]
    scripts: dict[str, re.Pattern[str]]
    letters: dict[str, frozenset[str]]
    beyond_latin: re.Pattern[str]


@cache
def _words() -> _Words:
    data = tomllib.loads(
        resources.files("moderation").joinpath("languages.toml").read_text(encoding="utf-8")
    )
    lists = {code: frozenset(words.split()) for code, words in data["words"].items()}
    german = lists.pop(_GERMAN)
    languages: dict[str, tuple[str, ...]] = {}
    for code, words in lists.items():
        # Single letters are what is left of words that were spaced out to get past a filter.
        for word in (one for one in words - german if len(one) > 1):
            languages[word] = (*languages.get(word, ()), code)
    # What others say, too ("is", "in", "die"), is evidence for nobody.
    german = german.difference(*lists.values())
    scripts = {code: re.compile(f"[{span}]") for code, span in data["scripts"].items()}
    return _Words(
        german,
        languages,
        scripts,
        {code: frozenset(letters) for code, letters in data["letters"].items()},
        re.compile(f"[{''.join(data['scripts'].values())}]"),
    )


def is_foreign(language: Language) -> bool:
    """Return whether a text is surely in another language than German."""
    return language.code is not None and language.code != _GERMAN


def language_of(text: str) -> Language:
    """Return the language of a comment.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    Language
        ``code`` is ISO 639-1 (Serbian, Bosnian and Croatian in Latin letters are all ``hr``), or
        None where the text is too short, mixed, or in no language that is known here.
    """
    known = _words()
    lowered = text.lower()
    if "/" in lowered or "@" in lowered or "#" in lowered or "www." in lowered:
        lowered = _NO_WORDS.sub(" ", lowered)
    words = _WORD.findall(lowered)
    if len(words) > 2 * _LOOKED_AT:
        words = words[:_LOOKED_AT] + words[-_LOOKED_AT:]
    german = sum(word in known.german for word in words)
    if german >= 2 and german >= _SURELY_GERMAN * len(words):
        return Language(_GERMAN, _confidence(german, len(words)))
    if known.beyond_latin.search(lowered) and (script := _by_script(lowered, known)):
        return script if german <= 1 else _UNKNOWN
    return _by_words(words, german, known)


def _by_words(words: list[str], german: int, known: _Words) -> Language:
    counts: dict[str, int] = {}
    for word in words:
        for code in known.languages.get(word.replace("’", "'"), ()):
            counts[code] = counts.get(code, 0) + 1
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    if not ranked:
        return _german_or_unknown(german, len(words))
    code, hits = ranked[0]
    second = ranked[1][1] if len(ranked) > 1 else 0
    enough = hits >= max(_FEWEST_WORDS, _LEAST_SHARE * len(words))
    if not enough or hits < _TO_ONE_GERMAN * german:
        return _german_or_unknown(german, len(words))
    if hits < _LEAD * second:
        # Not German in any case, but which? Languages that are close share their small words.
        return Language(code, _confidence(hits - second / 2, len(words)))
    return Language(code, _confidence(hits, len(words)))


def _german_or_unknown(german: int, words: int) -> Language:
    if german:
        return Language(_GERMAN, min(_confidence(german, words), 0.8))
    return _UNKNOWN


def _by_script(text: str, known: _Words) -> Language | None:
    letters = sum(map(str.isalpha, text))
    for code, pattern in known.scripts.items():
        own = len(pattern.findall(text))
        if own >= _FEWEST_LETTERS and own >= _LETTER_SHARE * letters:
            present = set(text)
            for other, special in known.letters.items():
                if present & special and (pattern.search("".join(special)) or code == "ru"):
                    code = other
            return Language(code, own / letters)
    return None


def _confidence(hits: float, words: int) -> float:
    """Return how sure so many small words make: few words, or few among many, are less sure."""
    share = min(1.0, hits / max(words, 1) / _LEAST_SHARE)
    return round(hits / (hits + _BY_CHANCE) * (0.5 + 0.5 * share), 4)

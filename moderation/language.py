"""The language of a comment, as far as anybody can tell; for short texts often nobody can.

What is not German is marked and not scored by a model that learned German. The mistakes do not
weigh the same: a foreign comment taken for German gets a useless score; a German one taken for
foreign is not scored at all, and whoever adds a foreign sentence to an insult would slip past. So
first it is asked whether small German words say it is German; most comments end there. Only then
the letters of each word are looked at, and another language has to win clearly, in a text that has
next to no German words, and no German passage.

The small words (languages.toml) were written for this project. What letters say
(language_letters.npz) was counted by benchmarks/language_letters.py from the word frequencies of
wordfreq 3.1.1, whose data are under CC BY-SA 4.0: that file is passed on under the same licence.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from moderation.records import Language

#: Characters of the beginning and the end that are asked for small German words.
_BEGINNING = 240
#: Small German words of which German is sure, and their share; running German has about a half.
_SURELY_GERMAN, _SURE_SHARE = 2, 0.2
#: How probable it is that a text without German has a small German word by chance (at most).
_BY_CHANCE = 0.25
#: Words that are looked at, from the beginning and the end: enough to tell, and bounded.
_LOOKED_AT = 1000
#: Letters of a word that are looked at; longer ones are no words.
_WORD_LETTERS = 40
#: Words kept in memory with what their letters say: 16 numbers each, some MB.
_REMEMBERED = 20_000

# Below, leads and probabilities are natural logarithms; the values are those at which the
# development half of tests/languages.toml and the German corpora have the fewest mistakes.
#: Below this one word says nothing more against a language: names, misspelt words.
_LEAST = -4.0
#: What a small word adds for the languages that have it.
_SMALL_WORD = 2.0
#: German has this probability for a plainly German word, and this lead over the other language.
_PLAINLY, _PLAIN_LEAD = -0.7, 1.5
#: From this share of words that are plainly German nothing else is said: who adds four foreign
#: words to each German one still wrote German.
_GERMAN_SHARE = 0.15
#: Neighbours with this lead in all are a German passage (two or three words), whatever stands
#: around them: an insult in a foreign text. From 5 to 7 the development half is the same; two words
#: of insult in tests/languages_independent.toml had 5.6 to 6.1.
_PASSAGE = 5.0
#: The same among letters of another script, where words in Latin letters are few.
_PASSAGE_IN_SCRIPT = 3.0
#: The lead over German that another language needs, in all and for each word.
_LEAD, _LEAD_A_WORD = 7.0, 1.1
#: Fewer words, or letters in them, prove no other language: names and calls.
_FEWEST_WORDS, _FEWEST_LETTERS = 4, 18
#: Fewer words in small letters are a list of names (unless everything is in capitals).
_FEWEST_SMALL = 2
#: The least probability of German that is named where its small words do not suffice.
_SURE = 0.5
#: Letters depend on each other: a sum over words is too sure by about the inverse of this.
_TEMPER = 0.5
#: Small words, and their share, from which a language is believed whose letters are not known.
_SMALL_WORDS, _SMALL_SHARE = 3, 0.3
#: Letters of another script that tell by themselves, and their share of all letters.
_SCRIPT_LETTERS, _SCRIPT_SHARE = 8, 0.6
#: The share of special letters that shows the other language of a script.
_SPECIAL_SHARE = 0.02
#: Lengths of the sequences of letters, steps of their stored logarithms, and how many times they
#: say the same (see benchmarks/language_letters.py).
_LENGTHS, _STEPS, _OVERLAP = (2, 3, 4, 5), 16, 3

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
# Addresses and names of accounts are no words of a language; hashtags are. An e-mail address has at
# most 64 characters before the @ (RFC 5321): a bound keeps this linear.
_NO_WORDS = re.compile(r"(?:https?://|www\.)\S+|[\w.+-]{0,64}@\S+")
_GERMAN = "de"
_UNKNOWN = Language(None, 0.0)

_Row = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Words:
    """What the tables say.

    Attributes
    ----------
    german, german_too
        Small words of German alone, and with those that other languages have, too.
    languages
        Each small word of the other languages: which have it.
    scripts, letters
        Pattern of a language's script, and letters that only another language of that script has.
    beyond_latin
        Any letter of `scripts`.
    """

    german: frozenset[str]
    german_too: frozenset[str]
    languages: dict[str, tuple[str, ...]]
    scripts: dict[str, str]
    letters: dict[str, dict[str, str]]
    beyond_latin: str


@dataclass(frozen=True, slots=True)
class _Letters:
    """How much more often a sequence of letters stands in each language than in all.

    Attributes
    ----------
    codes
        Languages; German is the first.
    places
        Row of each sequence in `logs`.
    logs
        Shape (sequences, languages): natural logarithms times 16, less their mean over languages.
    """

    codes: tuple[str, ...]
    places: dict[str, int]
    logs: NDArray[np.int8]


@cache
def _words() -> _Words:
    data = tomllib.loads(
        resources.files("moderation").joinpath("languages.toml").read_text(encoding="utf-8")
    )
    lists = {code: frozenset(words.split()) for code, words in data["words"].items()}
    german = lists.pop(_GERMAN)
    languages: dict[str, tuple[str, ...]] = {}
    for code, words in lists.items():
        for word in words:
            languages[word] = (*languages.get(word, ()), code)
    # What others say, too ("is", "in", "die"), does not show at once that a text is German.
    german_too, german = german, german.difference(*lists.values())
    # Compiled when a text needs them: large sets of letters take milliseconds.
    scripts = {code: f"[{span}]" for code, span in data["scripts"].items()}
    return _Words(
        german,
        german_too,
        languages,
        scripts,
        data["letters"],
        f"[{''.join(data['scripts'].values())}]",
    )


@cache
def _letters() -> _Letters:
    path = resources.files("moderation").joinpath("language_letters.npz")
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        codes = bytes(arrays["codes"]).decode().split()
        sequences = bytes(arrays["sequences"]).decode().split(" ")
        return _Letters(
            tuple(codes),
            {sequence: place for place, sequence in enumerate(sequences)},
            arrays["logs"],
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
    known, text = _words(), text.strip()
    german = _plainly_german(text[:_BEGINNING], known)
    if german and len(text) > _BEGINNING:
        german = min(german, _plainly_german(text[-_BEGINNING:], known))
    if german:
        return Language(_GERMAN, round(1 - _BY_CHANCE**german, 4))
    return _by_letters(text, known)


def _plainly_german(text: str, known: _Words) -> int:
    """Return the number of small German words if they suffice to call a text German, else 0."""
    words = text.lower().split()
    german = sum(map(known.german.__contains__, words))
    return german if german >= max(_SURELY_GERMAN, _SURE_SHARE * len(words)) else 0


def _by_letters(text: str, known: _Words) -> Language:
    spelled = _WORD.findall(_NO_WORDS.sub(" ", text))
    if len(spelled) > 2 * _LOOKED_AT:
        spelled = spelled[:_LOOKED_AT] + spelled[-_LOOKED_AT:]
    # Each word once: repeating one makes it no stronger. Single letters are what is left of words
    # that were spaced out to get past a filter.
    words = list(
        dict.fromkeys(
            word[:_WORD_LETTERS].lower().replace("’", "'") for word in spelled if word[1:]
        )
    )
    if not words:
        return _by_script(text.lower(), known) or _UNKNOWN
    scores = np.array([_word(word) for word in words]).reshape(len(words), -1)
    total = scores.sum(axis=0)
    foreign = int(total[1:].argmax()) + 1
    lead = float(total[foreign] - total[0])
    german, other = scores[:, 0], scores[:, foreign]
    small = np.array([word in known.german_too for word in words], dtype=bool)
    plain = int(((small | (german >= _PLAINLY)) & (german - other >= _PLAIN_LEAD)).sum())
    if (script := _by_script(text.lower(), known)) is not None:
        return _UNKNOWN if _best_passage(german - other) >= _PASSAGE_IN_SCRIPT else script
    if lead < 0:
        sure = _share(total, 0)
        return Language(_GERMAN, sure) if plain >= 2 and sure >= _SURE else _UNKNOWN
    if plain >= max(1, _GERMAN_SHARE * len(words)) or not _is_running_text(spelled, words):
        return _UNKNOWN
    if _best_passage(german - other) >= _PASSAGE:
        return _UNKNOWN
    sure = _share(total, foreign)
    # Where it is unclear which language it is, German must be the more unlikely.
    if lead * min(1.0, 2 * sure) >= max(_LEAD, _LEAD_A_WORD * len(words)):
        return Language(_letters().codes[foreign], sure)
    return _by_small_words(words, known)


def _best_passage(leads: _Row) -> float:
    """Return the greatest sum of neighbours: how surely some passage is German."""
    sums = np.concatenate(([0.0], leads.cumsum()))
    return float((sums - np.minimum.accumulate(sums)).max())


def _is_running_text(spelled: list[str], words: list[str]) -> bool:
    """Return whether words are enough, and more than names, to show another language."""
    small = sum(word[0].islower() for word in spelled) if any(map(str.islower, spelled)) else None
    return (
        len(words) >= _FEWEST_WORDS
        and sum(map(len, spelled)) >= _FEWEST_LETTERS
        and (small is None or small >= _FEWEST_SMALL)
    )


def _by_small_words(words: list[str], known: _Words) -> Language:
    """Return a language whose letters are not known by its small words."""
    counts = Counter(code for word in words for code in known.languages.get(word, ()))
    (code, hits), (_, second) = (counts.most_common(2) + [("", 0)] * 2)[:2]
    if code in _letters().codes or hits < max(_SMALL_WORDS, _SMALL_SHARE * len(words), second + 2):
        return _UNKNOWN
    return Language(code, round(1 - _BY_CHANCE ** (hits - second), 4))


def _share(total: _Row, place: int) -> float:
    shares = np.exp((total - total.max()) * _TEMPER)
    return round(float(shares[place] / shares.sum()), 4)


@lru_cache(_REMEMBERED)
def _word(word: str) -> _Row:
    """Return the logarithm of each language's probability by a word's letters."""
    letters, known = _letters(), _words()
    marked = f"^{word}$"
    rows = [
        place
        for length in _LENGTHS
        for start in range(len(marked) - length + 1)
        if (place := letters.places.get(marked[start : start + length])) is not None
    ]
    logs: _Row = letters.logs[rows].sum(axis=0, dtype=np.float64) / (_STEPS * _OVERLAP)
    for code in known.languages.get(word, ()):
        if code in letters.codes:
            logs[letters.codes.index(code)] += _SMALL_WORD
    if word in known.german_too:
        logs[0] += _SMALL_WORD
    logs -= logs.max()
    logs -= np.log(np.exp(logs).sum())
    return np.maximum(logs, _LEAST)


def _by_script(text: str, known: _Words) -> Language | None:
    if text.isascii() or re.search(known.beyond_latin, text) is None:
        return None
    letters = sum(map(str.isalpha, text))
    for code, pattern in known.scripts.items():
        own = len(re.findall(pattern, text))
        if own >= _SCRIPT_LETTERS and own >= _SCRIPT_SHARE * letters:
            for other, special in known.letters.get(code, {}).items():
                # A quoted name has one of them; running text has them all the time.
                if sum(map(text.count, special)) >= _SPECIAL_SHARE * own:
                    return Language(other, round(own / letters, 4))
            return Language(code, round(own / letters, 4))
    return None

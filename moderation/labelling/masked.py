"""Masked words: "Id*ot", "Arschl*ch", "Sch***e" read as the word of abuse they stand for.

A sign stands for one letter as people write it ("ö", "ß") or for none ("Id.iot"); a token is left
alone unless a word of the lexicons fits it, so that "Leser*innen" and footnotes stay what they are.
Groups with a star ("Politiker*innen") are read as one word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

from moderation.labelling.groups import groups
from moderation.labelling.lexicon import lexicon
from moderation.records import Category

#: A token that may be masked: letters with signs among them.
MASKED = r"[a-z]{1,15}[*#_.]{1,9}(?:[a-z]{1,15}[*#_.]{1,9}){0,2}[a-z]{1,15}(?![\w*#])"

_CATEGORIES = (Category.INDECENCY, Category.INSULT, Category.GROUP_ABUSE)
_SIGNS = re.compile(r"[*#_.]+")
_PARTS = re.compile(r"[*#_.]+|[^*#_.]+")
# Three full stops stand for any number of letters; three stars mask nothing but abuse, although it
# may be open which of a few words.
_ELLIPSIS = re.compile(r"[*#]{3,9}")
_LETTERS_OF_AN_ELLIPSIS = 4
# Behind a longer word they end a sentence: "nicht...es".
_LONGEST_BEFORE_ELLIPSIS, _FEWER_LETTERS = 4, 3
_MAX_MEANT = 6
# "Politiker*innen"
_GENDERED = re.compile(r"([a-z]{3,30})[*_.](innen|in)")
# Letters that folding writes as two.
_DIGRAPH = re.compile(r"ae|oe|ue|ss")
_MIN_SHOWN = 2
_MIN_LENGTH = 4
# Full stops stand between words as well.
_MIN_SHOWN_BESIDE_STOPS = 4


@cache
def _forms() -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Return known words of abuse with their lemmas, by first and last letter."""
    forms: dict[str, dict[str, str]] = {}
    for category in _CATEGORIES:
        known = lexicon(category)
        words = {
            form: senses[0].entry.lemma for form, senses in known.forms.items() if not senses[0].cut
        }
        for phrases in known.phrases.values():
            words |= {words_[0]: entry.lemma for words_, entry in phrases if len(words_) == 1}
        for word, lemma in words.items():
            if len(word) >= _MIN_LENGTH and word.isascii():
                forms.setdefault(word[0] + word[-1], {}).setdefault(word, lemma)
    return {ends: tuple(sorted(words.items())) for ends, words in forms.items()}


@lru_cache(maxsize=4096)
def unmask(token: str) -> str | None:
    """Return the word of abuse, or the group, that the folded `token` stands for, or `None`.

    Examples
    --------
    >>> unmask("id*ot"), unmask("leser*innen"), unmask("id.iot"), unmask("politiker*innen")
    ('idiot', None, 'idiot', 'politikerinnen')
    """
    shown = _SIGNS.sub("", token)
    if gendered := _GENDERED.fullmatch(token):
        feminine = "".join(gendered.groups())
        if feminine in groups().nouns:
            return feminine
    least = _MIN_SHOWN_BESIDE_STOPS if "." in token else _MIN_SHOWN
    if len(shown) < least or len(token) < _MIN_LENGTH:
        return None
    start = _SIGNS.split(token, maxsplit=1)[0]
    candidates = [
        (word, lemma)
        for word, lemma in _forms().get(token[0] + token[-1], ())
        if word.startswith(start)
    ]
    if not candidates:
        return None
    fitting = {word: lemma for word, lemma in candidates if word == shown}
    if not fitting:
        hidden = re.compile("".join(_written(token)))
        fitting = {word: lemma for word, lemma in candidates if _fits(hidden, word, token)}
    lemmas = len(set(fitting.values()))
    if lemmas > 1 and "." in token:
        return None
    if lemmas > (_MAX_MEANT if _ELLIPSIS.search(token) else 1) and len(shown) * 2 < len(token):
        return None
    return min(fitting, default=None)


def _written(token: str) -> Iterator[str]:
    """Yield the parts of an expression for the words that `token` may stand for."""
    for part in _PARTS.findall(token):
        if not _SIGNS.fullmatch(part):
            yield part
        elif part == "...":
            yield f"([a-z]{{1,{2 * _LETTERS_OF_AN_ELLIPSIS}}})"
        else:
            yield f"([a-z]{{{len(part)},{2 * len(part)}}})"


def _fits(hidden: re.Pattern[str], word: str, token: str) -> bool:
    """Whether each run of signs hides as many letters, or one more for each "ä" or "ß"."""
    match = hidden.fullmatch(word)
    if match is None:
        return False
    long = len(_SIGNS.split(token, maxsplit=1)[0]) > _LONGEST_BEFORE_ELLIPSIS
    most = _FEWER_LETTERS if long else _LETTERS_OF_AN_ELLIPSIS
    for run, group in zip(_SIGNS.findall(token), match.groups(), strict=True):
        fewest = len(group) - len(_DIGRAPH.findall(group))
        if fewest > most if run == "..." else len(run) not in {len(group), fewest}:
            return False
    return True

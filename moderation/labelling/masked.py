"""Masked words: "Id*ot", "Arschl*ch", "Sch***e" read as the word of abuse they stand for.

A sign stands for one letter as people write it ("ö", "ß"); a token is left alone unless a word of
the lexicons fits it, so that "Leser*innen" and footnotes stay what they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from moderation.labelling.lexicon import lexicon
from moderation.records import Category

#: A token that may be masked: letters with signs among them.
MASKED = r"[a-z]{1,15}[*#_.]{1,9}(?:[a-z]{1,15}[*#_.]{1,9}){0,2}[a-z]{1,15}(?![\w*#])"

_CATEGORIES = (Category.INDECENCY, Category.INSULT, Category.GROUP_ABUSE)
_SIGNS = re.compile(r"[*#_.]+")
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
        words = {form: senses[0].entry.lemma for form, senses in known.forms.items()}
        for phrases in known.phrases.values():
            words |= {words_[0]: entry.lemma for words_, entry in phrases if len(words_) == 1}
        for word, lemma in words.items():
            if len(word) >= _MIN_LENGTH and word.isascii():
                forms.setdefault(word[0] + word[-1], {}).setdefault(word, lemma)
    return {ends: tuple(sorted(words.items())) for ends, words in forms.items()}


@lru_cache(maxsize=4096)
def unmask(token: str) -> str | None:
    """Return the word of abuse that the folded `token` stands for, or `None`.

    Examples
    --------
    >>> unmask("id*ot"), unmask("leser*innen")
    ('idiot', None)
    """
    shown = _SIGNS.sub("", token)
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
    # Each run of signs hides as many letters, or one more for each "ä" or "ß" among them.
    runs = [len(run) for run in _SIGNS.findall(token)]
    hidden = re.compile(
        "".join(
            re.escape(part) + (f"([a-z]{{{runs[i]},{2 * runs[i]}}})" if i < len(runs) else "")
            for i, part in enumerate(_SIGNS.split(token))
        )
    )
    fitting = {
        word: lemma
        for word, lemma in candidates
        if (match := hidden.fullmatch(word))
        and all(
            run in {len(group), len(group) - len(_DIGRAPH.findall(group))}
            for run, group in zip(runs, match.groups(), strict=True)
        )
    }
    if ("." in token or len(shown) * 2 < len(token)) and len(set(fitting.values())) > 1:
        return None
    return min(fitting, default=None)

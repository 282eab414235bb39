"""Themes: words that go together in what they do in a comment (insult, thank, argue, name a group).

Themes are knowledge for the model, not rules: thousands of lemmas in few groups, so that a word
never seen in training still counts like its companions. The lexicons of the rules are themes, too.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from moderation.labelling.groups import contempt, groups
from moderation.labelling.inflection import inflect
from moderation.labelling.lexicon import lexicon
from moderation.records import Category
from moderation.text import fold_text

_FILES = ("hostility", "conversation", "topics")
#: Rule lexicons that are themes, one per strength, and what editors read for them.
_LEXICONS = {
    Category.INSULT: "Beleidigung",
    Category.GROUP_ABUSE: "Herabwürdigung",
    Category.INDECENCY: "Sittenverstoß",
    Category.INCIVILITY: "rauer Ton",
}
_GROUPS = {
    "origin": "Herkunft",
    "religion": "Glaube",
    "ethnicity": "Volksgruppe",
    "migration": "Zuwanderung",
    "sexuality": "Sexualität",
    "gender": "Geschlecht",
    "disability": "Behinderung",
    "politics": "politische Gruppe",
    "profession": "Beruf",
}


@dataclass(frozen=True, slots=True)
class Theme:
    """Folded words that belong together.

    Attributes
    ----------
    name
        What editors read, German.
    forms
        All words of the theme.
    heads
        Those of ``forms`` that also count as the last part of a compound.
    naming
        The words only name people, or what people are talked about for: evidence of nothing.
    nouns
        Those of ``forms`` that name groups of people by a noun; such a theme is ``naming``, too.
    hostile
        The words are hostile by themselves, whoever they are said of.
    """

    name: str
    forms: frozenset[str]
    heads: frozenset[str] = frozenset()
    naming: bool = False
    nouns: frozenset[str] = frozenset()
    hostile: bool = False


def themes() -> Iterator[Theme]:
    """Yield the packaged themes, those of the rule lexicons first, in a fixed order.

    Raises
    ------
    ValueError
        If an entry of a file is not valid; a test reads all files.
    """
    for category, name in _LEXICONS.items():
        words = lexicon(category)
        for strength in (1, 2):
            yield Theme(
                f"{name} {strength}",
                _of_strength(words.forms, strength),
                _of_strength(words.heads, strength),
                hostile=True,
            )
    yield Theme("abwertendes Beiwort", frozenset(contempt().adjectives), hostile=True)
    known = groups()
    for kind, name in _GROUPS.items():
        nouns = {form for form, group in known.nouns.items() if group.kind == kind}
        adjectives = {form for form, of_kind in known.adjectives.items() if of_kind == kind}
        yield Theme(name, frozenset(nouns | adjectives), naming=True, nouns=frozenset(nouns))
    for file in _FILES:
        path = resources.files("moderation.labelling").joinpath("themes", f"{file}.toml")
        for table in tomllib.loads(path.read_text(encoding="utf-8"))["theme"]:
            yield _theme(table, hostile=file == "hostility")


def _of_strength(senses: Mapping[str, tuple[Any, ...]], strength: int) -> frozenset[str]:
    return frozenset(
        form for form, found in senses.items() if max(s.entry.strength for s in found) == strength
    )


def _theme(table: Mapping[str, Any], hostile: bool) -> Theme:
    forms: set[str] = {fold_text(word) for word in table.get("words", ())}
    heads: set[str] = set()
    for part_of_speech in ("noun", "adjective", "verb"):
        for entry in table.get(f"{part_of_speech}s", ()):
            lemma, _, inflection = entry.removeprefix("~").partition(" ")
            inflection, _, participle = inflection.partition(" ")
            inflected = inflect(lemma, part_of_speech, inflection or "regular", participle)
            found = inflected.singular | inflected.plural
            forms |= found
            if entry.startswith("~"):
                heads |= found
    return Theme(
        table["name"],
        frozenset(forms),
        frozenset(heads),
        naming=table.get("naming", False),
        hostile=hostile,
    )

"""Names of groups, and the adjectives of contempt: data that several labelling functions share.

Naming a group is never abuse; these lists only say who a slur is aimed at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from moderation.labelling.inflection import inflect
from moderation.labelling.lexicon import load_table
from moderation.text import fold_text

#: Kinds of groups that one belongs to by opinion or work. A slur on them is an insult, not racism:
#: the rule that is quoted to a commenter has to be the one that was breached.
CHOSEN_KINDS = frozenset({"politics", "profession"})


@dataclass(frozen=True, slots=True)
class GroupForm:
    """A form of a group's name.

    ``plural`` says that it can be nothing else; ``adjectival`` that it may be an adjective before
    another noun ("deutsche", "linken").
    """

    kind: str
    plural: bool
    adjectival: bool

    @property
    def protected(self) -> bool:
        """Whether people belong to the group by birth, faith, body or fate."""
        return self.kind not in CHOSEN_KINDS


@dataclass(frozen=True, slots=True)
class Groups:
    """Folded forms of group names.

    Attributes
    ----------
    nouns
        Form → group ("tuerken").
    adjectives
        Form → kind ("tuerkischen": "origin").
    modifiers
        First part of a compound → kind ("tuerken", "yankee": "origin").
    """

    nouns: Mapping[str, GroupForm]
    adjectives: Mapping[str, str]
    modifiers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Contempt:
    """Words of contempt that only colour another word.

    ``adjectives`` maps forms to a strength; ``modifiers`` are first parts of compounds that make an
    insult of a neutral second part ("verbrecher" + "pack"), ``prefixes`` those that make one of a
    group's name ("drecks").
    """

    adjectives: Mapping[str, int]
    modifiers: frozenset[str]
    prefixes: tuple[str, ...]


def group_behind_contempt(word: str) -> GroupForm | None:
    """Return the group that is named behind nothing but contempt: "drecksauslaender"."""
    prefixes = contempt().prefixes
    if not word.startswith(prefixes):
        return None
    prefix = max(filter(word.startswith, prefixes), key=len)
    return groups().nouns.get(word[len(prefix) :])


@cache
def groups() -> Groups:
    """Return the packaged group names, read on first use."""
    nouns: dict[str, GroupForm] = {}
    adjectives: dict[str, str] = {}
    modifiers: dict[str, str] = {}
    for table in load_table("groups")["group"]:
        kind: str = table["kind"]
        for adjective in table.get("adjectives", ()):
            for form in inflect(adjective, "adjective", "regular").singular:
                # "Deutsch" and "links" alone are a language and a direction.
                if form != fold_text(adjective):
                    adjectives[form] = kind
        for noun in table.get("nouns", ()):
            lemma, _, inflection = noun.partition(" ")
            forms = inflect(lemma, "noun", inflection)
            adjectival = inflection == "adjectival"
            for form in forms.singular | forms.plural:
                nouns[form] = GroupForm(kind, form not in forms.singular, adjectival)
            modifiers |= dict.fromkeys(forms.singular | forms.plural, kind)
        modifiers |= {fold_text(modifier): kind for modifier in table.get("modifiers", ())}
    return Groups(nouns, adjectives, modifiers)


@cache
def contempt() -> Contempt:
    """Return the packaged words of contempt, read on first use."""
    table = load_table("contempt")
    adjectives: dict[str, int] = dict.fromkeys(map(fold_text, table["invariant_2"]), 2)
    for strength in (1, 2):
        for adjective in table[f"adjectives_{strength}"]:
            forms = inflect(adjective, "adjective", "regular").singular
            # Without an ending it is an adverb: "verdammt gute Politiker".
            adjectives |= dict.fromkeys(forms - {fold_text(adjective)}, strength)
    return Contempt(
        adjectives,
        frozenset(map(fold_text, table["modifiers"])),
        tuple(map(fold_text, table["prefixes"])),
    )

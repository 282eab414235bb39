"""Words of a lexicon in a comment: look-up, then the judgement whether they are meant as abuse."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from moderation.labelling.clues import Clue
from moderation.labelling.context import (
    addressed,
    contempt_before,
    excused,
    group_before,
    group_subject,
    is_noun,
    pleaded,
    said_of_a_named_person,
    speaks_to_someone,
)
from moderation.labelling.groups import (
    CHOSEN_KINDS,
    contempt,
    group_behind_contempt,
    groups,
)
from moderation.labelling.lexicon import Lexicon, Sense
from moderation.labelling.reading import Hit, Reading

#: Where one can be written to, without a link.
MESSENGERS = ("whatsapp", "telegram")
_LINK = re.compile(
    r"https?://|\bwww\."
    rf"|\b(?:{'|'.join(MESSENGERS)})\b"
    r"|\b[\w-]{2,60}\.(?:com|net|biz|info|shop|to|io|online|store|xyz|top|club)\b",
    re.IGNORECASE,
)


def find_words(
    reading: Reading, lexicon: Lexicon, places: Iterable[int] | None = None
) -> Iterator[Hit]:
    """Yield the words and phrases of `lexicon` that are used against someone, in order.

    Parameters
    ----------
    reading
        The comment.
    lexicon
        Any lexicon.
    places
        Where its words, and the anchors of its phrases, stand in the comment; other places are not
        looked at. Without it all words are.
    """
    if places is None:
        places = range(len(reading.words))
    for index in _beginnings(reading, lexicon, places):
        word = reading.words[index]
        for sense in lexicon.senses(word):
            hit = _judge(reading, index, sense)
            if hit is not None:
                yield hit
                break
        for phrase, entry in lexicon.phrases.get(word, ()):
            last = index + len(phrase) - 1
            if (
                reading.words[index : last + 1] == phrase
                and (entry.context != "link" or has_link(reading.text))
                and not excused(reading, index)
            ):
                yield reading.hit(index, last, entry.strength, entry.lemma)
                break


def _beginnings(reading: Reading, lexicon: Lexicon, places: Iterable[int]) -> list[int]:
    """Return `places` and those at which a phrase begins that is anchored there, in order."""
    found = set(places)
    for index in tuple(found):
        for anchor in lexicon.anchors.get(reading.words[index], ()):
            if anchor.place <= index:
                found.add(index - anchor.place)
    return sorted(found)


def find_group_slurs(reading: Reading, lexicon: Lexicon, places: Iterable[int]) -> Iterator[Hit]:
    """Yield the words of `lexicon` at `places` that are aimed at a group one is born into.

    That is: compounds ("Yankeebastarde"), a nationality or faith as adjective ("angelsächsische
    Ratten"), or a sentence that says it of a group ("… sind doch alle Ratten").
    """
    for index in places:
        for sense in lexicon.senses(reading.words[index]):
            if sense.entry.part_of_speech != "noun" or sense.entry.context not in {
                "any",
                "person",
                "animal",
            }:
                continue
            first = _aimed_at_group(reading, index, sense)
            if first is not None and not excused(reading, first) and not excused(reading, index):
                yield reading.hit(first, index, sense.entry.strength, sense.entry.lemma)
                break


def find_despised_groups(reading: Reading) -> Iterator[Hit]:
    """Yield names of groups coloured with contempt: "dreckige Juden", "Drecksausländer"."""
    nouns = groups().nouns
    for index in reading.places(Clue.GROUP | Clue.DESPISED):
        word = reading.words[index]
        group = nouns.get(word)
        first, strength = index, 2
        if group is None:
            group = group_behind_contempt(word)
        else:
            coloured = contempt_before(reading, index)
            if coloured is None:
                continue
            first, strength = coloured
        if group is None or not group.protected or (group.kind == "gender" and not group.plural):
            # "Diese dumme Frau" is one woman: an insult at most.
            continue
        if group.adjectival and not is_noun(reading, index):
            continue
        if not excused(reading, first) and not excused(reading, index):
            yield reading.hit(first, index, strength)


def _aimed_at_group(reading: Reading, index: int, sense: Sense) -> int | None:
    """Return the first word of the slur, or `None` if no protected group is meant."""
    if sense.modifier:
        kind = groups().modifiers.get(_without_link(sense.modifier))
        return None if kind is None or kind in CHOSEN_KINDS else index
    before = group_before(reading, index) if sense.entry.context != "animal" else None
    for found in (before, group_subject(reading, index)):
        if found is not None and found[1] not in CHOSEN_KINDS:
            return found[0]
    return None


def _without_link(modifier: str) -> str:
    """Return the first part of a compound as the group list knows it, without a linking s."""
    return modifier if modifier in groups().modifiers else modifier.removesuffix("s")


def _judge(reading: Reading, index: int, sense: Sense) -> Hit | None:
    """Return the hit on the word at `index` read as `sense`, unless its context speaks for it."""
    entry = sense.entry
    first = index
    strength = entry.strength
    match entry.context:
        case "person" | "animal" | "contempt" if sense.modifier:
            if not _coloured(sense):
                return None
        case "person" | "animal":
            place = _said_of_people(reading, index, sense)
            if place is None:
                return None
            first = place
        case "contempt":
            coloured = contempt_before(reading, index)
            if coloured is None:
                return None
            first, strength = coloured[0], max(strength, coloured[1])
        case "address":
            if not (addressed(reading, index, sense.number) or speaks_to_someone(reading, index)):
                return None
        case "named":
            title = said_of_a_named_person(reading, index)
            if title is None:
                return None
            first = title
        case "link":
            if not has_link(reading.text):
                return None
        case _:
            pass
    if excused(reading, index, entry.part_of_speech) or (first < index and excused(reading, first)):
        return None
    return reading.hit(first, index, strength, entry.lemma)


def _coloured(sense: Sense) -> bool:
    """Whether the first part of a compound is contempt or a group: Drecks-, Politiker-."""
    if sense.modifier in contempt().modifiers:
        return True
    kind = groups().modifiers.get(_without_link(sense.modifier))
    # Farmers and hunters have animals of their own.
    return kind is not None and not (kind == "profession" and sense.entry.context == "animal")


def _said_of_people(reading: Reading, index: int, sense: Sense) -> int | None:
    """Return the first word of "elende Ratten", "linke Ratten", "… sind Ratten", "ihr Ratten"."""
    coloured = contempt_before(reading, index)
    if coloured is not None:
        return coloured[0]
    group = group_before(reading, index)
    if group is not None and (sense.entry.context != "animal" or group[1] in CHOSEN_KINDS):
        return group[0]
    subject = group_subject(reading, index)
    if subject is not None:
        return subject[0]
    if addressed(reading, index, sense.number):
        return index
    # "Er lügt, der Verbrecher" but "Er nagt, der Hund".
    return index if sense.entry.context == "person" and pleaded(reading, index) else None


def has_link(text: str) -> bool:
    """Whether `text` carries a link or names a messenger to be written to."""
    return _LINK.search(text) is not None

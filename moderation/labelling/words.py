"""Words of a lexicon in a comment: look-up, then the judgement whether they are meant as abuse."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

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
from moderation.labelling.lexicon import Entry, Lexicon, Sense, compiled, innocent_words
from moderation.labelling.reading import Hit, Reading, word_set

#: Where one can be written to, without a link.
MESSENGERS = ("whatsapp", "telegram")
_LINK = re.compile(
    r"https?://|\bwww\."
    rf"|\b(?:{'|'.join(MESSENGERS)})\b"
    r"|\b[\w-]{2,60}\.(?:com|net|biz|info|shop|to|io|online|store|xyz|top|club)\b",
    re.IGNORECASE,
)
# What stands for the rest of a word that is cut off.
_SIGNS_FOR = {
    "*": re.compile(r"[*#]{2,9}(?![\w*#])"),
    ".": re.compile(r"(?:[*#]{2,9}|\.{3,9})(?![\w*#])"),
}
# Words of a sentence to either side of a word that may show what it means, at most.
_REACH = 8
_IS = word_set("ist sind bist seid war waren sei seien waere waeren")
# "Ich behaupte nicht, dass Sie ein Idiot sind": who denies a claim, and which claims.
_DENIALS = word_set(
    "nicht nie niemals niemand niemandem kein keine keiner keinem keineswegs mitnichten"
)
_CLAIMS = word_set(
    "behaupte behauptet behaupten behauptete sage sagt sagen sagte meine meint meinen glaube "
    "glaubt glauben denke denkt denken finde findet finden heisst bedeutet stimmt wahr "
    "bewiesen richtig unterstelle unterstellt unterstellen"
)
# "Warum sagt niemand, dass …" and "… dass er so ein Idiot ist" deny nothing.
_CLAIMED_ALL_THE_SAME = word_set(
    "warum wieso weshalb so solch solche solcher derart dieser diese dieses diesen"
)
_SUBORDINATE = word_set("denn und aber auch dass weil ob")
# "Neger ist ein rassistisches Wort": endings of what a word is.
_WORD_NOUNS = tuple(
    word_set(
        "wort woerter begriff ausdruck bezeichnung beleidigung vokabel vokabeln schimpfname "
        "schmaehung kampfbegriff"
    )
)
_SAYS_WHAT_A_WORD_IS = word_set("ist war bleibt wurde gilt")
# "Idiot ist noch ein nettes Wort" is said of a person.
_NO_WORD_AT_ALL = word_set(
    "noch zu nettes harmloses mildes schwaches freundliches hoefliches schoenes gutes richtige "
    "passende richtiges passendes"
)
_BETWEEN_IS_AND_NOUN = word_set(
    "ein eine der die das kein keine halt eben doch ja einfach auch wirklich immer nur so echt "
    "manchmal"
)
# Animals are known to the speaker; "dieser Hund" may be no animal.
_DETERMINERS = word_set(
    "der die das mein meine unser unsere dein deine sein seine ihr ihre euer eure"
)
_SENTENCE_END = re.compile(r"[.!?\n]")


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
            contexts = {"any", "person", "animal"} | ({"contempt"} if sense.modifier else set())
            if (
                sense.cut
                or sense.entry.part_of_speech != "noun"
                or sense.entry.context not in contexts
            ):
                continue
            first = _aimed_at_group(reading, index, sense)
            if (
                first is not None
                and not excused(reading, first)
                and not _spared(reading, index, sense.entry)
            ):
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
    signs = (
        _SIGNS_FOR[sense.cut[0]].match(reading.folded, reading.ends[index]) if sense.cut else None
    )
    if sense.cut and (signs is None or _starts_within_signs(reading, index)):
        return None
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
    if _spared(reading, index, entry) or (first < index and excused(reading, first)):
        return None
    if signs is not None:
        return reading.hit_on_span(reading.starts[first], signs.end(), strength, entry.lemma)
    return reading.hit(first, index, strength, entry.lemma)


def _starts_within_signs(reading: Reading, index: int) -> bool:
    """Whether stars stand before the word, too: "**wi**" is printed bold."""
    return reading.folded[max(0, reading.starts[index] - 1) : reading.starts[index]] in {"*", "#"}


def _spared(reading: Reading, index: int, entry: Entry) -> bool:
    """Whether the word at `index` is no abuse by what stands around it."""
    return (
        excused(reading, index, entry.part_of_speech)
        or _means_another_thing(reading, index, entry)
        or _surname(reading, index)
        or _word_spoken_of(reading, index)
        or _claim_denied(reading, index)
        or _said_of_an_animal(reading, index)
        or _title_of_a_work(reading, index)
    )


def _means_another_thing(reading: Reading, index: int, entry: Entry) -> bool:
    """Whether the sentence shows that the word has another meaning: "Wichse für die Schuhe"."""
    if not entry.unless:
        return False
    start, end = reading.starts[index], reading.ends[index]
    near = reading.folded[max(0, start - 160) : start], reading.folded[end : end + 160]
    sentence = _SENTENCE_END.split(near[0])[-1] + " " + _SENTENCE_END.split(near[1])[0]
    return compiled(entry.unless).search(sentence) is not None


def _surname(reading: Reading, index: int) -> bool:
    """Whether the word is a surname: behind a given name, or it has been one in the comment."""
    words = reading.words
    if _behind_given_name(reading, index) or _before_surname(reading, index):
        return True
    # "Heard verklagte Johnny Depp. Depp gewann."
    if index and reading.joined(index - 1, index) and words[index - 1] not in _SUBORDINATE:
        return False
    return words[index].removesuffix("s") in _surnames(reading)


@lru_cache(maxsize=1)
def _surnames(reading: Reading) -> frozenset[str]:
    """Return all words behind given names, without a genitive's s: looked for once a comment."""
    if innocent_words().given_names.isdisjoint(reading.vocabulary):
        return frozenset()
    return frozenset(
        word.removesuffix("s")
        for place, word in enumerate(reading.words)
        if _behind_given_name(reading, place)
    )


def _behind_given_name(reading: Reading, index: int) -> bool:
    """Whether "Johnny" stands right before the word, and both begin with a capital."""
    return (
        index > 0
        and reading.words[index - 1] in innocent_words().given_names
        and reading.words[max(0, index - 2)] not in {"du", "ihr"}
        and reading.folded[reading.ends[index - 1] : reading.starts[index]] == " "
        and all(
            original[:1].isupper() and not original.isupper()
            for original in map(reading.original, (index - 1, index))
        )
    )


def _before_surname(reading: Reading, index: int) -> bool:
    """Whether the word is a given name itself, with a surname behind it: "Heini Müller"."""
    return (
        reading.words[index] in innocent_words().given_names
        and index + 1 < len(reading.words)
        and reading.folded[reading.ends[index] : reading.starts[index + 1]] == " "
        and reading.original(index)[:1].isupper()
        and reading.original(index + 1)[:1].isupper()
    )


def _word_spoken_of(reading: Reading, index: int) -> bool:
    """Whether the sentence says what kind of word it is: "Neger ist ein rassistisches Wort"."""
    words = reading.words
    if index + 2 >= len(words) or words[index + 1] not in _SAYS_WHAT_A_WORD_IS:
        return False
    if index and reading.joined(index - 1, index) and words[index - 1] not in _SUBORDINATE:
        return False
    for place in range(index + 1, min(len(words), index + _REACH)):
        if not reading.joined(place - 1, place) or words[place] in _NO_WORD_AT_ALL:
            return False
        if words[place].endswith(_WORD_NOUNS):
            return True
    return False


def _claim_denied(reading: Reading, index: int) -> bool:
    """Whether the word is only what nobody claims: "Ich behaupte nicht, dass Sie ein … sind"."""
    words = reading.words
    before = words[max(0, index - 2) : index]
    if before[-1:] in {("zum",), ("zur",)} and before[:1] == ("nicht",):
        return True
    if index + 1 == len(words) or words[index + 1] not in _IS:
        return False
    first = index
    while words[first] != "dass":
        first -= 1
        if first < max(1, index - _REACH) or not reading.joined(first, first + 1):
            return False
    if "," not in reading.folded[reading.ends[first - 1] : reading.starts[first]]:
        return False
    left = first - 1
    while left and first - left < _REACH and reading.joined(left - 1, left):
        left -= 1
    claim = frozenset(words[left:first])
    return (
        not _DENIALS.isdisjoint(claim)
        and not _CLAIMS.isdisjoint(claim)
        and _CLAIMED_ALL_THE_SAME.isdisjoint(words[left:index])
    )


def _said_of_an_animal(reading: Reading, index: int) -> bool:
    """Whether an animal is called so: "Unser Kater ist ein …"."""
    words = reading.words
    place = index - 1
    while (
        place > max(0, index - _REACH)
        and (words[place] in _BETWEEN_IS_AND_NOUN or words[place].endswith(("er", "es", "e")))
        and reading.joined(place, index)
    ):
        place -= 1
    return (
        place > 1
        and words[place] in _IS
        and words[place - 1] in innocent_words().animals
        and words[place - 2] in _DETERMINERS
        and reading.joined(place - 2, index)
    )


def _title_of_a_work(reading: Reading, index: int) -> bool:
    """Whether the word is a title: "im Roman Der Idiot"."""
    place = index - 1
    if place > 0 and reading.words[place] in {"der", "die", "das"}:
        if not reading.original(place)[:1].isupper():
            return False
        place -= 1
    return (
        place >= 0
        and reading.words[place].endswith(innocent_words().works)
        and reading.original(index)[:1].isupper()
        and reading.joined(place, index)
    )


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

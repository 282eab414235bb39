"""What stands around a word: negation, quotation, names, self-reference, and who is meant.

All functions look a few words to the left or right at most, so that reading a comment stays
linear in its length.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from operator import itemgetter

from moderation.labelling.groups import contempt, groups
from moderation.labelling.lexicon import Number
from moderation.labelling.reading import Reading, word_set

# Words looked back over at most.
_REACH = 6

_NEGATORS = word_set(
    "kein keine keinen keiner keinem keines nicht nie niemals niemand niemanden keinesfalls "
    "keineswegs weder ohne"
)
# "nicht nur dumm" affirms.
_NO_NEGATION_BEFORE = frozenset({"nur", "bloss", "allein"})
# Words that may stand between a negation (or "ich") and the word it reaches: articles, copulas,
# degrees. Anything else ends the reach: "versteht nicht, dass …", "keine Ahnung …".
_BRIDGE = word_set(
    "so ganz gerade wirklich alle alles ein eine einen einem einer eines immer besonders unbedingt "
    "ist sind bist bin seid war waren warst sei seien waere der die das den dem automatisch per "
    "se pauschal gleich sofort einfach etwa zu sehr als fuer hier ja doch deshalb deswegen "
    "dadurch wie grundsaetzlich generell total echt jeder jede jedes mehr auch wohl "
    "manchmal oft selbst halt eben schon"
)
_DEMONSTRATIVES = word_set(
    "dieser diese dieses diesen diesem jener jene solche solcher solchen ihr ihre ihrer ihren euer "
    "eure eurer euren meine deine seine unsere welche immer aber oder leute"
)
_SELF = frozenset({"ich", "wir", "mich", "mir", "uns"})
_TITLES = word_set(
    "herr herrn hr frau fr familie eheleute dr doktor prof professor professorin minister "
    "ministerin senator senatorin kommissar kommissarin richter richterin trainer buergermeister "
    "buergermeisterin pfarrer bischof schwester bruder onkel firma gasthof metzgerei"
)
_MENTION_NOUNS = word_set(
    "wort woerter wortes begriff begriffe begriffen begriffs ausdruck ausdruecke "
    "ausdruecken vokabel vokabeln bezeichnung bezeichnungen schimpfwort schimpfwoerter "
    "schimpfwoertern unwort beleidigung beleidigungen parole parolen hashtag wortwahl "
    "floskel"
)
_MENTION_LINKS = frozenset({"wie", "von", "des", "der", "als", "zum", "beispiel", "etwa"})
_NAMING_VERB = re.compile(
    r"(?:bezeichnet|bezeichnen|bezeichnung|beschimpf|titulier|diffamier|betitelt|verunglimpf"
    r"|abgestempelt|abstempel|hingestellt|hinstell|genannt|diskreditier|herabwuerdig|angepoebelt"
    r"|gilt|gelten|beleidigt)"
)
_SAYING_VERB = word_set(
    "schreibt sagt ruft bruellt nennt schreit benutzt verwendet skandiert poebelt denkt "
    "postet twittert"
)
_SECOND_PERSON = word_set("du ihr dich dir euch bist seid")
_POSSESSIVES = word_set("dein deine deinem deinen deiner deines euer eure eurem euren eurer eures")
_COPULA = word_set("sind waren bleiben bist seid")
_COPULA_FILLERS = word_set(
    "doch ja eh alle alles nur halt eben einfach nichts als anderes ein eine die immer sowieso so "
    "wirklich bloss lauter mehr und nun mal schon echt"
)
# Longest quotation that is taken as someone else's words, in words.
_SHORT_QUOTATION = 5


def excused(reading: Reading, index: int, *, own: bool = True) -> bool:
    """Whether the word at `index` is negated, quoted, mentioned, a name, or said of oneself.

    `own` is false for verbs: "ich scheiße auf …" says nothing of oneself.
    """
    return (
        _negated_or_own(reading, index, own)
        or _mentioned(reading, index)
        or _named(reading, index)
        or in_quotation(reading, reading.starts[index])
    )


def _negated_or_own(reading: Reading, index: int, own: bool) -> bool:
    words = reading.words
    for left in range(index - 1, max(-1, index - _REACH - 1), -1):
        if not reading.joined(left, left + 1):
            return False
        word = words[left]
        if word in _NEGATORS:
            return words[left + 1] not in _NO_NEGATION_BEFORE
        if word in _SELF:
            return own
        if word in _BRIDGE or _is_adjective(word) or _all_of_a_group(words, left):
            continue
        return False
    return False


def _all_of_a_group(words: tuple[str, ...], index: int) -> bool:
    """Whether the noun at `index` stands in "nicht alle …", "nicht jeder …"."""
    return index >= 2 and words[index - 2] == "nicht" and words[index - 1] in _BRIDGE


def _is_adjective(word: str) -> bool:
    """Whether `word` has the ending of an inflected adjective (or is read as one in passing)."""
    return (
        len(word) > 4
        and word.endswith(("e", "en", "er", "es", "em"))
        and word not in _DEMONSTRATIVES
    ) or word in contempt().adjectives


def _mentioned(reading: Reading, index: int) -> bool:
    """Whether the word is spoken about: "das Wort …", "als … beschimpft", "wer … schreibt"."""
    words = reading.words
    before = words[max(0, index - 3) : index]
    after = words[index + 1 : index + 5]
    for distance, word in enumerate(reversed(before)):
        if word in _MENTION_NOUNS:
            between = before[len(before) - distance :]
            if all(link in _MENTION_LINKS for link in between):
                return True
    if "als" in before and any(map(_NAMING_VERB.match, words[max(0, index - 8) : index])):
        return True
    if "als" in before and any(map(_NAMING_VERB.match, after)):
        return True
    return "wer" in before and any(word in _SAYING_VERB for word in after[:3])


def _named(reading: Reading, index: int) -> bool:
    """Whether the word is a surname: behind a title, with a capital letter."""
    if not index or reading.words[index - 1] not in _TITLES:
        return False
    return reading.joined(index - 1, index) and reading.original(index)[:1].isupper()


def in_quotation(reading: Reading, position: int) -> bool:
    """Whether the folded `position` lies in a short quotation that is not thrown at someone."""
    place = bisect_right(reading.quotations, position, key=itemgetter(0)) - 1
    if place < 0:
        return False
    start, end = reading.quotations[place]
    if position >= end or len(reading.folded[start:end].split()) > _SHORT_QUOTATION:
        return False
    after = reading.folded[end + 1 : end + 40].split()[:2]
    before = reading.folded[max(0, start - 20) : start - 1].split()[-1:]
    return not _SECOND_PERSON.intersection(after + before)


def contempt_before(reading: Reading, index: int) -> tuple[int, int] | None:
    """Return the first word of a run of adjectives of contempt before `index`, and its strength."""
    adjectives = contempt().adjectives
    first, strength = index, 0
    while index - first < 3 and first and reading.joined(first - 1, first):
        found = adjectives.get(reading.words[first - 1])
        if found is None:
            break
        first, strength = first - 1, max(strength, found)
    return (first, strength) if strength else None


def group_before(reading: Reading, index: int) -> tuple[int, str] | None:
    """Return the place and kind of a group's adjective right before `index`."""
    if index and reading.joined(index - 1, index):
        kind = groups().adjectives.get(reading.words[index - 1])
        if kind is not None:
            return index - 1, kind
    return None


def group_subject(reading: Reading, index: int) -> tuple[int, str] | None:
    """Return the place and kind of the group that is said to be the word at `index`.

    Only the plural counts ("… sind doch alle …"): "der Türke ist …" may be one man.
    """
    words = reading.words
    left = _skip_fillers(reading, index - 1)
    if left > 0 and words[left] in _COPULA and reading.joined(left - 1, left):
        group = groups().nouns.get(words[left - 1])
        if group is not None:
            return left - 1, group.kind
    return None


def addressed(reading: Reading, index: int, number: Number) -> bool:
    """Whether the word at `index` is said to someone: "du …", "ihr …", "du bist doch ein …"."""
    words = reading.words
    # "Ihr Esel" may be her donkey; "ihr Esel!" is not.
    at_end = index + 1 == len(words) or not reading.joined(index, index + 1)
    plural = number == "plural" or (number == "either" and at_end)
    left = index - 1
    while left >= 0 and index - left <= 2 and reading.joined(left, left + 1):
        if words[left] == "du" or (words[left] == "ihr" and plural):
            return True
        if not _is_adjective(words[left]):
            break
        left -= 1
    left = _skip_fillers(reading, index - 1)
    if left > 0 and (words[left - 1], words[left]) in {("bist", "du"), ("seid", "ihr")}:
        return True
    return left >= 0 and words[left] in {"bist", "seid"}


def _skip_fillers(reading: Reading, left: int) -> int:
    """Return the place of the first word at or before `left` that carries meaning, or -1."""
    for index in range(left, max(-1, left - _REACH), -1):
        if not reading.joined(index, index + 1):
            return -1
        word = reading.words[index]
        if word not in _COPULA_FILLERS and word not in contempt().adjectives:
            return index
    return -1


def speaks_to_someone(reading: Reading, index: int) -> bool:
    """Whether a second person stands in the same clause, five words around `index`."""
    words = reading.words
    for step in (-1, 1):
        place = index
        for _ in range(5):
            beyond = place + step
            if not 0 <= beyond < len(words) or not reading.joined(*sorted((place, beyond))):
                break
            place = beyond
            if words[place] in _SECOND_PERSON | _POSSESSIVES:
                return True
    return False


def said_of_a_named_person(reading: Reading, index: int) -> int | None:
    """Return the place of the title in "Herr … ist ein" before `index`."""
    words = reading.words
    left = index - 1
    while left >= 0 and (words[left] in _COPULA_FILLERS or _is_adjective(words[left])):
        left -= 1
    if left >= 2 and words[left] in {"ist", "war", "bleibt"}:
        for title in (left - 2, left - 3):
            if title >= 0 and words[title] in _TITLES and reading.joined(title, index):
                return title
    return None

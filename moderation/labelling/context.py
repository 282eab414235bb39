"""What stands around a word: negation, quotation, names, self-reference, and who is meant.

All functions look a few words to the left or right at most, so that reading a comment stays
linear in its length.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from operator import itemgetter

from moderation.labelling.groups import contempt, groups
from moderation.labelling.lexicon import Number, innocent_words, lexicon
from moderation.labelling.reading import Reading, word_set
from moderation.records import Category

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
#: Words that make a name of what follows; a named person is accused behind one of them.
TITLES = word_set(
    "herr herrn hr frau fr familie eheleute dr doktor prof professor professorin minister "
    "ministerin senator senatorin kommissar kommissarin richter richterin trainer buergermeister "
    "buergermeisterin pfarrer bischof schwester bruder onkel firma gasthof metzgerei"
)
# Titles that are written with a full stop.
_ABBREVIATED = word_set("dr prof hr fr dipl ing med phil jur habil mag st")
_NAMERS = word_set("heisst hiess namens")
# What stands before the name of a place.
_PLACERS = word_set("in nach aus bei von ort dorf gemeinde ortschaft weiler stadt")
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
_PEOPLE = word_set(
    "mann maenner frau frauen mensch menschen leute kerl kerle typ typen bande pack verein truppe "
    "kanzler kanzlerin praesident praesidentin chef chefin taeter taeterin moerder vergewaltiger "
    "terrorist terroristen nachbar nachbarn vater mutter sohn tochter junge regierung partei volk "
    "merkel trump putin scholz habeck baerbock merz weidel hoecke soeder erdogan steinmeier"
)
_REPORTED_BE = frozenset({"sei", "seien"})
_NAMED_SO = word_set("genannt geheissen geschimpft beschimpft tituliert betitelt")
_NAMES_SO = word_set("nannte nannten nennt nennst nanntest schimpfte schimpften schimpft")
# "Diese Leute, auch Idioten genannt": the commenter's own word.
_OWN_NAMING = word_set("auch besser sonst kurz recht")
_INDEFINITE = word_set("ein eine einen einem")
_DEFINITE = word_set("der die das den dem des")
_SAID = word_set("sagte rief schrie meinte schimpfte fluchte murmelte bruellte dachte")
#: What one is accused of: "er lügt, der …".
WRONGS = word_set(
    "luegt luegen beluegt beluegen betruegt betruegen bestiehlt stiehlt stehlen klaut klauen "
    "verraet verraten verkauft verkaufen verarscht verarschen pluendert pluendern bescheisst "
    "bescheissen "
    "hetzt hetzen zockt abzockt taeuscht taeuschen ruiniert ruinieren zerstoert zerstoeren"
)
_SECOND_PERSON = word_set("du ihr dich dir euch bist seid")
_POSSESSIVES = word_set("dein deine deinem deinen deiner deines euer eure eurem euren eurer eures")
#: Words by which someone is spoken to.
SPOKEN_TO = _SECOND_PERSON | _POSSESSIVES
#: Verbs that say of a group what it is.
COPULA = word_set("sind waren bleiben bist seid")
_COPULA_FILLERS = word_set(
    "doch ja eh alle alles nur halt eben einfach nichts als anderes ein eine die immer sowieso so "
    "wirklich bloss lauter mehr und nun mal schon echt"
)
# What goes on behind "dumm von mir".
_BEHIND_OWN = word_set("gewesen und oder aber damals gestern heute neulich dass das zu so ja")
# What is said for or against something, not by someone; and the verbs that say of it what it is.
_SLOGANS = _MENTION_NOUNS | word_set(
    "spruch sprueche spruechen slogan slogans satz saetze saetzen ruf rufe rufen schlachtruf "
    "schlachtrufe gesang gesaenge sprechchor sprechchoere schlagwort schlagworte aufschrift "
    "graffito graffiti plakat plakate transparent banner motto"
)
_OF_A_SLOGAN = word_set("ist sind war waren bleibt bleiben klingt klingen")
_FINDING = word_set("finde finden findet fand fanden halte halten")
# "„Raus hier“ zu rufen ist …"
_UTTERING = word_set(
    "zu rufen bruellen groelen skandieren schreien sagen schreiben plakatieren fordern"
)
# Longest quotation that is taken as someone else's words, in words.
_SHORT_QUOTATION = 5


def excused(reading: Reading, index: int, part_of_speech: str = "noun") -> bool:
    """Whether the word at `index` is negated, quoted, reported, a name, or said of oneself.

    The part of speech matters: "ich scheiße auf …" says nothing of oneself, and only a word that is
    no noun shows by its capital that it is the name of a place.
    """
    return (
        _negated_or_own(reading, index, own=part_of_speech != "verb")
        or _own_behind(reading, index)
        or _about_a_slogan(reading, index)
        or _mentioned(reading, index)
        or _reported(reading, index)
        or _named(reading, index)
        or (part_of_speech != "noun" and _place_name(reading, index))
        or _harmless_phrase(reading, index)
        or _first_part_of_a_thing(reading, index)
        or in_quotation(reading, reading.starts[index])
    )


def names_a_person(word: str) -> bool:
    """Whether the folded `word` is known to name people."""
    return (
        word in _PEOPLE
        or word in TITLES
        or word in groups().nouns
        or word in groups().modifiers
        or bool(lexicon(Category.INSULT).senses(word) or lexicon(Category.DEFAMATION).senses(word))
    )


def is_noun(reading: Reading, index: int) -> bool:
    """Whether "Deutsche" is the noun: at the end of its clause, or the only one in capitals."""
    if index + 1 == len(reading.words) or not reading.joined(index, index + 1):
        return True
    return reading.original(index)[:1].isupper() and not reading.original(index + 1)[:1].isupper()


def _harmless_phrase(reading: Reading, index: int) -> bool:
    """Whether the word belongs to a phrase like "dumme Frage"."""
    for place, phrase in innocent_words().phrases.get(reading.words[index], ()):
        first, last = index - place, index - place + len(phrase) - 1
        if (
            first >= 0
            and reading.words[first : last + 1] == phrase
            and reading.joined(first, last)
            and (index < last or is_noun(reading, index))
        ):
            return True
    return False


def _first_part_of_a_thing(reading: Reading, index: int) -> bool:
    """Whether the word is the first part of a compound like "Trottel-Preis"."""
    end = reading.ends[index]
    if index + 1 == len(reading.words) or reading.folded[end : end + 1] != "-":
        return False
    return reading.starts[index + 1] == end + 1 and reading.words[index + 1].endswith(
        innocent_words().things
    )


def _negated_or_own(reading: Reading, index: int, *, own: bool) -> bool:
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


def _own_behind(reading: Reading, index: int) -> bool:
    """Whether one's own doing is meant, as in "Das war dumm von mir"."""
    words = reading.words
    last = index + 2
    if words[index + 1 : last + 1] not in {("von", "mir"), ("von", "uns")}:
        return False
    if not reading.joined(index, last):
        return False
    # "Haltet das Pack von uns fern"
    return (
        last + 1 == len(words)
        or not reading.joined(last, last + 1)
        or words[last + 1] in _BEHIND_OWN
    )


def _about_a_slogan(reading: Reading, index: int) -> bool:
    """Whether a quoted slogan is what is condemned: "Die Parole „…“ ist widerlich"."""
    if not reading.quotations:
        return False
    return _slogan_before(reading, index) or _slogan_behind(reading, index)


def _slogan_before(reading: Reading, index: int) -> bool:
    """Whether "… „Raus hier“ ist einfach" or "finde … „Raus hier“" stands before the word."""
    words = reading.words
    left, verb = index - 1, False
    while left >= 0 and index - left <= _REACH and reading.joined(left, left + 1):
        first = _quotation_at(reading, left)
        if first is not None:
            found = verb or not _FINDING.isdisjoint(words[max(0, first - _REACH) : first])
            return found and _is_slogan(reading, first, left)
        if not verb and words[left] in _OF_A_SLOGAN:
            verb = True
        elif words[left] not in (_UTTERING if verb else _COPULA_FILLERS | _BRIDGE):
            return False
        left -= 1
    return False


def _slogan_behind(reading: Reading, index: int) -> bool:
    """Whether "… ist die Parole „Raus hier“" stands right behind the word."""
    words = reading.words
    if words[index + 1 : index + 2] != () and words[index + 1] not in _OF_A_SLOGAN:
        return False
    for place in range(index + 1, min(len(words), index + _REACH)):
        if not reading.joined(place - 1, place):
            return False
        if _quotation_at(reading, place) is not None:
            return _names_a_slogan(reading, place)
    return False


def _quotation_at(reading: Reading, index: int) -> int | None:
    """Return the first word of the quotation in which the word at `index` stands, if it does."""
    place = bisect_right(reading.quotations, reading.starts[index], key=itemgetter(0)) - 1
    if place < 0 or reading.starts[index] >= reading.quotations[place][1]:
        return None
    return bisect_left(reading.starts, reading.quotations[place][0])


def _is_slogan(reading: Reading, first: int, last: int) -> bool:
    """Whether the words from `first` to `last`, which are quoted, are something that is said."""
    if _names_a_slogan(reading, first):
        return True
    # Several words that begin the clause; "der „Herr Minister“" is a person.
    free = first == 0 or not reading.joined(first - 1, first)
    return free and last > first and reading.words[first] not in TITLES | _DEFINITE


def _names_a_slogan(reading: Reading, first: int) -> bool:
    """Whether the quotation that begins at `first` is called a slogan, and not the reader's own."""
    words = reading.words
    left = first - 1
    while left >= 0 and words[left] in _MENTION_LINKS and reading.joined(left, left + 1):
        left -= 1
    if left < 0 or not reading.joined(left, left + 1):
        return False
    if left and words[left] in {"und", "oder"}:
        # "Parolen wie „…“ und „…“"
        before = _quotation_at(reading, left - 1)
        return before is not None and _names_a_slogan(reading, before)
    return words[left] in _SLOGANS and (left == 0 or words[left - 1] not in SPOKEN_TO)


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


def _reported(reading: Reading, index: int) -> bool:
    """Whether another's word is reported: "er nannte ihn …", "sie sei ein …", "…, sagte er"."""
    words = reading.words
    after = [
        words[place]
        for place in range(index + 1, min(len(words), index + 3))
        if reading.joined(index, place)
    ]
    before = words[index - 1] if index else ""
    if after[:1] and after[0] in _NAMED_SO and before not in _OWN_NAMING:
        return True
    if after == ["zu", "nennen"] or (len(after) == 1 and after[0] in _REPORTED_BE):
        return True
    return (
        _subjunctive_before(reading, index)
        or _naming_before(reading, index)
        or _said(reading, index)
    )


def _subjunctive_before(reading: Reading, index: int) -> bool:
    """Whether "… sei ein …" stands before the word; "Sei kein …" is a command."""
    words = reading.words
    for left in range(index - 1, max(0, index - _REACH), -1):
        if not reading.joined(left, left + 1):
            return False
        if words[left] in _REPORTED_BE:
            # "Gott sei Dank", "es sei denn"
            return reading.joined(left - 1, left) and words[left + 1] not in {"dank", "denn"}
        if words[left] not in _BRIDGE and not _is_adjective(words[left]):
            return False
    return False


def _naming_before(reading: Reading, index: int) -> bool:
    """Whether the word is what someone is called: "nannte ihn einen …", not "nennt diese …"."""
    words = reading.words
    first = index - 1
    while (
        first >= max(0, index - _REACH)
        and words[first] not in _INDEFINITE
        and _is_adjective(words[first])
    ):
        first -= 1
    if first >= 0 and (words[first] in _DEFINITE or words[first] in _DEMONSTRATIVES):
        return False
    for left in range(index - 1, max(-1, index - _REACH), -1):
        if words[left] in {"oder", "und"} or not reading.joined(left, left + 1):
            return False
        if words[left] in _NAMES_SO:
            return True
    return False


def _said(reading: Reading, index: int) -> bool:
    """Whether the word ends a saying: "Idiot, sagte er"; not "Idioten, sagte ich"."""
    words = reading.words
    if index + 2 >= len(words) or words[index + 1] not in _SAID or words[index + 2] in _SELF:
        return False
    if "," not in reading.folded[reading.ends[index] : reading.starts[index + 1]]:
        return False
    first = max(0, index - 3)
    return first == 0 or not reading.joined(first, index)


def _named(reading: Reading, index: int) -> bool:
    """Whether the word is a name: behind a title or "heißt", with a capital letter."""
    if not index:
        return False
    before = reading.words[index - 1]
    if reading.joined(index - 1, index):
        told = before in _NAMERS and (index < 2 or reading.words[index - 2] not in {"das", "es"})
        named = told or before in TITLES
    else:
        gap = reading.folded[reading.ends[index - 1] : reading.starts[index]]
        named = before in _ABBREVIATED and gap in {".", ". "}
    return named and reading.original(index)[:1].isupper()


def _place_name(reading: Reading, index: int) -> bool:
    """Whether an adjective or verb in capitals is a place: "in Fucking leben …"."""
    words = reading.words
    behind = bool(index) and words[index - 1] in _PLACERS and reading.joined(index - 1, index)
    ahead = index + 1 < len(words) and words[index + 1] in {"heisst", "hiess", "liegt"}
    if not (behind or ahead) or not reading.original(index)[:1].isupper():
        return False
    if index + 1 == len(words) or not reading.joined(index, index + 1):
        return True
    return not reading.original(index + 1)[:1].isupper()


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
    if left > 0 and words[left] in COPULA and reading.joined(left - 1, left):
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
            if words[place] in SPOKEN_TO:
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
            if title >= 0 and words[title] in TITLES and reading.joined(title, index):
                return title
    return None


def pleaded(reading: Reading, index: int) -> bool:
    """Whether the word closes a complaint: "Er lügt uns an, der Verbrecher."."""
    words = reading.words
    end = reading.folded[reading.ends[index] : reading.ends[index] + 2].strip()
    if end[:1] not in {"", ".", "!"}:
        return False
    first = index - 1
    while (
        first > max(0, index - _REACH)
        and _is_adjective(words[first])
        and reading.joined(first, first + 1)
    ):
        first -= 1
    if first < 1 or words[first] not in {"der", "die", "dieser", "diese", "dieses"}:
        return False
    if not reading.joined(first, index) or reading.folded[reading.ends[first - 1]] != ",":
        return False
    left = first - 1
    for place in range(left, max(-1, left - 2 * _REACH), -1):
        if not reading.joined(place, left):
            return False
        if words[place] in WRONGS:
            return True
    return False

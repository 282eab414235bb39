"""The index of words and the question that is asked first: never no where a function finds."""

from __future__ import annotations

import re

import pytest
from growth import growth
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moderation.labelling import memo
from moderation.labelling.clues import (
    FIRST_OF_PAIR,
    LEXICON,
    PATTERNS,
    WORD_CLUES,
    Clue,
    paired,
)
from moderation.labelling.functions import FUNCTIONS, label_reading, label_text
from moderation.labelling.groups import CHOSEN_KINDS, groups
from moderation.labelling.lexicon import LEXICON_CATEGORIES, lexicon
from moderation.labelling.memo import MAX_LENGTH, Memo
from moderation.labelling.predicates import predicates
from moderation.labelling.reading import plain_words, read
from moderation.labelling.waking import wakes
from moderation.labelling.wordings import Pattern, patterns
from moderation.labelling.words import find_words
from moderation.records import Category, HouseRule
from moderation.text import fold_text

RULES = tuple(HouseRule(c.value, c, "…", "test", 0, 1, "…") for c in Category)

# What functions look for, cut where waking might lose it, and what stands between.
PIECES = st.sampled_from(
    [
        "Idiot", "Id", "iot", "I d i o t", "i", "d", "Id*ot", "Sch", "***", "e", "ihr", "Ratten",
        "sind", "alle", "nur", "die", "Amis", "Politiker", "können", "lügen", "klauen", "Autos",
        "dreckige", "Juden", "Drecksausländer", "gehört", "aufgehängt", "sollte", "man",
        "erschießen", "Herr", "Muster", "ist ein", "Mörder", "halt", "die", "Klappe", "jetzt",
        "kaufen", "www.x.de", "http://", "x.com", "WhatsApp", "Bitcoin", "folge mir auf", "du",
        "hast doch keine Ahnung", "Dummheit", "eure", "er lügt, der", "Verbrecher", "elende",
        "Mob", "linke", "hoffentlich", "verreckt", "er", "Ausländer", "raus", "SCHREIEN", "LAUTER",
        "IMMER", "0171", "1234567", "+49", "171", "Tel.", "0561", "12 34 56 7", "(0", "a.b", "@",
        "c.example", "DE12", "5001 0517 5407 3249 31", "nehmen uns", "Arbeit weg", "regieren",
        "die Welt", "ab in die", "Klapse", "Sämtliche", "sämtliche", "Lügner", "„", "“", "?",
        "Trottel-", "preis",
    ]
)  # fmt: skip
GLUE = st.sampled_from(
    [" ", " ", " ", "", "\n", "´", "-", ".", "_", "*", ",", ", ", "\u200b", "\u00ad", "\u0301",
     "\u00a0", "\x00", "\ud800", "@", "://", "w.", "www. ", "!", "/", ":", "\u3000", "\x1c"]
)  # fmt: skip
TEXTS = st.lists(st.tuples(PIECES | st.text(max_size=3), GLUE), max_size=14).map(
    lambda pairs: "".join(piece + glue for piece, glue in pairs)
)


EXAMPLES = [
    example
    for each in (
        *(entry for category in LEXICON_CATEGORIES for entry in lexicon(category).entries),
        *patterns(),
        *predicates().claims,
    )
    for example in (*each.examples, *each.counter_examples)
]


@settings(max_examples=1500, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
def test_a_comment_that_sleeps_has_no_label(text: str) -> None:
    labels = label_reading(read(text), RULES)
    assert label_text(text, RULES) == labels
    if not wakes(text):
        assert labels == ()


def test_the_examples_of_the_lexicons_have_their_labels_asleep_or_awake() -> None:
    for text in EXAMPLES:
        assert label_text(text, RULES) == label_reading(read(text), RULES), text


# Each is evidence by two or three things together that are none alone.
@pytest.mark.parametrize(
    "text",
    [
        "Politiker wollen nur kassieren",
        "Sämtliche Politiker wollen kassieren",
        "Türken kassieren nur",
        "Diese faulen Türken",
        "Politiker sind Ratten",
        "Türken sind Ratten",
        "Elende Ratten",
        "Ihr Ratten",
        "Herr Muster ist ein Mörder",
        "Bitcoin auf xy.com",
        "Bitcoin auf Telegram",
        "d u m m",
        "SCHREIEN-SCHREIEN-SCHREIEN-IMMER",
        "SCHREIEN IMMER SCHREIEN IMMER",
        "Tel. 0 561 1234567",
        "Ab in die Klapse",
        "Halt den Mund",
        "Du hast doch keine Ahnung",
    ],
)
def test_what_is_evidence_together_wakes(text: str) -> None:
    assert label_text(text, RULES)
    assert label_text(text, RULES) == label_reading(read(text), RULES)


def test_a_phrase_is_found_from_its_anchor_where_it_begins() -> None:
    reading = read("Nein, du hast doch keine Ahnung davon")
    known = lexicon(Category.INCIVILITY)
    (hit,) = find_words(reading, known, [reading.words.index("ahnung")])
    assert reading.text[hit.start : hit.end] == "du hast doch keine Ahnung"
    assert not list(find_words(reading, known, [reading.words.index("doch")]))


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
def test_the_index_leads_to_all_that_walking_finds(text: str) -> None:
    reading = read(text)
    for category in LEXICON_CATEGORIES:
        known = lexicon(category)
        walked = list(find_words(reading, known))
        assert list(find_words(reading, known, reading.places(LEXICON[category]))) == walked
    for function in FUNCTIONS:
        if function.clues and not function.clues & reading.clues:
            assert function.find(reading) is None, function.name


@pytest.mark.parametrize(
    "text",
    [
        "Ein freundlicher Kommentar.",
        "Die Politiker können nur gewinnen.",
        "Man sollte das Bild aufheben.",
        "Halt, hier geht es nicht weiter.",
        "Der Hund spielt im Garten.",
        "Der Mörder wurde gefasst.",
        "Wer will jetzt bestellen?",
        "Am 01.02.2016 um 22:00 Uhr kamen 100.000 Leute.",
        "Z. B. in den USA, also im Ausland",
        "Die CDU und die SPD WOLLEN das",
        "",
        " \n ",
    ],
)
def test_harmless_comments_sleep(text: str) -> None:
    assert not wakes(text)


@pytest.mark.parametrize(
    "text",
    [
        "Du I d i o t", "Du I.d.i.o.t", "a´I´d i´o´t", "Id*ot", "4rschl0ch", "I\u200bdiot",
        "Alle Politiker sind korrupt", "Sämtliche Politiker sind korrupt", "halt die Klappe",
        "Frage auf WhatsApp nach Bitcoin", "(0) 171 1234567", "Tel.:0561 1234567",
        "+49 171 1234567", "a.b@c.example", "DE12 5001 0517 5407 3249 31",
        "WAS SOLL DIESER MISTIGE UNFUG HEUTE", "x" * 600, "\u0301wort",
    ],
)  # fmt: skip
def test_what_may_be_evidence_wakes(text: str) -> None:
    assert wakes(text)


@pytest.mark.parametrize(
    "pattern", [pytest.param(pattern, id=pattern.id) for pattern in patterns() if pattern.also]
)
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_all_that_a_pattern_matches_holds_one_of_its_further_words(
    pattern: Pattern, data: st.DataObject
) -> None:
    assert all(fold_text(word) == word and plain_words(word) == [word] for word in pattern.also)
    text = data.draw(st.from_regex(pattern.expression))
    for words in _words_of_matches(pattern.expression, text):
        assert not pattern.also.isdisjoint(words)


@pytest.mark.parametrize("place", range(len(predicates().claims)))
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_all_that_a_claim_matches_holds_one_of_its_words(place: int, data: st.DataObject) -> None:
    claim = predicates().claims[place]
    assert all(fold_text(word) == word and plain_words(word) == [word] for word in claim.words)
    text = data.draw(st.from_regex(claim.expression))
    for words in _words_of_matches(claim.expression, text):
        assert not claim.words.isdisjoint(words)
    # The index counts its words for these groups alone.
    assert not claim.kinds & CHOSEN_KINDS


def _words_of_matches(expression: re.Pattern[str], text: str) -> list[set[str]]:
    """Return, for each match, the words of `text` that lie in it from end to end."""
    words = [(word.group(), word.span()) for word in re.finditer(r"[^\W_]+", text)]
    return [
        {word for word, (start, end) in words if match.start() <= start and end <= match.end()}
        for match in expression.finditer(text)
    ]


def test_a_phrase_is_found_by_a_rare_word_of_it() -> None:
    common = set(fold_text("nicht sie alle hier jetzt doch halt du einfach im am die").split())
    anchored = 0
    for category in LEXICON_CATEGORIES:
        known = lexicon(category)
        starting = [(phrase, entry) for found in known.phrases.values() for phrase, entry in found]
        for word, anchors in known.anchors.items():
            assert word not in common
            for anchor in anchors:
                anchored += 1
                assert any(
                    phrase[anchor.place : anchor.place + 1] == (word,)
                    and anchor.beside in {*phrase, ""}
                    and entry == anchor.entry
                    for phrase, entry in starting
                )
        assert sum(map(len, known.anchors.values())) == len(starting)
    assert anchored > 40


def test_the_index_knows_every_listed_word() -> None:
    for category in LEXICON_CATEGORIES:
        for word in (*lexicon(category).forms, *lexicon(category).anchors):
            assert WORD_CLUES[word] & LEXICON[category], word
    for pattern in patterns():
        assert all(WORD_CLUES[word] & PATTERNS[pattern.category] for word in pattern.words)
    for word, group in groups().nouns.items():
        assert WORD_CLUES[word] & Clue.GROUP == (Clue.PROTECTED if group.protected else Clue.CHOSEN)
    assert WORD_CLUES["blumenwiese"] == 0
    assert WORD_CLUES["drecksauslaender"] & Clue.DESPISED


def test_every_pair_has_bits_of_its_own() -> None:
    # A pair beyond them would not be looked for at all.
    words = {word for pattern in patterns() for word in (*pattern.words, *pattern.also)}
    words |= {word for category in LEXICON_CATEGORIES for word in lexicon(category).anchors}
    room = FIRST_OF_PAIR.bit_count()
    used = FIRST_OF_PAIR | FIRST_OF_PAIR << room
    assert not FIRST_OF_PAIR & (FIRST_OF_PAIR << room)
    assert all(WORD_CLUES[word].bit_length() <= used.bit_length() for word in words)


def test_two_halves_of_one_pair_are_a_pair_and_of_two_pairs_are_none() -> None:
    assert paired(WORD_CLUES["klappe"] | WORD_CLUES["halt"])
    assert not paired(WORD_CLUES["ahnung"] | WORD_CLUES["halt"])
    assert not paired(WORD_CLUES["klappe"])


def test_a_memo_keeps_no_long_words_and_no_more_than_it_may(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memo, "MAX_WORDS", 10)
    asked: list[str] = []

    def find(word: str) -> int:
        asked.append(word)
        return len(word)

    lengths = Memo(find)
    assert [lengths["wort"], lengths["wort"]] == [4, 4]
    assert asked == ["wort"]
    for number in range(100):
        assert lengths[str(number)] == len(str(number))
        assert lengths["oft"] == 3
        assert len(lengths) <= 5
    # What is read again and again is found out once; the rest is forgotten.
    assert (asked.count("oft"), lengths["wort"], asked.count("wort")) == (1, 4, 2)
    before = len(lengths)
    assert lengths["x" * (MAX_LENGTH + 1)] == MAX_LENGTH + 1
    assert len(lengths) == before


@pytest.mark.parametrize("unit", ["wort ", "{} ", "a", "x.de/", "z.b. ", "SCHREIEN-", "´a "])
def test_waking_takes_time_as_the_text_is_long(unit: str) -> None:
    def run(size: int) -> bool:
        # "{}" makes every word a new one.
        return wakes("".join(unit.format(number) for number in range(size // len(unit))))

    assert growth(run, 10_000, 100_000) < 30

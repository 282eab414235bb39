"""Labelling functions: labels, evidence and rules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from growth import growth
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.labelling.functions import FALLBACKS, FUNCTIONS, label_text
from moderation.labelling.masked import unmask
from moderation.labelling.reading import read
from moderation.labelling.rules_file import default_rules
from moderation.records import PROCEDURAL, Category, HouseRule

SEED = next((Path(__file__).parent.parent / "seeds").glob("004*.txt"))
RULES = tuple(HouseRule(c.value, c, "…", "test", 0, 1, "…") for c in Category)

# Words that wake every function, to be strung together with anything.
FRAGMENTS = st.sampled_from(
    [
        "Idiot", "ihr Ratten", "die amis können nur lügen", "gehört aufgehängt", "„Lügenpresse“",
        "kein", "I d i o t", "I\u200bdiot", "SCHREIEN SCHREIEN SCHREIEN SCHREIEN", "Herr Dumm",
        "jetzt kaufen www.x.example", "0171 1234567", "a.b@c.example", "ich", "\ud800", "ß", "ﬁck",
    ]
)  # fmt: skip
TEXTS = st.lists(st.one_of(FRAGMENTS, st.text(max_size=20)), max_size=12).map(" ".join)


def rule(category: Category, name: str | None = None) -> HouseRule:
    return HouseRule(name or category.value, category, "…", "test", 0, 1, "…")


def evidence(text: str) -> list[str]:
    return [found.text for label in label_text(text, RULES) for found in label.evidence]


def seed_comments() -> str:
    return SEED.read_text(encoding="utf-8").split("7 Kommentare")[1]


@pytest.mark.parametrize(
    ("quote", "category"),
    [
        ("Yankeebastarde", Category.GROUP_ABUSE),
        ("angelsächsischen Ratten", Category.GROUP_ABUSE),
        ("elenden Vasallen", Category.INSULT),
        ("die amis können nur lügen und betrügen", Category.GROUP_ABUSE),
    ],
)
def test_the_seed_page_yields_its_evidence_with_exact_spans(quote: str, category: Category) -> None:
    text = seed_comments()
    start = text.index(quote)
    assert (category, start, start + len(quote), quote) in {
        (label.category, found.start, found.end, found.text)
        for label in label_text(text, default_rules())
        for found in label.evidence
    }


def test_the_other_comments_of_the_seed_page_are_free() -> None:
    labels = label_text(seed_comments(), default_rules())
    assert sum(len(label.evidence) for label in labels) == 4


@given(TEXTS)
def test_evidence_is_quoted_from_the_comment_without_overlaps(text: str) -> None:
    for label in label_text(text, RULES):
        assert label.evidence
        assert all(text[found.start : found.end] == found.text for found in label.evidence)
        end = 0
        for found in label.evidence:
            assert end <= found.start < found.end
            end = found.end


@given(TEXTS)
def test_each_rule_has_one_label_and_labels_follow_the_text(text: str) -> None:
    labels = label_text(text, RULES)
    assert len({label.rule.id for label in labels}) == len(labels)
    starts = [label.evidence[0].start for label in labels]
    assert starts == sorted(starts)


def test_two_insults_are_one_label_as_strong_as_the_stronger() -> None:
    (label,) = label_text("Spinner! Du Idiot!", RULES)
    assert [found.text for found in label.evidence] == ["Spinner", "Idiot"]
    assert label.strength == 2


def test_words_that_breach_two_rules_are_charged_once() -> None:
    (label,) = label_text("Ihr Yankeebastarde", RULES)
    assert label.category is Category.GROUP_ABUSE


def test_shouting_stays_beside_the_insult_in_it() -> None:
    labels = label_text("WAS FÜR VOLLIDIOTEN REGIEREN EIGENTLICH", RULES)
    assert {label.category for label in labels} == {Category.INCIVILITY, Category.INSULT}


def test_the_first_rule_of_a_category_is_quoted() -> None:
    rules = (rule(Category.INSULT, "first"), rule(Category.INSULT, "second"))
    (label,) = label_text("Du Idiot", rules)
    assert label.rule.id == "first"


@pytest.mark.parametrize("category", list(FALLBACKS))
def test_a_missing_rule_falls_back_in_the_documented_order(category: Category) -> None:
    text = {
        Category.GROUP_ABUSE: "Diese Kanaken",
        Category.INSULT: "Diese Vollpfosten",
        Category.INDECENCY: "Diese Wichser",
    }[category]
    for candidate in FALLBACKS[category]:
        (label,) = label_text(text, (rule(candidate),))
        assert (label.rule.category, label.category) == (candidate, category)


@pytest.mark.parametrize(
    "text", ["Herr Muster ist ein Betrüger", "Ruf an: 0171 1234567", "Kredit ohne Schufa"]
)
def test_no_rule_no_label(text: str) -> None:
    rules = (rule(Category.INSULT), rule(Category.INCIVILITY), rule(Category.INDECENCY))
    assert label_text(text, RULES)
    assert label_text(text, rules) == ()


def test_rules_of_procedure_are_never_applied() -> None:
    rules = tuple(rule(category) for category in PROCEDURAL)
    assert label_text("Du Idiot, 0171 1234567", rules) == ()
    assert not PROCEDURAL & {function.category for function in FUNCTIONS}


def test_a_function_abstains_with_none() -> None:
    reading = read("Ein freundlicher Kommentar.")
    assert [function.find(reading) for function in FUNCTIONS] == [None] * len(FUNCTIONS)


def test_functions_have_names_of_their_own_and_say_what_they_find() -> None:
    assert len({function.name for function in FUNCTIONS}) == len(FUNCTIONS)
    assert all(function.description.endswith(".") for function in FUNCTIONS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Du Id10t", "Id10t"),
        ("Du I d i o t", "I d i o t"),
        ("Du I.d.i.o.t", "I.d.i.o.t"),
        ("Du Idiiiiot", "Idiiiiot"),
        ("Du I\u200bdiot", "I\u200bdiot"),
        ("Du Іdiоt", "Іdiоt"),
        ("Du Id*ot", "Id*ot"),
        ("Was für eine Sch***e", "Sch***e"),
        ("Ihr Arschlö#her", "Arschlö#her"),
        ("So ein Drecks_ck", "Drecks_ck"),
        ("Ihr W*chser, ihr", "W*chser"),
        ("Diese Schl..pe", "Schl..pe"),
        ("Ihr Tro*.el", "Tro*.el"),
        ("Dieses Drecks-Gesindel", "Gesindel"),
    ],
)
def test_disguised_words_are_quoted_as_written(text: str, expected: str) -> None:
    assert evidence(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "Du bist kein Idiot",
        "Niemand ist ein Idiot",
        "Nicht alle Politiker sind Idioten",
        "Das war nicht dumm",
        "Das ist nicht so dumm",
        "Wer 'Ratten' schreibt, disqualifiziert sich",
        "Er rief „Lügenpresse“ und ging",
        "Herr Dumm hat recht",
        "Frau Sau hat gewonnen",
        "Familie Fick zieht um",
        "Ich Idiot",
        "Da war ich wirklich ein Idiot",
        "Das Wort Idiot fällt oft",
        "Er wurde als Idiot beschimpft",
        "Die halten uns für Dummköpfe",
        "@idiot Danke für den Hinweis",
        "Siehe https://beispiel.example/idiot",
        "Das war dumm von mir.",
        "Das war wirklich blöd von uns, sorry",
        "Das war dumm von mir gewesen",
        "Die Parole „Ausländer raus“ ist widerlich.",
        "Parolen wie „Ausländer raus“ und „Deutschland den Deutschen“ sind einfach nur widerlich.",
        "Ich finde den Spruch „Frauen an den Herd“ dumm.",
        "Widerlich ist die Parole „Ausländer raus“.",
        "„Ausländer raus“ zu rufen ist widerlich.",
    ],
)
def test_negation_quotation_names_and_self_reference_excuse(text: str) -> None:
    assert evidence(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Nicht nur dumm, auch ein Idiot",
        "Ich verstehe nicht, du Idiot",
        "Keine Ahnung haben diese Idioten",
        '"Idioten" seid ihr',
        "Ich sage nur: Idioten",
        "Herr Muster ist ein Idiot",
        "Das war dumm von dir.",
        "Haltet dieses Pack von uns fern",
        "Der „Kanzler“ ist widerlich.",
        "„Die Grünen“ sind widerlich.",
        "Der „Herr Minister“ ist widerlich.",
        "Deine Parole „Ausländer raus“ ist widerlich.",
        "Du bist widerlich, „Ausländer raus“ zu rufen.",
    ],
)
def test_nothing_excuses_what_it_does_not_reach(text: str) -> None:
    assert evidence(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ich bringe dich um 8 Uhr zum Bahnhof.", []),
        ("Ich bringe dich um halb neun zur Schule.", []),
        ("Ich bringe euch um Punkt zwölf nach Hause.", []),
        ("Wir bringen euch um Viertel nach drei heim.", []),
        ("Ich bringe dich um kurz vor acht hin", []),
        ("Ich bringe dich um Mitternacht zurück.", []),
        ("Ich bringe dich um", ["bringe dich um"]),
        ("Ich bringe dich um! 8 Jahre reichen", ["bringe dich um"]),
        ("Ich bringe dich um 8 Uhr um.", ["bringe dich um 8 Uhr um"]),
        ("Ich bringe dich um, zweifellos", ["bringe dich um"]),
    ],
)
def test_a_time_is_no_threat(text: str, found: list[str]) -> None:
    assert evidence(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "Die Amis haben das Ende der Fahnenstange erreicht",
        "Die Russen können nur gewinnen",
        "Die Deutschen sind alle gut angekommen",
        "Politiker sind nicht alle korrupt",
        "Nicht alle Polen klauen immer",
        "Wer sagt, die Amis können nur lügen, irrt",
    ],
)
def test_a_statement_about_a_group_is_not_sweeping_abuse(text: str) -> None:
    assert evidence(text) == []


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("Alle Moslems sind Terroristen", Category.GROUP_ABUSE),
        ("Man sieht ja, dass alle Moslems Terroristen sind", Category.GROUP_ABUSE),
        ("Alle Politiker sind korrupt", Category.INSULT),
    ],
)
def test_sweeping_statements_quote_the_rule_that_fits_the_group(
    text: str, category: Category
) -> None:
    found = [label.category for label in label_text(text, RULES)]
    assert found == [category]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Diese verdammten Deutschen haben verloren", ["verdammten Deutschen"]),
        ("Diese verdammte deutsche Bürokratie", []),
        ("Diese verdammte Deutsche Bahn", []),
        ("Ein naiv deutsches Weltbild", []),
        ("Verdammt gute Amerikaner waren das", []),
        ("Die seriösen linken Politiker stimmten zu", []),
    ],
)
def test_contempt_has_to_colour_the_group_itself(text: str, expected: list[str]) -> None:
    assert evidence(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tel. 0561 / 12 34 56 7", ["0561 / 12 34 56 7"]),
        ("Mobil +49 171 1234567.", ["+49 171 1234567"]),
        ("max.muster@beispiel.example", ["max.muster@beispiel.example"]),
        ("DE12 5001 0517 5407 3249 31", ["DE12 5001 0517 5407 3249 31"]),
        ("Mail an redaktion@beispiel.example", []),
        ("Am 01.02.2016 waren es 1 500 000 Euro", []),
        ("Die Nummer 0815 kennt jeder", []),
    ],
)
def test_personal_data_is_found_exactly(text: str, expected: list[str]) -> None:
    assert evidence(text) == expected


@pytest.mark.parametrize(
    "unit",
    [
        "Du Idiot, ihr Ratten sind alle Lügner. ", '"Idiot" ', "die amis können nur lügen und ",
        "i d i o t ", "SCHREIEN ", "die sollte man mit einem nun ", "a", "elende ",
        "idiotgesindel", "0171 ", "a@", "id*", "a*b ", "sch***e ", "ge.", "die polen klauen ",
        "er nannte ihn eine ", "dumme ", "dieses pack ", "der schrank gehört ", "er lügt, der ",
    ],
)  # fmt: skip
def test_time_grows_with_length_not_with_its_square(unit: str) -> None:
    # Ten times the text: a quadratic step would take a hundred times as long.
    assert growth(lambda size: label_text(unit * (size // len(unit)), RULES), 10_000, 100_000) < 30


@pytest.mark.parametrize("token", ["leser*innen", "a*t", "h*", "e.n", "sch***", "x_y_z"])
def test_a_token_that_masks_no_word_of_abuse_is_left_alone(token: str) -> None:
    assert unmask(token) is None
    assert read(token).words == tuple(re.findall(r"[a-z]+", token))


@given(st.text("abdiotw z.*#_-@:/ß´\n1"))
def test_plain_and_disguised_words_are_read_alike(text: str) -> None:
    reading = read(text)
    careful = read(text + " x*y") if reading.disguised is None else reading
    assert careful.disguised is not None
    count = len(reading.words)
    assert careful.words[:count] == reading.words
    assert careful.starts[:count] == reading.starts
    assert careful.ends[:count] == reading.ends


@settings(max_examples=50)
@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=200))
def test_any_text_can_be_labelled(text: str) -> None:
    assert isinstance(label_text(text, RULES), tuple)

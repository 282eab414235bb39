"""Off topic: what is far from an article, and all the ways in which the rule keeps silent."""

from __future__ import annotations

import json
import time
import tomllib
from itertools import pairwise
from pathlib import Path

import off_topic as benchmark
import pytest
from growth import growth
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.labelling import off_topic
from moderation.labelling.functions import OFF_TOPIC, label_text
from moderation.labelling.off_topic import Subject, find_off_topic, subject_of
from moderation.labelling.rules_file import default_rules
from moderation.model.classifier import Thresholds
from moderation.policy import decide
from moderation.records import Article, Category, Comment, Evidence, HouseRule, Page
from moderation.scoring import Desk, threads_of
from moderation.text import fold_text

ROOT = Path(__file__).parents[1]
RULES = tuple(HouseRule(c.value, c, "…", "test", 0, 1, "…") for c in Category)
BODY = """
Im Stadtpark von Neudorf ist am Montag eine alte Buche umgestürzt. Verletzt wurde niemand. Der Baum
war mehr als zweihundert Jahre alt und stand neben dem Teich. Gärtnermeister Olaf Quast hatte schon
im Frühling einen Pilz an den Wurzeln entdeckt und den Weg daneben vorsorglich sperren lassen. Die
Spaziergänger hielten sich daran. Das Holz soll nun liegen bleiben, damit Käfer und Moose darin
leben können. An derselben Stelle wird im Herbst eine junge Eiche gepflanzt, die ein Gönner
gestiftet hat. Wer mag, kann am Samstag beim Graben helfen, Spaten sind vorhanden. Quast erinnert
sich, wie er als Lehrling auf den untersten Ast geklettert ist. „Sie war immer da“, sagt er. Ein
Stück der Rinde hat er mit nach Hause genommen.
"""
HEADLINE = "Zweihundert Jahre alte Buche umgestürzt"
AWAY = (
    "Der Schiedsrichter pfeift keinen klaren Elfmeter, der Videobeweis bleibt aus, und der Trainer "
    "wechselt zu spät. So steigt die Mannschaft ab."
)
THREE = (
    "Der Schiedsrichter pfeift keinen klaren Elfmeter, trotz Videobeweis bleibt alles beim "
    "falschen Ergebnis, und abends ärgert man sich zu Hause über den verlorenen Sonntag."
)
WORDS = ["Schiedsrichter", "Elfmeter", "Videobeweis", "Trainer", "Mannschaft"]
ON_TOPIC = "Schade um den alten Riesen, ich habe darunter meinen ersten Kuss bekommen, im Mai 1974."
ARTICLE = Article(headline=HEADLINE, body=BODY)


def about(body: str = BODY, headline: str = HEADLINE) -> Subject:
    found = subject_of(headline=headline, body=body)
    assert found is not None
    return found


def words(text: str, subject: Subject | None = None, thread: tuple[str, ...] = ()) -> list[str]:
    hits = find_off_topic(text, subject or about(), thread)
    return [text[hit.start : hit.end] for hit in hits or ()]


def test_words_of_a_far_subject_are_the_evidence_in_order_and_mild() -> None:
    hits = find_off_topic(AWAY, about())
    assert hits is not None
    assert [AWAY[hit.start : hit.end] for hit in hits] == WORDS
    assert {hit.strength for hit in hits} == {1}


def test_spans_count_code_points_of_the_original() -> None:
    text = "🌳 Ƒußba\u0301ll: " + AWAY
    assert words(text)[-5:] == WORDS


def test_a_comment_without_words_of_the_article_is_not_off_topic_for_that() -> None:
    assert find_off_topic(ON_TOPIC, about()) is None


@pytest.mark.parametrize(
    "text",
    [
        "Der Schiedsrichter pfeift keinen Elfmeter, trotz Videobeweis.",  # too little else
        "Elfmeter!",
        AWAY.replace("Trainer", "Gärtner").replace("Elfmeter", "Baum").replace("klaren", "Teich"),
        "Wie Herr Quast im Stadtpark an der Buche: " + AWAY.replace("Mannschaft ab", "Buche auf"),
        "Der Autor schreibt Unsinn. " + AWAY,
        "Deine Meinung in Ehren. " + AWAY,
        "@Hans " + AWAY,
    ],
)
def test_it_keeps_silent_where_a_comment_may_be_about_the_article(text: str) -> None:
    assert find_off_topic(text, about()) is None


@pytest.mark.parametrize("opening", ["Das sehe ich so: ", "Genau: ", "So ", "Hier: ", "Danke! "])
def test_words_that_point_back_ask_for_one_more_word_of_evidence(opening: str) -> None:
    assert words(THREE) == WORDS[:3]
    assert find_off_topic(opening + THREE, about()) is None
    assert words(opening + AWAY) == WORDS


def test_a_subject_the_article_touches_is_not_far() -> None:
    touched = about(BODY + " Am Abend pfiff ein Schiedsrichter das Turnier im Stadion an.")
    assert find_off_topic(AWAY, touched) is None
    assert find_off_topic(AWAY, about(BODY + " Ein Torwart sah zu.")) is None


def test_a_word_of_a_subject_the_article_mentions_asks_for_one_more() -> None:
    text = THREE + " Sogar die Katze miaut."
    assert words(text) == WORDS[:3]
    assert find_off_topic(text, about(BODY + " Ein Hund bellte.")) is None


def test_a_subject_the_article_may_lead_to_asks_for_one_more_word() -> None:
    television = about(headline="Tatort mit Buche")
    assert words(THREE) == WORDS[:3]
    assert find_off_topic(THREE, television) is None
    assert words(AWAY, television) == WORDS


def test_a_word_of_the_articles_own_subject_brings_the_comment_back() -> None:
    farming = about(BODY + " Der Landwirt düngt den Acker.", "Ernte auf dem Acker")
    assert words(AWAY, farming) == WORDS
    assert find_off_topic(AWAY + " Die Landwirte lachen.", farming) is None


def test_compounds_and_forms_of_the_articles_words_count_as_shared() -> None:
    shared = AWAY + " Buchenholz, Eichenrinde, Teichpflanze, Spatenstiche."
    assert find_off_topic(shared, about()) is None


def test_talk_about_the_houses_moderation_is_a_subject_of_its_own() -> None:
    text = (
        "Warum wurde mein Kommentar wieder gelöscht? Die Netiquette gilt wohl nur für andere, "
        "solche Zensur kennt man sonst aus Nordkorea. Das Abo läuft aus, mein Geduldsfaden riss."
    )
    assert words(text) == ["Kommentar", "gelöscht", "Netiquette", "Zensur", "Abo"]
    few = (
        "Warum wird mein Beitrag nie freigeschaltet? Angeblich verletzt er irgendwelche "
        "Netiquette, tatsächlich herrscht hier Zensur, sogar Grußworte verschwinden spurlos."
    )
    assert words(few) == ["freigeschaltet", "Netiquette", "Zensur"]
    media = about(BODY + " Die Zeitung berichtet, ein Journalist war da.", "Zensur der Presse")
    assert find_off_topic(text, media) is None


@pytest.mark.parametrize("body", ["", " ".join(BODY.split()[:99]), "wort" * 5000])
def test_too_little_body_is_no_subject(body: str) -> None:
    assert subject_of(headline=HEADLINE, body=body) is None
    assert find_off_topic(AWAY, None) is None


def test_headline_tags_section_and_teasers_are_context() -> None:
    for context in (
        {"headline": "Elfmeter und Schiedsrichter"},
        {"tags": ("Fußball",)},
        {"section": "Bundesliga"},
        {"teasers": ("Trainer verlässt Mannschaft",)},
    ):
        assert find_off_topic(AWAY, subject_of(body=BODY, **context)) is None  # type: ignore[arg-type]


def test_a_reply_is_measured_by_what_it_answers_too() -> None:
    for said in ("Im Stadion zündelt jemand.", "Einer klaut Socken und wechselt den Platz."):
        assert find_off_topic(AWAY, about(), (said,)) is None
    assert words(AWAY, thread=("Ich fand die Buche immer hässlich.",)) == WORDS
    assert words("@Hans " + AWAY, thread=("Ich fand sie immer hässlich.",)) == WORDS


def test_threads_are_parents_and_unknown_ones_make_silent() -> None:
    quote = Evidence(0, 2, "„a")
    comments = [
        Comment("1", "eins"),
        Comment("2", "zwei", parent_id="1"),
        Comment("3", "drei", parent_id="2"),
        Comment("4", "vier", parent_id="0"),
        Comment("5", "„a", quotations=(quote,)),
        Comment("6", "sechs", parent_id="6"),
    ]
    threads = threads_of(comments, Page("p", comments=tuple(comments)))
    assert threads[:5] == [(), ("eins",), ("zwei", "eins"), None, None]
    assert threads[5] == ("sechs",) * off_topic.MAX_THREAD


def judged(comment: Comment, page: Page, rules: tuple[HouseRule, ...] = RULES) -> set[str]:
    (verdict,) = Desk().judge([comment], rules, page)
    for label in verdict.labels:
        for one in label.evidence:
            assert comment.text[one.start : one.end] == one.text
    return {label.function for label in verdict.labels}


def test_the_desk_labels_it_by_the_houses_own_rule() -> None:
    (verdict,) = Desk().judge([Comment("1", AWAY)], default_rules(), Page("p", ARTICLE))
    (label,) = verdict.labels
    assert (label.category, label.function, label.strength) == (Category.OFF_TOPIC, "off_topic", 1)
    assert label.rule.quote.startswith("Bitte halten Sie sich")
    assert [one.text for one in label.evidence] == WORDS
    assert decide(0.89, [label], Thresholds(review=0.5, reject=0.9)) == "review"


def test_no_rule_no_article_no_known_parent_no_german_no_label() -> None:
    comment = Comment("1", AWAY)
    assert judged(comment, Page("p", ARTICLE)) == {"off_topic"}
    others = tuple(rule for rule in RULES if rule.category is not Category.OFF_TOPIC)
    assert judged(comment, Page("p", ARTICLE), others) == set()
    assert judged(comment, Page("p")) == set()
    assert judged(comment, Page("p", Article(headline="Fußball"))) == set()
    assert judged(Comment("1", AWAY, parent_id="9"), Page("p", ARTICLE)) == set()
    english = "The referee, the Trainer, Elfmeter and the Videobeweis: what is it that you want? "
    assert judged(Comment("1", english * 2), Page("p", ARTICLE)) == set()


def test_quoted_words_are_not_charged_to_who_quotes() -> None:
    parent = Comment("0", "Im Fußball geht es auch so zu.")
    quoting = Comment("1", AWAY, "0", quotations=(Evidence(0, len(AWAY) - 20, AWAY[:-20]),))
    assert judged(quoting, Page("p", ARTICLE, comments=(parent,))) == set()


def test_a_stronger_finding_keeps_its_words() -> None:
    text = AWAY + " SCHIEDSRICHTER ELFMETER VIDEOBEWEIS TRAINER MANNSCHAFT ABSEITS"
    labels = label_text(text, RULES, about())
    assert [label.function for label in labels] == ["off_topic", "shouting"]
    ends = [one.end for one in labels[0].evidence]
    assert max(ends) <= labels[1].evidence[0].start


FRAGMENTS = st.sampled_from(
    [*AWAY.split(), "Idiot", "TRUMP PUTIN NATO USA", "Id*ot", "@x", "\ud800", "ﬁck", "Buche", "…"]
)
TEXTS = st.lists(st.one_of(FRAGMENTS, st.text(max_size=12)), max_size=40).map(" ".join)


@settings(max_examples=200)
@given(TEXTS, st.lists(TEXTS, max_size=3))
def test_labels_quote_the_text_and_do_not_overlap(text: str, thread: list[str]) -> None:
    spans = []
    for label in label_text(text, RULES, about(), thread):
        for one in label.evidence:
            assert text[one.start : one.end] == one.text != ""
            spans.append((one.start, one.end))
    spans.sort()
    assert all(first[1] <= second[0] for first, second in pairwise(spans))


@pytest.mark.parametrize(
    "text",
    ["", " " * 100_000, "a" * 100_000, "elfmeter" * 12_500, (AWAY + " ") * 1_000, "@" * 100_000,
     "\u0301" * 100_000, "ü-" * 50_000],
)  # fmt: skip
def test_hostile_comments_are_silence_in_no_time(text: str) -> None:
    subject = about()
    started = time.process_time()
    assert find_off_topic(text, subject) is None
    assert find_off_topic(AWAY, subject, (text,) * 1_000) in (None, find_off_topic(AWAY, subject))
    assert time.process_time() - started < 1


@pytest.mark.parametrize("unit", ["wort ", "x", "äöü" * 30 + " ", "a{} b{} ", "elfmeter "])
def test_hostile_articles_cost_no_more_than_long_ones(unit: str) -> None:
    def run(size: int) -> None:
        body = "".join(unit.format(place, place) for place in range(size // len(unit)))
        off_topic._subject_of.cache_clear()
        subject_of(headline=body, body=body, tags=(body,), section=body, teasers=(body,) * 3)

    assert growth(run, 100_000, 1_000_000) < 20


def test_without_article_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(off_topic, "read", lambda _: pytest.fail("read"))
    Desk().judge([Comment("1", AWAY)], RULES, Page("p"))
    Desk().judge([Comment("1", AWAY)], RULES, Page("p", Article(body="kurz " * 30)))
    no_rule = tuple(rule for rule in RULES if rule.category is not Category.OFF_TOPIC)
    Desk().judge([Comment("1", AWAY)], no_rule, Page("p", ARTICLE))


def test_its_function_has_a_name_and_abstains_without_an_article() -> None:
    assert (OFF_TOPIC.name, OFF_TOPIC.category) == ("off_topic", Category.OFF_TOPIC)
    assert label_text(AWAY, RULES) == ()


def test_the_lists_are_what_they_say() -> None:
    path = ROOT / "moderation" / "labelling" / "off_topic.toml"
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    names = [subject["name"] for subject in data["subject"]]
    assert len(set(names)) == len(names) <= off_topic._TOUCH
    for subject in data["subject"]:
        assert set(subject["near"]) <= set(names) - {subject["name"]}
        entries = subject["words"].split()
        assert len(entries) >= 20
        for entry in entries:
            bare = entry.strip("=*")
            assert bare.isalnum(), entry
            assert off_topic._BITS[fold_text(bare)] & off_topic._STRONG, entry


def test_generic_words_tell_of_nothing() -> None:
    known = off_topic._knowledge()
    assert not any(off_topic._BITS[word] for word in known.generic)


def test_the_benchmark_holds_what_was_reported() -> None:
    stored = json.loads((ROOT / "benchmarks/results/off_topic.json").read_text(encoding="utf-8"))
    for name, articles in benchmark.halves().items():
        found = benchmark.half(articles)
        assert found["precision"] == stored[name]["precision"]
        assert found["precision"]["share"] >= 0.9
        assert found["recall"]["share"] >= 0.7
        assert found["precision"]["share"] > found["peer_cosine_precision"]

"""House rules quoted in netiquettes and on pages."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_page_text import PAGES, SEEDS, parse, text_of

from moderation.parsing.cues import cue_book
from moderation.parsing.house_rules import read_house_rules
from moderation.parsing.page_text import parse_page_text
from moderation.records import Category, HouseRule


def quotes(text: str) -> list[tuple[str, str]]:
    return [(rule.id, rule.quote) for rule in read_house_rules(text, "x")]


SEED_RULES = [
    ("opening_hours",
     "In der Zeit zwischen 17 und 9 Uhr werden keine neuen Beiträge freigeschaltet."),
    ("procedure",
     ("Im Interesse aller Nutzer behält sich die Redaktion vor, Beiträge zu prüfen und "
     "gegebenenfalls abzulehnen.")),
    ("incivility", "Bleiben Sie fair und sachlich"),
    ("insult", "keine Beleidigungen"),
    ("group_abuse", "keine rassistischen"),
    ("defamation", "rufschädigenden"),
    ("indecency", "gegen die guten Sitten verstoßenden Beiträge"),
    ("procedure-2",
     ("Kommentare, die gegen diese Regeln verstoßen, werden von der Redaktion kommentarlos "
     "gelöscht.")),
    ("off_topic", "Bitte halten Sie sich bei Ihren Beiträgen an das Thema des Artikels."),
    ("closing_time",
     "Die Kommentarfunktion unter einem Artikel wird automatisch nach drei Tagen geschlossen."),
]  # fmt: skip


def test_seed_clauses_are_rules_of_their_own() -> None:
    rules = parse("002").house_rules
    assert [(rule.id, rule.quote) for rule in rules] == SEED_RULES
    assert all(rule.sentence.startswith("Halten Sie sich") for rule in rules[2:7])
    assert len({(rule.start, rule.end) for rule in rules}) == len(rules)


def test_whole_seed_page_as_rules_file_gives_the_same_rules() -> None:
    assert quotes(text_of(SEEDS["002"])) == SEED_RULES


@pytest.mark.parametrize("seed", ["000", "001", "003", "004"])
def test_page_without_quoted_rules_gives_none(seed: str) -> None:
    assert parse(seed).house_rules == ()
    assert read_house_rules(text_of(SEEDS[seed]), seed) == ()


def test_news_about_insults_gives_no_rules() -> None:
    assert parse("news_about_insults").house_rules == ()
    assert quotes(text_of(PAGES["news_about_insults"])) == []


def test_crosshead_of_an_article_heads_no_rules() -> None:
    page = parse("news_about_netiquettes")
    assert page.house_rules == ()
    assert page.comments == ()
    assert page.article.body.endswith("des Ministeriums in Berlin.")


def test_lists_under_introductions_are_rules() -> None:
    rules = read_house_rules(text_of(PAGES["netiquette_lists"]), "x")
    found = {rule.id: rule for rule in rules}
    assert [rule.id for rule in rules] == [
        "incivility", "insult", "group_abuse", "advertising", "privacy", "off_topic", "defamation",
        "indecency", "links", "incivility-2", "procedure", "procedure-2", "opening_hours",
        "closing_time",
    ]  # fmt: skip
    assert found["indecency"].quote == "Drohungen"
    assert found["indecency"].sentence.startswith("Nicht erlaubt sind:")


def test_numbered_netiquette_is_read_by_its_sections() -> None:
    assert quotes(text_of(PAGES["netiquette_numbered"])) == [
        ("incivility", "Behandeln Sie andere so, wie Sie selbst behandelt werden möchten."),
        ("insult", "Persönliche Angriffe haben keinen Platz in unserem Forum."),
        ("group_abuse", "Keine Diskriminierung"),
        ("group_abuse-2",
         ("die Menschen aufgrund ihrer Herkunft, Religion oder sexuellen Orientierung "
          "herabwürdigen")),
        ("privacy", "Geben Sie keine persönlichen Daten von sich oder anderen preis."),
        ("advertising", "Kommerzielle Inhalte"),
        ("links", "Links zu Shops"),
        ("procedure", "Unsere Moderatoren prüfen jeden Beitrag vor der Freischaltung."),
        ("procedure-2", "Bei wiederholten Verstößen sperren wir Nutzerkonten."),
    ]  # fmt: skip


def test_clause_may_run_over_a_wrapped_line() -> None:
    rules = read_house_rules(text_of(PAGES["netiquette_wrapped"]), "x")
    by_category = {rule.category: " ".join(rule.quote.split()) for rule in rules}
    assert by_category[Category.GROUP_ABUSE] == "rassistische oder antisemitische Äußerungen"
    assert by_category[Category.DEFAMATION] == "unwahre Tatsachenbehauptungen"


def test_bare_lines_under_a_forbidding_title_are_rules() -> None:
    found = [rule.category for rule in read_house_rules(text_of(PAGES["netiquette_bare_list"]), "")]
    assert found[:5] == [
        Category.INSULT, Category.INDECENCY, Category.GROUP_ABUSE, Category.ADVERTISING,
        Category.DEFAMATION,
    ]  # fmt: skip


def test_rules_around_the_form_belong_to_the_page() -> None:
    page = parse("rules_in_the_form")
    assert [(rule.id, rule.quote) for rule in page.house_rules] == [
        ("insult", "Beleidigende"),
        ("group_abuse", "diskriminierende"),
        ("advertising", "werbliche Beiträge"),
        ("procedure", "Die Redaktion behält sich vor, Kommentare zu kürzen."),
    ]
    assert page.comment_policy.guidelines == "quoted"


def test_rules_addressed_to_commenters_need_no_heading() -> None:
    assert [rule.category for rule in parse("addressed_rules").house_rules] == [
        Category.INCIVILITY, Category.OFF_TOPIC, Category.INSULT, Category.ADVERTISING,
        Category.GROUP_ABUSE,
    ]  # fmt: skip


def test_netiquette_page_is_no_article() -> None:
    page = parse("netiquette_page")
    assert page.article.body == ""
    assert len(page.house_rules) == 11
    assert page.comment_policy.closes_after_days == 3


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Nicht erlaubt sind: Beleidigungen, Drohungen und Werbung.",
         [("insult", "Beleidigungen"), ("indecency", "Drohungen"), ("advertising", "Werbung")]),
        ("Wir dulden keine sexistischen, rassistischen oder religiös beleidigenden Äußerungen.",
         [("group_abuse",
           ("Wir dulden keine sexistischen, rassistischen oder religiös beleidigenden "
           "Äußerungen."))]),
        ("Hass- und Gewaltaufrufe haben hier nichts verloren.",
         [("group_abuse", "Hass-"), ("indecency", "Gewaltaufrufe")]),
        ("Bitte verzichten Sie auf Unterstellungen und Schmähungen.",
         [("defamation", "Bitte verzichten Sie auf Unterstellungen"), ("insult", "Schmähungen")]),
        ("Beiträge ohne Themenbezug werden entfernt.",
         [("off_topic", "Beiträge ohne Themenbezug werden entfernt.")]),
        ("Respektieren Sie die Persönlichkeitsrechte anderer.",
         [("privacy", "Respektieren Sie die Persönlichkeitsrechte anderer.")]),
        ("Es besteht kein Anspruch auf Veröffentlichung.",
         [("procedure", "Es besteht kein Anspruch auf Veröffentlichung.")]),
    ],
)  # fmt: skip
def test_wordings_of_prohibition(sentence: str, expected: list[tuple[str, str]]) -> None:
    assert quotes(f"Netiquette\n\n{sentence}\n") == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "Kritik ist erlaubt und willkommen.",
        "Links auf Quellen sind erlaubt.",
        "Uns erreichen viele Beleidigungen.",
        "Wir freuen uns auf Ihre Meinung.",
        "Der Schutz vor Diskriminierung ist ein hohes Gut.",
        "Im letzten Jahr wurden tausend Kommentare gelöscht.",
    ],
)
def test_what_forbids_nothing_is_no_rule(sentence: str) -> None:
    assert quotes(f"Netiquette\n\n{sentence}\n") == []


def test_only_the_given_part_is_read_and_spans_count_from_the_start() -> None:
    text = "Keine Werbung.\nKeine Beleidigungen.\nKeine Drohungen.\n"
    rules = read_house_rules(text, "x", 15, 36)
    assert [(rule.start, rule.quote) for rule in rules] == [(15, "Keine Beleidigungen.")]


def test_repeated_clause_is_one_rule() -> None:
    assert quotes("Netiquette\nKeine Werbung.\nKeine Werbung.\n") == [
        ("advertising", "Keine Werbung.")
    ]


EXAMPLES = [
    cue.example
    for role, group in cue_book().by_role.items()
    if role.startswith(("rule_", "guidelines", "prohibition"))
    for cue in group
]


@given(
    st.lists(st.one_of(st.sampled_from(EXAMPLES), st.text(max_size=30))), st.sampled_from("\n ,")
)
@settings(deadline=None)
def test_every_quote_is_verbatim(parts: list[str], joint: str) -> None:
    text = joint.join(parts)
    check(text, read_house_rules(text, "x"))
    check(text, read_house_rules("Netiquette\n" + text, "x"), 11)


def check(text: str, rules: tuple[HouseRule, ...], shift: int = 0) -> None:
    assert len({rule.id for rule in rules}) == len(rules)
    for rule in rules:
        if rule.start >= shift:
            assert text[rule.start - shift : rule.end - shift] == rule.quote
        assert rule.quote
        assert rule.quote in rule.sentence


def categories(text: str) -> list[str]:
    article = (
        "Der Rat baut einen Weg\n\nDer Stadtrat hat am Montagabend den Bau des neuen Radwegs "
        "entlang der Mühlenstraße beschlossen, der vier Monate dauern soll.\n\n"
    )
    return [str(rule.category) for rule in parse_page_text(article + text, "x").house_rules]


@pytest.mark.parametrize(
    ("clause", "category"),
    [
        ("Bleib beim Thema.", "off_topic"),
        ("Sei nett zu anderen.", "incivility"),
        ("Kritisieren Sie die Sache, nicht die Person.", "incivility"),
        ("Gewaltdrohungen sind unzulässig.", "indecency"),
        ("Volks- und fremdenverhetzende Inhalte sind verboten.", "group_abuse"),
        ("Die Veröffentlichung von Adress- und Telefondaten ist verboten.", "privacy"),
        ("Verweise auf fremde Internetseiten werden entfernt.", "links"),
        ("Aufrufe zu Petitionen oder Spenden sind nicht zulässig.", "advertising"),
        ("Beiträge dürfen höchstens 1000 Zeichen lang sein.", "length_limit"),
        ("Zwei Wochen nach Veröffentlichung wird die Diskussion beendet.", "closing_time"),
        ("Nach sieben Tagen ist eine Kommentierung nicht mehr möglich.", "closing_time"),
        ("Behauptungen, die sich nicht belegen lassen, löschen wir.", "defamation"),
    ],
)
def test_clause_is_recognised_in_a_list(clause: str, category: str) -> None:
    found = categories(f"Kommentare\n\nNetiquette\n- {clause}\n- Beleidigungen werden gelöscht.\n")
    assert found == [category, "insult"]


def test_rules_below_the_heading_of_the_comments_need_no_heading_of_their_own() -> None:
    page = parse("rules_below_offer")
    assert [(str(rule.category), rule.quote) for rule in page.house_rules] == [
        ("incivility", "Wir legen Wert auf einen höflichen Ton."),
        ("insult", "Weder Beleidigungen"),
        ("indecency", "Drohungen"),
        ("incivility", "Kritisieren Sie die Sache, nicht die Person."),
        ("closing_time", "Zwei Wochen nach Veröffentlichung wird die Diskussion beendet."),
    ]
    assert page.comment_policy.status == "empty"
    assert page.comment_policy.closes_after_days == 14


def test_long_sentence_of_a_newsroom_is_read_without_a_heading() -> None:
    assert categories(
        "Forum: 89 Postings\nDie Redaktion behält sich vor, Kommentare, welche Normen verletzen, "
        "den guten Sitten widersprechen oder dem Ansehen des Mediums schaden, zu entfernen.\n"
    ) == ["procedure", "indecency"]


@pytest.mark.parametrize(
    "paragraph",
    [
        "Kommentare auf der Seite würden nur werktags von 8 bis 16 Uhr freigeschaltet, hieß es.",
        (
            "Die Stadt hat für ihre Seite Regeln erlassen: Bleiben Sie sachlich. Beleidigungen "
            "werden gelöscht.\n\nDer Rat stimmte am Dienstag mit großer Mehrheit zu, auch die SPD."
        ),
        (
            "Die Stadt hat für ihre Seite Regeln erlassen: Bleiben Sie sachlich. Beleidigungen "
            "werden gelöscht."
        ),
        "Leserbriefe können gekürzt werden und müssen Namen und Anschrift enthalten.",
        "Gewalt im Netz: Kommentare, die drohen, werden von der Polizei verfolgt und gelöscht.",
        "Kommentare\n\nIch finde das nicht sachlich. Bleiben Sie fair und beim Thema, alle!",
    ],
)
def test_article_and_readers_make_no_rules(paragraph: str) -> None:
    assert categories(paragraph + "\n") == []


def test_interview_makes_no_rules() -> None:
    page = parse("interview_about_rules")
    assert page.house_rules == ()
    assert "Klare Regeln. Beleidigende Kommentare" in page.article.body

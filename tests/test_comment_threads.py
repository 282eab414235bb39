"""Comment threads in the layouts pages use."""

from __future__ import annotations

import pytest
from test_page_text import parse

from moderation.parsing.page_text import parse_page_text
from moderation.records import Comment, Page

ARTICLE = (
    "Der Rat baut einen Weg\n\nDer Stadtrat hat am Montagabend den Bau des neuen Radwegs entlang "
    "der Mühlenstraße beschlossen, der rund vier Monate dauern soll.\n\n"
)


def tree(page: Page) -> list[tuple[str, str | None]]:
    return [(comment.id, comment.parent_id) for comment in page.comments]


def section(text: str) -> tuple[Comment, ...]:
    return parse_page_text(ARTICLE + text, "x").comments


def test_seed_thread_is_read_by_number_and_indentation() -> None:
    page = parse("004")
    assert tree(page) == [
        ("1", None), ("1.1", "1"), ("2", None), ("2.1", "2"), ("3", None), ("4", None),
    ]  # fmt: skip
    assert page.comments[0].text.count("\n\n") == 2
    assert page.comments[0].text.startswith("Die Amerikaner wollen")
    assert page.comments[3].text.startswith("Genau meine Rede General\n\nIrgendwie")
    assert page.warnings[0].startswith("declared 7, found 6")


@pytest.mark.parametrize("seed", ["000", "001", "002", "003"])
def test_seed_without_comments_has_none(seed: str) -> None:
    assert parse(seed).comments == ()


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("wordpress", [("1", None), ("1.1", "1"), ("2", None)]),
        ("numbered_deep",
         [("1", None), ("1.1", "1"), ("1.1.1", "1.1"), ("1.2", "1"), ("2", None)]),
        ("dotted_numbers", [("1", None), ("1.1", "1"), ("1.1.1", "1.1"), ("2", None)]),
        ("one_line_headers", [("1", None), ("1.1", "1"), ("2", None)]),
        ("disqus", [("1", None), ("1.1", "1")]),
        ("hash_numbers", [("1", None), ("2", "1"), ("3", None)]),
        ("bullets", [("1", None), ("1.1", "1"), ("2", None)]),
        ("markdown_bullets", [("1", None), ("1.1", "1"), ("2", None)]),
        ("name_then_date", [("1", None), ("1.1", "1"), ("1.1.1", "1.1"), ("2", None)]),
        ("dotted_date_lines", [("1", None), ("1.1", "1")]),
        ("reply_lines", [("1", None), ("2", None), ("1.1", "1")]),
        ("newest_first", [("3", None), ("2", None), ("1", None)]),
        ("comma_headers", [("1", None), ("2", None)]),
        ("date_first", [("1", None), ("2", None)]),
        ("all_ones", [("1", None), ("2", None), ("3", None)]),
        ("two_sections", [("1", None), ("2", None), ("3", None)]),
        ("menu_above", []),
        ("dates_in_comment", [("1", None), ("2", None)]),
        ("wpdiscuz", [("1", None), ("1.1", "1"), ("1.1.1", "1.1")]),
        ("facebook_plugin", [("1", None), ("1.1", "1"), ("2", None)]),
        ("blogger", [("1", None), ("2", None)]),
        ("titled_replies", [("1", None), ("1.1", "1"), ("2", None)]),
        ("wordpress_headless", [("1", None), ("2", None)]),
        ("text_browser", [("1", None), ("2", None)]),
    ],
)  # fmt: skip
def test_reply_keeps_its_parent(page: str, expected: list[tuple[str, str | None]]) -> None:
    assert tree(parse(page)) == expected


@pytest.mark.parametrize(
    ("page", "author", "published", "text"),
    [
        ("wordpress", "Max Muster", "2016-05-12T15:10",
         "Endlich passiert etwas.\n\nDer alte Weg war gefährlich."),
        ("one_line_headers", "Max M.", "2016-05-12T14:03", "Das ist ein guter Tag für die Stadt."),
        ("comma_headers", "Max Muster", "2016-05-12T14:03", "Gute Idee."),
        ("dates_in_comment", "Max", "2016-05-12T14:03",
         ("Folgende Termine:\n19.05.2016, 18:00 Uhr\nSitzung\n26.05.2016, 18:00 Uhr\n"
         "Noch eine Sitzung\n\nBitte kommen!")),
        ("wpdiscuz", "Max", "2 Jahre zuvor", "Seit Jahren wird geredet."),
        ("facebook_plugin", "Max Muster", "2018-08-12T10:22", "Super gemacht!"),
        ("blogger", "Anonym", "2014-02-05T16:20", "Klingt gut!"),
        ("titled_replies", "Max Muster (mmuster)", "2016-05-12T14:03",
         "Eine gute Sache\nDas ist gut.\n\nWirklich gut."),
        ("wordpress_headless", "Max", "2016-05-12T14:03", "Gut so."),
        ("pipe_headers", "Max", "2016-05-12T14:03", "Gute Idee."),
        ("disqus", "Max Muster", "vor 3 Jahren", "Gute Idee."),
        ("hash_numbers", "Max", "2016-05-12T14:03", "Gute Idee."),
        ("date_first", "Max Mustermann", "2016-05-12T14:03", "Gute Idee."),
        ("name_then_date", "Max Muster", "vor 2 Stunden", "Gute Idee."),
        ("footed", "Max Muster", None, "Gute Idee.\nNoch ein Satz."),
        ("footed_with_age", "Max Muster", None, "Gute Sache."),
        ("titled", "Max Muster", "2016-05-12T14:03", "Sehr gut\n\nEndlich ein Weg."),
        ("titled_dash_headers", "Max Muster (mmuster)", "2016-05-12T14:03",
         "Ein guter Weg\nEndlich ein Weg."),
        ("numbered_titles", "maxmuster", "2016-05-12T15:11", "Sehr gut!\nEndlich passiert etwas."),
        ("initials_and_counter", "Max Muster", "vor 2 Tagen", "Gute Sache."),
        ("english_date", "Max", "2016-05-12T14:03", "Gut."),
        ("crlf", "Max", "2016-05-12T14:03", "Gut.\n\nSehr gut."),
        ("bracketed_dates", "Max", "2016-05-12T14:03", "Gute Idee."),
        ("spoken", "Max Muster", None, "Das finde ich gut."),
        ("signed_letters", "Max Muster", None, "Das ist ein guter Weg, finde ich."),
        ("votes", "Max Muster", "2016-05-12T14:03", "Gute Sache\nEndlich ein Radweg."),
        ("markdown_page", "Max Muster", "2016-05-12T14:03", "> Zitat von jemandem\n\nGut."),
    ],
)  # fmt: skip
def test_header_is_told_from_text(page: str, author: str, published: str | None, text: str) -> None:
    comment = parse(page).comments[0]
    assert (comment.author, comment.published, comment.text) == (author, published, text)


def test_list_inside_a_comment_stays_inside() -> None:
    assert parse("one_line_headers").comments[2].text.startswith("1. Es fehlen")


def test_ordinal_opens_no_comment() -> None:
    assert parse("numbered_deep").comments[-1].text.startswith("1. FC Mühlen")


def test_decimal_opens_no_reply() -> None:
    assert parse("dotted_numbers").comments[-1].text.endswith("1.5 Millionen Menschen.")


def test_missing_comments_are_counted_not_invented() -> None:
    page = parse("name_then_date")
    assert page.warnings[0].startswith("declared 12, found 4")
    assert "more comments are kept on other pages (line 22: Ältere Kommentare)" in page.warnings


def test_removed_comment_is_no_readers_text() -> None:
    page = parse("dotted_date_lines")
    assert "Kurt" not in [comment.author for comment in page.comments]
    assert "1 comment(s) were removed by the newsroom: only a note is left" in page.warnings


def test_reply_to_a_removed_comment_moves_up() -> None:
    comments = section(
        "3 Kommentare\n\n1. Ja.\n\n    1. [gelöscht]\n\n        1. Das war deutlich.\n"
    )
    assert [(c.id, c.parent_id) for c in comments] == [("1", None), ("1.1.1", "1")]


def test_deleted_numbers_leave_a_gap() -> None:
    comments = section("4 Kommentare\n\n1. Ja.\n\n2. Nein.\n\n5. Doch.\n")
    assert [c.id for c in comments] == ["1", "2", "5"]


def test_running_numbers_nest_by_indentation() -> None:
    comments = section("3 Kommentare\n\n1. Ja.\n\n    2. Nein.\n\n3. Doch.\n")
    assert [(c.id, c.parent_id) for c in comments] == [("1", None), ("2", "1"), ("3", None)]


def test_ambiguous_mention_names_no_parent() -> None:
    header = "{} schrieb am 12.05.2016 um 14:03 Uhr:\n{}\n"
    comments = section(
        "Kommentare\n"
        + header.format("Max", "Ja.")
        + header.format("Max", "Nein.")
        + header.format("Eva", "@Max Was denn nun?")
    )
    assert [c.parent_id for c in comments] == [None, None, None]


def test_text_on_the_header_line_is_kept() -> None:
    comments = section(
        "2 Kommentare\nMax schrieb am 12.05.2016 um 14:03 Uhr: Das ist gut.\nWirklich.\n"
        "Eva schrieb am 12.05.2016 um 15:03 Uhr: Nein.\n"
    )
    assert [c.text for c in comments] == ["Das ist gut.\nWirklich.", "Nein."]


def test_numbered_list_below_a_weak_heading_is_no_thread() -> None:
    assert section("Diskussion\n\n1. Der Weg wird breiter.\n\n2. Der Weg wird heller.\n") == ()


def test_most_read_list_is_no_continuation_of_the_thread() -> None:
    comments = section("1 Kommentar\n\n1. Ja.\n\nMeistgelesen\n\n2. Brücke zu\n\n3. Bad auf\n")
    assert [c.text for c in comments] == ["Ja."]


def test_comments_above_and_below_a_teaser_box_are_all_read() -> None:
    comments = section(
        "2 Kommentare\nMax, 12.05.2016, 14:03 Uhr\nJa.\nAuch interessant\nBrücke gesperrt\n"
        "Eva, 12.05.2016, 15:03 Uhr\nNein.\nImpressum\nMax, 12.05.2016, 14:03 Uhr\nFuß.\n"
    )
    assert [c.text for c in comments] == ["Ja.", "Nein."]


def test_comment_may_quote_rules_without_losing_its_text() -> None:
    comments = parse("netiquette_above_comments").comments
    assert comments[0].text.startswith("Keine Beleidigungen bitte")


def test_repeated_number_gets_an_id_of_its_own() -> None:
    comments = section("Kommentare\n#1 Max 12.05.2016 14:03\nJa.\n#1 Eva 12.05.2016 14:05\nNein.\n")
    assert [c.id for c in comments] == ["1", "1-2"]


def test_answer_of_the_newsroom_is_no_readers_text() -> None:
    assert [c.text for c in parse("newsroom_reply").comments] == ["Gut.", "Nein."]


def test_numbers_of_two_sections_add_up() -> None:
    page = parse("two_sections")
    assert page.comment_policy.declared == 3
    assert page.warnings == ()


HANS = "Kommentare (1)\n\nHans\n22.05.2019, 07:45 Uhr\nGut so, weiter so.\n"


@pytest.mark.parametrize(
    "foot",
    [
        "Das Kommentieren dieses Artikels ist nicht mehr möglich, da die Frist abgelaufen ist.",
        "Kommentare moderiert nach unserer Netiquette",
        "« Zurück  1  2  Weiter »",
        "Pingback: Bericht über Radwege | Musterblog",
        "Antworten  Melden  12 Leserempfehlungen",
        "AntwortenLöschen",
        "+23  -0",
        "[10]Kommentar schreiben",
        "Mehr zum Thema\nDer alte Radweg\nBrücke gesperrt",
    ],
)
def test_what_follows_a_comment_is_no_part_of_it(foot: str) -> None:
    assert [comment.text for comment in section(f"{HANS}\n{foot}\n")] == ["Gut so, weiter so."]


def test_reader_may_write_of_the_topic_at_the_end() -> None:
    text = section(f"{HANS}\nMehr zum Thema\n\nIch empfehle das Buch von Meier.\n")[0].text
    assert text.endswith("von Meier.")


@pytest.mark.parametrize(
    ("heading", "declared"),
    [
        ("Es gibt 12 Kommentare", 12),
        ("Leserkommentare 12", 12),
        ("Kommentare 1 - 10 von 12", 12),
        ("12 Kommentare    muster-web", 12),
        ("12 Kommentare Sortieren nach Älteste", 12),
    ],
)
def test_heading_declares_a_number(heading: str, declared: int) -> None:
    page = parse_page_text(f"{ARTICLE}{heading}\n\nHans\n22.05.2019, 07:45 Uhr\nGut.\n", "x")
    assert [comment.author for comment in page.comments] == ["Hans"]
    assert page.comment_policy.declared == declared


def test_byline_above_a_date_is_no_comment() -> None:
    assert section("Kommentar\n\nVon Hans Muster\n22.05.2019, 07:45 Uhr\nGut so.\n") == ()


def test_opinion_piece_is_no_comment() -> None:
    page = parse_page_text(
        "Kommentar\n\nEin Weg für alle\n\nDer Rat hat entschieden, und zwar richtig, denn der Weg "
        "muss ja irgendwo sein.\n\nErika Beispiel\n12.03.2014, 18:00 Uhr\n\nWer gegen den Weg ist, "
        "muss sagen, wie die Kinder sonst zur Schule kommen sollen.\n",
        "x",
    )
    assert page.comments == ()
    assert page.article.headline == "Ein Weg für alle"
    assert page.article.author == "Erika Beispiel"


def test_newsroom_of_a_club_answers_below_a_comment() -> None:
    comments = section(
        "Kommentare\n\nKommentar von Max | 17.12.2012\nWer macht so was?\n\n"
        "Antwort von SV Musterdorf\nDanke!\n\nKommentar von Udo | 18.12.2012\nSchade.\n"
    )
    assert [(c.author, c.parent_id, c.text) for c in comments] == [
        ("Max", None, "Wer macht so was?"), ("SV Musterdorf", "1", "Danke!"),
        ("Udo", None, "Schade."),
    ]  # fmt: skip


def test_quoted_head_opens_no_comment() -> None:
    comments = section(
        "Kommentare (1)\n\nErika, 03.05.2022 22:40\nZum Weg\nMax schrieb am 03.05.2022 22:17:\n"
        "> Nein.\nDoch.\n"
    )
    assert [comment.author for comment in comments] == ["Erika"]


def test_comment_without_text_is_said_to_be_left_out() -> None:
    page = parse_page_text(
        f"{ARTICLE}Kommentare\n\nHans\n22.05.2019, 07:45 Uhr\n\nUlla\n22.05.2019, 08:45 Uhr\n"
        "Nicht gut.\n",
        "x",
    )
    assert [comment.author for comment in page.comments] == ["Ulla"]
    assert "1 comment(s) have no text in this page: left out" in page.warnings


def test_comment_below_a_closed_notice_is_read() -> None:
    comments = section(
        "Die Diskussion ist geschlossen.\n\n10.11.2021\nGut so.\nPermalink\n\n10.11.2021\nNein.\n"
    )
    assert [comment.text for comment in comments] == ["Gut so.", "Nein."]


def test_quoted_head_takes_no_place_among_the_replies() -> None:
    page = parse_page_text(
        f"{ARTICLE}Kommentare\n\nMax, 03.05.2022 22:17\nNein.\n\n    Erika, 03.05.2022 22:40\n"
        "    Zum Weg\n    Max schrieb am 03.05.2022 22:17:\n    > Nein.\n    Doch.\n\n"
        "        Kurt, 03.05.2022 23:05\n        Danke!\n",
        "x",
    )
    assert tree(page) == [("1", None), ("1.1", "1"), ("1.1.1", "1.1")]

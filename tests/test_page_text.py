"""Pages saved as text: what belongs to the article, and what does not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from growth import growth
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.parsing import cues
from moderation.parsing.dates import iso_moment
from moderation.parsing.lines import read_lines
from moderation.parsing.page_text import looks_like_page, parse_page_text
from moderation.records import Page

ROOT = Path(__file__).parent
SEEDS = {path.name[:3]: path for path in (ROOT.parent / "seeds").glob("*.txt")}
PAGES = {path.stem: path for path in (ROOT / "pages").glob("*.txt")}
ALL = [*SEEDS.values(), *PAGES.values()]


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


def parse(name: str) -> Page:
    path = SEEDS.get(name) or PAGES[name]
    return parse_page_text(text_of(path), name)


ALL_CUES = [cue for group in cues.cue_book().by_role.values() for cue in group]


@pytest.mark.parametrize("cue", ALL_CUES, ids=lambda cue: f"{cue.role}: {cue.example}")
def test_cue_matches_its_example(cue: cues.Cue) -> None:
    mode = cues.cue_book().modes[cue.role]
    compare = {
        "line": cue.pattern.fullmatch,
        "start": cue.pattern.match,
        "anywhere": cue.pattern.search,
    }
    assert compare[mode](" ".join(cue.example.split()))
    assert cue.page == "general" or cue.page in SEEDS


@pytest.mark.parametrize(
    ("seed", "headline"),
    [
        ("000", "Zweimal in zehn Tagen: Worüber sprechen Lawrow und Kerry so lange?"),
        (
            "001",
            "Lawrow und Kerry: Anti-Terror-Einsätze in Syrien koordinieren und Waffenruhe sichern",
        ),
        ("002", "Syrien-Gespräche zwischen Russland und USA werden fortgesetzt"),
        ("003", "USA und Russland arbeiten an Kooperation im Syrien-Konflikt"),
        ("004", "Syrien: Kerry will engere Zusammenarbeit mit Russland"),
    ],
)
def test_headline_is_neither_kicker_nor_caption(seed: str, headline: str) -> None:
    assert parse(seed).article.headline == headline


@pytest.mark.parametrize(
    ("seed", "first", "last", "count"),
    [
        ("000", "Beim Treffen zwischen", "syrischen Regierung.", 8),
        ("001", "Der russische Außenminister", "Aleppo verkündet.", 7),
        ("002", "Genf - US-Außenminister", "von Assad-Gegnern.", 6),
        ("003", "Vientiane/Genf - Gibt es", "ins Ausland getrieben worden.", 6),
        ("004", "Bei seinem Besuch in Moskau", 'Kampf gegen den Terror", sagte Peskow.', 4),
    ],
)
def test_body_holds_the_paragraphs_and_nothing_else(
    seed: str, first: str, last: str, count: int
) -> None:
    body = parse(seed).article.body
    assert body.startswith(first)
    assert body.endswith(last)
    assert len(body.split("\n\n")) == count


def test_running_date_is_not_the_articles() -> None:
    assert parse("000").article.published is None
    assert parse("001").article.published is None


def test_section_tags_and_teasers_are_told_apart() -> None:
    article = parse("000").article
    assert article.section == "Politik"
    assert article.tags[:2] == ("Waffenruhe", "Terrormiliz Daesh")
    assert len(article.tags) == 10
    assert article.teasers[-1] == "Kerry weiß Treffen mit Putin hoch zu schätzen"
    assert len(article.teasers) == 4


def test_repeated_teasers_and_their_summaries_give_each_headline_once() -> None:
    assert parse("003").article.teasers == (
        "Rohingya werden nach Rückkehr zunächst in Notcamps leben",
        "Eingeschnappt? Darum will Präsident Trump nicht „Person des Jahres“ werden",
        "AfD profitiert am stärksten vom Jamaika-Aus",
        "NRW-FDP wählt neuen Landeschef als Lindner-Nachfolger",
    )


def test_reading_advice_is_a_teaser() -> None:
    article = parse("004").article
    assert article.teasers == ("Washington gegen Beendigung des Dialogs mit Russland",)
    assert article.author == "Marco Maier"


def test_appeals_and_controls_are_neither_article_nor_comment() -> None:
    page = parse("004")
    everything = page.article.body + "".join(comment.text for comment in page.comments)
    for words in ("Spende", "Loading", "Teilen Sie", "Lesen Sie auch", "E-Mail-Adresse"):
        assert words not in everything


def test_agency_is_read_from_its_own_line_and_from_brackets() -> None:
    assert parse("002").article.agency == "afp"
    assert parse("box_in_article").article.agency == "dpa"


def test_article_goes_on_after_a_box_of_links() -> None:
    article = parse("box_in_article").article
    assert len(article.body.split("\n\n")) == 3
    assert article.teasers == ("Freibad öffnet wieder", "Brücke gesperrt")
    assert article.section == "Lokales"
    assert article.author == "Erika Beispiel und Max Muster"


@pytest.mark.parametrize(
    ("page", "published"),
    [
        ("wordpress", "2016-05-12T14:03"),
        ("one_line_headers", "2016-05-03"),
        ("comma_headers", "2016-05-12T09:00"),
        ("counter_on_top", "2016-05-12T14:03"),
        ("numbered_titles", "2016-05-12T14:03"),
        ("bullets", None),
    ],
)
def test_article_date_is_the_one_the_page_gives(page: str, published: str | None) -> None:
    assert parse(page).article.published == published


RADWEG = "Stadtrat beschließt neuen Radweg an der Mühlenstraße"


@pytest.mark.parametrize(
    ("page", "headline", "published", "last"),
    [
        ("menu_above", RADWEG, "2016-05-12", "Platz bieten."),
        ("breadcrumb_and_date", RADWEG, "2016-05-12T14:03", "Der Bau beginnt im Mai."),
        ("list_at_the_end", RADWEG, "2016-05-12T14:03", "* eine Ampel"),
        ("interview_about_rules", "„Auf den Ton kommt es an“", None, "wieder jemand da."),
        ("boxes_around", RADWEG, None, "Thema und entscheidet dann."),
        ("text_browser", "Stadtrat beschließt neuen Radweg", "2014-09-17", "Platz bieten."),
        ("wordpress_headless", RADWEG, None, "Platz bieten."),
        ("rules_below_offer", RADWEG, None, "Platz bieten."),
    ],
)
def test_article_begins_with_its_headline_and_ends_with_its_last_sentence(
    page: str, headline: str, published: str | None, last: str
) -> None:
    article = parse(page).article
    assert article.headline == headline
    assert article.published == published
    assert article.body.endswith(last)
    for words in ("Partner", "Stimmen", "kostenlos", "Weitere Nachrichten", "Drucken"):
        assert words not in article.body


@pytest.mark.parametrize(
    ("line", "published"),
    [
        ("Veröffentlicht am 3. September 2019 von Max Muster", "2019-09-03"),
        ("11. März 2020 von Erika in Allgemein, Radverkehr", "2020-03-11"),
        ("-AKTUALISIERT AM 08.07.2016-11:14", "2016-07-08T11:14"),
        ("Von Max Muster | 05.40 Uhr, 23. Jänner 2020", "2020-01-23T05:40"),
        ("Stand: 11:30 Uhr | Lesedauer: 2 Minuten", None),
        ("Seite 1 von 3  1 2 3 Letzte", None),
        ("Erika Beispiel\n17.07.2022, 16:02 Uhr", "2022-07-17T16:02"),
    ],
)
def test_line_about_the_article_is_no_headline(line: str, published: str | None) -> None:
    body = "Der Rat hat am Montag den Bau des neuen Weges beschlossen, und alle freuen sich."
    article = parse_page_text(f"Neuer Radweg kommt\n\n{line}\n\n{body}\n", "x").article
    assert article.headline == "Neuer Radweg kommt"
    assert article.published == published
    assert article.body == body


def test_headline_may_end_with_a_date_or_begin_with_one() -> None:
    body = "Der Rat hat am Montag den Bau des neuen Weges beschlossen, und alle freuen sich."
    for title in ("Das ändert sich am 1. Januar 2020", "Vor 3 Jahren in Musterstadt verschwunden"):
        assert parse_page_text(f"{title}\n\n{body}\n", "x").article.headline == title


def test_crossheads_of_an_article_open_no_box() -> None:
    body = "Der Rat hat am Montag den Bau des neuen Weges beschlossen, und alle freuen sich."
    for word in ("Umfrage", "Newsletter", "Netiquette"):
        text = f"Titel\n\n{body}\n\n{word}\n\n{body}\n\nDas war es.\n"
        page = parse_page_text(text, "x")
        assert page.article.body.endswith("Das war es.")
        assert page.comment_policy.guidelines == "none"


@pytest.mark.parametrize(
    ("words", "moment"),
    [
        ("12.05.2016, 14.03 Uhr", "2016-05-12T14:03"),
        ("am 3. März 2021 um 7:05", "2021-03-03T07:05"),
        ("14:03 Uhr, 1. Mai 2016", "2016-05-01T14:03"),
        ("2016-05-12T14:03:22+02:00", "2016-05-12T14:03:22+02:00"),
        ("May 12, 2016 at 2:03 pm", "2016-05-12T14:03"),
        ("Do, 12.5.16", "2016-05-12"),
        ("31.02.2016", None),
        ("vor 3 Jahren", None),
    ],
)
def test_dates_become_iso_8601(words: str, moment: str | None) -> None:
    assert iso_moment(words) == moment


def test_lists_and_lines_in_an_article_are_no_comments() -> None:
    page = parse("plain_article")
    assert page.comments == ()
    assert "1. Der Weg wird breiter." in page.article.body
    assert any("nothing about comments" in warning for warning in page.warnings)


def test_unknown_layout_is_kept_out_of_article_and_comments() -> None:
    page = parse("unknown_layout")
    assert page.comments == ()
    assert "freue mich" not in page.article.body
    assert page.warnings == (
        (
            "comment section found at line 7, but its layout was not recognised; "
            "2 lines kept out of the article"
        ),
    )


def test_news_about_comments_is_an_article() -> None:
    page = parse("news_about_comments")
    assert "teilte der Verlag mit" in page.article.body
    assert page.comment_policy.status == "open"
    assert page.house_rules == ()


def test_counter_above_the_article_heads_nothing() -> None:
    page = parse("counter_on_top")
    assert [comment.author for comment in page.comments] == ["Max", "Kurt"]
    assert len(page.article.body.split("\n\n")) == 3


def test_hard_wrapped_lines_are_one_paragraph() -> None:
    page = parse("hard_wrapped")
    assert len(page.article.body.split("\n\n")) == 2
    assert page.comments[0].text.endswith("dieser\nstelle viel zu schmal ist.")


@pytest.mark.parametrize("text", ["", " \n\t\n", "\ufeff", "----"])
def test_empty_page_is_said_to_be_empty(text: str) -> None:
    assert parse_page_text(text, "x").warnings == ("the page is empty",)


def test_short_page_gives_headline_and_body() -> None:
    article = parse_page_text("Weg wird gebaut\nDer Rat sagt ja.\n", "x").article
    assert article.headline == "Weg wird gebaut"
    assert article.body == "Der Rat sagt ja."


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_page_reading_is_consistent(path: Path) -> None:
    text = text_of(path)
    check(text, parse_page_text(text, str(path)))


def check(text: str, page: Page) -> None:
    """What is true of every page: quotes, spans, ids, and nothing invented."""
    ids = [comment.id for comment in page.comments]
    assert len(ids) == len(set(ids))
    lines = {re.sub(r"\s+", " ", line).strip() for line in re.split(r"\r\n|\r|\n", text)}
    source = " ".join(lines)
    for comment in page.comments:
        assert comment.text.strip()
        assert comment.parent_id is None or comment.parent_id in ids
        assert comment.parent_id != comment.id
        for line in comment.text.split("\n"):
            assert re.sub(r"\s+", " ", line).strip() in source
    for rule in page.house_rules:
        assert text[rule.start : rule.end] == rule.quote
        assert rule.quote in rule.sentence
        assert rule.sentence in text
    assert len({rule.id for rule in page.house_rules}) == len(page.house_rules)
    for evidence in (page.comment_policy.statement, page.comment_policy.guidelines_link):
        if evidence:
            assert text[evidence.start : evidence.end] == evidence.text
    for paragraph in page.article.body.split("\n"):
        assert re.sub(r"\s+", " ", paragraph).strip() in source


LINES = st.one_of(
    st.sampled_from([cue.example for cue in ALL_CUES]),
    st.sampled_from(["", "", "Max", "12.05.2016 14:03", "1. Ja.", "2. Nein.", "    1. Doch."]),
    st.sampled_from(["* a", "  - b", "#3 Max 12.05.2016", "@Max Ja.", "Max sagt:", "1.1 Nein"]),
    st.sampled_from(sorted({line for path in ALL for line in text_of(path).split("\n")})),
    st.text(max_size=60),
    st.just("Der Rat hat am Montag den Bau des neuen Weges beschlossen, und alle freuen sich." * 3),
)


@given(st.lists(LINES, max_size=40).map("\n".join))
@settings(max_examples=300, deadline=None)
def test_any_page_is_read_consistently(text: str) -> None:
    check(text, parse_page_text(text, "x"))
    looks_like_page(text)


@given(st.text())
@settings(deadline=None)
def test_parsing_never_raises(text: str) -> None:
    check(text, parse_page_text(text, "x"))


@given(st.text(), st.integers(0, 20), st.integers(0, 40))
def test_lines_know_their_span(text: str, start: int, length: int) -> None:
    for line in read_lines(text, min(start, len(text)), min(start + length, len(text))):
        assert text[line.start : line.end] == line.text


@pytest.mark.parametrize("path", list(SEEDS.values()), ids=lambda path: path.stem)
def test_seed_looks_like_a_page(path: Path) -> None:
    assert looks_like_page(text_of(path))


@pytest.mark.parametrize(
    "text",
    [
        "Gute Idee!\nSchlechte Idee.\nDas ist doch Unsinn, was da steht.\n",
        "1. Gute Idee\n2. Schlechte Idee\n",
        "Ihr seid alle Lügner\n" * 50,
        "",
    ],
)
def test_list_of_comments_is_no_page(text: str) -> None:
    assert not looks_like_page(text)


@pytest.mark.parametrize(
    "unit",
    ["Hallo du da\n", "Kommentare\n", "." * 40, " " * 40 + "\n", "Netiquette\n- Keine Werbung\n",
     "Max schrieb am 12.05.2016 um 14:03 Uhr:\n@Max Ja.\n", "Kommentare werden ", "1. a\n",
     "Max\n12.05.2016\n", "Mehr zum Thema\n", "« 1 2 3 ", "Umfrage\n", "Max sagt:\n12.05.2016\n\n"],
)  # fmt: skip
def test_time_grows_with_length_only(unit: str) -> None:
    def parse(size: int) -> None:
        parse_page_text("2 Kommentare\n" + unit * (size // len(unit)), "x")

    # Ten times the text: a quadratic pattern would take a hundred times as long.
    assert growth(parse, 3_000, 30_000) < 30


def test_long_list_below_an_article_is_cut_off_once() -> None:
    article = "Titel\n\n" + "Der Rat hat am Montag den Bau beschlossen. " * 5 + "\n\n"
    page = parse_page_text(article + "* a\n" * 5000, "x")
    assert page.article.body.endswith("beschlossen.")
    # Ten times the list: trimming it line by line would take a hundred times as long.
    assert growth(lambda lines: parse_page_text(article + "* a\n" * lines, "x"), 500, 5_000) < 30

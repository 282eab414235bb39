"""HTML of a comment to text, with quotations."""

import pytest
from growth import growth
from hypothesis import given
from hypothesis import strategies as st

from moderation.parsing.markup import marked_quotations, text_of_element, text_of_html


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("Guter Artikel", "Guter Artikel"),
        ("Bier &amp; Brot &uuml;berall", "Bier & Brot überall"),
        ("<p>Eins</p><p>Zwei</p>", "Eins\n\nZwei"),
        ("<p>Eins<br>Zwei<br/><br/>Drei</p>", "Eins\nZwei\n\nDrei"),
        ("Eins\nZwei\n\nDrei <em>hier</em>", "Eins\nZwei\n\nDrei hier"),
        ("<p>Ein\n   Satz</p>", "Ein Satz"),
        ("<div>Eins</div><div>Zwei</div>", "Eins\nZwei"),
        ("<ul><li>Milch</li><li>Brot</li></ul>", "- Milch\n- Brot"),
        ('Siehe <a href="https://example.org/x">dort</a>!', "Siehe dort!"),
        ("Nein<b>!</b>", "Nein!"),
        ('Toll <img src="x.png" alt="😀" class="emoji">', "Toll 😀"),
        ('<img alt="Ein langes Bild von einer Katze">Seht', "Seht"),
        ("vorher<script>boese()</script><style>p{}</style> nachher", "vorher nachher"),
        ("Ich <3 euch, 2 < 3", "Ich <3 euch, 2 < 3"),
        ("a\x00b\x0bc <i>d</i>", "abc d"),
        ("kaputt <b>fett <i>schräg</b> Ende", "kaputt fett schräg Ende"),
        ("", ""),
        ("<!-- nichts -->", ""),
        ("<b>" * 400 + "tief", "tief"),
    ],
)
def test_html_becomes_what_a_reader_sees(html: str, text: str) -> None:
    assert text_of_html(html).text == text


@pytest.mark.parametrize(
    ("html", "quoted"),
    [
        ("<blockquote><p>Du Depp</p></blockquote><p>Das sagt man nicht.</p>", ["Du Depp"]),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>c", ["a\n\nb"]),
        ("> Du Depp\nDas sagt man nicht.", ["Du Depp"]),
        ("&gt; Du Depp\n&gt; du\nNein.", ["Du Depp\n> du"]),
        ("[quote=Anna]Depp[/quote] Nein.", ["[quote=Anna]Depp[/quote]"]),
        ("[quote]a[quote]b[/quote][/quote] Nein.", ["[quote]a[quote]b[/quote][/quote]"]),
        ("[quote] nie geschlossen", []),
        (">:-( so ein Mist", []),
        ("> 50 % der Leute", []),
        ("Das ist > als das", []),
    ],
)
def test_quotations_are_marked(html: str, quoted: list[str]) -> None:
    assert [one.text for one in text_of_html(html).quotations] == quoted


PIECES = ["<p>", "</p>", "<blockquote>", "</blockquote>", "<br>", "a", "> b", "\n", "[quote]"]
PIECES += ["[/quote]", "<li>", "&lt;", "<", "ü"]


@given(st.lists(st.sampled_from(PIECES)))
def test_quotations_stand_where_they_say(parts: list[str]) -> None:
    fragment = text_of_html("".join(parts))
    end = 0
    for one in fragment.quotations:
        assert fragment.text[one.start : one.end] == one.text
        assert end <= one.start < one.end
        end = one.end


@given(st.text())
def test_any_string_is_reduced(html: str) -> None:
    fragment = text_of_html(html)
    assert fragment.text == fragment.text.strip()


def test_an_element_is_reduced_without_its_tail() -> None:
    import lxml.html

    body = lxml.html.fromstring("<div><p>Eins</p> <blockquote>Zwei</blockquote></div>")
    body.tail = "Drei"
    fragment = text_of_element(body)
    assert fragment.text == "Eins\n\nZwei"
    assert [one.text for one in fragment.quotations] == ["Zwei"]


@pytest.mark.parametrize(
    "piece",
    [
        "<p>x</p>",
        "<b>",
        "<blockquote>x",
        "[quote]",
        "> a\n",
        "<",
        "<a ",
        "&",
        ">",
        " \n",
        "<b>x</b> ",
        "  ",
    ],
)
def test_time_grows_with_length(piece: str) -> None:
    # Linear is 4; the bound of growth tests elsewhere.
    assert growth(lambda size: text_of_html(piece * (size // len(piece))), 50_000, 200_000) < 8


def test_plain_text_has_quotations_too() -> None:
    (quotation,) = marked_quotations("Anna schrieb:\n> Du Depp\nNein.")
    assert quotation.text == "Du Depp"

"""WordPress's and Disqus's exports: what they say, what is mended, what is refused."""

import contextlib
import io
import tracemalloc
from collections.abc import Callable, Iterator

import pytest
from growth import growth
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.errors import UnreadableInputError
from moderation.parsing.exports import gathering
from moderation.parsing.exports.disqus import read_disqus
from moderation.parsing.exports.sniffing import sniff_xml
from moderation.parsing.exports.wordpress import read_wxr
from moderation.records import Comment, Page

WXR_HEAD = (
    '<?xml version="1.0" encoding="UTF-8" ?>\n<!-- generator="WordPress/6.5" -->\n'
    '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"\n'
    ' xmlns:wp="http://wordpress.org/export/1.2/">\n<channel>\n'
)
WXR_TAIL = "</channel>\n</rss>\n"
DISQUS_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n<disqus xmlns="http://disqus.com" '
    'xmlns:dsq="http://disqus.com/disqus-internals">\n'
)


def wp_comment(number: int, content: str = "<![CDATA[Gut so]]>", **fields: str) -> str:
    inner = "".join(
        f"<wp:comment_{name}>{value}</wp:comment_{name}>\n" for name, value in fields.items()
    )
    return (
        f"<wp:comment>\n<wp:comment_id>{number}</wp:comment_id>\n{inner}"
        f"<wp:comment_content>{content}</wp:comment_content>\n</wp:comment>\n"
    )


def item(*comments: str, title: str = "Radwege") -> str:
    return f"<item>\n<title>{title}</title>\n<link>https://example.org/7</link>\n{''.join(comments)}</item>\n"


def wxr(*items: str) -> str:
    return WXR_HEAD + "".join(items) + WXR_TAIL


def read(
    text: str | bytes, reader: Callable[..., Iterator[Page]] = read_wxr
) -> tuple[list[Page], list[str]]:
    remarks: list[str] = []
    content = text.encode() if isinstance(text, str) else text
    return list(reader(io.BytesIO(content), "x", remarks.append)), remarks


def comments(text: str | bytes, reader: Callable[..., Iterator[Page]] = read_wxr) -> list[Comment]:
    return [comment for page in read(text, reader)[0] for comment in page.comments]


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "1.9"])
def test_every_version_is_read(version: str) -> None:
    text = wxr(item(wp_comment(1))).replace("export/1.2/", f"export/{version}/")
    assert [one.text for one in comments(text)] == ["Gut so"]
    assert sniff_xml(text) == "wordpress"


def test_any_prefix_is_read() -> None:
    assert [one.id for one in comments(wxr(item(wp_comment(7))).replace("wp:", "export:"))] == ["7"]


@pytest.mark.parametrize(
    ("approved", "status"),
    [("1", "approved"), ("0", "pending"), ("spam", "spam"), ("trash", "deleted"),
     ("post-trashed", "deleted"), ("quarantine", None)],
)  # fmt: skip
def test_moderators_decisions_are_statuses(approved: str, status: str | None) -> None:
    (comment,) = comments(wxr(item(wp_comment(1, approved=approved))))
    assert comment.status == status


def test_pingbacks_are_no_comments_and_are_counted() -> None:
    (page,), _ = read(
        wxr(item(wp_comment(1), wp_comment(2, type="pingback"), wp_comment(3, type="trackback"),
                 wp_comment(4, type="pingback"), wp_comment(5, type="review")))
    )  # fmt: skip
    assert [one.id for one in page.comments] == ["1", "5"]
    assert page.warnings == ("2 pingback(s) left out", "1 trackback(s) left out")


def test_a_time_that_is_not_set_falls_back_to_the_local_one() -> None:
    (comment,) = comments(
        wxr(item(wp_comment(1, date="2024-05-03 14:05:00", date_gmt="0000-00-00 00:00:00")))
    )
    assert comment.published == "2024-05-03T14:05:00"


def test_mail_and_network_addresses_go_nowhere() -> None:
    pages, remarks = read(
        wxr(
            item(
                wp_comment(1, author="Anna", author_email="anna@example.org", author_IP="192.0.2.1")
            )
        )
    )
    assert "example.org/7" in repr(pages)
    assert "anna@" not in repr(pages) + repr(remarks)
    assert "192.0.2.1" not in repr(pages) + repr(remarks)


def test_the_article_is_kept_apart() -> None:
    extra = (
        '<category domain="category" nicename="x"><![CDATA[Lokales]]></category>'
        '<category domain="post_tag" nicename="y"><![CDATA[Verkehr]]></category>'
        "<content:encoded><![CDATA[<p>Eins</p><p>Zwei</p>]]></content:encoded>"
        "<wp:post_date_gmt>2024-05-02 08:00:00</wp:post_date_gmt>"
    )
    ((page,), _) = read(wxr(item(extra, wp_comment(1), title="Bier &amp; Brot")))
    article = page.article
    assert (article.headline, article.section, article.tags) == (
        "Bier & Brot",
        "Lokales",
        ("Verkehr",),
    )
    assert article.body == "Eins\n\nZwei"
    assert article.published == "2024-05-02T08:00:00+00:00"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<![CDATA[Eins\n\nZwei <b>fett</b>]]>", "Eins\n\nZwei fett"),
        ("<![CDATA[a]]]]><![CDATA[>b]]>", "a]]>b"),
        ("Bier &amp;amp; Brot", "Bier & Brot"),
        ("Schön&nbsp;&uuml;berall", "Schön überall"),
        ("Müll & Co. < 3 > 2", "Müll & Co. < 3 > 2"),
        ("Hallo <b>Welt</b>", "Hallo Welt"),
        ("&lt;p&gt;Eins&lt;/p&gt;", "Eins"),
        ("<![CDATA[mit <title>Titel</title> darin]]>", "mit  darin"),
    ],
)
def test_content_is_what_the_reader_saw(content: str, text: str) -> None:
    (comment,) = comments(wxr(item(wp_comment(1, content))))
    assert comment.text.split() == text.split()


def test_missing_end_tags_are_mended_and_told() -> None:
    text = wxr(item(wp_comment(1).replace("</wp:comment>", ""), wp_comment(2)))
    pages, remarks = read(text)
    assert [one.id for page in pages for one in page.comments] == ["1", "2"]
    assert any("<comment> is never closed" in one and "line" in one for one in remarks)


def test_an_item_without_its_end_does_not_swallow_the_next() -> None:
    text = wxr(item(wp_comment(1)).replace("</item>", ""), item(wp_comment(2), title="Zwei"))
    pages, _ = read(text)
    assert [page.article.headline for page in pages] == ["Radwege", "Zwei"]


def test_several_exports_in_one_file_are_all_read() -> None:
    assert [one.id for one in comments(wxr(item(wp_comment(1))) + wxr(item(wp_comment(2))))] == [
        "1",
        "2",
    ]


def test_junk_in_front_and_control_characters_cost_nothing() -> None:
    pages, remarks = read(
        "Warning: foo in bar.php\n" + wxr(item(wp_comment(1, "<![CDATA[a\x0bb\x01]]>")))
    )
    assert pages[0].comments[0].text == "ab"
    assert any("control characters" in one for one in remarks)


def test_a_declaration_may_lie() -> None:
    text = wxr(item(wp_comment(1, "<![CDATA[schön]]>")))
    assert [one.text for one in comments(text.encode("cp1252"))] == ["schön"]
    assert [one.text for one in comments(text.encode("utf-16"))] == ["schön"]


def test_a_doubled_comment_is_kept_once_and_told() -> None:
    pages, remarks = read(wxr(item(wp_comment(1), wp_comment(1), wp_comment(1, "anders"))))
    assert [one.id for one in pages[0].comments] == ["1", "1-2"]
    assert any("stands there twice" in one for one in remarks)


def test_an_export_without_comments_says_so() -> None:
    with pytest.raises(UnreadableInputError, match=r"x: no comments in this export \(1 posts\)"):
        read(wxr(item()))


DISQUS = (
    DISQUS_HEAD + '<post dsq:id="1"><id /><message><![CDATA[<p>Erster</p>]]></message>'
    "<createdAt>2024-05-03T12:05:00Z</createdAt><isDeleted>false</isDeleted><isSpam>false</isSpam>"
    "<author><email>anna@example.org</email><name>Anna</name><username>anna1</username></author>"
    '<ipAddress>192.0.2.1</ipAddress><thread dsq:id="10" /></post>\n'
    '<post dsq:id="2"><id /><message><![CDATA[Antwort]]></message><isDeleted>true</isDeleted>'
    '<author><username>bert2</username></author><thread dsq:id="11"></thread>'
    '<parent dsq:id="1"/></post>\n'
    '<post dsq:id="3"><message><![CDATA[Werbung]]></message><isSpam>true</isSpam>'
    '<thread dsq:id="12" /></post>\n'
    '<thread dsq:id="10"><id>a</id><link>https://example.org/a</link><title>Titel A</title>'
    "<isClosed>true</isClosed></thread>\n"
    '<thread dsq:id="11"><id>a2</id><link>https://example.org/a</link><title></title></thread>\n'
    '<thread dsq:id="13"><link>https://example.org/leer</link><title>Leer</title></thread>\n</disqus>\n'
)


def test_disqus_posts_before_their_threads_and_doubled_threads_become_pages() -> None:
    pages, remarks = read(DISQUS, read_disqus)
    assert remarks == []
    assert [page.url for page in pages] == ["https://example.org/a", None]
    assert pages[0].article.headline == "Titel A"
    assert pages[0].comment_policy.status == "closed"
    first, second = pages[0].comments
    assert (first.author, first.status, first.published) == (
        "Anna",
        "approved",
        "2024-05-03T12:05:00+00:00",
    )
    assert (second.parent_id, second.status, second.author) == ("1", "deleted", "bert2")
    assert pages[1].comments[0].status == "spam"
    assert "anna@" not in repr(pages)
    assert "192.0.2.1" not in repr(pages)


def test_threads_of_one_address_keep_all_their_comments() -> None:
    text = DISQUS.replace('dsq:id="2"><id />', 'dsq:id="1"><id />')
    (first, second), _ = read(text, read_disqus)
    assert [one.id for one in first.comments] == ["1", "11-1"]
    assert len(second.comments) == 1


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (DISQUS, "disqus"),
        (WXR_HEAD, "wordpress"),
        ("\ufeff" + WXR_HEAD, "wordpress"),
        (WXR_HEAD.partition("\n")[2], "wordpress"),
        ('<rss version="2.0"><channel><title>Feed</title>', None),
        ('<!DOCTYPE html><html xmlns="x">', None),
        ("<?xml version='1.0'?><note/>", None),
        ("", None),
    ],
)
def test_exports_are_told_apart_by_their_beginning(head: str, kind: str | None) -> None:
    assert sniff_xml(head) == kind


LAUGHS = '<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>\n'


@pytest.mark.parametrize(
    "declaration",
    [
        LAUGHS,
        '<!DOCTYPE rss SYSTEM "file:///etc/passwd">\n',
        '<!DOCTYPE rss PUBLIC "-//x" "http://example.org/x.dtd">\n',
        '<!DOCTYPE rss [<!ENTITY % p SYSTEM "http://example.org/x"> %p;]>\n',
        "<!-- " + "x" * 5000 + " -->\n" + LAUGHS,
        '<!ENTITY x SYSTEM "file:///etc/passwd">\n',
        '<!DOCTYPE "a>b" [ ]>\n',
    ],
)
def test_entities_and_addresses_outside_are_refused(declaration: str) -> None:
    text = wxr(item(wp_comment(1, "&b;"))).replace("<rss", declaration + "<rss", 1)
    with pytest.raises(UnreadableInputError, match=r"x, line \d+: declares"):
        read(text)


def test_what_stood_before_a_refusal_was_read() -> None:
    pages = read_wxr(
        io.BytesIO((wxr(item(wp_comment(1))) + LAUGHS).encode()), "x", lambda remark: None
    )
    assert next(pages).comments[0].id == "1"
    with pytest.raises(UnreadableInputError):
        list(pages)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("<i>" * 5000, "nested more than 100 deep"),
        ('<a b="' + "x" * 1_100_000 + '">', "a tag of more than"),
        ("<a " + "x" * 1_100_000, "a tag of more than"),
    ],
)
def test_depth_and_enormous_tags_are_refused(content: str, reason: str) -> None:
    with pytest.raises(UnreadableInputError, match=reason):
        read(wxr(item(wp_comment(1), wp_comment(2, content))))


def test_a_comment_past_any_size_is_left_out_and_told() -> None:
    pages, remarks = read(wxr(item(wp_comment(1, "a" * 10_000_001), wp_comment(2))))
    assert [one.id for one in pages[0].comments] == ["2"]
    assert any("more than 10,000,000 characters" in one for one in remarks)


@pytest.mark.parametrize(
    "piece", ["<", "<a ", "&", "<a>", "</b>", '<a b="', "]]>", "<![CDATA[", "<!--x-->"]
)
def test_time_grows_with_length(piece: str) -> None:
    def run(size: int) -> None:
        with contextlib.suppress(UnreadableInputError):
            read(wxr(item(wp_comment(1, piece * (size // len(piece))))))

    # Linear is 4.
    assert growth(run, 100_000, 400_000) < 8


def test_an_export_in_one_line_is_read_in_flat_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "MAX_GATHERED", 100)

    def peak(number: int) -> int:
        line = wxr(
            *(item(*(wp_comment(n, "wort " * 200) for n in range(20))) for _ in range(number))
        )
        content = io.BytesIO(line.replace("\n", " ").encode())
        tracemalloc.start()
        assert sum(len(page.comments) for page in read_wxr(content, "x", print)) == 20 * number
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    assert peak(400) < 1.5 * peak(100)


INTACT = wxr(
    item(wp_comment(1, author="Anna"), wp_comment(2, "<![CDATA[> a\n\nb]]>")), item(wp_comment(3))
)


@given(st.integers(0, len(INTACT)))
@settings(max_examples=200)
def test_every_comment_before_a_cut_is_there(cut: int) -> None:
    try:
        found = {one.id for one in comments(INTACT[:cut])}
    except UnreadableInputError:
        found = set()
    ends = [INTACT.index("</wp:comment>", INTACT.index(f"comment_id>{n}")) for n in (1, 2, 3)]
    assert found >= {str(n) for n, end in enumerate(ends, start=1) if end + 13 <= cut}


def test_a_comment_cut_behind_its_text_is_kept_and_half_a_text_is_not() -> None:
    text = wxr(item(wp_comment(1), wp_comment(2, "<![CDATA[Hier wird es abgeschnitten]]>")))
    whole = text.index("</wp:comment>", text.index("abgeschnitten"))
    assert [one.id for one in comments(text[:whole])] == ["1", "2"]
    assert [one.id for one in comments(text[: text.index("schnitten")])] == ["1"]
    half = DISQUS[: DISQUS.index("ntwort]]")]
    assert [one.text for one in comments(half, read_disqus)] == ["Erster"]


@given(st.data(), st.sampled_from([(INTACT, read_wxr), (DISQUS, read_disqus)]))
@settings(max_examples=300)
def test_any_damage_gives_pages_or_one_clear_line(
    data: st.DataObject, export: tuple[str, Callable[..., Iterator[Page]]]
) -> None:
    content = bytearray(export[0].encode())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=4))
    try:
        read(bytes(content), export[1])
    except UnreadableInputError as error:
        assert "\n" not in str(error)

"""Saved HTML pages: comments are found in the tree, and the rest is read as text."""

from __future__ import annotations

import time

import pytest

from moderation.errors import UnreadableInputError
from moderation.parsing.page_html import looks_like_html, parse_page_html
from moderation.records import Comment, Page

_ARTICLE = """<article><h1>Radweg kommt</h1>
<p>Der Stadtrat hat am Dienstag beschlossen, den Radweg an der Hauptstraße zu bauen. Die Arbeiten
sollen im Herbst beginnen und rund ein Jahr dauern.</p>
<p>Die Kosten liegen bei zwei Millionen Euro. Die Opposition kritisierte den Beschluss als
überhastet und forderte eine Befragung der Anwohner.</p></article>"""
_TEASERS = """<aside class="related"><h3>Mehr zum Thema</h3><ul>
<li><a href="a">Busse fahren öfter</a> <time>02.05.2024</time></li>
<li><a href="b">Brücke gesperrt</a> <time>01.05.2024</time></li></ul></aside>
<div class="most-read"><h3>Meistgelesen</h3><ol><li><a href="c">Brot</a></li></ol></div>"""
_NAMES = ("Max Muster", "Erika M.", "uwe_77", "Dr. Klara Beispiel")
_TEXTS = (
    "Das wurde auch Zeit, ich freue mich sehr.",
    "Ich finde das falsch. Wer soll das bezahlen?",
    "Ja",
    "Man sollte lieber die Schule sanieren, da regnet es seit Jahren rein.",
)
_DATES = (
    "03.05.2024, 14:05 Uhr",
    "03.05.2024, 15:10 Uhr",
    "04.05.2024, 08:00 Uhr",
    "04.05.2024, 09:30 Uhr",
)
_MOMENTS = ("2024-05-03T14:05", "2024-05-03T15:10", "2024-05-04T08:00", "2024-05-04T09:30")
#: Three deep, and one more.
_NESTED = (None, 0, 1, None)
_FLAT = (None, None, None, None)


def _page(comments: str) -> str:
    return (
        "<!doctype html><html lang=de><head><title>Radweg kommt</title></head><body>"
        f"<nav><a href=/>Start</a> <a href=/p>Politik</a></nav><main>{_ARTICLE}{comments}</main>"
        f"{_TEASERS}<footer>Impressum</footer></body></html>"
    )


def _read(comments: str) -> Page:
    return parse_page_html(_page(comments), "page.html")


def _nested(item, children: str = "") -> str:
    """Return four comments of which the second answers the first, the third the second."""
    third = item(2, "")
    return item(0, item(1, third)) + item(3, "")


def _flat(item) -> str:
    return "".join(item(index) for index in range(4))


def _assert_comments(page: Page, parents: tuple[int | None, ...], *, dated: bool = True) -> None:
    ids = [comment.id for comment in page.comments]
    assert len(set(ids)) == len(ids)
    assert tuple(comment.text for comment in page.comments) == _TEXTS
    assert tuple(comment.author for comment in page.comments) == _NAMES
    found = tuple(
        None if comment.parent_id is None else ids.index(comment.parent_id)
        for comment in page.comments
    )
    assert found == parents
    if dated:
        assert tuple((comment.published or "")[:16] for comment in page.comments) == _MOMENTS


def _only(comments: str) -> Comment:
    page = _read(comments)
    assert len(page.comments) == 1
    return page.comments[0]


# -- comment systems -----------------------------------------------------------------------------


def test_wordpress_html5_comments_nest_by_their_lists():
    def item(i: int, inner: str) -> str:
        children = f'<ol class="children">{inner}</ol>' if inner else ""
        return (
            f'<li id="comment-{i + 10}" class="comment even depth-1"><article class="comment-body">'
            f'<footer class="comment-meta"><div class="comment-author vcard"><img class="avatar" '
            f'src="">'
            f'<b class="fn">{_NAMES[i]}</b> <span class="says">sagt:</span></div>'
            f'<div class="comment-metadata"><a href="#"><time datetime="{_MOMENTS[i]}:00+02:00">'
            f"x</time>"
            f'</a> <a class="comment-edit-link">Bearbeiten</a></div></footer>'
            f'<div class="comment-content"><p>{_TEXTS[i]}</p></div><div class="reply">'
            f'<a class="comment-reply-link" href="#">Antworten</a></div></article>{children}</li>'
        )

    page = _read(
        f'<div id="comments"><h2>4 Kommentare</h2><ol class="comment-list">{_nested(item)}</ol>'
        f"</div>"
    )
    _assert_comments(page, _NESTED)
    assert page.comments[0].id == "comment-10"
    assert page.comments[0].published == "2024-05-03T14:05:00+02:00"
    assert page.comment_policy.declared == 4
    assert page.comment_policy.status == "open"


def test_old_wordpress_comments_have_their_name_in_cite():
    def item(i: int) -> str:
        return (
            f'<li class="alt" id="comment-{i}"><cite><a href="http://example.org">{_NAMES[i]}</a>'
            f"</cite>"
            f' sagt:<br><small class="commentmetadata"><a href="#comment-{i}">{_DATES[i]}</a>'
            f"</small>"
            f"<p>{_TEXTS[i]}</p></li>"
        )

    _assert_comments(_read(f'<ol class="commentlist">{_flat(item)}</ol>'), _FLAT)


def test_comments_in_a_list_of_terms_are_runs_of_siblings():
    def item(i: int) -> str:
        return (
            f'<dt class="comment-author" id="c{i}">{_NAMES[i]} hat gesagt…</dt>'
            f'<dd class="comment-body"><p>{_TEXTS[i]}</p></dd>'
            f'<dd class="comment-footer"><span class="comment-timestamp">{_DATES[i]}</span></dd>'
        )

    page = _read(
        f'<div id="comments"><h4>4 Kommentare:</h4><dl id="comments-block">{_flat(item)}</dl></div>'
    )
    _assert_comments(page, _FLAT)
    assert page.comments[1].id == "c1"


def test_drupal_keeps_replies_in_an_indented_sibling():
    def item(i: int, inner: str) -> str:
        return (
            f'<div class="comment clearfix"><div class="submitted">Gespeichert von <span '
            f'class="username">{_NAMES[i]}</span> am {_DATES[i]}</div><div class="content">'
            f"<p>{_TEXTS[i]}</p></div><ul class='links inline'><li><a href='/c'>Antworten</a></li>"
            f"</ul></div>" + (f'<div class="indented">{inner}</div>' if inner else "")
        )

    _assert_comments(_read(f'<div id="comments"><h2>Kommentare</h2>{_nested(item)}</div>'), _NESTED)


def test_a_forum_post_leaves_rank_and_signature_out():
    def item(i: int) -> str:
        return (
            f'<article class="message message--post" id="js-post-{i}"><div class="message-cell">'
            f'<h4 class="message-name"><a class="username">{_NAMES[i]}</a></h4>'
            f'<h5 class="userTitle">Mitglied</h5></div><div class="message-main"><header>'
            f'<time datetime="{_MOMENTS[i]}:00+0200">{_DATES[i]}</time></header>'
            f'<article class="message-body"><div class="bbWrapper">{_TEXTS[i]}</div></article>'
            f'<div class="message-signature">Gruß an alle.</div></div></article>'
        )

    page = _read(_flat(item))
    _assert_comments(page, _FLAT)
    assert page.comments[0].published == "2024-05-03T14:05:00+02:00"


def test_microdata_names_the_parts_of_a_comment():
    def item(i: int) -> str:
        parent = '<link itemprop="parentItem" href="#k0">' if i == 1 else ""
        return (
            f'<section itemscope itemtype="https://schema.org/Comment" id="k{i}">{parent}'
            f'<span itemprop="author" itemscope><span itemprop="name">{_NAMES[i]}</span></span>'
            f'<meta itemprop="dateCreated" content="{_MOMENTS[i]}:00Z">'
            f'<div itemprop="text">{_TEXTS[i]}</div></section>'
        )

    page = _read(_flat(item))
    _assert_comments(page, (None, 0, None, None))
    assert page.comments[0].published == "2024-05-03T14:05:00+00:00"


def test_comments_that_stand_in_json_ld_alone_are_read_there():
    data = """<script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle",
    "headline":"Radweg kommt","articleSection":"Lokales","datePublished":"2024-05-03T10:00:00Z",
    "author":{"@type":"Person","name":"Anna Muster"},"comment":[
    {"@type":"Comment","@id":"#c1","text":"Gut so.\\n\\nEndlich.","author":{"name":"Max"},
     "dateCreated":"2024-05-03T12:00:00Z"},
    {"@type":"Comment","@id":"#c2","text":"Nein &amp; nie.","author":"Erika",
     "parentItem":{"@id":"#c1"}}]}
    </script>"""
    page = _read(data)
    assert [(c.id, c.author, c.text, c.parent_id) for c in page.comments] == [
        ("c1", "Max", "Gut so.\n\nEndlich.", None),
        ("c2", "Erika", "Nein & nie.", "c1"),
    ]
    assert page.comments[0].published == "2024-05-03T12:00:00+00:00"
    assert page.article.author == "Anna Muster"
    assert page.article.section == "Lokales"


# -- what stands in unknown markup ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("around", "item"),
    [
        pytest.param(
            '<section><h2 class="css-1ab2">Diskussion (4)</h2><div class="css-9zz">{}</div>'
            "</section>",
            '<div class="css-x1"><div class="css-x2"><span class="css-x3">{name}</span><span '
            'class="css-x4">{date}</span></div><div class="css-x5">{text}</div><div class="css-x6">'
            "<button>Antworten</button><button>3</button></div></div>",
            id="classes that say nothing",
        ),
        pytest.param(
            '<div id="comments"><h2>Kommentare</h2>{}</div>',
            "<h4>{name} am {date}</h4><p>{text}</p>",
            id="headings above paragraphs",
        ),
        pytest.param(
            "<h3>Leserkommentare</h3>{}",
            "<p><b>{name}</b> / {date}</p><p>{text}</p>",
            id="paragraphs alone",
        ),
        pytest.param(
            '<h2>Kommentare</h2><table class="comments">{}</table>',
            "<tr class='row1'><td><b>{name}</b><br>Mitglied</td><td><span class='postdetails'>"
            "Verfasst "
            "am: {date}</span><hr><span class='postbody'>{text}</span></td></tr>",
            id="a table",
        ),
        pytest.param(
            '<div id="kommentare"><h3>Kommentare (4)</h3>{}</div>',
            '<div class="k-item"><p><b>{name}</b> schrieb am {date}:</p><p>{text}</p><p><a '
            'href="#">'
            'Antworten</a> | <a href="#">Melden</a></p></div>',
            id="who wrote when in a sentence",
        ),
        pytest.param(
            '<div class="discussion"><h2>4 Beiträge</h2>{}</div>',
            '<div class="entry-x"><p class="txt">{text}</p><p class="comment-footer">Kommentiert '
            "von: "
            "{name} | {date}</p></div>",
            id="who wrote when below the words",
        ),
        pytest.param(
            '<np-comments><h2 slot="headline">Kommentare</h2>{}</np-comments>',
            "<np-comment><np-user>{name}</np-user><np-time>{date}</np-time><np-comment-text><p>"
            "{text}"
            "</p></np-comment-text><np-vote>8</np-vote></np-comment>",
            id="elements of its own",
        ),
    ],
)
def test_comments_are_found_where_no_known_markup_is(around: str, item: str):
    items = _flat(lambda i: item.format(name=_NAMES[i], date=_DATES[i], text=_TEXTS[i]))
    _assert_comments(_read(around.format(items)), _FLAT)


def test_replies_of_another_kind_are_comments_inside_comments():
    def item(i: int, inner: str) -> str:
        kind = "py-4 border-b" if i in (0, 3) else "ml-8 pl-4 border-l"
        return (
            f'<div class="{kind}" id="k{i}"><div class="flex"><div class="font-medium">'
            f"{_NAMES[i]}</div>"
            f'<span>·</span><div class="text-sm">{_DATES[i]}</div></div><div class="mt-2"><p>'
            f"{_TEXTS[i]}"
            f"</p></div><div><button>Antworten</button></div>{inner}</div>"
        )

    page = _read(f'<div class="mt-12"><h2>Kommentare (4)</h2>{_nested(item)}</div>')
    _assert_comments(page, _NESTED)


@pytest.mark.parametrize(
    "mark",
    ['style="margin-left:{px}px"', 'class="row depth-{depth}"', 'class="row" aria-level="{depth}"'],
)
def test_the_level_of_a_comment_says_what_it_answers(mark: str):
    depths = (1, 2, 3, 1)

    def item(i: int) -> str:
        level = mark.format(px=depths[i] * 20 - 20, depth=depths[i])
        return (
            f"<div {level}><div class='cmt-head'><strong>{_NAMES[i]}</strong> <em>{_DATES[i]}</em>"
            f"</div>"
            f"<div class='cmt-txt'>{_TEXTS[i]}</div></div>"
        )

    _assert_comments(_read(f'<div id="comments"><h3>Kommentare</h3>{_flat(item)}</div>'), _NESTED)


def test_words_above_a_comment_say_what_it_answers():
    answers = ("", '<em>Antwort auf <a href="#b0">#1</a></em>', "<em>Antwort auf Erika M.</em>", "")

    def item(i: int) -> str:
        return (
            f'<li class="beitrag" id="b{i}"><p class="kopf"><strong>{_NAMES[i]}</strong> <span>'
            f"{_DATES[i]}"
            f'</span> {answers[i]}</p><div class="inhalt"><p>{_TEXTS[i]}</p></div></li>'
        )

    _assert_comments(_read(f"<h2>Leserkommentare</h2><ol>{_flat(item)}</ol>"), _NESTED)


def test_letters_are_signed_below_with_name_and_place():
    letter = (
        '<div class="leserbrief"><h3>{}</h3><p><i>Zum Bericht „Müll“ vom 8. März:</i></p><p>{}</p>'
        '<p class="name"><b>{}</b>, Musterstadt</p></div>'
    )
    page = _read(
        letter.format("Lob", "Die Männer grüßen sogar.", "Max Muster")
        + letter.format("Kein Lob", "Nein.", "Ute")
    )
    assert [(c.author, c.text) for c in page.comments] == [
        ("Max Muster", "Lob\n\nDie Männer grüßen sogar."),
        ("Ute", "Kein Lob\n\nNein."),
    ]


# -- the words of a comment ----------------------------------------------------------------------


def _comment(body: str, *, before: str = "", after: str = "") -> str:
    return (
        '<div id="comments"><h2>Ein Kommentar</h2><ol><li class="comment" id="c7"><div '
        'class="head">'
        f'<span class="author">Max</span> <time datetime="2024-05-03T14:05:00Z">3. Mai</time>'
        f"{before}</div>"
        f'<div class="comment-text">{body}</div>{after}</li></ol></div>'
    )


def test_paragraphs_lists_links_and_line_breaks_are_kept():
    comment = _only(
        _comment(
            "<p>Eins<br>zwei.</p><p>Siehe <a href='x'>hier</a>:</p><ul><li>a</li><li>b</li></ul>"
        )
    )
    assert comment.text == "Eins\nzwei.\n\nSiehe hier:\n\n- a\n- b"


def test_buttons_badges_counters_and_remarks_are_no_words_of_a_comment():
    comment = _only(
        _comment(
            "<p>Gut.</p><p class='edited'>Zuletzt bearbeitet am 4. Mai 2024</p>",
            before="<span class='badge'>Abonnent</span>",
            after="<div class='actions'><a href='#'>Antworten</a> <a href='#'>Melden</a> <b>12</b>"
            "</div>"
            "<span class='screen-reader-text'>Kommentar 7</span>",
        )
    )
    assert comment.text == "Gut."


def test_what_a_comment_quotes_is_marked():
    comment = _only(_comment("<blockquote><p>So ein Unsinn.</p></blockquote><p>Nein.</p>"))
    assert comment.text == "So ein Unsinn.\n\nNein."
    assert [quotation.text for quotation in comment.quotations] == ["So ein Unsinn."]


def test_a_comment_that_waits_is_pending():
    comment = _only(
        _comment(
            "<p>Hallo.</p>",
            before="<em class='comment-awaiting-moderation'>Dein Kommentar wartet auf "
            "Freischaltung.</em>",
        )
    )
    assert (comment.status, comment.text) == ("pending", "Hallo.")


def test_a_removed_comment_is_counted_and_its_replies_answer_what_it_answered():
    def item(i: int, inner: str) -> str:
        text = "Dieser Kommentar wurde gelöscht." if i == 1 else _TEXTS[i]
        return (
            f'<li class="comment" id="c{i}"><b class="author">{_NAMES[i]}</b> <time>'
            f"{_DATES[i]}</time>"
            f'<div class="comment-text"><p>{text}</p></div><ul>{inner}</ul></li>'
        )

    page = _read(f'<div id="comments"><ul>{_nested(item)}</ul></div>')
    assert [(c.id, c.parent_id) for c in page.comments] == [
        ("c0", None),
        ("c2", "c0"),
        ("c3", None),
    ]
    assert any("1 comment(s) were removed" in warning for warning in page.warnings)


def test_pingbacks_are_no_comments():
    page = _read(
        '<ol class="commentlist"><li class="pingback" id="comment-1"><p>Pingback: <a>Blog</a></p>'
        "</li>"
        '<li class="comment" id="comment-2"><cite class="fn">Max</cite> <time>03.05.2024</time>'
        "<p>Gut.</p></li></ol>"
    )
    assert [comment.text for comment in page.comments] == ["Gut."]


def test_a_title_is_the_readers_unless_it_is_that_of_the_topic():
    def item(i: int, title: str) -> str:
        return (
            f'<div class="comment"><h3 class="title">{title}</h3><span class="username">'
            f"{_NAMES[i]}</span>"
            f"<time>{_DATES[i]}</time><div class='content'><p>{_TEXTS[i]}</p></div></div>"
        )

    page = _read(f'<div id="comments">{item(0, "Endlich")}{item(1, "Re: Radweg kommt")}</div>')
    assert [comment.text for comment in page.comments] == [f"Endlich\n\n{_TEXTS[0]}", _TEXTS[1]]


# -- what is no comment --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "box",
    [
        (
            '<div class="widget"><h3>Neueste Kommentare</h3><ul id="recentcomments"><li '
            'class="recentcomments">'
            '<span class="comment-author-link">Max</span> bei <a>Radweg</a></li><li '
            'class="recentcomments">'
            '<span class="comment-author-link">Ute</span> bei <a>Brücke</a></li></ul></div>'
        ),
        (
            '<blockquote class="twitter-tweet"><p>Ein Tweet.</p>— Max (@max) <a>3. Mai 2024</a>'
            "</blockquote>"
            '<blockquote class="twitter-tweet"><p>Noch einer.</p>— Ute (@ute) <a>4. Mai 2024</a>'
            "</blockquote>"
        ),
        (
            '<ul class="ratings"><li class="rating"><h3>Helm</h3><time>03.04.2024</time><p>'
            "Schwer.</p></li>"
            '<li class="rating"><h3>Schloss</h3><time>04.04.2024</time><p>Leicht.</p></li></ul>'
        ),
        (
            '<section class="related"><h2>Mehr</h2><article class="teaser"><h3>Haushalt</h3><p>Der '
            "Rat spart."
            "</p><time>02.03.2024</time><span>12 Kommentare</span></article></section>"
        ),
        "<p><strong>Was nun?</strong></p><p><strong>Muster:</strong> Nichts.</p>",
        "",
    ],
)
def test_boxes_beside_the_article_are_no_comments(box: str):
    page = _read(box)
    assert page.comments == ()
    assert page.comment_policy.declared is None


def test_an_empty_section_is_empty():
    page = _read('<div id="comments"><h2>Kommentare (0)</h2><p>Noch keine Kommentare.</p></div>')
    assert (page.comments, page.comment_policy.status) == ((), "empty")


def test_a_closed_section_is_closed_however_short_the_article_is():
    page = _read(
        "<p>Aus rechtlichen Gründen ist die Kommentarfunktion bei diesem Artikel deaktiviert.</p>"
    )
    assert page.comment_policy.status == "closed"


@pytest.mark.parametrize(
    ("embedded", "name"),
    [
        ('<div id="disqus_thread"></div>', "Disqus"),
        ('<div class="fb-comments" data-href="x"></div>', "Facebook"),
        ('<div data-spotim-module="conversation"></div>', "OpenWeb"),
        ('<div id="coral_thread"></div>', "Coral"),
        ("<hyvor-talk-comments></hyvor-talk-comments>", "Hyvor Talk"),
        ('<div id="commento"></div>', "Commento"),
        ('<div id="remark42"></div>', "Remark42"),
        ('<section id="isso-thread"></section>', "Isso"),
        ('<script src="https://utteranc.es/client.js"></script>', "utterances"),
        ('<script src="https://giscus.app/client.js"></script>', "giscus"),
        ("<vf-conversations></vf-conversations>", "Viafoura"),
        ('<div id="vuukle-comments"></div>', "Vuukle"),
    ],
)
def test_comments_that_a_script_loads_are_elsewhere(embedded: str, name: str):
    page = _read(f"<h2>Kommentare</h2>{embedded}")
    assert page.comments == ()
    assert page.comment_policy.status == "elsewhere"
    assert name in page.comment_policy.systems
    assert any(name in warning and "give" in warning for warning in page.warnings)


def test_comments_in_a_frame_that_was_saved_with_the_page_are_read():
    frame = (
        "<ul id=&quot;posts&quot;><li class=&quot;post&quot; id=&quot;post-1&quot;><span "
        "class=&quot;author"
        "&quot;>Max</span><time datetime=&quot;2024-05-03T14:05:00Z&quot;>x</time><div class=&quot;"
        "post-message&quot;><p>Gut.</p></div></li><li class=&quot;post&quot; id=&quot;post-2&quot;>"
        "<span "
        "class=&quot;author&quot;>Ute</span><time datetime=&quot;2024-05-03T15:05:00Z&quot;>"
        "x</time><div "
        "class=&quot;post-message&quot;><p>Nein.</p></div></li></ul>"
    )
    page = _read(f'<div id="disqus_thread"><iframe srcdoc="{frame}"></iframe></div>')
    assert [(c.author, c.text) for c in page.comments] == [("Max", "Gut."), ("Ute", "Nein.")]


def test_more_comments_on_other_pages_are_said():
    page = _read(_comment("<p>Gut.</p>") + '<p><a href="?p=2">Ältere Kommentare</a></p>')
    assert any("more comments are kept on other pages" in warning for warning in page.warnings)


def test_house_rules_beside_the_comments_are_read():
    page = _read(
        _comment("<p>Gut.</p>")
        + "<div><h4>Netiquette</h4><p>Bitte unterlassen Sie Beleidigungen und Werbung.</p></div>"
    )
    assert {rule.category for rule in page.house_rules} >= {"insult", "advertising"}
    assert page.comment_policy.guidelines == "quoted"


# -- the article ---------------------------------------------------------------------------------


def test_the_article_is_read_from_markup_and_head():
    html = (
        '<html><head><title>Radweg kommt - Zeitung</title><link rel="canonical" '
        'href="https://example.org/radweg"><meta property="article:published_time" '
        'content="2024-05-03T10:00:00+02:00"><meta name="author" content="Anna Muster"><meta '
        'property="article:section" content="Lokales"></head><body><h1>Radweg kommt</h1>'
        '<div class="article-body"><p>Der Stadtrat hat am Dienstag beschlossen, den Radweg an der '
        "Hauptstraße zu bauen. Die Arbeiten sollen bald beginnen.</p><h2>Kosten</h2><p>Sie liegen "
        "bei "
        "zwei Millionen Euro, sagte der Kämmerer der Stadt am Mittwoch im Ausschuss für "
        "Verkehr.</p>"
        '</div><a rel="tag" href="/rad">Radverkehr</a></body></html>'
    )
    page = parse_page_html(html, "page.html")
    assert page.url == "https://example.org/radweg"
    assert page.article.headline == "Radweg kommt"
    assert page.article.author == "Anna Muster"
    assert page.article.section == "Lokales"
    assert page.article.published == "2024-05-03T10:00:00+02:00"
    assert page.article.body.split("\n\n")[1] == "Kosten"
    assert page.article.tags == ("Radverkehr",)


def test_the_body_of_an_unknown_page_holds_its_paragraphs_and_no_comments():
    page = _read(_comment("<p>Ganz anderer Ansicht bin ich in dieser Sache.</p>"))
    assert "Der Stadtrat hat am Dienstag beschlossen" in page.article.body
    assert "Die Kosten liegen bei zwei Millionen" in page.article.body
    assert "Ansicht" not in page.article.body


# -- hostile and broken pages --------------------------------------------------------------------


@pytest.mark.parametrize(
    "html",
    [
        "",
        "   ",
        "<",
        "<!--",
        "<html",
        "\x00\x00<p>a\x00b</p>",
        "\ud800<p>x</p>",
        "<?xml version='1.0' encoding='utf-8'?><html><body><p>x</p></body></html>",
        "<div class='comment'><b class='author'>Max<p>hallo <div class=comment>" * 50,
        "</div>" * 100,
        "<table><p><td><li></table>",
        "<script type='application/ld+json'>{</script>",
        "<script type='application/ld+json'>" + "[" * 50_000 + "</script>",
        "<a href='#c'>" * 500,
        "<time datetime='99999999999999999999'>x</time>" * 3,
        "<iframe srcdoc=\"<iframe srcdoc='<p>x'>\"></iframe>",
    ],
)
def test_no_page_raises(html: str):
    assert parse_page_html(html, "page.html").source == "page.html"


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<div>" * 200_000, "nested too deeply"),
        ("<p title='" + "a" * 3_900_000 + "'>x</p>", "an attribute of 3900000 characters"),
        ("<div class=comment></div>" * 150_000, "more than 100000 elements"),
        ("<b>" * 1_300_000, "more than 100000 elements"),
    ],
)
def test_a_hostile_page_is_refused_at_once(html: str, words: str):
    started = time.perf_counter()
    with pytest.raises(UnreadableInputError, match=words) as error:
        parse_page_html(html, "page.html")
    assert str(error.value).startswith("page.html")
    assert "\n" not in str(error.value)
    assert time.perf_counter() - started < 5


def test_pictures_inside_a_page_do_not_count_as_its_size():
    picture = "data:image/png;base64," + "A" * 2_000_000
    page = _read(f'<img src="{picture}">' + _comment("<p>Gut.</p>"))
    assert [comment.text for comment in page.comments] == ["Gut."]


def _seconds(html: str) -> float:
    started = time.perf_counter()
    parse_page_html(html, "page.html")
    return time.perf_counter() - started


@pytest.mark.parametrize(
    "piece",
    [
        "<div class=comment><b class=author>A</b><time>1.1.2020</time><p>x y</p></div>",
        "<p><b>Max</b> 1.1.2020</p><p>Hallo Welt</p>",
        "<div class=comment>x</div>",
        "<h2>3 Kommentare</h2><p>hallo</p>",
        "<span>1.1.2020</span>",
        "<a href='#c'>Antworten</a>",
        "<blockquote class=comment>",
    ],
)
def test_time_grows_with_the_length_of_a_page(piece: str):
    repeats = 100 if "blockquote" in piece else 500
    head = "<div id=comments>"
    small = min(_seconds(head + piece * repeats) for _ in range(2))
    large = min(_seconds(head + piece * (8 * repeats)) for _ in range(2))
    # Linear is 8; memory and caches make it somewhat more.
    assert large < 24 * small + 0.5


# -- what is a page ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        "<!DOCTYPE html><html>",
        "\ufeff<!doctype HTML>",
        "<html lang='de'><head>",
        "<!-- saved from url=(0034)https://example.org/ -->\n<html>",
        "<?xml version='1.0'?><!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0'><html>",
        "<?xml version='1.0'?>\n<html xmlns='http://www.w3.org/1999/xhtml'>",
        "<div id='comments'><ol><li>Max</li></ol></div>",
        "  <article><h1>Radweg</h1><p>Text</p></article>",
    ],
)
def test_pages_look_like_html(head: str):
    assert looks_like_html(head)


@pytest.mark.parametrize(
    "head",
    [
        "",
        "<3 schön",
        "<b>Idiot</b> sagt er",
        "Text <p>mit</p> <b>Tags</b> <i>darin</i>",
        "<?xml version='1.0'?><rss version='2.0'><channel>",
        "<?xml version='1.0'?><disqus xmlns='x'>",
        "<rss version='2.0'>",
        "< 5 Euro",
        '{"text": "<html>"}',
        "text;label\n<p>Hallo</p>;1",
    ],
)
def test_other_texts_do_not_look_like_html(head: str):
    assert not looks_like_html(head)

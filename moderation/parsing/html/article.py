"""The article of a saved page: what its head and markup say, and its body."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from moderation.parsing.dates import iso_moment
from moderation.parsing.html.dates import moment, zoned
from moderation.parsing.html.dom import Document, Element, own_text, text_of
from moderation.parsing.html.roles import Selected, is_widget, selector
from moderation.parsing.html.schema_org import ArticleFacts
from moderation.records import Article

#: Characters of running text from which something is the body of an article.
_BODY = 200
_SAVED = re.compile(r"<!--\s{0,5}saved from url=\(\d{1,6}\)(\S{1,2000})\s{0,5}-->", re.IGNORECASE)
_BODIES = selector(
    "[itemprop=articleBody], .entry-content, .article-body, .article__body, .article-content, "
    ".article__content, .post-content, .post-body, .articletext, .article-text, .artikeltext, "
    ".story-body, .article-page, .td-post-content, .content-text, .field-name-body, .bodytext"
)


def meta(root: Element) -> dict[str, list[str]]:
    """Return what the head of a page says, by name."""
    found: dict[str, list[str]] = {}
    for one in root.iter("meta"):
        name = (one.get("property") or one.get("name") or one.get("itemprop") or "").lower()
        value = " ".join((one.get("content") or "").split())
        if name and value:
            found.setdefault(name[:100], []).append(value[:2000])
    return found


def address(
    root: Element, html: str, about: dict[str, list[str]], facts: ArticleFacts
) -> str | None:
    """Return the address the page was saved from."""
    for link in root.iter("link"):
        href = link.get("href") or ""
        if "canonical" in (link.get("rel") or "").split() and href.startswith("http"):
            return href
    for name in ("og:url", "twitter:url"):
        if about.get(name, [""])[0].startswith("http"):
            return about[name][0]
    saved = _SAVED.search(html[:5000])
    if saved and saved[1].startswith("http"):
        return saved[1]
    return facts.url


#: Elements inside an article that are none of its text.
_BESIDE = frozenset(
    [
        "aside",
        "nav",
        "figure",
        "figcaption",
        "form",
        "header",
        "footer",
        "script",
        "style",
        "iframe",
        "table",
        "noscript",
        "button",
    ]
)
_SITE = re.compile(r"\s+(?:[-–—|•·:»])\s+[^-–—|•·»]{2,60}$")
_LONGEST_NAME = 150
#: Elements and characters up to which trafilatura is asked.
_MOST_ELEMENTS, _MOST_CHARACTERS = 30_000, 2_000_000


def read_dom_article(
    selected: Selected,
    about: dict[str, list[str]],
    facts: ArticleFacts,
    by_text: Article,
) -> Article:
    """Return the article of a page by what its markup says, else as its text was read.

    Parameters
    ----------
    selected
        The page, its comments taken out.
    about
        What its head says.
    facts
        What its JSON-LD says.
    by_text
        The article as read from the text of the page.
    """
    headline = _headline(selected, about, facts) or by_text.headline
    return replace(
        by_text,
        headline=headline,
        section=facts.section
        or _one(about, "article:section")
        or _trail(selected)
        or by_text.section,
        published=(
            facts.published
            or _when(
                about,
                "article:published_time",
                "date",
                "dc.date",
                "dcterms.created",
                "datepublished",
                "last-modified",
                "pubdate",
            )
            or by_text.published
            or _dated(selected)
        ),
        author=facts.author or _author(selected, about) or by_text.author,
        body=_body(selected, headline) or by_text.body,
        tags=by_text.tags or _tags(selected, about) or facts.keywords,
    )


def _one(about: dict[str, list[str]], *wanted: str) -> str | None:
    return next((about[name][0] for name in wanted if about.get(name)), None)


def _when(about: dict[str, list[str]], *wanted: str) -> str | None:
    for name in wanted:
        for value in about.get(name, ()):
            if found := zoned(iso_moment(value[:60])):
                return found
    return None


def _headline(selected: Selected, about: dict[str, list[str]], facts: ArticleFacts) -> str | None:
    """Return the headline: the heading that head, JSON-LD and title of the window agree on."""
    named = [
        text for one in selected.left(selector("[itemprop=headline]")) if (text := text_of(one))
    ]
    tops = selected.left(selector("h1"))
    headings = [text for one in tops if (text := text_of(one))]
    lower = [
        text
        for one in selected.left(selector("h2, h3, h4"))[:_MOST_HEADINGS]
        if (text := text_of(one)) and not _leads_home(one)
    ]
    title = _one(about, "og:title", "twitter:title") or facts.headline
    window = selected.document.root.find(".//title")
    shown = text_of_title(window) if window is not None else ""
    for one in tops:
        # "<h1>Gasthof schließt <small>von Max</small></h1>": what the head says is the headline.
        parts = [text_of(part) for part in one if isinstance(part.tag, str)]
        for text in (own_text(one), *parts[1:]):
            if (
                len(text) > _SHORTEST_PART
                and text != text_of(one)
                and text in (title, facts.headline)
            ):
                return text
    for text in (*named, *headings):
        if title and _same(text, title):
            return _parted(tops, text)
    own = [text_of(one) for one in tops if text_of(one) and not _leads_home(one)]
    for text in own:
        if len(text) > 15 and shown.startswith(text):
            return _parted(tops, text)
    # The site's name is a heading too, but the window's title ends or begins with the article's.
    called = _shown_parts(shown)
    for text in (*own, *lower):
        if len(text) > _SHORTEST_PART and text in called:
            return text
    if len(own) == 1:
        return _parted(tops, own[0])
    if facts.headline:
        return facts.headline
    if title:
        return _SITE.sub("", title)
    if headings:
        return headings[-1]
    return None


#: Headings below the first level that may be the headline, and characters of one.
_MOST_HEADINGS, _SHORTEST_PART = 60, 8
_PARTS = re.compile(r"\s+[-–—|•·:»›/]+\s+|:\s+")
_MOST_PARTS = 8


def _shown_parts(shown: str) -> frozenset[str]:
    """Return what the title of the window may call the article: its beginnings, ends and parts."""
    shown = shown[:500]
    cuts = [(match.start(), match.end()) for match in _PARTS.finditer(shown)][:_MOST_PARTS]
    starts = [0, *(end for _, end in cuts)]
    stops = [*(start for start, _ in cuts), len(shown)]
    return frozenset(shown[a:b].strip() for a in starts for b in stops if a < b)


def _leads_home(heading: Element) -> bool:
    """Return whether a heading is a link to the front page: the site's name."""
    link = heading.find(".//a")
    return link is not None and (link.get("href") or "") in {"/", "./", "index.html", "index.php"}


def _parted(tops: Sequence[Element], text: str) -> str:
    """Return a heading without the line above it, where the markup sets that apart."""
    for one in tops:
        if text_of(one) != text:
            continue
        parts = [part for part in one if isinstance(part.tag, str) and text_of(part)]
        if len(parts) == 2 and not own_text(one) and parts[0].tag in {"span", "small", "div"}:
            return text_of(parts[1])
    return text


def text_of_title(window: Element) -> str:
    """Return the words in the title of the window."""
    return " ".join((window.text or "").split())


def _same(one: str, other: str) -> bool:
    left, right = one.casefold(), other.casefold()
    return left == right or (len(left) > 10 and (right.startswith(left) or left.endswith(right)))


def _author(selected: Selected, about: dict[str, list[str]]) -> str | None:
    for name in ("author", "article:author", "dc.creator", "parsely-author"):
        for value in about.get(name, ()):
            if "://" not in value and len(value) <= _LONGEST_NAME:
                return value
    for one in selected.left(
        selector("[itemprop=author] [itemprop=name], [itemprop=author], .byline .author")
    ):
        text = text_of(one)
        if 0 < len(text) <= _LONGEST_NAME:
            return text.removeprefix("Von ").removeprefix("von ")
    return None


def _trail(selected: Selected) -> str | None:
    """Return the section a trail of links ("Start > Lokales > …") ends with."""
    for box in selected.left(selector(".breadcrumb, .breadcrumbs, .breadcrumb-list, .rootline")):
        steps = [text for one in box.iter("a") if 0 < len(text := text_of(one)) <= _LONGEST_STEP]
        if len(steps) > 1:
            return steps[-1]
    return None


_LONGEST_STEP = 40  # characters


def _dated(selected: Selected) -> str | None:
    for one in selected.left(selector("[itemprop=datePublished], article time, main time")):
        if any(is_widget(above) or above.tag == "aside" for above in one.iterancestors()):
            continue
        found = moment(one)
        if found and found[:4].isdigit():
            return found
    return None


def _tags(selected: Selected, about: dict[str, list[str]]) -> tuple[str, ...]:
    shown = [
        text_of(one) for one in selected.left(selector("a[rel=tag], .tags a, .article-tags a"))
    ]
    tags = [text for text in shown if 0 < len(text) <= 60] or about.get("article:tag", [])
    if not tags:
        tags = [
            word.strip() for value in about.get("news_keywords", ()) for word in value.split(",")
        ]
    return tuple(dict.fromkeys(tag for tag in tags if tag))


def _body(selected: Selected, headline: str | None) -> str | None:
    found = [(len(text), text) for one in selected.left(_BODIES) if (text := body_text(one))]
    if found and max(found)[0] >= _BODY:
        return max(found, key=lambda pair: pair[0])[1]
    return _unknown_body(selected.document, headline)


def article_element(selected: Selected) -> Element | None:
    """Return the element around the article, where there is one that says so."""
    found = [one for one in selected.left(_BODIES) if len(text_of(one)) >= _BODY]
    if not found:
        found = [
            one
            for one in selected.left(selector("article"))
            if len(text_of(one)) >= _BODY and one.find(".//p") is not None and not is_widget(one)
        ]
    return max(found, key=lambda one: len(text_of(one)), default=None)


def body_text(element: Element) -> str:
    """Return the paragraphs of an article's body, parted by blank lines."""
    paragraphs: list[str] = []
    stack: list[Any] = [element]
    while stack:
        node = stack.pop()
        if not isinstance(node.tag, str) or node.tag in _BESIDE:
            continue
        if node.tag in {"p", "h2", "h3", "h4", "li", "pre"}:
            if text := text_of(node):
                paragraphs.append(text)
            continue
        if node.tag == "blockquote" and node.find(".//p") is None:
            if text := text_of(node):
                paragraphs.append(text)
            continue
        stack.extend(reversed(node))
    return "\n\n".join(paragraphs)


def _unknown_body(document: Document, headline: str | None) -> str | None:
    """Return the body as trafilatura finds it."""
    if len(document.elements) > _MOST_ELEMENTS or document.said[-1] > _MOST_CHARACTERS:
        return None
    if document.said[-1] < _BODY:
        return None
    # Heavy to load, and needed for unknown pages only.
    import trafilatura

    try:
        text = trafilatura.extract(
            document.root, include_comments=False, include_tables=False, deduplicate=False
        )
    except Exception:
        return None
    if not text or len(text) < _BODY:
        return None
    lines = [line.strip() for line in text.split("\n")]
    return "\n\n".join(line for line in lines if line and line != headline) or None

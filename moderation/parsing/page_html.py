"""A page saved as HTML: its comments are read in the tree, the rest as a text."""

from __future__ import annotations

import re
from dataclasses import replace

from moderation.parsing import cues
from moderation.parsing.html.article import address, article_element, meta, read_dom_article
from moderation.parsing.html.dom import Element, cleared, indexed, parsed, text_of
from moderation.parsing.html.plain import plain_text
from moderation.parsing.html.roles import Selected, System, is_widget, selectable, selector, systems
from moderation.parsing.html.schema_org import article_facts, comments_in, completed, linked_data
from moderation.parsing.html.threads import DomThread, take_comments
from moderation.parsing.lines import read_lines
from moderation.parsing.page_text import CommentsApart, parse_page_text, parse_text_around
from moderation.records import Page

#: Characters at the beginning of a document in which it shows what it is.
_HEAD = 4000
_BEGINS = re.compile(
    r"\s*(?:<\?xml[^>]{0,300}\?>\s*)?(?:<!--.{0,2000}?-->\s*){0,5}"
    r"(?:<!doctype\s+html|<(?:html|head|body|title|meta|link|base|main|article|section|header|nav|div|table|ol|ul|dl"
    r"|script|style|noscript|template|amp-[\w-]{1,30}|iframe|form|aside|footer|h1|h2|h3)\b)",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(r"\s*<\?xml\b", re.IGNORECASE)
_XHTML = re.compile(r"<!doctype\s+html|<html\b", re.IGNORECASE)
#: Tags a fragment has in its beginning at least, to be a page and no comment with a tag in it.
_TAGS = 4
_TAG = re.compile(r"</?[a-zA-Z][\w:-]{0,30}(?=[\s>/])")


def looks_like_html(head: str) -> bool:
    """Return whether a document is a page in HTML by its beginning.

    Parameters
    ----------
    head
        Its first characters, some hundred at least where it is longer.

    Returns
    -------
    bool
        ``True`` for pages, XHTML and fragments of pages; ``False`` for other XML and for texts with
        single tags or signs like ``<``.
    """
    head = head.lstrip("\ufeff")[:_HEAD]
    if _XML.match(head):
        return _XHTML.search(head) is not None
    begins = _BEGINS.match(head)
    if begins is None:
        return False
    if _XHTML.search(begins.group()):
        return True
    tags = _TAG.findall(head)
    return len(tags) >= _TAGS or (
        len(head) < _HEAD and len(tags) >= 2 and head.rstrip().endswith(">")
    )


def parse_page_html(html: str, source: str) -> Page:
    """Read a page saved as HTML; :func:`parse_html_document` gives its text, too."""
    return parse_html_document(html, source)[0]


def parse_html_document(html: str, source: str) -> tuple[Page, str]:
    """Read a page saved as HTML.

    Parameters
    ----------
    html
        The decoded page, any string of at most some million characters.
    source
        Its path or name.

    Returns
    -------
    page, text
        What was not understood is said in the page's ``warnings``. ``text`` is that of the page
        without its comments; the stretches in ``comment_policy`` and ``house_rules`` are its.

    Raises
    ------
    UnreadableInputError
        If it is nested more deeply, or has more elements or longer attributes, than any page.
    """
    root = parsed(html, source)
    if root is None:
        return Page(source, warnings=("the page is empty",)), ""
    document = indexed(root, source)
    selected = selectable(document)
    objects = linked_data(root)
    facts = article_facts(objects)
    about = meta(root)
    url = address(root, html, about, facts)
    loaded = _loaded(selected)
    thread, selected = take_comments(document, selected, source)
    data = comments_in(objects)
    if data and len(data) > len(thread.comments if thread else ()):
        thread = DomThread(data, system="schema.org")
    elif data and thread is not None:
        thread = replace(thread, comments=completed(thread.comments, data))
    _quiet_counters(selected)
    text, ends = plain_text(root, article_element(selected))
    if thread is not None:
        apart = CommentsApart(thread.comments, thread.removed, thread.empty, ends)
        page = parse_text_around(text, source, apart)
    elif loaded:
        page = parse_text_around(text, source, CommentsApart(article_end=ends))
    else:
        page = parse_page_text(text, source)
        # A page has elements for its comments; what only its text shows must be plain.
        doubtful = len(page.comments) == 1 or any(
            one.author is None or one.published is None for one in page.comments
        )
        empty = not page.comments and len(text) <= _MOST_READ_AGAIN and _may_be_empty(page, text)
        if doubtful or empty:
            page = parse_text_around(text, source, CommentsApart(article_end=ends))
    article = read_dom_article(selected, about, facts, page.article)
    page = replace(page, article=article, url=url or page.url)
    return _with_systems(page, loaded), text


#: Characters of a text that is read a second time.
_MOST_READ_AGAIN = 200_000


def _may_be_empty(page: Page, text: str) -> bool:
    """Return whether a page without comments says that there are none, or says nothing."""
    policy = page.comment_policy
    return (
        policy.declared == 0
        or policy.status == "unknown"
        or any(cues.is_line(line.plain, "comments_none") for line in read_lines(text))
    )


def _quiet_counters(selected: Selected) -> None:
    """Take out the counters of comments that belong to other articles."""
    for wanted in _COUNTERS:
        for one in selected.left(wanted):
            if len(one) > _MOST_IN_COUNTER or not _is_beside(one):
                continue
            match = cues.match_line("comments_heading", text_of(one)[:200])
            if match and cues.named(match, "count"):
                cleared(one)


# Where counters stand, and elements in one at most.
_COUNTERS = tuple(map(selector, ("span", "a", "small", "div", "p", "em", "li")))
_MOST_IN_COUNTER = 3
#: Ancestors looked at for a box of teasers.
_NEAR = 8


def _is_beside(element: Element) -> bool:
    """Return whether an element stands in a box beside the article."""
    above = element.getparent()
    for _ in range(_NEAR):
        if above is None or above.tag in {"main", "body"}:
            return False
        if above.tag in {"aside", "nav", "footer"} or is_widget(above):
            return True
        above = above.getparent()
    return False


def _loaded(selected: Selected) -> list[System]:
    """Return the systems that load comments into this page, in the order of the data."""
    return [system for system in systems() if selected.all(system.signs)]


def _with_systems(page: Page, loaded: list[System]) -> Page:
    if not loaded or page.comments:
        return page
    policy = page.comment_policy
    names = tuple(dict.fromkeys([*policy.systems, *(system.name for system in loaded)]))
    status = policy.status if policy.status == "closed" else "elsewhere"
    told = "; ".join(
        f"comments are kept by {system.name} and not in this page: give {system.export}"
        for system in loaded
    )
    warnings = tuple(
        one for one in page.warnings if not one.startswith("nothing about comments was recognised")
    )
    return replace(
        page,
        comment_policy=replace(policy, status=status, systems=names),
        warnings=(*warnings, told),
    )

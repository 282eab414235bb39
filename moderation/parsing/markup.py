"""HTML of a comment to text: paragraphs, lists, links, and quotations marked as such."""

from __future__ import annotations

import html as entities
import re
from dataclasses import dataclass, field
from typing import Any

from moderation.records import Evidence

# Breaks between two pieces of text, by how much they part.
_NONE, _SPACE, _LINE, _PARAGRAPH = range(4)
_BREAKS = {_SPACE: " ", _LINE: "\n", _PARAGRAPH: "\n\n"}
#: Elements that stand in paragraphs of their own, and those that only begin a new line.
PARAGRAPH_TAGS = frozenset(
    (
        "p",
        "blockquote",
        "ul",
        "ol",
        "dl",
        "pre",
        "table",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "figure",
        "section",
        "article",
        "hr",
    )
)
LINE_TAGS = frozenset(
    (
        "div",
        "li",
        "dt",
        "dd",
        "tr",
        "figcaption",
        "header",
        "footer",
        "center",
        "address",
        "summary",
        "details",
    )
)
#: Elements whose content is no text, or no text of the commenter.
_SILENT = frozenset(
    (
        "script",
        "style",
        "template",
        "iframe",
        "object",
        "svg",
        "button",
        "select",
        "textarea",
        "head",
        "title",
        "noscript",
        "audio",
        "video",
        "canvas",
    )
)
#: Where these stand, line feeds in the source are no line breaks.
_LAID_OUT = re.compile(r"<(?:p|br|div|li)\b", re.IGNORECASE)
_LAID_OUT_TAGS = frozenset({"p", "br", "div", "li"})
_TAG = re.compile(r"<[a-zA-Z/!][^<>]{0,2000}>")
_MAYBE_MARKUP = re.compile(r"<[a-zA-Z/!]")
# Control characters but tab and line feed, halves of UTF-16 pairs and non-characters: none of them
# is text, and lxml refuses them.
_NO_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LINE_END = re.compile(r"\r\n?")
_FEEDS = re.compile(r"\n(?:\s*\n)?")
#: Characters of an image's words that are an emoji or smiley (":-)", "👍🏽").
_LONGEST_EMOJI = 12
# "> Zitat" and ">Zitat", but no smiley (">:-(") and no comparison ("> 50 %").
_QUOTED_LINE = re.compile(
    r"^[^\S\n]{0,3}>(?![:.;=<\-(]|[^\S\n]?\d[\d.,]{0,12}[^\S\n]?(?:%|Prozent|Euro|€))[^\S\n]{0,3}"
    r"(\S[^\n]*)$",
    re.MULTILINE,
)
# BBCode of forums: [quote], [quote="Anna"], [/quote].
_QUOTE_CODE = re.compile(r"\[(?P<closing>/?)quote(?:[=\s][^\]\n]{0,200})?\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fragment:
    """A text, and the stretches of it that quote somebody else."""

    text: str
    quotations: tuple[Evidence, ...] = ()


def text_of_html(html: str) -> Fragment:
    """Reduce the HTML of one comment to text with paragraphs parted by one blank line.

    Parameters
    ----------
    html
        Any string: plain text and broken markup, too. Line feeds count as line breaks unless the
        markup says where lines end (``<p>``, ``<br>``, ``<div>``, ``<li>``).

    Returns
    -------
    Fragment
        The text and its quotations: ``<blockquote>``, lines that begin with ``>``, and BBCode.
    """
    html = _NO_TEXT.sub("", _LINE_END.sub("\n", html))
    if not _MAYBE_MARKUP.search(html):
        return _plain(entities.unescape(html) if "&" in html else html)
    # lxml takes a while to load: only where there is markup.
    import lxml.html

    parser = lxml.html.HTMLParser()
    try:
        element = lxml.html.fragment_fromstring(html, create_parent="div", parser=parser)
    except (ValueError, lxml.etree.LxmlError):
        return _without_tags(html)
    if any(entry.level_name == "FATAL" for entry in parser.error_log):
        # Nested too deeply: what stands inside would be lost.
        return _without_tags(html)
    return _reduced(element, line_feeds=not _LAID_OUT.search(html))


def text_of_element(element: Any) -> Fragment:
    """Reduce an element of lxml to text, as :func:`text_of_html` does.

    What follows the element (its tail) is left out. Blank lines in the source part paragraphs only
    where no markup does.
    """
    laid_out = any(one.tag in _LAID_OUT_TAGS for one in element.iter() if one is not element)
    return _reduced(element, line_feeds=not laid_out and "\n\n" in (element.text or "").strip())


def marked_quotations(text: str) -> tuple[Evidence, ...]:
    """Return the quotations in a plain text: lines that begin with ``>``, and BBCode."""
    spans = [match.span(1) for match in _QUOTED_LINE.finditer(text)] if ">" in text else []
    if "[" in text:
        spans += _coded(text)
    return _evidence(text, spans)


def _coded(text: str) -> list[tuple[int, int]]:
    """Return what stands between the outer tags of quotations in BBCode."""
    spans, depth, start = [], 0, 0
    for match in _QUOTE_CODE.finditer(text):
        if not match["closing"]:
            depth += 1
            start = start if depth > 1 else match.start()
        elif depth:
            depth -= 1
            if not depth:
                spans.append((start, match.end()))
    return spans


def _plain(text: str) -> Fragment:
    text = "\n".join(line.strip() for line in text.strip().split("\n"))
    text = re.sub(r"\n{3,}", "\n\n", text)
    return Fragment(text, marked_quotations(text))


def _without_tags(html: str) -> Fragment:
    return _plain(entities.unescape(_TAG.sub(" ", html)))


@dataclass(slots=True)
class _Written:
    """The text so far, and where it quotes."""

    line_feeds: bool
    parts: list[str] = field(default_factory=list)
    length: int = 0
    pending: int = _NONE
    spans: list[tuple[int, int]] = field(default_factory=list)
    quoting: int = 0
    quoted_from: int | None = None
    verbatim: int = 0

    def parting(self, strength: int) -> None:
        """Part what comes next from what stands there."""
        self.pending = max(self.pending, strength)

    def text(self, text: str) -> None:
        """Add running text, its white space collapsed."""
        if self.line_feeds or self.verbatim:
            first, *others = text.split("\n")
            inner = [other.strip() for other in others[:-1]]
            pieces = "\n".join(
                [
                    first.rstrip() if others else first,
                    *inner,
                    *(one.lstrip() for one in others[-1:]),
                ]
            )
            before = 0
            for feed in _FEEDS.finditer(pieces):
                self._words(pieces[before : feed.start()])
                self.parting(_PARAGRAPH if feed.group().count("\n") > 1 else _LINE)
                before = feed.end()
            self._words(pieces[before:])
        else:
            self._words(text)

    def _words(self, text: str) -> None:
        words = text.split()
        if not words:
            if text:
                self.parting(_SPACE)
            return
        if text[0].isspace():
            self.parting(_SPACE)
        if self.pending and self.parts:
            self._add(_BREAKS[self.pending])
        self.pending = _NONE
        if self.quoting and self.quoted_from is None:
            self.quoted_from = self.length
        self._add(" ".join(words))
        if text[-1].isspace():
            self.parting(_SPACE)

    def _add(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)

    def quotation(self, opens: bool) -> None:
        """Open or close a quotation; the outermost counts."""
        self.quoting += 1 if opens else -1
        if not self.quoting and self.quoted_from is not None:
            self.spans.append((self.quoted_from, self.length))
            self.quoted_from = None


def _reduced(element: Any, *, line_feeds: bool) -> Fragment:
    # Beyond recursion: markup may be as deep as the parser allows.
    written = _Written(line_feeds)
    stack: list[tuple[Any, bool]] = [(element, False)]
    while stack:
        node, leaving = stack.pop()
        tag = node.tag if isinstance(node.tag, str) else None
        if leaving:
            _leave(written, tag)
        elif tag is not None and tag not in _SILENT:
            _enter(written, node, tag)
            stack.append((node, True))
            stack.extend((child, False) for child in reversed(node))
            continue
        if node is not element and node.tail:
            written.text(node.tail)
    text = "".join(written.parts)
    return Fragment(text, _evidence(text, [*written.spans, *_spans(marked_quotations(text))]))


def _enter(written: _Written, node: Any, tag: str) -> None:
    if tag == "br":
        # Two of them in a row make a paragraph.
        written.parting(_PARAGRAPH if written.pending >= _LINE else _LINE)
    elif tag in PARAGRAPH_TAGS:
        written.parting(_PARAGRAPH)
    elif tag in LINE_TAGS:
        written.parting(_LINE)
    if tag == "blockquote":
        written.quotation(opens=True)
    elif tag == "pre":
        written.verbatim += 1
    elif tag == "li":
        written.text("- ")
    elif tag == "img" and 0 < len(node.get("alt") or "") <= _LONGEST_EMOJI:
        written.text(f" {node.get('alt')} ")
    if node.text:
        written.text(node.text)


def _leave(written: _Written, tag: str | None) -> None:
    if tag == "blockquote":
        written.quotation(opens=False)
    elif tag == "pre":
        written.verbatim -= 1
    if tag in PARAGRAPH_TAGS:
        written.parting(_PARAGRAPH)
    elif tag in LINE_TAGS:
        written.parting(_LINE)
    elif tag in {"td", "th"}:
        written.parting(_SPACE)


def _spans(quotations: tuple[Evidence, ...]) -> list[tuple[int, int]]:
    return [(one.start, one.end) for one in quotations]


def _evidence(text: str, spans: list[tuple[int, int]]) -> tuple[Evidence, ...]:
    """Return spans as evidence, in order; those that overlap or touch become one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and not text[merged[-1][1] : start].strip(" \n>"):
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(Evidence(start, end, text[start:end]) for start, end in merged if start < end)

"""The words of a comment: an element's text without what the page adds to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from moderation.parsing import cues
from moderation.parsing.html.authors import LONGEST_META, says_whom_it_answers
from moderation.parsing.html.dates import LONGEST_DATE
from moderation.parsing.html.dom import Element, cleared, text_of
from moderation.parsing.html.roles import roles
from moderation.parsing.markup import Fragment, text_of_element
from moderation.records import Evidence

LONGEST_CONTROL = 60


_EDITED = re.compile(
    r"\(?(?:zuletzt |dieser (?:beitrag|kommentar) wurde )?(?:zuletzt )?(?:am .{4,40} )?"
    r"(?:bearbeitet|editiert|geändert|edited)(?: (?:von|am|um|vor|by)\b.{1,80})?[.)]{0,2}"
    r"|(?:last )?edited(?: .{1,60})?",
    re.IGNORECASE,
)


_CONTROL_LINKS = ("#", "javascript:")


_ANSWERING = frozenset(("div", "span", "em", "i", "small"))


def is_control(element: Element, known: frozenset[str]) -> bool:
    """Return whether an element is something to click on, not to read."""
    text = text_of(element)
    if not text:
        return element.tag not in {"br", "hr"}
    if element.tag in _ANSWERING and says_whom_it_answers(text):
        return True
    if element.get("role") == "button" and len(text) <= LONGEST_CONTROL:
        return True
    plain = text if len(text) <= 200 else ""
    if element.tag in {"a", "span", "li", "small", "label", "div", "p", "ul", "nav", "summary"}:
        says = cues.is_line(plain, "interface", "comment_foot")
        if says and element.tag == "summary":
            return True
        if says and (
            "control" in known
            or "meta" in known
            or (element.tag == "a" and (element.get("href") or "#").startswith(_CONTROL_LINKS))
        ):
            return True
    return "control" in known and len(text) <= LONGEST_CONTROL and "body" not in known


def words_in(body: Element) -> Fragment:
    """Return the words of a comment in an element that holds them and little else."""
    for one in list(body.iter()):
        if not isinstance(one.tag, str) or one is body or one.tag == "wbr":
            continue
        found = roles(one)
        if "quote" in found and one.tag in {"div", "section", "aside"}:
            one.tag = "blockquote"
        elif one.tag != "img" and (
            is_attribution(one)
            or ("aside" in found and len(text_of(one)) <= LONGEST_META)
            or is_control(one, found)
        ):
            cleared(one)
    return trimmed(text_of_element(body))


def is_attribution(element: Element) -> bool:
    """Return whether an element says whose words a quotation repeats: "Max hat geschrieben:"."""
    if element.tag not in {"cite", "div", "span", "strong", "b", "a", "p", "header"}:
        return False
    text = text_of(element)
    if not text or len(text) > LONGEST_CONTROL + LONGEST_DATE or not _QUOTED.fullmatch(text):
        return False
    above = element.getparent()
    around = (above, above.getparent() if above is not None else None)
    return _QUOTE_HEAD.match(text) is not None or any(
        one is not None and one.tag == "blockquote" for one in around
    )


_QUOTE_HEAD = re.compile(r"zitat(?: von .{1,60})?:?$|zum vergrößern|click to expand", re.IGNORECASE)


_QUOTED = re.compile(
    r"(?:zitat von |quote from )?.{1,100}(?:hat (?:geschrieben|gesagt)|schrieb(?: am .{1,40})?"
    r"|sagte|schreibt|meinte|wrote|said)\s?(?:\(?[\d., :]{0,24}\)?)\s?[:↑]{0,2}"
    r"|zitat(?: von .{1,60})?:?|zitieren:?|quote:?"
    r"|(?:zum vergrößern anklicken|click to expand).{0,6}",
    re.IGNORECASE,
)


# "3 J.", "5 Std.": how long ago, beside buttons.
_AGO = re.compile(
    r"(?:vor )?\d{1,3} ?(?:J|T|W|M|Mon|Std|Min|Sek|Wo|Wch|h|d|w|y|m|min)\.?", re.IGNORECASE
)


# "Permanenter Link", "- Kommentar-Link": how a comment is pointed at.
_LINK = re.compile(
    r"(?:[-–#] ?)?(?:perma(?:nenter )?-? ?link|kommentar-?link|direktlink|link kopieren)",
    re.IGNORECASE,
)


def _is_aside(line: str) -> bool:
    plain = " ".join(line.split())
    if not plain.strip("·|•–—-/,: "):
        return True
    if len(plain) > 200:
        return False
    return (
        cues.is_line(plain, "comment_foot")
        or _LINK.fullmatch(plain) is not None
        or _AGO.fullmatch(plain) is not None
        or _EDITED.fullmatch(plain) is not None
        or _ABOUT.fullmatch(plain) is not None
    )


# What a letter is about: 'Zum Bericht „Poller vor der Sparkasse“ vom 6. März:'.
_ABOUT = re.compile(
    r"(?:(?:leserbrief|brief|zuschrift) )?zu(?:m|r)?:? "
    r"(?:(?:dem|der|unserem|unserer|Ihrem|Ihrer) )?"
    r"(?:artikel|bericht|kommentar|beitrag|leserbrief|text|interview|leitartikel|meldung"
    r"|berichterstattung|thema|glosse|reportage|kolumne|essay)\b[^.!?\n]{0,160}"
    r"(?:[:“”\"»«]|vom [^.!?\n]{0,6}\d[^!?\n]{0,40}"
    r"|(?:Ausgabe|S\.|Seite|Nr\.)[^!?\n]{0,30})",
    re.IGNORECASE,
)


def without_about(fragment: Fragment) -> Fragment:
    """Take out the line that says what a letter is about, where it stands below its title."""
    for match in _FIRST_LINES.finditer(fragment.text[:600]):
        plain = " ".join(match.group().split())
        if match.start() and (_ABOUT.fullmatch(plain) or _ABOUT_BELOW.fullmatch(plain)):
            above = cut(fragment, 0, match.start())
            return joined([above, cut(fragment, match.end(), len(fragment.text))])
    return fragment


# Below a title, less is enough: "Zur Kinderseite:".
_ABOUT_BELOW = re.compile(r"Zu(?:m|r)? [A-ZÄÖÜ„“\"»][^!?\n]{2,90}:")
_FIRST_LINES = re.compile(r"[^\n]{1,300}")


def trimmed(fragment: Fragment) -> Fragment:
    """Cut off lines above and below the words that are none of the commenter's."""
    lines = fragment.text.split("\n")
    above = sum(1 for _ in takewhile(_is_aside, lines))
    if above == len(lines):
        return Fragment("") if not fragment.text.strip() else fragment
    below = sum(1 for _ in takewhile(_is_aside, reversed(lines)))
    start = sum(len(line) + 1 for line in lines[:above])
    stop = len(fragment.text) - sum(len(line) + 1 for line in lines[len(lines) - below :])
    return cut(fragment, start, stop) if above or below else fragment


def cut(fragment: Fragment, start: int, stop: int) -> Fragment:
    """Return what stands from `start` to `stop`, without white space around it."""
    text = fragment.text[start:stop]
    start += len(text) - len(text.lstrip())
    text = text.strip()
    quotations = tuple(
        Evidence(left, right, text[left:right])
        for one in fragment.quotations
        if (left := max(one.start - start, 0)) < (right := min(one.end - start, len(text)))
    )
    return Fragment(text, quotations)


def joined(fragments: Sequence[Fragment]) -> Fragment:
    """Return pieces of a comment as paragraphs of one text."""
    text = ""
    quotations: list[Evidence] = []
    for one in fragments:
        if not one.text:
            continue
        offset = len(text) + 2 if text else 0
        text = f"{text}\n\n{one.text}" if text else one.text
        quotations += [Evidence(q.start + offset, q.end + offset, q.text) for q in one.quotations]
    return Fragment(text, tuple(quotations))

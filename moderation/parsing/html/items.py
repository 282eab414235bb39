"""One comment of a page: its element parted into author, date, words and what is the page's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from moderation.parsing import cues
from moderation.parsing.comment_headers import clean_name, is_name
from moderation.parsing.html.authors import (
    LONGEST_META,
    answered_words,
    attribute_author,
    author_element,
    guessed_author,
    marks_header,
    name_of,
)
from moderation.parsing.html.dates import (
    MOMENT,
    attribute_moment,
    date_elements,
    date_in,
    is_date,
    moment,
)
from moderation.parsing.html.dom import SILENT, Element, cleared, names, own_text, text_of, words_of
from moderation.parsing.html.leftover import words_left
from moderation.parsing.html.reading import Reading
from moderation.parsing.html.roles import Layout, first, roles
from moderation.parsing.html.words import (
    cut,
    joined,
    without_about,
    words_in,
)
from moderation.parsing.markup import Fragment

_LONGEST_TITLE = 150


_SILENT = SILENT | {"form", "select", "textarea", "button", "input", "noscript", "video", "audio"}


_PENDING = re.compile(
    r"\b(?:kommentar|beitrag|comment)\b.{0,60}\b(?:wartet auf|muss noch"
    r"|wird (?:noch )?(?:geprüft|moderiert)|awaiting|is pending|in moderation"
    r"|noch nicht freigeschaltet|freischaltung)",
    re.IGNORECASE,
)


_PENDING_NAMES = ("comment-awaiting-moderation", "unapproved", "awaiting-moderation", "pending")


_READERS = frozenset(
    (
        "screen-reader-text",
        "sr-only",
        "visually-hidden",
        "visuallyhidden",
        "show-for-sr",
        "assistive-text",
        "element-invisible",
        "u-hidden-visually",
        "screenreader-text",
        "a11y-hidden",
        "hidden-text",
    )
)


def read_item(item: Element, layout: Layout | None) -> Reading:
    """Read one comment.

    Parameters
    ----------
    item
        Its element, without the replies to it. It is changed: what is no part of the comment's
        words is taken out.
    layout
        The known markup it is in, if there is one.
    """
    reading = Reading()
    _take_out_silent(item)
    inside = [one for one in item.iter() if isinstance(one.tag, str)]
    if _is_pending(item, inside):
        reading.status = "pending"
    known = {one: roles(one) for one in inside}
    _unquote(inside)
    _clear_beginnings(inside)
    known[item] = frozenset()
    body = _known_text(item, inside, layout)
    dates = list(date_elements(inside, body))
    date = None
    if layout is not None and layout.published is not None:
        date = first(inside, layout.published, item)
    date = date if date is not None else next((one for one, sure in dates if sure), None)
    if date is None and dates:
        date = dates[0][0]
    if body is None:
        marks = [one for one, _ in dates]
        body = _body(item, inside, known, marks)
    author = author_element(item, inside, known, layout, body)
    if date is not None:
        exact = next((one for one in date.iter("time") if one.get("datetime")), date)
        reading.published = moment(exact)
    if author is not None:
        reading.author = name_of(author)
    reading.author = reading.author or attribute_author(item)
    if (
        reading.published is None
        or reading.published[10:] == ""
        or reading.published[-6:-5] not in "+-"
    ):
        reading.published = attribute_moment(item, reading.published)
    reading.reply_to = answered_words(item, body)
    if reading.author is None:
        author, reading.author = guessed_author(item, inside, known, date, body)
    if body is not None:
        title = _title(inside, known, body)
        reading.title = None if title == reading.author else title
        fragment = joined([words_in(one) for one in body])
        if reading.published is None:
            reading.published = date_in(_head_lines(inside, body[0]))
    else:
        fragment = words_left(item, inside, author, date, reading)
    if reading.author is None:
        fragment = _signed(fragment, reading)
    fragment = without_about(fragment)
    reading.text, reading.quotations = fragment.text, fragment.quotations
    return reading


def _unquote(inside: Sequence[Element]) -> None:
    """Make plain boxes of quotations that hold a whole comment, with name and date."""
    for one in inside:
        if one.tag == "blockquote" and any(
            part.tag in {"cite", "footer", "time"} and is_date(part) is not None
            for part in one.iter()
            if isinstance(part.tag, str)
        ):
            one.tag = "div"


def _clear_beginnings(inside: Sequence[Element]) -> None:
    """Take out the beginning of a text that stands whole behind it ("… mehr")."""
    for one in inside:
        if one.tag == "wbr" or one.getnext() is None:
            continue
        text = text_of(one)
        begins = _CUT_OFF.sub("", text)
        if _LEAST_BEGUN <= len(begins) < len(text) and any(
            text_of(whole).startswith(begins)
            for whole in islice(one.itersiblings(), _SIBLINGS)
            if isinstance(whole.tag, str)
        ):
            cleared(one)


_SIBLINGS = 4  # looked at for the whole text


# How a text that goes on elsewhere ends.
_CUT_OFF = re.compile(
    r"\s?(?:…|\.\.\.)\s?(?:mehr(?: anzeigen| lesen)?|weiterlesen)?$", re.IGNORECASE
)


_LEAST_BEGUN = 12  # characters


def _take_out_silent(item: Element) -> None:
    begun = False
    for one in list(item.iter()):
        if not isinstance(one.tag, str) or one is item:
            continue
        if one.tag == "button" and (_carries(one) or (not begun and _may_be_named(one))):
            one.tag = "span"
            begun = True
            continue
        begun = begun or bool(own_text(one))
        silent = _is_silent(one)
        if silent and (one.tag != "form" or len(text_of(one)) <= LONGEST_META):
            cleared(one)


def _is_initials(element: Element) -> bool:
    """Return whether an element shows a letter or two in the place of a picture."""
    if len(own_text(element)) > _INITIALS or len(text := text_of(element)) > _INITIALS or not text:
        return False
    if any("avatar" in words_of(name) for name in names(element)):
        return True
    name = element.getnext()
    return (
        text.isalpha()
        and text.isupper()
        and name is not None
        and not (element.tail or "").strip()
        and len(shown := text_of(name)) > len(text)
        and shown.upper().startswith(text[0])
        and is_name(shown)
    )


_INITIALS = 3  # characters


def _is_silent(element: Element) -> bool:
    return (
        element.tag in _SILENT
        or element.get("aria-hidden") == "true"
        or _is_for_readers(element)
        or _is_initials(element)
    )


def _may_be_named(button: Element) -> bool:
    """Return whether the first words of a comment, on a button, are its author's name."""
    text = text_of(button)
    return is_name(text) and not cues.is_line(text, "interface", "badge")


def _carries(button: Element) -> bool:
    """Return whether a button holds a name or a date, as those that open a profile do."""
    return bool(roles(button) & {"author", "published"}) or button.find(".//time") is not None


def _is_for_readers(element: Element) -> bool:
    return not _READERS.isdisjoint((element.get("class") or "").split())


def _is_pending(item: Element, inside: Sequence[Element]) -> bool:
    found = any(name in (item.get("class") or "").split() for name in _PENDING_NAMES)
    for one in inside[1:]:
        if one.tag == "wbr":
            continue
        named = any(name in (one.get("class") or "").split() for name in _PENDING_NAMES)
        if named or (
            one.tag in {"em", "p", "div", "span", "i", "small", "strong"}
            and len(one) <= 2
            and 10 < len(text := text_of(one)) <= LONGEST_META
            and _PENDING.search(text)
            and not any(name in roles(one) for name in ("body",))
        ):
            found = True
            cleared(one)
    return found


def _known_text(
    item: Element, inside: Sequence[Element], layout: Layout | None
) -> list[Element] | None:
    if layout is not None and layout.text is not None:
        found = first(inside, layout.text, item)
        if found is not None:
            return [found]
    return None


def _wraps_body(element: Element, known: dict[Element, frozenset[str]]) -> bool:
    """Return whether an element called "content" holds the body and its header."""
    inner = [one for one in element.iter() if one is not element]
    body = any("body" in known.get(one, ()) for one in inner)
    return body and any({"meta", "published"} & known.get(one, frozenset()) for one in inner)


def _body(
    item: Element,
    inside: Sequence[Element],
    known: dict[Element, frozenset[str]],
    dates: Sequence[Element],
) -> list[Element] | None:
    """Return the element that holds the words by its classes, and those of its kind beside it."""
    around: set[Element] = set()
    for mark in (*dates, *(one for one in inside if marks_header(one, known[one]))):
        above = mark
        while above is not None and above not in around:
            around.add(above)
            if above is item:
                break
            above = above.getparent()
    best: Element | None = None
    longest = 0
    passed: set[Element] = set()
    for one in inside:
        if one is item or one in around or "body" not in known[one] or one.tag == "wbr":
            continue
        if _wraps_body(one, known):
            continue
        if one.getparent() in passed:
            passed.add(one)
            continue
        passed.add(one)
        said = len(text_of(one))
        if said > longest:
            best, longest = one, said
    if best is None:
        return None
    parent = best.getparent()
    beside = [
        one
        for one in parent
        if one.tag == best.tag and one.get("class") == best.get("class") and one not in around
    ]
    return beside or [best]


_TITLES = frozenset(("h2", "h3", "h4", "h5", "h6"))


# "1. Recht so": the page numbers its comments.
_ORDINAL = re.compile(r"^#?\d{1,5}[.)]?\s{1,3}(?=\S)")


def _title(
    inside: Sequence[Element], known: dict[Element, frozenset[str]], body: Sequence[Element]
) -> str | None:
    """Return the title a reader gave a comment: it stands above the words."""
    for one in inside:
        if one is body[0]:
            return None
        if (one.tag != "h1" and "title" in known[one]) or one.tag in _TITLES:
            text = _ORDINAL.sub("", text_of(one))
            if (
                3 < len(text) <= _LONGEST_TITLE
                and not MOMENT.search(text)
                and not any("author" in known.get(part, ()) for part in one.iter())
                and not any(part in body for part in one.iter())
                and not any(
                    part.get("rel") == "author" or part.tag == "cite" for part in one.iter()
                )
                and not cues.is_line(text, "interface", "badge", "reply_to", "header_undated")
                and not known[one] & {"author", "control", "meta", "badge"}
            ):
                return text
    return None


def _head_lines(inside: Sequence[Element], body: Element) -> list[str]:
    """Return what stands above the words of a comment, piece by piece."""
    pieces: list[str] = []
    for one in inside:
        if one is body:
            break
        text = own_text(one)
        if text and len(text) <= 200:
            pieces.append(text)
    return pieces[:20]


def _signed(fragment: Fragment, reading: Reading) -> Fragment:
    """Read the name below a letter: "Max Muster, Musterstadt"."""
    above, _, last = fragment.text.rpartition("\n")
    signature = cues.match_line("signature", " ".join(last.split())) if len(last) <= 200 else None
    if signature is None or not above.strip():
        return fragment
    reading.author = clean_name(signature["author"])
    return cut(fragment, 0, len(above))

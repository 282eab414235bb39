"""The words of a comment as what is left when name, date, buttons and badges are taken out."""

from __future__ import annotations

from collections.abc import Sequence

from moderation.parsing import cues
from moderation.parsing.comment_headers import read_header
from moderation.parsing.dates import iso_moment
from moderation.parsing.html.authors import (
    INLINE,
    LONGEST_META,
)
from moderation.parsing.html.dates import (
    HEADER_REST,
    MOMENT,
    says_only_when,
)
from moderation.parsing.html.dom import Element, cleared, own_text, text_of
from moderation.parsing.html.reading import Reading
from moderation.parsing.html.roles import roles
from moderation.parsing.html.words import (
    LONGEST_CONTROL,
    cut,
    is_attribution,
    is_control,
    trimmed,
)
from moderation.parsing.lines import read_lines
from moderation.parsing.markup import Fragment, text_of_element


def words_left(
    item: Element,
    inside: Sequence[Element],
    author: Element | None,
    date: Element | None,
    reading: Reading,
) -> Fragment:
    """Return the words of a comment as what is left when everything else is taken out."""
    taken = False
    dated = False
    _clear_buttons(item, inside)
    _clear_between(inside, author, date)
    called = (text_of(author) if author is not None else "", reading.author or "")
    for mark in (date, author):
        taken = _clear_head(item, mark, called) or taken
    for mark in (author, date):
        if mark is None or mark.tag == "wbr" or mark is item:
            continue
        if mark is date and not says_only_when(mark, reading.author):
            continue
        cleared(mark)
        taken = True
        dated = dated or mark is date
    for one in inside:
        if one is item or one.tag == "wbr":
            continue
        found = roles(one)
        if "quote" in found and one.tag in {"div", "section", "aside"}:
            one.tag = "blockquote"
            continue
        if is_attribution(one):
            cleared(one)
        if "body" in found:
            continue
        length = len(text_of(one))
        if (
            is_control(one, found)
            or (found & {"badge", "aside"} and length <= LONGEST_CONTROL and not _signs(one))
            or ("meta" in found and length <= LONGEST_META)
        ) and one.tag not in {"br", "img", "hr"}:
            cleared(one)
    fragment = trimmed(text_of_element(item))
    if reading.author is None and not taken:
        return _headed(fragment, reading)
    return _without_name(_without_lead(fragment, reading, date_too=not dated), reading.author)


def _without_name(fragment: Fragment, author: str | None) -> Fragment:
    """Cut off lines above and below the words that only repeat who wrote them."""
    if not author:
        return fragment
    name = author.strip("@ ").casefold()
    for _ in range(_MOST_REPEATED):
        text = fragment.text
        above, _, rest = text.partition("\n")
        before, _, below = text.rpartition("\n")
        if rest.strip() and above.strip(_AROUND_NAME).casefold() == name:
            fragment = trimmed(cut(fragment, len(above), len(text)))
        elif before.strip() and below.strip(_AROUND_NAME).casefold() == name:
            fragment = trimmed(cut(fragment, 0, len(before)))
        else:
            break
    return fragment


#: Lines that repeat a name, at most, and signs around it.
_MOST_REPEATED, _AROUND_NAME = 3, "-–—@:,·| \u2022"


def _clear_between(inside: Sequence[Element], author: Element | None, date: Element | None) -> None:
    """Take out what stands between name and date: "<b>Max</b> <i>@max</i> <i>3 T.</i>"."""
    if author is None or date is None or author.getparent() is not date.getparent():
        return
    siblings = list(author.getparent())
    first, last = sorted((siblings.index(author), siblings.index(date)))
    between = siblings[first + 1 : last]
    if all(one.tag in INLINE and len(text_of(one)) <= LONGEST_CONTROL for one in between):
        for one in between:
            cleared(one)


def _clear_head(item: Element, mark: Element | None, called: Sequence[str]) -> bool:
    """Take out the box around name or date, where it says little else and words stand outside."""
    if mark is None or mark is item or mark.tag == "wbr":
        return False
    box: Element | None = None
    above = mark.getparent()
    while above is not None and above is not item:
        text = text_of(above)
        if len(text) > LONGEST_META or any(True for _ in above.iter("p", "br", "blockquote")):
            break
        left = text
        for name in filter(None, called):
            left = left.replace(name, " ")
        if (when := MOMENT.search(left)) is not None:
            left = left[: when.start()] + " " + left[when.end() :]
        if len(left.split()) > _MOST_BESIDE or left.rstrip().endswith(_SENTENCE_ENDS):
            break
        box = above
        above = above.getparent()
    if box is None or box.tag in {"p", "td"}:
        return False
    outside = len(text_of(item)) - len(text_of(box))
    if outside < _LEAST_OUTSIDE:
        return False
    cleared(box)
    return True


#: Words beside name and date in a box that says who and when: "schrieb am", a rank, a number.
_MOST_BESIDE = 6


#: Characters outside a box of name and date that are words of a comment, not a button.
_LEAST_OUTSIDE = 2


_SENTENCE_ENDS = (".", "!", "?", "…")


def _clear_buttons(item: Element, inside: Sequence[Element]) -> None:
    """Take out counters and words to click on that stand in elements of their own."""
    found: list[Element] = []
    for one in inside:
        if one is item or one.tag in {"p", "wbr", "blockquote"} or len(one) > _MOST_IN_BUTTON:
            continue
        text = text_of(one)
        if not text or len(text) > LONGEST_CONTROL:
            continue
        above = one.getparent()
        alone = one.tag not in INLINE or (
            above is not None and (above.tag != "p" or above is item) and not own_text(above)
        )
        if alone and cues.is_line(text, "interface", "badge", "comment_foot", "reply_to"):
            found.append(one)
    outer = [one for one in found if one.getparent() not in found]
    if sum(len(text_of(one)) for one in outer) < len(text_of(item)):
        for one in outer:
            cleared(one)


_MOST_IN_BUTTON = 3  # elements


def _without_lead(fragment: Fragment, reading: Reading, *, date_too: bool) -> Fragment:
    """Cut off what is left of "Max (12.05.2016) schrieb:" above or in front of the words."""
    text = fragment.text
    lead = HEADER_REST.match(text)
    at = lead.end() if lead else 0
    if date_too and (when := MOMENT.match(text, at)):
        rest = HEADER_REST.match(text, when.end())
        at = rest.end() if rest else when.end()
        if any(sign in ":)|\n" for sign in text[when.end() : at]):
            reading.published = reading.published or iso_moment(when.group()) or when.group()
            return cut(fragment, at, len(text))
        return fragment
    if not at or at >= len(text):
        return fragment
    # "Am Montag …" begins with a word of headers, but is a sentence.
    end = max(text.rfind(sign, 0, at) for sign in ":|\n)•·/") + 1
    return cut(fragment, end, len(text))


def _signs(element: Element) -> bool:
    return cues.match_line("signature", text_of(element)[:200]) is not None


def _headed(fragment: Fragment, reading: Reading) -> Fragment:
    """Read name and date from the first lines of a text."""
    lines = read_lines(fragment.text[:2000])
    if not lines:
        return fragment
    header = read_header(lines[0], lines[1] if len(lines) > 1 else None)
    if header is None:
        return fragment
    reading.author = header.author
    reading.published = reading.published or header.published
    if header.text_offset is not None:
        return cut(fragment, lines[0].start + header.text_offset, len(fragment.text))
    if header.lines < len(lines):
        return cut(fragment, lines[header.lines].start, len(fragment.text))
    return Fragment("")

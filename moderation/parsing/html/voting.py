"""Whether a group of elements is a thread of comments, where nothing on the page says so outright.

Each kind of evidence votes. No kind is enough by itself: teasers have authors and days, events have
hours, tables have rows that are all alike. What only readers' comments have together is a name, an
hour, words in a person's own voice, something to answer or report them with, and each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from moderation.parsing import cues
from moderation.parsing.comment_headers import is_name
from moderation.parsing.html.authors import attribute_author
from moderation.parsing.html.dates import LONGEST_DATE, MOMENT, attribute_moment, has_clock
from moderation.parsing.html.dom import Document, Element, own_text, text_of
from moderation.parsing.html.roles import roles

#: Votes a group needs to be comments. Chosen on the development pages, their names hashed or taken
#: out: the least at which no box of teasers, events, tickers or advertisements passes.
_NEEDED = 6
#: Votes that elements called answers need, to be readers' and not candidates'.
ANSWERS_NEEDED = 5
#: Votes from which more of them add nothing.
_CERTAIN = 12
#: Elements of a comment that are looked at, and comments of a group.
_MOST_LOOKED_AT, _MOST_BLOCKS = 40, 60
#: Votes lost without dates and buttons, or without any sign of a person at a certain hour.
_WITHOUT = 2
#: Share of the comments that must show a kind of evidence for it to count.
_MOST = 0.6
#: Characters of a name, and of a button.
_LONGEST_NAME, _LONGEST_BUTTON = 60, 60
#: Elements before and after a group in which a heading, a counter or a form is near.
_BEFORE, _AFTER = 14, 25
#: Share of characters in links from which something is a teaser.
_LINKS = 0.5

# What readers are asked to do with comments only.
_INVITES = re.compile(
    r"(?:↩ ?)?(?:antwort(?:en)?\b|reagier|melden\b|zitier|beanstand|reply\b|report\b|missbrauch"
    r"|gefällt mir|daumen|zustimm|(?:\d+ )?antworten\b|kommentieren\b|hilfreich|unterstützen)",
    re.IGNORECASE,
)
_SPOKE = re.compile(
    r"\b(?:schr(?:ieb|eibt)|sagte?|meinte?|kommentiert(?:e)?|antwortet(?:e)?|says|said|wrote"
    r"|eingereicht von|gefragt von)\b",
    re.IGNORECASE,
)
# Words in which somebody speaks for himself, or to somebody.
_VOICE = re.compile(
    r"\b(?:ich|mir|mich|mein\w{0,2}|wir|uns(?:er\w{0,2})?|ihr|euch|du|dir|dich|danke|leider|doch|halt"
    r"|ja|nein|genau|stimmt|endlich|bitte)\b|[?!]|…|:-?\)|\.\.\.",
    re.IGNORECASE,
)
# What a teaser, an advertisement or an offer says in its first lines.
_TEASES = re.compile(
    r"\bMin(?:\.|uten) Lesezeit|\bLesedauer|\bmehr lesen\b|\bweiterlesen\b|\d ?(?:€|EUR\b|Euro VB)"
    r"|^(?:pro|[ck]ontra)\b|\bVB\b|\bTickets?\b|\bEintritt\b|\bAbspielen\b"
    r"|\bFolge \d|\bVersion \d|\bDownload\b",
    re.IGNORECASE,
)
# What stands above or below a place where readers write.
_PLACE = re.compile(
    r"kommentar|leser|meinung|zuschrift|wortmeldung|rückmeldung|diskussion|debatte|mitreden|forum"
    r"|gästebuch|schreib(?:en|t)? (?:auch )?(?:sie|uns|du|ihr)|ihr beitrag|stimmen\b"
    r"|antworten\b|plauder"
    r"|anregung|erinnerungen|reaktionen|fragen und antworten|beiträge|gedanken"
    r"|posting|notiz|randbemerk|feedback",
    re.IGNORECASE,
)
# Where anybody may write, with a day below it at most.
_GUESTS = re.compile(r"gästebuch|guestbook|plauder", re.IGNORECASE)
_OPEN = 5.0  # votes
_COUNT = re.compile(r"(?<!\d)(\d{1,4})(?![\d.:])")
_REFERS = re.compile(r"^(?:@|[↶↪↳↑]|zu #?\d|(?:als )?antwort (?:an|auf)|#\d)", re.IGNORECASE)
_ANSWERS = ("parent", "reply", "answer", "antwort", "thread", "depth", "level", "ebene")
_ENDS = frozenset(("footer", "aside", "nav", "h1"))
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))


@dataclass(frozen=True, slots=True)
class _Block:
    """What one element of a group shows."""

    text: str
    name: str | None
    dated: bool
    clock: bool
    invites: bool
    spoke: bool
    voice: bool
    linked_heading: bool
    heading: bool
    linked: float
    teases: bool
    avatar: bool
    refers: bool
    attribute: bool


def thread_weight(
    document: Document,
    places: Sequence[int],
    parents: Sequence[int | None],
    dates: Sequence[int],
) -> float:
    """Return how surely elements are comments although no class and no heading says so.

    Parameters
    ----------
    document
        The page.
    places, parents
        The elements in order, and for each the index of the one around it.
    dates
        Places of the elements that say when.

    Returns
    -------
    float
        0 where they are none, else up to 1.
    """
    found = votes(document, places, parents, dates)
    return min(found, _CERTAIN) / _CERTAIN if found >= _NEEDED else 0.0


def votes(
    document: Document,
    places: Sequence[int],
    parents: Sequence[int | None],
    dates: Sequence[int],
) -> float:
    """Return how much speaks for comments, in votes; see `thread_weight`."""
    blocks = [
        _block(document, places, index, dates) for index in range(min(len(places), _MOST_BLOCKS))
    ]
    number = len(blocks)
    if number == 0:
        return 0.0

    def share(wanted: str) -> float:
        return sum(bool(getattr(block, wanted)) for block in blocks) / number

    names = {block.name for block in blocks if block.name}
    found = 0.0
    found += 3 * (share("invites") >= _MOST) + 3 * (share("spoke") >= _MOST)
    found += 2 * (share("clock") >= _MOST) + (share("dated") >= _MOST)
    found += 2 * (share("name") >= _MOST and (len(names) > 1 or number == 1))
    found += (share("voice") >= 0.5) + (share("avatar") >= _MOST)
    found += 2 * any(parent is not None for parent in parents)
    found += 2 * any(block.refers for block in blocks) + 2 * any(
        block.attribute for block in blocks
    )
    found += _around(document, places, number)
    found -= 5 * (share("linked_heading") >= 0.5) + (share("heading") >= _MOST)
    found -= 4 * (share("teases") >= 0.5)
    found -= 4 * (sum(block.linked for block in blocks) / number > _LINKS)
    found -= 2 * (share("voice") < 0.2) + 2 * (share("name") < 0.3)
    found -= 3 * (number > 2 and len(names) == 1)
    found -= 2 * (number == 1)
    # Quotes, answers and staff have names and days; readers have hours, or buttons below them.
    readers = any(share(wanted) >= _MOST for wanted in ("clock", "invites", "spoke")) or any(
        block.refers or block.attribute for block in blocks
    )
    if not readers or (share("dated") < _MOST and share("invites") < _MOST):
        found -= _WITHOUT
    return found


def _block(document: Document, places: Sequence[int], index: int, dates: Sequence[int]) -> _Block:
    place = places[index]
    stop = min(document.end[place], place + _MOST_LOOKED_AT)
    if index + 1 < len(places):
        stop = min(stop, max(places[index + 1], place + 1))
    inner = [document.elements[at] for at in range(place, stop)]
    item = inner[0]
    when = [document.elements[at] for at in dates if place <= at < stop]
    texts = [(one, own_text(one)) for one in inner]
    longest = max((text for _, text in texts), key=len, default="")
    # "Hof Deich · 20. Jan. 2021": what is left beside the date may be the name.
    name = next((text for one, text in texts if _may_name(one, text)), None)
    for one in when:
        if name is None and (match := MOMENT.search(own := own_text(one)[:LONGEST_DATE])):
            left = f"{own[: match.start()]} {own[match.end() :]}".strip(" ,·|•–-:()")
            name = left if left and is_name(left) else None
    said = max(document.said[stop] - document.said[place], 1)
    return _Block(
        text=longest,
        name=name or _attribute(item, "author", "name", "user"),
        dated=bool(when) or _attribute(item, "time", "created", "date") is not None,
        clock=any(has_clock(one) for one in when)
        or _CLOCK.search(_attribute(item, "time", "created", "date") or "") is not None,
        invites=any(
            one.tag in {"a", "button", "span", "li", "summary"}
            and 0 < len(text) <= _LONGEST_BUTTON
            and _INVITES.match(text)
            for one, text in texts
        ),
        spoke=any(len(text) <= 2 * LONGEST_DATE and _SPOKE.search(text) for one, text in texts)
        and bool(when),
        voice=any(_VOICE.search(text[:2000]) for _, text in texts),
        linked_heading=any(
            one.tag in _HEADINGS and (one.find(".//a") is not None or _in_link(one))
            for one in inner
        )
        or item.tag == "a",
        heading=any(one.tag in _HEADINGS for one in inner),
        linked=(document.linked[stop] - document.linked[place]) / said,
        teases=any(_TEASES.search(text[:300]) for _, text in texts),
        avatar=any(one.tag == "img" for one in inner[:8]),
        refers=any(_REFERS.match(text) for _, text in texts),
        attribute=_answers(item)
        or (attribute_author(item) is not None and attribute_moment(item, None) is not None),
    )


# An hour, or seconds since 1970.
_CLOCK = re.compile(r"\d{1,2}:\d{2}|^1\d{9}")


def _answers(item: Element) -> bool:
    """Return whether attributes say what an element answers, or how deeply."""
    return any(
        word in attribute
        for attribute in item.attrib
        if attribute not in {"class", "id"}
        for word in _ANSWERS
    )


def _in_link(element: Element) -> bool:
    above = element.getparent()
    return above is not None and above.tag == "a"


def _attribute(element: Element, *wanted: str) -> str | None:
    for name, value in element.attrib.items():
        if name.startswith("data-") and value and any(word in name for word in wanted):
            return str(value)[:_LONGEST_NAME]
    return None


def _may_name(element: Element, text: str) -> bool:
    if not 0 < len(text) <= _LONGEST_NAME or element.tag in {"button", "time"}:
        return False
    return (
        is_name(text)
        and MOMENT.search(text) is None
        and any(sign.isalpha() for sign in text)
        and "control" not in roles(element)
        and not cues.is_line(text, "interface", "badge", "comment_foot")
    )


def _around(document: Document, places: Sequence[int], number: int) -> float:
    """Return the votes of what stands before and behind a group: headings, counters and forms."""
    first = places[0]
    last = max(document.end[place] for place in places[-_MOST_BLOCKS:])
    found = 0.0
    spoken = counted = 0.0
    for element in _near(document, first, last):
        if element.tag in {"textarea", "form"}:
            spoken = max(spoken, 2.0)
            continue
        text = own_text(element)
        if not text or len(text) > 2 * _LONGEST_NAME:
            continue
        if _PLACE.search(text):
            spoken = max(spoken, _OPEN if _GUESTS.search(text) else 2.0)
            count = _COUNT.search(text)
            if count and int(count[1]) == number:
                counted = 3.0
    found += spoken + counted
    return found


def _near(document: Document, first: int, last: int) -> Iterator[Element]:
    around = set(document.elements[first].iterancestors())
    for at in range(max(0, first - _BEFORE), min(first, len(document.elements))):
        one = document.elements[at]
        if one not in around or text_of_is_short(one):
            yield one
    for one in document.elements[last : last + _AFTER]:
        if one.tag in _ENDS:
            return
        yield one


def text_of_is_short(element: Element) -> bool:
    """Return whether the words directly in an element are few."""
    return len(text_of(element)[: 2 * _LONGEST_NAME + 1]) <= 2 * _LONGEST_NAME

"""When a comment was written: the elements and attributes of a page that say so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from moderation.parsing import cues
from moderation.parsing.dates import WHEN, iso_moment
from moderation.parsing.html.dom import Element, own_text, text_of
from moderation.parsing.html.roles import roles

#: Characters at most in an author's name, a date, and what a button says.
LONGEST_NAME = 80


LONGEST_DATE = 80


MOMENT = re.compile(WHEN, re.IGNORECASE)


_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")


_EPOCH = re.compile(r"1\d{9}(?:\d{3})?(?:\.\d{1,6})?")


_EPOCH_LENGTH = 10  # digits of seconds since 1970; with milliseconds three more


_ZONE = re.compile(r"(?<=\d)([+-]\d{2}):?(\d{2})$")


_FRACTION = re.compile(r"(?<=:\d{2})[.,]\d{1,9}")


_CLOCK = re.compile(r"(?<!\d)(\d{1,2})[:.](\d{2})(?::(\d{2}))?(?!\d)")


_SINCE = re.compile(
    r"registriert|mitglied seit|dabei seit|beigetreten|joined|angemeldet|bearbeitet|geändert|edited"
    r"|editiert|zuletzt|aktualisiert|update",
    re.IGNORECASE,
)


# What is left of a header when name and date are taken out: "schrieb am um Uhr:".
HEADER_REST = re.compile(
    r"(?:[\s…()\[\]|:,;·•#/@.–—-]|\b(?:sagt(?:e)?|schrieb|schreibt|meint(?:e)?|kommentiert(?:e)?|antwortet(?:e)?|am|um|vom|von|den|Uhr"
    r"|says?|said|wrote|on|at|by|hat|geschrieben|gesagt|kommentierte|verfasst|Eintrag|Beitrag|Kommentar|Datum|Name|Autor)\b){0,40}",
    re.IGNORECASE,
)


def date_elements(
    inside: Sequence[Element], body: Sequence[Element] | None
) -> Iterator[tuple[Element, bool]]:
    """Yield elements that say when, and whether markup says so."""
    within: set[Element] = set()
    if body:
        within = {one for part in body for one in part.iter()}
    for one in inside:
        if one in within:
            continue
        sure = is_date(one)
        if sure is None or _is_since(one):
            continue
        # "<b>Max</b> (12.05.2016): Hallo" is the comment, not its date.
        if not sure and opens_with_date(one) and not says_only_when(one, text_of(one[0])):
            continue
        yield one, sure


def opens_with_date(element: Element) -> bool:
    """Return whether an element begins with a name and a date: "<b>Max</b> (12.05.2016): …"."""
    if element.tag not in {"p", "div", "li", "td", "dd"} or not len(element):
        return False
    first = element[0]
    if first.tag == "br" and element.text and len(element.text) <= 2 * LONGEST_DATE:
        return cues.is_line(" ".join(element.text.split()), "header")
    if first.tag not in MARKED or (element.text or "").strip() or not first.tail:
        return False
    tail = first.tail[:LONGEST_DATE].lstrip(" \n\t(,|/–-·")
    return len(text_of(first)) <= LONGEST_NAME and MOMENT.match(tail) is not None


def _is_since(element: Element) -> bool:
    """Return whether a date is not that of the comment: since when somebody is a member."""
    before = element.getprevious()
    around = [text_of(element)[: 2 * LONGEST_DATE]]
    if before is not None:
        around.append(text_of(before)[-LONGEST_DATE:] + (before.tail or ""))
    above = element.getparent()
    if above is not None:
        around.append((above.text or "")[:LONGEST_DATE])
    return any(_SINCE.search(words) for words in around)


def is_date(element: Element) -> bool | None:
    """Return whether an element says when (``True``: its markup says so), or ``None``."""
    if element.tag == "time":
        return True
    attribute = element.get("title") or element.get("data-time") or ""
    if element.tag in {"abbr", "span", "a", "div", "p", "small"} and (
        _ISO.search(attribute[:LONGEST_DATE])
        or (len(attribute) <= LONGEST_DATE and attribute and iso_moment(attribute))
    ):
        return True
    prop = element.get("itemprop") or ""
    if prop in {"dateCreated", "datePublished", "commentTime"}:
        return True
    text = own_text(element)
    if not text or len(text) > LONGEST_DATE:
        return None
    if not any(sign.isdigit() for sign in text) and "vor " not in text and "tern" not in text:
        return None
    if len(text) <= _LONGEST_SHORT and SHORT_MOMENT.fullmatch(text):
        return "published" in roles(element)
    match = MOMENT.search(text)
    if match is None:
        return None
    if "published" in roles(element):
        return True
    left = HEADER_REST.sub("", text[: match.start()] + " " + text[match.end() :], count=0).strip()
    return False if len(left) <= LONGEST_NAME // 2 else None


# "9:10", "Apr 3", "5. Nov.", "3 J.", "12 Std.": less than a date, but said when.
_MONTHS = (
    r"(?:Jan|Feb|Mär|Mrz|Mar|Apr|Mai|May|Jun|Jul|Aug|Sep|Sept|Okt|Oct|Nov|Dez|Dec)[a-zä]{0,6}\.?"
)
SHORT_MOMENT = re.compile(
    rf"(?:(?:[01]?\d|2[0-3]):[0-5]\d(?: Uhr)?|{_MONTHS} \d{{1,2}}|\d{{1,2}}\.? {_MONTHS}"
    r"|(?:vor )?\d{1,3} ?(?:J|T|W|M|Mon|Std|Min|Sek|Wo|Wch|h|d|w|y|min)\.?)"
)
_LONGEST_SHORT = 20  # characters


def has_clock(element: Element) -> bool:
    """Return whether an element says at what hour, or how long ago."""
    when = moment(element)
    return when is not None and ("T" in when or not when[:4].isdecimal())


def moment(element: Element) -> str | None:
    """Return when, as an element says it: ISO 8601 with zone where its attributes have it."""
    words = text_of(element)
    best: str | None = None
    for name in (
        "datetime",
        "content",
        "title",
        "data-datetime",
        "data-time",
        "data-timestamp",
        "data-utime",
        "data-created",
        "data-date",
    ):
        value = (element.get(name) or "").strip()[:LONGEST_DATE]
        if value and (found := _moment_of(value)):
            best = found
            break
    if best is None:
        # Time stamps in attributes of any name.
        values = (value[:LONGEST_DATE] for value in element.attrib.values())
        exact = (_moment_of(v) for v in values if _EPOCH.fullmatch(v) or _ISO.match(v))
        best = next((found for found in exact if found), None)
    if best is not None and ("T" in best or not words):
        return best
    spoken = _spoken(element, words)
    if best is not None:
        return spoken if spoken and spoken.startswith(best) else best
    if spoken is not None:
        return spoken
    if len(words) <= LONGEST_DATE and cues.is_line(words, "date_line"):
        return words
    match = MOMENT.search(words)
    return (
        match.group()
        if match
        else (words[:LONGEST_DATE] or None)
        if element.tag == "time"
        else None
    )


def _spoken(element: Element, words: str) -> str | None:
    match = MOMENT.search(words[:400])
    if match is None:
        return None
    found = iso_moment(match.group())
    if found is None and len(words) <= LONGEST_DATE:
        # "Gestern, 21.09.2021 um 17:30 Uhr"
        found = iso_moment(words)
    if found and "T" not in found:
        # "12.05.2016" in one element, "14:03 Uhr" in the next.
        behind = words[match.end() :] + " " + (element.tail or "")
        following = element.getnext()
        if following is not None:
            behind += " " + text_of(following)[:LONGEST_DATE]
        clock = _CLOCK.search(behind[:30])
        if clock and int(clock[1]) < 24 and int(clock[2]) < 60:
            found += f"T{int(clock[1]):02d}:{clock[2]}" + (f":{clock[3]}" if clock[3] else "")
    return found


def _moment_of(value: str) -> str | None:
    if _EPOCH.fullmatch(value):
        digits = value.partition(".")[0]
        seconds = int(digits[:_EPOCH_LENGTH])
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    return zoned(iso_moment(_FRACTION.sub("", value)))


def zoned(iso: str | None) -> str | None:
    """Return ISO 8601 with its zone written as "+00:00"."""
    if iso is None:
        return None
    if iso.endswith("Z"):
        return iso[:-1] + "+00:00"
    return _ZONE.sub(r"\1:\2", iso) if "T" in iso else iso


def date_in(lines: Iterable[str]) -> str | None:
    """Return the first date that stands in some lines."""
    for line in lines:
        match = MOMENT.search(line)
        if match:
            return iso_moment(match.group()) or match.group()
    return None


def attribute_moment(item: Element, shown: str | None) -> str | None:
    """Return when, as an attribute of the comment says it, if that says more than what is shown."""
    for name in (
        "created",
        "datetime",
        "data-created",
        "data-created-at",
        "data-date",
        "data-time",
        "data-timestamp",
        "data-datetime",
        "timestamp",
        "date",
        "published",
    ):
        value = (item.get(name) or "").strip()[:LONGEST_DATE]
        found = _moment_of(value) if value else None
        if found and "T" in found:
            return found
    return shown


MARKED = frozenset(("a", "b", "strong", "cite", "em", "i", "h2", "h3", "h4", "h5", "h6", "th", "u"))


# Signs between name, date and counters: "Ollie | 06.10.2022 | 12 finden das gut".
_PARTING = re.compile(r"\s[|·•/–-]\s|[|·•]")
_LONGEST_PIECE = 30  # characters
_SENTENCE_ENDS = (".", "!", "?", "…", ":")


def says_only_when(mark: Element, author: str | None) -> bool:
    """Return whether an element says when and who, and nothing else."""
    text = text_of(mark)
    for link in mark.iter("a", "button"):
        if link is not mark and cues.is_line(words := text_of(link), "interface"):
            text = text.replace(words, " ", 1)
    match = MOMENT.search(text)
    if match is None:
        return len(text) <= LONGEST_DATE
    left = text[: match.start()] + " " + text[match.end() :]
    if author:
        left = left.replace(author, " ", 1)
    left = LONE_CLOCK.sub(" ", left)
    pieces = [piece.strip() for piece in _PARTING.split(left) if piece.strip()]
    if (
        len(pieces) < len(_PARTING.findall(text)) + 2
        and all(
            len(piece) <= _LONGEST_PIECE and not piece.endswith(_SENTENCE_ENDS) for piece in pieces
        )
        and _PARTING.search(text)
    ):
        return True
    return HEADER_REST.fullmatch(" ".join(left.split())) is not None or len(left.strip()) <= 3


LONE_CLOCK = re.compile(r"\d{1,2}[:.]\d{2}(?::\d{2})?|#\d{1,6}")

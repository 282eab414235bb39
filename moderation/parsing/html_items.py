"""One comment of a page: its element parted into author, date, words and what belongs to the page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import takewhile

from moderation.parsing import cues
from moderation.parsing.comment_headers import clean_name, is_name, read_header
from moderation.parsing.dates import WHEN, iso_moment
from moderation.parsing.html_dom import SILENT, Element, cleared, names, own_text, text_of, words_of
from moderation.parsing.html_roles import Layout, first, roles
from moderation.parsing.lines import read_lines
from moderation.parsing.markup import Fragment, text_of_element
from moderation.records import Evidence, Status

#: Characters at most in an author's name, a date, and what a button says.
_LONGEST_NAME = 80
_LONGEST_DATE = 80
_LONGEST_CONTROL = 60
#: Characters at most in a box of names, ranks and counters above or below a comment.
_LONGEST_META = 240
_LONGEST_TITLE = 150
_SILENT = SILENT | {"form", "select", "textarea", "button", "input", "noscript", "video", "audio"}
_WHEN = re.compile(WHEN, re.IGNORECASE)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?(?:\.\d{1,6})?")
_EPOCH_LENGTH = 10  # digits of seconds since 1970; with milliseconds three more
_ZONE = re.compile(r"(?<=\d)([+-]\d{2}):?(\d{2})$")
_FRACTION = re.compile(r"(?<=:\d{2})[.,]\d{1,9}")
_CLOCK = re.compile(r"(?<!\d)(\d{1,2})[:.](\d{2})(?::(\d{2}))?(?!\d)")
_SAYS = re.compile(
    r"[\s:,·•|]{0,5}(?:sagt(?:e)?|schrieb|schreibt|meint(?:e)?|kommentiert(?:e)?|antwortet(?:e)?|says?|said"
    r"|wrote|hat (?:geschrieben|gesagt|kommentiert)|am)?[\s:,·•|…]{0,5}$",
    re.IGNORECASE,
)
_BY = re.compile(
    r"^(?:(?:(?:kommentar|beitrag|antwort|leserbrief|(?:ab)?gesendet|verfasst|geschrieben|kommentiert|gepostet"
    r"|eingestellt|gespeichert|hinterlassen|erstellt|posted|written|submitted|comment) )?(?:von|by)"
    r"|autor(?:in)?|name|nutzer|user|verfasser(?:in)?)[\s:]{1,3}(?=\S)",
    re.IGNORECASE,
)
_UNVERIFIED = re.compile(
    r"\s?\((?:nicht (?:überprüft|registriert|verifiziert)|not verified|gast|unregistriert)\)$", re.IGNORECASE
)
_SINCE = re.compile(
    r"registriert|mitglied seit|dabei seit|beigetreten|joined|angemeldet|bearbeitet|geändert|edited"
    r"|editiert|zuletzt|aktualisiert|update",
    re.IGNORECASE,
)
# What is left of a header when name and date are taken out: "schrieb am um Uhr:".
_REST = re.compile(
    r"(?:[\s()\[\]|:,;·•#/@.–—-]|\b(?:sagt(?:e)?|schrieb|schreibt|meint(?:e)?|kommentiert(?:e)?|antwortet(?:e)?|am|um|vom|von|den|Uhr"
    r"|says?|said|wrote|on|at|by|hat|geschrieben|verfasst|Datum|Name|Autor)\b){0,40}",
    re.IGNORECASE,
)
_EDITED = re.compile(
    r"\(?(?:zuletzt |dieser (?:beitrag|kommentar) wurde )?(?:zuletzt )?(?:am .{4,40} )?"
    r"(?:bearbeitet|editiert|geändert|edited)(?: (?:von|am|um|vor|by)\b.{1,80})?[.)]{0,2}"
    r"|(?:last )?edited(?: .{1,60})?",
    re.IGNORECASE,
)
_PENDING = re.compile(
    r"\b(?:kommentar|beitrag|comment)\b.{0,60}\b(?:wartet auf|muss noch|wird (?:noch )?(?:geprüft|moderiert)"
    r"|awaiting|is pending|in moderation|noch nicht freigeschaltet|freischaltung)",
    re.IGNORECASE,
)
_CONTROL_LINKS = ("#", "javascript:")
_PENDING_NAMES = ("comment-awaiting-moderation", "unapproved", "awaiting-moderation", "pending")
_READERS = frozenset(
    ("screen-reader-text", "sr-only", "visually-hidden", "visuallyhidden", "show-for-sr", "assistive-text", "element-invisible", "u-hidden-visually", "screenreader-text", "a11y-hidden", "hidden-text")
)


@dataclass(slots=True)
class Reading:
    """What an element says about a comment."""

    author: str | None = None
    published: str | None = None
    text: str = ""
    quotations: tuple[Evidence, ...] = ()
    status: Status | None = None
    title: str | None = None
    reply_to: str | None = None


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
    known[item] = frozenset()
    body = _known_text(item, inside, layout)
    dates = list(_dates(inside, body))
    date = None
    if layout is not None and layout.published is not None:
        date = first(inside, layout.published, item)
    date = date if date is not None else next((one for one, sure in dates if sure), None)
    if date is None and dates:
        date = dates[0][0]
    if body is None:
        marks = [one for one, _ in dates]
        body = _body(item, inside, known, marks)
    author = _author(item, inside, known, layout, body)
    if date is not None:
        exact = next((one for one in date.iter("time") if one.get("datetime")), date)
        reading.published = moment(exact)
    if author is not None:
        reading.author = _name(author)
    reading.author = reading.author or _attribute_author(item)
    if reading.published is None or reading.published[10:] == "" or reading.published[-6:-5] not in "+-":
        reading.published = _attribute_moment(item, reading.published)
    reading.reply_to = _answered_words(item, body)
    if reading.author is None:
        author, reading.author = _guessed_author(item, inside, known, date, body)
    if body is not None:
        title = _title(inside, known, body)
        reading.title = None if title == reading.author else title
        fragment = _joined([_words(one) for one in body])
        if reading.published is None:
            reading.published = _date_in(_head_lines(inside, body[0]))
    else:
        fragment = _rest(item, inside, author, date, reading)
    if reading.author is None:
        fragment = _signed(fragment, reading)
    fragment = _without_about(fragment)
    reading.text, reading.quotations = fragment.text, fragment.quotations
    return reading


def titled(reading: Reading) -> Reading:
    """Return a comment with its title as the first paragraph."""
    if reading.title is None or reading.text.startswith(reading.title.rstrip(".… ")):
        return reading
    fragment = _joined([Fragment(reading.title), Fragment(reading.text, reading.quotations)])
    return replace(reading, text=fragment.text, quotations=fragment.quotations)


def cut_text(reading: Reading, start: int, stop: int) -> None:
    """Keep of the words of a comment what stands from `start` to `stop`."""
    fragment = _cut(Fragment(reading.text, reading.quotations), start, stop)
    reading.text, reading.quotations = fragment.text, fragment.quotations


# -- what is no text -----------------------------------------------------------------------------


def _take_out_silent(item: Element) -> None:
    for one in list(item.iter()):
        if not isinstance(one.tag, str) or one is item:
            continue
        if one.tag == "button" and _carries(one):
            one.tag = "span"
            continue
        if one.tag in _SILENT or one.get("aria-hidden") == "true" or _is_for_readers(one):
            if one.tag != "form" or len(text_of(one)) <= _LONGEST_META:
                cleared(one)


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
            and 10 < len(text := text_of(one)) <= _LONGEST_META
            and _PENDING.search(text)
            and not any(name in roles(one) for name in ("body",))
        ):
            found = True
            cleared(one)
    return found


def _is_control(element: Element, known: frozenset[str]) -> bool:
    """Return whether an element is something to click on, not to read."""
    text = text_of(element)
    if not text:
        return element.tag not in {"br", "hr"}
    if element.get("role") == "button" and len(text) <= _LONGEST_CONTROL:
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
    if "control" in known and len(text) <= _LONGEST_CONTROL and "body" not in known:
        return True
    return False


# -- date ----------------------------------------------------------------------------------------


def _dates(
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
        if sure is not None and not _is_since(one):
            yield one, sure


def opens_with_date(element: Element) -> bool:
    """Return whether an element begins with a name and a date: "<b>Max</b> (12.05.2016): …"."""
    if element.tag not in {"p", "div", "li", "td", "dd"} or not len(element):
        return False
    first = element[0]
    if first.tag not in _MARKED or (element.text or "").strip() or not first.tail:
        return False
    tail = first.tail[:_LONGEST_DATE].lstrip(" \n\t(,|/–-·")
    return len(text_of(first)) <= _LONGEST_NAME and _WHEN.match(tail) is not None


def _is_since(element: Element) -> bool:
    """Return whether a date is not that of the comment: since when somebody is a member."""
    before = element.getprevious()
    around = [text_of(element)[: 2 * _LONGEST_DATE]]
    if before is not None:
        around.append(text_of(before)[-_LONGEST_DATE:] + (before.tail or ""))
    above = element.getparent()
    if above is not None:
        around.append((above.text or "")[:_LONGEST_DATE])
    return any(_SINCE.search(words) for words in around)


def is_date(element: Element) -> bool | None:
    """Return whether an element says when (``True``: its markup says so), or ``None``."""
    if element.tag == "time":
        return True
    attribute = element.get("title") or element.get("data-time") or ""
    if element.tag in {"abbr", "span", "a", "div", "p", "small"} and (
        _ISO.search(attribute[:_LONGEST_DATE])
        or (len(attribute) <= _LONGEST_DATE and attribute and iso_moment(attribute))
    ):
        return True
    prop = element.get("itemprop") or ""
    if prop in {"dateCreated", "datePublished", "commentTime"}:
        return True
    text = own_text(element)
    if not text or len(text) > _LONGEST_DATE:
        return None
    if not any(sign.isdigit() for sign in text) and "vor " not in text and "tern" not in text:
        return None
    match = _WHEN.search(text)
    if match is None:
        return None
    if "published" in roles(element):
        return True
    left = _REST.sub("", text[: match.start()] + " " + text[match.end() :], count=0).strip()
    return False if len(left) <= _LONGEST_NAME // 2 else None


def moment(element: Element) -> str | None:
    """Return when, as an element says it: ISO 8601 with zone where its attributes have it."""
    words = text_of(element)
    best: str | None = None
    for name in ("datetime", "content", "title", "data-datetime", "data-time", "data-timestamp",
                 "data-utime", "data-created", "data-date"):
        value = (element.get(name) or "").strip()[:_LONGEST_DATE]
        if value and (found := _moment_of(value)):
            best = found
            break
    if best is not None and ("T" in best or not words):
        return best
    spoken = _spoken(element, words)
    if best is not None:
        return spoken if spoken and spoken.startswith(best) else best
    if spoken is not None:
        return spoken
    if len(words) <= _LONGEST_DATE and cues.is_line(words, "date_line"):
        return words
    match = _WHEN.search(words)
    return match.group() if match else (words[:_LONGEST_DATE] or None) if element.tag == "time" else None


def _spoken(element: Element, words: str) -> str | None:
    match = _WHEN.search(words[:400])
    if match is None:
        return None
    found = iso_moment(match.group())
    if found and "T" not in found:
        # "12.05.2016" in one element, "14:03 Uhr" in the next.
        behind = words[match.end() :] + " " + (element.tail or "")
        following = element.getnext()
        if following is not None:
            behind += " " + text_of(following)[:_LONGEST_DATE]
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


def _date_in(lines: Iterable[str]) -> str | None:
    for line in lines:
        match = _WHEN.search(line)
        if match:
            return iso_moment(match.group()) or match.group()
    return None


# -- author --------------------------------------------------------------------------------------


def _author(
    item: Element,
    inside: Sequence[Element],
    known: dict[Element, frozenset[str]],
    layout: Layout | None,
    body: Sequence[Element] | None,
) -> Element | None:
    within = {one for part in body or () for one in part.iter()}
    outside = [one for one in inside if one not in within and one is not item]
    if layout is not None and layout.author is not None:
        for chain in layout.author.source.split(","):
            from moderation.parsing.html_roles import selector

            found = first(outside, selector(chain.strip()), item)
            if found is not None and _name(found):
                return found
    ranked: list[tuple[int, Element]] = []
    for one in outside:
        rank = _author_rank(one, known[one])
        if rank is not None and not _is_answered(one) and _name(one):
            ranked.append((rank, one))
    if ranked:
        best = min(rank for rank, _ in ranked)
        return next(one for rank, one in ranked if rank == best)
    return None


def _is_answered(element: Element) -> bool:
    """Return whether an element names who is answered, not who writes."""
    for _ in range(3):
        if element is None:
            return False
        words = {word for name in names(element) for word in words_of(name)}
        if words & {"inreplyto", "replyto", "mention"} or {"reply", "to"} <= words:
            return True
        if _ANSWERS.match((element.text or "").strip()):
            return True
        element = element.getparent()
    return False


_ANSWERS = re.compile(r"(?:als )?(?:in )?(?:antwort (?:auf|an)|reply to|replying to|an @)", re.IGNORECASE)


def _author_rank(element: Element, known: frozenset[str]) -> int | None:
    """Return how surely an element names the author (0 is surest), or ``None``."""
    prop = (element.get("itemprop") or "").split()
    classes = (element.get("class") or "").split()
    if "fn" in classes or "n" in classes:
        return 0
    if "name" in prop or "author" in prop or "creator" in prop:
        return 1
    if element.get("rel") == "author":
        return 2
    if "author" in known and "control" not in known:
        return 3
    if element.tag == "cite":
        return 4
    return None


def _name(element: Element) -> str | None:
    """Return the name in an element that names the author."""
    named = next(
        (one for one in element.iter() if one is not element and _is_name_part(one)), None
    )
    if named is not None:
        element = named
    text = _SAYS.sub("", _BY.sub("", text_of(element)))
    match = _WHEN.search(text)
    if match:
        text = _SAYS.sub("", text[: match.start()])
    text = _UNVERIFIED.sub("", clean_name(text) or "")
    text = _placeless(text, element)
    if not text or len(text) > _LONGEST_NAME or not any(sign.isalnum() for sign in text):
        return None
    if cues.is_line(text, "interface", "badge"):
        return None
    return text


def _placeless(text: str, element: Element) -> str:
    """Return a name without the place letters are signed with."""
    text = clean_name(text) or ""
    if ", " not in text:
        return text
    placed = cues.match_line("signature", text)
    if placed is None:
        above = element.getparent()
        around = (*names(element), *(names(above) if above is not None else ()))
        if _SIGNATURE.intersection(word for name in around for word in words_of(name)):
            placed = _NAME_AND_PLACE.fullmatch(text)
    return placed["author"] if placed else text


_SIGNATURE = frozenset(("signature", "signatur", "unterschrift", "absender"))
_NAME_AND_PLACE = re.compile(r"(?P<author>[^,]{2,60}), (?:\d{5} )?[A-ZÄÖÜ][\w./-]{1,30}(?: [\w./()-]{1,20}){0,3}")


def _is_name_part(element: Element) -> bool:
    if not isinstance(element.tag, str):
        return False
    text = text_of(element)
    if not text or len(text) > _LONGEST_NAME:
        return False
    return (
        element.tag in {"a", "cite", "b", "strong"}
        or _author_rank(element, roles(element)) is not None
    ) and not cues.is_line(text, "interface", "badge", "date_line")


def _attribute_moment(item: Element, shown: str | None) -> str | None:
    """Return when, as an attribute of the comment says it, if that says more than what is shown."""
    for name in ("created", "datetime", "data-created", "data-created-at", "data-date", "data-time",
                 "data-timestamp", "data-datetime", "timestamp", "date", "published"):
        value = (item.get(name) or "").strip()[:_LONGEST_DATE]
        found = _moment_of(value) if value else None
        if found and "T" in found:
            return found
    return shown


def _answered_words(item: Element, body: Sequence[Element] | None) -> str | None:
    """Return the number or name of the comment answered, as words above a comment give it."""
    lines = _lines_outside(item, frozenset(body or ()))
    if body is None:
        lines = lines[:_HEAD_PIECES]
    for line in lines:
        match = _ANSWERED.search(line[:400])
        if match:
            return (match["number"] or match["name"]).strip()
    return None


_ANSWERED = re.compile(
    r"(?:↳ ?|(?:als )?(?:Antwort|Reaktion|Erwiderung) (?:auf|an)|antwortet(?:e)? (?:auf)?|Bezug(?: auf)?:?|(?:in )?reply(?:ing)? to:?)"
    r" ?(?:(?:Kommentar|Beitrag|Posting)(?: von| Nr\.?)? ?)?(?:#|Nr\.? ?)?(?:(?P<number>\d{1,9})\b|@?(?P<name>[^\s#:|•·,][^:|•·\n]{0,60}))",
    re.IGNORECASE,
)


def _attribute_author(item: Element) -> str | None:
    for name in ("author", "data-author", "data-author-name", "data-username", "data-user-name", "data-name"):
        value = (item.get(name) or "").strip()
        if value and len(value) <= _LONGEST_NAME:
            return value
    return None


def _guessed_author(
    item: Element,
    inside: Sequence[Element],
    known: dict[Element, frozenset[str]],
    date: Element | None,
    body: Sequence[Element] | None,
) -> tuple[Element | None, str | None]:
    """Return the element that may name the author by its place beside the date, and the name."""
    if date is not None and (name := _name_beside(date)):
        return None, name
    above = None if date is None else date.getparent()
    if (
        above is not None
        and above is not item
        and not (body and any(part in body for part in above.iter()))
        and len(words := text_of(above)) <= _LONGEST_META // 2
    ):
        when = text_of(date) if date is not None else ""
        left = words.replace(when, " | ", 1)
        if name := _name_in(left):
            return above, name
    within = {one for part in body or () for one in part.iter()}
    plain: tuple[Element, str] | None = None
    pieces = 0
    dated = False
    for one in inside:
        dated = dated or one is date
        if one is item or one in within or one.tag == "wbr":
            if body and one is body[0]:
                break
            continue
        text = own_text(one)
        if not text:
            continue
        pieces += 1
        if pieces > _HEAD_PIECES or len(text) > _LONGEST_NAME:
            break
        if len(one) and any(text_of(part) for part in one if part.tag != "wbr"):
            continue
        name = _SAYS.sub("", _BY.sub("", text))
        if known[one] & {"control", "badge", "title", "published"} or not _is_plain_name(name):
            continue
        if one.tag in _MARKED:
            return one, _placeless(name, one) or None
        # After the date, a lone word may be all the comment says.
        if plain is None and (body is not None or (date is not None and not dated)):
            plain = one, name
    named = _named_line(item, body)
    if named is not None:
        return None, named
    return (plain[0], clean_name(plain[1])) if plain else (None, None)


def _named_line(item: Element, body: Sequence[Element] | None) -> str | None:
    """Return the name in a line above or below the words: "Kommentiert von: Max | 12.05.2016"."""
    if body is None:
        return None
    lines = _lines_outside(item, frozenset(body))
    return next((name for line in lines if (name := _name_in(line, by_only=True))), None) or next(
        (name for line in lines if (name := _name_in(line))), None
    )


def _name_in(line: str, *, by_only: bool = False) -> str | None:
    """Return the name in a line of names, dates and signs between them."""
    for piece in _PIECES.split(_when_cut(line)):
        words = _SAYS.sub("", piece).strip(" |,;:·•/–—-[]")
        words = words.strip("()") if words.count("(") != words.count(")") else words
        by = _BY.match(words)
        name = _UNVERIFIED.sub("", words[by.end() :] if by else words)
        if by and 0 < len(name) <= _LONGEST_NAME:
            return clean_name(name)
        if not by_only and _is_plain_name(name):
            return clean_name(name)
    return None


_PIECES = re.compile(r"[|·•]|\s[–—-]\s")


def _when_cut(words: str) -> str:
    match = _WHEN.search(words)
    return words if match is None else f"{words[: match.start()]} {words[match.end() :]}"


def _lines_outside(item: Element, body: frozenset[Element]) -> list[str]:
    """Return the lines of an item that stand above or below its words."""
    lines: list[list[str]] = [[]]
    stack: list[Element | str] = [item]
    length = 0
    while stack and length < _LONGEST_OUTSIDE:
        node = stack.pop()
        if isinstance(node, str):
            lines[-1].append(node)
            length += len(node)
            continue
        if node in body or not isinstance(node.tag, str):
            lines.append([])
            continue
        if node.tag not in _INLINE:
            lines.append([])
        if node.text:
            stack.append(node.text) if not len(node) else lines[-1].append(node.text)
        for child in reversed(node):
            if child.tail:
                stack.append(child.tail)
            stack.append(child)
    return [text for line in lines if (text := " ".join(" ".join(line).split()))]


#: Characters looked at around the words of a comment.
_LONGEST_OUTSIDE = 3000
_INLINE = frozenset("a abbr b cite em font i small span strong time u wbr q s sub sup".split())


#: Pieces of text looked at for a name, and tags that mark one.
_HEAD_PIECES = 8
_MARKED = frozenset(("a", "b", "strong", "cite", "em", "i", "h2", "h3", "h4", "h5", "h6", "th", "u"))


def _is_plain_name(text: str) -> bool:
    return (
        is_name(text)
        and any(sign.isalpha() for sign in text)
        and not cues.is_line(text, "interface", "badge", "date_line", "reply_to", "comment_foot")
        and _WHEN.search(text) is None
        and _LONE_CLOCK.search(text) is None
        and _REST.fullmatch(text) is None
    )


def _name_beside(date: Element) -> str | None:
    """Return the name that stands in the same words as the date: "Max Muster, 12.05.2016"."""
    text = own_text(date)
    match = _WHEN.search(text)
    if match is None or len(text) > _LONGEST_NAME + _LONGEST_DATE:
        return None
    for words in (text[: match.start()], text[match.end() :]):
        name = _SAYS.sub("", _BY.sub("", words.strip(" ()[]|,;:·•/–—-\n\t")))
        name = name.strip(" ()[]|,;:·•/–—-")
        if name and _is_plain_name(name):
            return clean_name(name)
    return None


# -- words ---------------------------------------------------------------------------------------


def _known_text(
    item: Element, inside: Sequence[Element], layout: Layout | None
) -> list[Element] | None:
    if layout is not None and layout.text is not None:
        found = first(inside, layout.text, item)
        if found is not None:
            return [found]
    return None


def _body(
    item: Element,
    inside: Sequence[Element],
    known: dict[Element, frozenset[str]],
    dates: Sequence[Element],
) -> list[Element] | None:
    """Return the element that holds the words by its classes, and those of its kind beside it."""
    around: set[Element] = set()
    for mark in (*dates, *(one for one in inside if _marks_header(one, known[one]))):
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


def _marks_header(element: Element, known: frozenset[str]) -> bool:
    rank = _author_rank(element, known)
    return rank is not None and rank <= 3 and not _inside_quote(element)


def _inside_quote(element: Element) -> bool:
    above = element.getparent()
    for _ in range(8):
        if above is None:
            return False
        if above.tag == "blockquote" or "quote" in roles(above):
            return True
        above = above.getparent()
    return False


def _words(body: Element) -> Fragment:
    """Return the words of a comment in an element that holds them and little else."""
    for one in list(body.iter()):
        if not isinstance(one.tag, str) or one is body or one.tag == "wbr":
            continue
        found = roles(one)
        if "quote" in found and one.tag in {"div", "section", "aside"}:
            one.tag = "blockquote"
        elif _attributes(one):
            cleared(one)
        elif ("aside" in found and len(text_of(one)) <= _LONGEST_META) or _is_control(one, found):
            if one.tag != "img":
                cleared(one)
    return _trimmed(text_of_element(body))


def _attributes(element: Element) -> bool:
    """Return whether an element says whose words a quotation repeats: "Max hat geschrieben:"."""
    if element.tag not in {"cite", "div", "span", "strong", "b", "a", "p", "header"}:
        return False
    text = text_of(element)
    if not text or len(text) > _LONGEST_CONTROL + _LONGEST_DATE or not _QUOTED.fullmatch(text):
        return False
    above = element.getparent()
    around = (above, above.getparent() if above is not None else None)
    return _QUOTE_HEAD.match(text) is not None or any(
        one is not None and one.tag == "blockquote" for one in around
    )


_QUOTE_HEAD = re.compile(r"zitat(?: von .{1,60})?:?$|zum vergrößern|click to expand", re.IGNORECASE)


_QUOTED = re.compile(
    r"(?:zitat von |quote from )?.{1,100}(?:hat (?:geschrieben|gesagt)|schrieb(?: am .{1,40})?|sagte|schreibt|meinte"
    r"|wrote|said)\s?(?:\(?[\d., :]{0,24}\)?)\s?[:↑]{0,2}|zitat(?: von .{1,60})?:?|zitieren:?|quote:?"
    r"|(?:zum vergrößern anklicken|click to expand).{0,6}",
    re.IGNORECASE,
)


# "1. Recht so": the page numbers its comments.
_ORDINAL = re.compile(r"^#?\d{1,5}[.)]?\s{1,3}(?=\S)")


def _title(
    inside: Sequence[Element], known: dict[Element, frozenset[str]], body: Sequence[Element]
) -> str | None:
    """Return the title a reader gave a comment: it stands above the words."""
    for one in inside:
        if one is body[0]:
            return None
        if "title" in known[one] or one.tag in {"h1", "h2", "h3", "h4", "h5", "h6"}:
            text = _ORDINAL.sub("", text_of(one))
            if (
                3 < len(text) <= _LONGEST_TITLE
                and not _WHEN.search(text)
                and not any("author" in known.get(part, ()) for part in one.iter())
                and not any(part in body for part in one.iter())
                and not any(part.get("rel") == "author" or part.tag == "cite" for part in one.iter())
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


def _rest(
    item: Element,
    inside: Sequence[Element],
    author: Element | None,
    date: Element | None,
    reading: Reading,
) -> Fragment:
    """Return the words of a comment as what is left when everything else is taken out."""
    taken = False
    dated = False
    for mark in (author, date):
        if mark is None or mark.tag == "wbr" or mark is item:
            continue
        if mark is date and not _says_only_when(mark, reading.author):
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
        if _attributes(one):
            cleared(one)
        if "body" in found:
            continue
        length = len(text_of(one))
        if (
            _is_control(one, found)
            or (found & {"badge", "aside"} and length <= _LONGEST_CONTROL and not _signs(one))
            or ("meta" in found and length <= _LONGEST_META)
        ) and one.tag not in {"br", "img", "hr"}:
            cleared(one)
    fragment = _trimmed(text_of_element(item))
    if reading.author is None and not taken:
        return _headed(fragment, reading)
    return _without_lead(fragment, reading, date_too=not dated)


def _says_only_when(mark: Element, author: str | None) -> bool:
    """Return whether an element says when and who, and nothing else."""
    text = text_of(mark)
    match = _WHEN.search(text)
    if match is None:
        return len(text) <= _LONGEST_DATE
    left = text[: match.start()] + " " + text[match.end() :]
    if author:
        left = left.replace(author, " ", 1)
    left = _LONE_CLOCK.sub(" ", left)
    return _REST.fullmatch(" ".join(left.split())) is not None or len(left.strip()) <= 3


_LONE_CLOCK = re.compile(r"\d{1,2}[:.]\d{2}(?::\d{2})?|#\d{1,6}")


def _without_lead(fragment: Fragment, reading: Reading, *, date_too: bool) -> Fragment:
    """Cut off what is left of "Max (12.05.2016) schrieb:" above or in front of the words."""
    text = fragment.text
    lead = _REST.match(text)
    at = lead.end() if lead else 0
    if date_too and (when := _WHEN.match(text, at)):
        rest = _REST.match(text, when.end())
        at = rest.end() if rest else when.end()
        if any(sign in ":)|\n" for sign in text[when.end() : at]):
            reading.published = reading.published or iso_moment(when.group()) or when.group()
            return _cut(fragment, at, len(text))
        return fragment
    if not at or at >= len(text):
        return fragment
    # "Am Montag …" begins with a word of headers, but is a sentence.
    end = max(text.rfind(sign, 0, at) for sign in ":|\n)•·/") + 1
    return _cut(fragment, end, len(text))


def _signs(element: Element) -> bool:
    return cues.match_line("signature", text_of(element)[:200]) is not None


def _signed(fragment: Fragment, reading: Reading) -> Fragment:
    """Read the name below a letter: "Max Muster, Musterstadt"."""
    above, _, last = fragment.text.rpartition("\n")
    signature = cues.match_line("signature", " ".join(last.split())) if len(last) <= 200 else None
    if signature is None or not above.strip():
        return fragment
    reading.author = clean_name(signature["author"])
    return _cut(fragment, 0, len(above))


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
        return _cut(fragment, lines[0].start + header.text_offset, len(fragment.text))
    if header.lines < len(lines):
        return _cut(fragment, lines[header.lines].start, len(fragment.text))
    return Fragment("")


def _is_aside(line: str) -> bool:
    plain = " ".join(line.split())
    if not plain:
        return True
    if len(plain) > 200:
        return False
    return (
        cues.is_line(plain, "comment_foot")
        or _EDITED.fullmatch(plain) is not None
        or _ABOUT.fullmatch(plain) is not None
    )


# What a letter is about: 'Zum Bericht „Poller vor der Sparkasse“ vom 6. März:'.
_ABOUT = re.compile(
    r"(?:(?:leserbrief|brief|zuschrift) )?zu(?:m|r)?:? (?:(?:dem|der|unserem|unserer|Ihrem|Ihrer) )?(?:artikel|bericht|kommentar|beitrag|leserbrief"
    r"|text|interview|leitartikel|meldung|berichterstattung|thema|glosse|reportage|kolumne|essay)\b[^.!?\n]{0,160}"
    r"(?:[:“”\"»«]|vom [^.!?\n]{0,6}\d[^!?\n]{0,40}|(?:Ausgabe|S\.|Seite|Nr\.)[^!?\n]{0,30})",
    re.IGNORECASE,
)


def _without_about(fragment: Fragment) -> Fragment:
    """Take out the line that says what a letter is about, where it stands below its title."""
    for match in _FIRST_LINES.finditer(fragment.text[:600]):
        plain = " ".join(match.group().split())
        if match.start() and _ABOUT.fullmatch(plain):
            above = _cut(fragment, 0, match.start())
            return _joined([above, _cut(fragment, match.end(), len(fragment.text))])
    return fragment


_FIRST_LINES = re.compile(r"[^\n]{1,300}")


def _trimmed(fragment: Fragment) -> Fragment:
    """Cut off lines above and below the words that are none of the commenter's."""
    lines = fragment.text.split("\n")
    above = sum(1 for _ in takewhile(_is_aside, lines))
    if above == len(lines):
        return Fragment("") if not fragment.text.strip() else fragment
    below = sum(1 for _ in takewhile(_is_aside, reversed(lines)))
    start = sum(len(line) + 1 for line in lines[:above])
    stop = len(fragment.text) - sum(len(line) + 1 for line in lines[len(lines) - below :])
    return _cut(fragment, start, stop) if above or below else fragment


def _cut(fragment: Fragment, start: int, stop: int) -> Fragment:
    text = fragment.text[start:stop]
    start += len(text) - len(text.lstrip())
    text = text.strip()
    quotations = tuple(
        Evidence(left, right, text[left:right])
        for one in fragment.quotations
        if (left := max(one.start - start, 0)) < (right := min(one.end - start, len(text)))
    )
    return Fragment(text, quotations)


def _joined(fragments: Sequence[Fragment]) -> Fragment:
    text = ""
    quotations: list[Evidence] = []
    for one in fragments:
        if not one.text:
            continue
        offset = len(text) + 2 if text else 0
        text = f"{text}\n\n{one.text}" if text else one.text
        quotations += [Evidence(q.start + offset, q.end + offset, q.text) for q in one.quotations]
    return Fragment(text, tuple(quotations))

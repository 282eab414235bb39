"""Who wrote a comment, and whom it answers: the elements and words of a page that say so."""

from __future__ import annotations

import re
from collections.abc import Sequence

from moderation.parsing import cues
from moderation.parsing.comment_headers import clean_name, is_name
from moderation.parsing.html.dates import (
    HEADER_REST,
    LONE_CLOCK,
    LONGEST_DATE,
    LONGEST_NAME,
    MARKED,
    MOMENT,
    says_only_when,
)
from moderation.parsing.html.dom import Element, names, own_text, text_of, words_of
from moderation.parsing.html.roles import Layout, first, roles, selector

#: Characters at most in a box of names, ranks and counters above or below a comment.
LONGEST_META = 240

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
    r"\s?\((?:nicht (?:überprüft|registriert|verifiziert)|not verified|gast|unregistriert)\)$",
    re.IGNORECASE,
)


def author_element(
    item: Element,
    inside: Sequence[Element],
    known: dict[Element, frozenset[str]],
    layout: Layout | None,
    body: Sequence[Element] | None,
) -> Element | None:
    """Return the element that names the author by its classes or its tag."""
    within = {one for part in body or () for one in part.iter()}
    outside = [one for one in inside if one not in within and one is not item]
    if layout is not None and layout.author is not None:
        for chain in layout.author.source.split(","):
            found = first(outside, selector(chain.strip()), item)
            if found is not None and name_of(found):
                return found
    ranked: list[tuple[int, Element]] = []
    for one in outside:
        rank = _author_rank(one, known[one])
        if rank is not None and not _is_answered(one) and name_of(one):
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


_ANSWERS = re.compile(
    r"(?:als )?(?:in )?(?:antwort (?:auf|an)|reply to|replying to|an @)", re.IGNORECASE
)


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


def name_of(element: Element) -> str | None:
    """Return the name in an element that names the author."""
    named = next((one for one in element.iter() if one is not element and _is_name_part(one)), None)
    if named is not None:
        element = named
    elif len(element) and _is_plain_name(own := own_text(element)):
        # Badges stand behind the name: "Max <span>Neu hier</span>".
        return _placeless(own, element) or None
    text = _SAYS.sub("", _BY.sub("", text_of(element)))
    match = MOMENT.search(text)
    if match:
        text = _SAYS.sub("", text[: match.start()])
    text = _UNVERIFIED.sub("", clean_name(_TO_WHOM.sub("", text)) or "")
    text = _placeless(text, element)
    if not text or len(text) > LONGEST_NAME or not any(sign.isalnum() for sign in text):
        return None
    if cues.is_line(text, "interface", "badge"):
        return None
    # "@max" is how some systems write a name.
    return f"@{text}" if text_of(element).startswith(f"@{text}") else text


# "[3] Max": the page numbers its comments.
_NUMBER = re.compile(r"^(?:\[\d{1,5}\]|#\d{1,5}|\d{1,5}[.)])\s{1,3}(?=\S)")
# "Max antwortet Erika": the name behind the verb is answered.
_TO_WHOM = re.compile(r"\s+(?:antwortete?|erwiderte?|→|➜|▸|>)\s+\S.{0,80}$", re.IGNORECASE)


def _placeless(text: str, element: Element) -> str:
    """Return a name without the place letters are signed with."""
    text = clean_name(_TO_WHOM.sub("", _NUMBER.sub("", text))) or ""
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


_NAME_AND_PLACE = re.compile(
    r"(?P<author>[^,]{2,60}), (?:\d{5} )?[A-ZÄÖÜ][\w./-]{1,30}(?: [\w./()-]{1,20}){0,3}"
)


def _is_name_part(element: Element) -> bool:
    if not isinstance(element.tag, str):
        return False
    text = text_of(element)
    if not text or len(text) > LONGEST_NAME:
        return False
    return (
        element.tag in {"a", "cite", "b", "strong"}
        or _author_rank(element, roles(element)) is not None
    ) and not cues.is_line(text, "interface", "badge", "date_line")


def answered_words(item: Element, body: Sequence[Element] | None) -> str | None:
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
    r"(?:↳ ?|(?:als )?(?:Antwort|Reaktion|Erwiderung) (?:auf|an)|antwortet(?:e)? (?:auf)?"
    r"|Bezug(?: auf)?:?|(?:in )?reply(?:ing)? to:?)"
    r" ?(?:(?:Kommentar|Beitrag|Posting)(?: von| Nr\.?)? ?)?(?:#|Nr\.? ?)?"
    r"(?:(?P<number>\d{1,9})\b|@?(?P<name>[^\s#:|•·,][^:|•·\n]{0,60}))",
    re.IGNORECASE,
)


def says_whom_it_answers(text: str) -> bool:
    """Return whether words only say which comment is answered: "als Antwort an Max"."""
    return len(text) <= _LONGEST_ANSWER and (
        _ANSWERED.fullmatch(text) is not None or cues.is_line(text, "reply_to")
    )


_LONGEST_ANSWER = 100  # characters


def attribute_author(item: Element) -> str | None:
    """Return the name of the author in an attribute of the comment."""
    for name in (
        "author",
        "data-author",
        "data-author-name",
        "data-username",
        "data-user-name",
        "data-name",
    ):
        value = (item.get(name) or "").strip()
        if value and len(value) <= LONGEST_NAME:
            return value
    return None


def guessed_author(
    item: Element,
    inside: Sequence[Element],
    known: dict[Element, frozenset[str]],
    date: Element | None,
    body: Sequence[Element] | None,
) -> tuple[Element | None, str | None]:
    """Return the element that may name the author by its place beside the date, and the name."""
    if date is not None and (name := _name_beside(date)):
        return None, name
    for one in date.iter() if date is not None else ():
        if one.tag in MARKED and one is not date and _is_plain_name(words := text_of(one)):
            return one, _placeless(_SAYS.sub("", words), one) or None
    above = None if date is None else date.getparent()
    if (
        above is not None
        and above is not item
        and not (body and any(part in body for part in above.iter()))
        and len(words := text_of(above)) <= LONGEST_META // 2
    ):
        when = text_of(date) if date is not None else ""
        left = words.replace(when, " | ", 1)
        if (name := _name_in(left)) and (body or says_only_when(above, name)):
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
        # Of a box with marks in it ("<p><b>Max</b> 12.5.<br>Hallo</p>") its beginning is looked at.
        text = " ".join((one.text or "").split()) if len(one) else own_text(one)
        if not text:
            continue
        pieces += 1
        if pieces > _HEAD_PIECES or len(text) > LONGEST_NAME:
            break
        if len(one) and any(text_of(part) for part in one if part.tag != "wbr"):
            continue
        name = _SAYS.sub("", _BY.sub("", text))
        if known[one] & {"control", "badge", "title", "published"} or not _is_plain_name(name):
            continue
        if _is_answered(one):
            continue
        if one.tag in MARKED:
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
        if by and 0 < len(name) <= LONGEST_NAME:
            return clean_name(name)
        if not by_only and _is_plain_name(name):
            return clean_name(name)
    return None


_PIECES = re.compile(r"[|·•]|\s[–—-]\s")


def _when_cut(words: str) -> str:
    match = MOMENT.search(words)
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
        if node.tag not in INLINE:
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


INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "cite",
        "em",
        "font",
        "i",
        "small",
        "span",
        "strong",
        "time",
        "u",
        "wbr",
        "q",
        "s",
        "sub",
        "sup",
    ]
)


#: Pieces of text looked at for a name, and tags that mark one.
_HEAD_PIECES = 8


# "Lokführer i.R.", "Kämmerer a. D.", "SV Holm e.V."
_TITLE_BEHIND = re.compile(
    r"\s(?:i\.\s?R|a\.\s?D|e\.\s?V|jun|sen|jr|sr|M\.\s?A|B\.\s?A|LL\.\s?M|Ph\.\s?D)\.$",
    re.IGNORECASE,
)


def _is_plain_name(text: str) -> bool:
    return (
        is_name(_TITLE_BEHIND.sub("", text))
        and any(sign.isalpha() for sign in text)
        and not cues.is_line(text, "interface", "badge", "date_line", "reply_to", "comment_foot")
        and MOMENT.search(text) is None
        and LONE_CLOCK.search(text) is None
        and HEADER_REST.fullmatch(text) is None
    )


def _name_beside(date: Element) -> str | None:
    """Return the name that stands in the same words as the date: "Max Muster, 12.05.2016"."""
    text = own_text(date)
    match = MOMENT.search(text)
    if match is None or len(text) > LONGEST_NAME + LONGEST_DATE:
        return None
    for words in (text[: match.start()], text[match.end() :]):
        name = _SAYS.sub("", _BY.sub("", words.strip(" []|,;:·•/–—-\n\t")))
        name = name.strip(" []|,;:·•/–—-")
        name = name.strip("()") if name.count("(") != name.count(")") else name
        if name and _is_plain_name(name):
            return clean_name(name)
    return None


def marks_header(element: Element, known: frozenset[str]) -> bool:
    """Return whether an element surely names the author, so that what is around it is no text."""
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

"""The editorial part of a page: headline, byline, date, body, tags, and teasers kept apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from moderation.parsing import cues
from moderation.parsing.comment_headers import is_name
from moderation.parsing.dates import WHEN, iso_moment
from moderation.parsing.lines import ITEM, LINK_NUMBER, Line, unwrapped
from moderation.records import Article

#: Characters from which a line is a paragraph of the body wherever it stands.
_LONG = 120
#: A shorter line is one if it ends a sentence and has this many words.
_SENTENCE_WORDS = 9
# Above the body, "…?" and "…!" may end a headline, so only these end a sentence there.
_SENTENCE_ENDS = (".", ".“", ".”", '."', ".«", ".»", "“.", '".')
_ENDS = (*_SENTENCE_ENDS, "?", "!", "…", "?“", "!“", '?"', '!"', "“", '"', "»", "«", ":")
#: Words of a last sentence that are not yet a line of the interface.
_CLOSING_WORDS = 3
#: Characters from which the article goes on after a box of links.
_RESUMES = 140
#: Characters: a second line above the body this long is a subtitle, no headline.
_SUBTITLE = 95
#: Characters at most in a teaser's headline, a tag and a caption.
_LONGEST_TEASER = 140
_LONGEST_TAG = 60
_LONGEST_CAPTION = 200
#: Lines above the body compared to find a repeated headline, and characters it has at least.
_TITLES_COMPARED = 30
_SHORTEST_HEADLINE = 16
#: Words of a headline at least, where a shorter line may be the name of a place or a section.
_HEADLINE_WORDS = 3
#: A longer line below a whole headline is its subtitle: characters, and words of the headline.
_LONG_SUBTITLE = 70
_WHOLE_HEADLINE_WORDS = 5
#: Lines at the top of the page in which its address or its running date may stand.
_TOP_LINES = 5

_COUNTER = re.compile(r"\s\(\d{1,6}\)$")
_WHEN = re.compile(WHEN, re.IGNORECASE)
# The sign of whoever wrote it, behind the last full stop: "(dpa)".
_SIGN = re.compile(r"\s?\([\w/.,+ -]{1,20}\)$")
_QUOTED = re.compile(r"[„“\"»«][^„“”\"»«]{8,150}[“”\"«»]")
_MARKDOWN_TITLE = re.compile(r"#\s+\S")
# Lines between article and comments that are neither body nor teaser.
_DROPPED = (
    "furniture",
    "share",
    "interface",
    "comments_heading",
    "comments_none",
    "comments_form",
    "comments_offer",
    "more_comments",
    "guidelines_link_line",
    "address",
    "footer",
    "url",
)


@dataclass(frozen=True, slots=True)
class ArticleReading:
    """An article and the indices of the lines that are its own (headline, byline, body)."""

    article: Article
    own: frozenset[int]
    url: str | None = None


@dataclass(slots=True)
class _Draft:
    head: list[int] = field(default_factory=list)
    body: list[int] = field(default_factory=list)
    own: set[int] = field(default_factory=set)
    section: str | None = None
    author: str | None = None
    published: str | None = None
    updated: str | None = None
    agency: str | None = None
    url: str | None = None
    tags: list[str] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    teasers: list[str] = field(default_factory=list)
    box: str | None = None
    caption_due: bool = False


def read_article(
    lines: Sequence[Line], end: int, skipped: frozenset[int], rest: Iterable[int]
) -> ArticleReading:
    """Read the article above the comments.

    Parameters
    ----------
    lines
        All lines of the page.
    end
        Index of the line where the article is over at the latest.
    skipped
        Indices of lines known to be something else (notices, house rules, comments).
    rest
        Indices of lines below `end` that may hold teasers and tags.
    """
    draft = _Draft()
    for index in range(end):
        if index not in skipped:
            _read_line(draft, lines, index)
    below = _Draft(box=None)
    for index in rest:
        line = lines[index]
        if not (_read_links(below, line) or _opens_box(below, lines, index)) and below.box:
            _fill_box(below, line)
    _trim(draft, lines)
    headline = _headline(draft, lines)
    body = [index for index in draft.body if index != headline]
    own = draft.own | set(body) | set(draft.head)
    article = Article(
        headline=_COUNTER.sub("", _title(lines[headline])) if headline is not None else None,
        section=draft.section,
        published=draft.published or draft.updated,
        author=draft.author,
        agency=draft.agency,
        body="\n\n".join(_verbatim(lines[index]) for index in body),
        tags=tuple(dict.fromkeys(draft.tags + below.tags or draft.topics + below.topics)),
        teasers=tuple(dict.fromkeys(draft.teasers + below.teasers)),
    )
    return ArticleReading(article, frozenset(own), draft.url)


def is_consent(line: Line) -> bool:
    """Return whether `line` is part of the question about cookies that covers a page."""
    return cues.find_first("consent", line.text) is not None


def is_paragraph(line: Line, *, in_head: bool) -> bool:
    """Return whether a line is running text; above the body, headlines must not be taken for it."""
    if len(line.text) >= _LONG:
        return True
    text = line.text.rstrip("*_") if line.text.startswith(("*", "_")) else line.text
    ends = _SENTENCE_ENDS if in_head else _ENDS
    return text.endswith(ends) and len(text.split()) >= _SENTENCE_WORDS


def _verbatim(line: Line) -> str:
    # Marks of a Markdown crosshead are not the article's words.
    marked = line.text.startswith("#") and not LINK_NUMBER.search(line.text)
    return line.plain if marked and line.plain else unwrapped(line.text)


def _title(line: Line) -> str:
    return unwrapped(line.plain or line.text)


def _read_line(draft: _Draft, lines: Sequence[Line], index: int) -> None:
    line = lines[index]
    in_head = not draft.body
    if draft.caption_due and len(line.text) <= _LONGEST_CAPTION:
        draft.caption_due = False
        return
    draft.caption_due = cues.is_line(line.plain, "caption_mark")
    if cues.find_first("appeal", line.text):
        draft.box = None
        return
    if in_head and is_consent(line):
        return
    if _read_links(draft, line) or _opens_box(draft, lines, index):
        return
    if draft.box and not _resumes(lines, index, draft.box):
        _fill_box(draft, line)
        return
    draft.box = None
    if _read_facts(draft, lines, index, in_head=in_head) or _is_caption(line):
        return
    if cues.is_line(line.plain, *_DROPPED) and not _is_crosshead(lines, index):
        return
    if in_head and not is_paragraph(line, in_head=True):
        draft.head.append(index)
    else:
        draft.body.append(index)


def _is_crosshead(lines: Sequence[Line], index: int) -> bool:
    """Return whether a word like "Netiquette" stands above a paragraph of the article."""
    following = lines[index + 1] if index + 1 < len(lines) else None
    return (
        following is not None
        and following.gap
        and cues.is_line(lines[index].plain, "guidelines_link_line")
        and is_paragraph(following, in_head=True)
    )


def _is_caption(line: Line) -> bool:
    return len(line.text) <= _LONGEST_CAPTION and cues.find_first("caption", line.text) is not None


def _is_author_above_date(lines: Sequence[Line], index: int) -> bool:
    """Return whether a line is a name of two or three words directly above a date."""
    line = lines[index]
    below = lines[index + 1] if index + 1 < len(lines) else None
    if below is None or below.gap or not cues.is_line(below.plain, "published_bare", "published"):
        return False
    words = line.plain.split(",")[0].split()
    return (
        2 <= len(words) <= 3
        and is_name(line.plain)
        and _looks_like_authors(line.plain)
        and not any(sign.isdigit() or sign in ":?!“”" for sign in line.plain)
    )


def _read_facts(draft: _Draft, lines: Sequence[Line], index: int, *, in_head: bool) -> bool:
    """Read byline, dates, section and agency; return whether the line was nothing else."""
    line = lines[index]
    inline = cues.find_first("agency_inline", line.text)
    if inline and draft.agency is None:
        agency = cues.named(inline, "agency")
        draft.agency = agency.lower() if agency else None
    agency_line = cues.match_line("agency", line.plain)
    if agency_line:
        draft.agency = draft.agency or agency_line["agency"].lower()
        return True
    near_head = in_head or len(draft.body) <= _TOP_LINES
    if near_head and (_read_section(draft, line, in_head) or _read_byline(draft, line, index)):
        return True
    if near_head and (draft.head or draft.body) and _is_author_above_date(lines, index):
        draft.author = draft.author or line.plain
        draft.own.add(index)
        return True
    address = cues.match_line("url", line.plain)
    if address and index < _TOP_LINES:
        draft.url = address["url"]
        return True
    return _read_date(draft, line, index, near_head=near_head)


def _read_section(draft: _Draft, line: Line, in_head: bool) -> bool:
    if not in_head:
        return False
    named = cues.match_line("section_named", line.plain)
    if named:
        draft.section = (cues.named(named, "section") or "").strip() or None
        return True
    if cues.is_line(line.plain, "section"):
        draft.section = draft.section or line.plain
        return True
    return False


def _read_byline(draft: _Draft, line: Line, index: int) -> bool:
    match = cues.match_line("byline", line.plain)
    name = match["author"].strip() if match else ""
    # "Von der Idee zum Beruf" is a headline: names have no articles in them.
    if match is None or not _looks_like_authors(name):
        return False
    draft.author = draft.author or name
    draft.own.add(index)
    if draft.published is None and _WHEN.search(line.plain):
        draft.published = iso_moment(line.plain)
    return True


_NO_AUTHOR = frozenset(
    ["der", "die", "das", "den", "dem", "ein", "eine", "einem", "zum", "zur", "nach", "bis"]
)
_PARTICLES = frozenset(
    ["von", "van", "de", "der", "den", "zu", "und", "da", "di", "la", "le", "el", "al"]
)


def _looks_like_authors(name: str) -> bool:
    words = name.replace(",", " ").split()
    if not 0 < len(words) <= 8 or (words[0].lower() in _NO_AUTHOR):
        return False
    return all(word[0].isupper() or word.lower() in _PARTICLES for word in words)


def _read_date(draft: _Draft, line: Line, index: int, *, near_head: bool) -> bool:
    if index == 0 and cues.is_line(line.plain, "running_date"):
        return True
    # A bare date deep in the article is part of it.
    for role in ("published", "updated", *(["published_bare"] if near_head else [])):
        match = cues.match_line(role, line.plain)
        moment = iso_moment(match["when"]) if match else None
        if match is None:
            continue
        draft.own.add(index)
        if role == "updated":
            draft.updated = draft.updated or moment
        else:
            draft.published = draft.published or moment
        return True
    return False


def _opens_box(draft: _Draft, lines: Sequence[Line], index: int) -> bool:
    """Note that a box of teasers or tags begins; the lines after it are no paragraphs."""
    line = lines[index]
    following = lines[index + 1] if index + 1 < len(lines) else None
    if draft.body:
        box = next((role for role in ("poll", "promo") if cues.is_line(line.plain, role)), None)
        if box is not None:
            # Above a paragraph "Umfrage" is a crosshead.
            crosshead = following is not None and _is_told(following)
            draft.box = draft.box if crosshead else box
            return not crosshead
    for role in ("teaser_heading", "teaser_box", "tags_heading", "topics_heading"):
        if cues.is_line(line.plain, role):
            draft.box = role
            return True
    if cues.is_line(line.plain, "footer", "section_end") and (draft.body or draft.box):
        draft.box = "footer"
        return True
    return False


def _is_told(line: Line) -> bool:
    """Return whether a line is a paragraph that neither asks nor advertises."""
    return (
        is_paragraph(line, in_head=True)
        and not line.text.endswith("?")
        and not cues.find_first("promo_text", line.text)
    )


def _read_links(draft: _Draft, line: Line) -> bool:
    tags = cues.match_line("tags_inline", line.plain)
    if tags:
        draft.tags += _split_tags(tags["tags"])
        return True
    teaser = cues.match_line("teaser_inline", line.plain)
    if teaser:
        draft.teasers.append(teaser["teaser"].strip())
        return True
    return False


def _fill_box(draft: _Draft, line: Line) -> None:
    dropped = cues.is_line(line.plain, *_DROPPED, "date_line", "caption_mark")
    if dropped and draft.box != "topics_heading":
        return
    if draft.box == "tags_heading":
        if is_paragraph(line, in_head=False) and "," not in line.text:
            draft.box = None
        else:
            draft.tags += _split_tags(line.text)
    elif draft.box == "topics_heading":
        draft.topics += _split_tags(_COUNTER.sub("", line.plain))
    # A line that ends a sentence is the summary below a teaser's headline.
    elif draft.box not in {"footer", "poll", "promo"} and _is_teaser(line):
        draft.teasers.append(line.plain.lstrip("*-•–·›»> "))


def _is_teaser(line: Line) -> bool:
    return len(line.text) <= _LONGEST_TEASER and not line.text.endswith((".", "…"))


def _split_tags(words: str) -> list[str]:
    tags = (tag.strip(" \t\xa0#.•·*-") for tag in re.split(r"[,;|•·]", words))
    return [tag for tag in tags if tag and len(tag) <= _LONGEST_TAG]


def _resumes(lines: Sequence[Line], index: int, box: str) -> bool:
    """Return whether the article goes on at `index` after a box of links.

    After boxes that close an article, one long paragraph may be a teaser's summary; two are text.
    """
    if box == "promo" and cues.find_first("promo_text", lines[index].text):
        return False
    if box in {"teaser_box", "poll", "promo"}:
        return lines[index].gap and is_paragraph(lines[index], in_head=True)
    if not _is_long_paragraph(lines[index]):
        return False
    following = lines[index + 1] if index + 1 < len(lines) else None
    return following is not None and _is_long_paragraph(following)


def _is_long_paragraph(line: Line) -> bool:
    return line.gap and len(line.text) >= _RESUMES and line.text.endswith(_ENDS)


def _trim(draft: _Draft, lines: Sequence[Line]) -> None:
    """Drop short lines after the last paragraph: controls and signatures no cue knows."""
    while draft.body and not is_paragraph(lines[draft.body[-1]], in_head=False):
        last = lines[draft.body[-1]]
        if last.text.endswith(_ENDS) and len(draft.body) == 1:
            break
        if _is_last_sentence(last):
            break
        items = _last_items(draft.body, lines)
        if items and _introduces_list(draft.body, items, lines):
            break
        del draft.body[-max(items, 1) :]


def _is_last_sentence(line: Line) -> bool:
    """Return whether a short line is a sentence with its full stop."""
    sentence = _SIGN.sub("", line.text)
    return sentence.endswith(_SENTENCE_ENDS) and len(sentence.split()) >= _CLOSING_WORDS


def _last_items(body: Sequence[int], lines: Sequence[Line]) -> int:
    """Return how many items of a list the body ends with."""
    is_item = (ITEM.match(lines[index].text) is not None for index in reversed(body))
    return sum(1 for _ in takewhile(bool, is_item))


def _introduces_list(body: Sequence[int], items: int, lines: Sequence[Line]) -> bool:
    """Return whether a line ending in a colon stands above the last `items` of the body."""
    return items < len(body) and lines[body[-items - 1]].text.endswith(":")


def _headline(draft: _Draft, lines: Sequence[Line]) -> int | None:
    """Guess the headline among the lines above the body: the last one, below its kicker."""
    marked = [index for index in draft.head if _MARKDOWN_TITLE.match(lines[index].text)]
    if marked:
        return marked[0]
    if not draft.head:
        return None
    if not draft.body:
        draft.body = draft.head[1:]
        return draft.head[0]
    above = _candidates(draft, lines)
    chosen = _repeated_title(above, lines)
    if chosen is None:
        chosen = _last_title(above, lines)
    # Sentences between headline and body are the article's introduction.
    lead = [
        index
        for index in draft.head
        if index > chosen
        and (
            _is_last_sentence(lines[index])
            or len(lines[index].text) >= _SUBTITLE
            or (index in above and lines[index].text.endswith("?"))
        )
    ]
    draft.body[:0] = lead
    return chosen


def _candidates(draft: _Draft, lines: Sequence[Line]) -> list[int]:
    """Return the lines that may be the headline.

    What follows the byline or the date is a subtitle or a crosshead, unless only names of places,
    sections and newspapers stand above it.
    """
    facts = min((index for index in draft.own), default=len(lines))
    above = [index for index in draft.head if index < facts]
    below = [index for index in draft.head if index > facts]
    if above and (
        any(_is_wordy(lines[i]) for i in above) or not any(_is_wordy(lines[i]) for i in below)
    ):
        return above
    return below or draft.head


def _is_wordy(line: Line) -> bool:
    words = line.text.split()
    return len(words) >= _HEADLINE_WORDS and any(sign.isalpha() for sign in line.text)


def _repeated_title(above: Sequence[int], lines: Sequence[Line]) -> int | None:
    """Return the line that a window title repeats: "Headline - Newspaper"."""
    for index in above[:_TITLES_COMPARED]:
        title = lines[index].plain
        others = (lines[other].plain for other in above[:_TITLES_COMPARED] if other != index)
        if len(title) >= _SHORTEST_HEADLINE and any(
            other.startswith(title) and other != title for other in others
        ):
            return index
    return None


def _last_title(above: Sequence[int], lines: Sequence[Line]) -> int:
    """Return the last line that is a title, below its kicker and above its subtitle."""
    rest = list(above)
    while len(rest) > 1:
        last, before = lines[rest[-1]], lines[rest[-2]]
        whole = len(before.text.split()) >= _WHOLE_HEADLINE_WORDS
        long = len(last.text) >= (_LONG_SUBTITLE if last.gap and whole else _SUBTITLE)
        sentence = whole and _is_last_sentence(last) and last.text.endswith(".")
        if not long and not sentence:
            break
        rest.pop()
    # An interview is headed by what was said, above the first question.
    quoted = [index for index in rest if _QUOTED.fullmatch(lines[index].plain)]
    if quoted and lines[rest[-1]].text.endswith("?"):
        return quoted[-1]
    return rest[-1]

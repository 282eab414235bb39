"""The editorial part of a page: headline, byline, date, body, tags, and teasers kept apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from moderation.parsing import cues
from moderation.parsing.dates import iso_moment
from moderation.parsing.lines import Line, unwrapped
from moderation.records import Article

#: Characters from which a line is a paragraph of the body wherever it stands.
_LONG = 120
#: A shorter line is one if it ends a sentence and has this many words.
_SENTENCE_WORDS = 9
# Above the body, "…?" and "…!" may end a headline, so only these end a sentence there.
_SENTENCE_ENDS = (".", ".“", ".”", '."', ".«", ".»", "“.", '".')
_ENDS = (*_SENTENCE_ENDS, "?", "!", "…", "?“", "!“", '?"', '!"', "“", '"', "»", "«", ":")
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
#: Lines at the top of the page in which its address or its running date may stand.
_TOP_LINES = 5

_COUNTER = re.compile(r"\s\(\d{1,6}\)$")
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
        if not (_read_links(below, line) or _opens_box(below, line)) and below.box:
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


def is_paragraph(line: Line, *, in_head: bool) -> bool:
    """Return whether a line is running text; above the body, headlines must not be taken for it."""
    if len(line.text) >= _LONG:
        return True
    ends = _SENTENCE_ENDS if in_head else _ENDS
    return line.text.endswith(ends) and len(line.text.split()) >= _SENTENCE_WORDS


def _verbatim(line: Line) -> str:
    # Marks of a Markdown crosshead are not the article's words.
    return line.plain if line.text.startswith("#") and line.plain else unwrapped(line.text)


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
    if _read_links(draft, line) or _opens_box(draft, line):
        return
    if draft.box and not _resumes(lines, index, draft.box):
        _fill_box(draft, line)
        return
    draft.box = None
    if _read_facts(draft, line, index, in_head=in_head) or _is_caption(line):
        return
    if cues.is_line(line.plain, *_DROPPED):
        return
    if in_head and not is_paragraph(line, in_head=True):
        draft.head.append(index)
    else:
        draft.body.append(index)


def _is_caption(line: Line) -> bool:
    return len(line.text) <= _LONGEST_CAPTION and cues.find_first("caption", line.text) is not None


def _read_facts(draft: _Draft, line: Line, index: int, *, in_head: bool) -> bool:
    """Read byline, dates, section and agency; return whether the line was nothing else."""
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
    if cues.named(match, "when") and draft.published is None:
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


def _opens_box(draft: _Draft, line: Line) -> bool:
    """Note that a box of teasers or tags begins; the lines after it are no paragraphs."""
    for role in ("teaser_heading", "teaser_box", "tags_heading", "topics_heading"):
        if cues.is_line(line.plain, role):
            draft.box = role
            return True
    if cues.is_line(line.plain, "footer", "section_end") and (draft.body or draft.box):
        draft.box = "footer"
        return True
    return False


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
    elif draft.box != "footer" and _is_teaser(line):
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
    if box == "teaser_box":
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
        draft.body.pop()


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
    # What follows the byline or the date is a subtitle or a crosshead.
    facts = min((index for index in draft.own), default=len(lines))
    above = [index for index in draft.head if index < facts] or draft.head
    if len(above) > 1 and len(lines[above[-1]].text) >= _SUBTITLE:
        subtitle = above.pop()
        draft.body.insert(0, subtitle)
    for index in above[:_TITLES_COMPARED]:
        # A window title repeats the headline: "Headline - Newspaper".
        title = lines[index].plain
        others = (lines[other].plain for other in above[:_TITLES_COMPARED] if other != index)
        if len(title) >= _SHORTEST_HEADLINE and any(
            other.startswith(title) and other != title for other in others
        ):
            return index
    return above[-1]

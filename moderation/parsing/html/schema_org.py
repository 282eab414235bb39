"""What a page says about itself in JSON-LD: its article, and comments that stand there as data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from moderation.parsing.dates import iso_moment
from moderation.parsing.html.dates import zoned
from moderation.parsing.html.dom import Element
from moderation.parsing.markup import text_of_html
from moderation.records import Comment

_ARTICLES = frozenset(
    (
        "Article",
        "NewsArticle",
        "BlogPosting",
        "ReportageNewsArticle",
        "OpinionNewsArticle",
        "AnalysisNewsArticle",
        "LiveBlogPosting",
        "DiscussionForumPosting",
        "SocialMediaPosting",
        "ReviewNewsArticle",
        "BackgroundNewsArticle",
        "TechArticle",
        "Report",
    )
)
_COMMENTS = frozenset(("Comment", "UserComments", "Answer"))
#: Objects looked at in one page, levels deep, and characters of one script.
_MOST_OBJECTS = 50_000
_DEEPEST = 40
_LONGEST_SCRIPT = 4_000_000


@dataclass(frozen=True, slots=True)
class ArticleFacts:
    """What JSON-LD says about an article."""

    headline: str | None = None
    section: str | None = None
    published: str | None = None
    author: str | None = None
    body: str | None = None
    keywords: tuple[str, ...] = ()
    url: str | None = None
    comment_count: int | None = None


def linked_data(root: Element) -> list[dict[str, Any]]:
    """Return all objects of the JSON-LD in a page, in order; what is no JSON is passed over."""
    objects: list[dict[str, Any]] = []
    for script in root.iter("script"):
        kind = (script.get("type") or "").partition(";")[0].strip().lower()
        if kind != "application/ld+json" or not script.text or len(script.text) > _LONGEST_SCRIPT:
            continue
        try:
            data = json.loads(
                script.text.strip().removeprefix("<!--").removesuffix("-->"), strict=False
            )
        except (ValueError, RecursionError):
            continue
        for one in _objects(data):
            objects.append(one)
            if len(objects) >= _MOST_OBJECTS:
                return objects
    return objects


def _objects(data: Any) -> Iterator[dict[str, Any]]:
    stack: list[tuple[Any, int, Any]] = [(data, 0, None)]
    while stack:
        value, level, above = stack.pop()
        if level > _DEEPEST:
            continue
        if isinstance(value, dict):
            if above is not None:
                value.setdefault("_above", above)
            yield value
            for name, child in reversed(value.items()):
                if name != "_above" and isinstance(child, dict | list):
                    inner = (
                        value
                        if name in {"comment", "comments", "suggestedAnswer", "acceptedAnswer"}
                        else None
                    )
                    stack.append((child, level + 1, inner))
        elif isinstance(value, list):
            stack.extend((child, level + 1, above) for child in reversed(value))


def _types(one: dict[str, Any]) -> set[str]:
    kind = one.get("@type")
    kinds = kind if isinstance(kind, list) else [kind]
    return {str(name).rpartition("/")[2] for name in kinds if isinstance(name, str)}


def article_facts(objects: list[dict[str, Any]]) -> ArticleFacts:
    """Return what the first article among objects of JSON-LD says of itself."""
    one = next((one for one in objects if _types(one) & _ARTICLES), None)
    if one is None:
        return ArticleFacts()
    section = one.get("articleSection")
    keywords = one.get("keywords")
    if isinstance(keywords, str):
        keywords = keywords.split(",")
    count = one.get("commentCount")
    return ArticleFacts(
        headline=_text(one.get("headline")) or _text(one.get("name")),
        section=_text(section[0] if isinstance(section, list) and section else section),
        published=_moment(one.get("datePublished")),
        author=_names(one.get("author")),
        body=_text(one.get("articleBody")),
        keywords=tuple(
            word.strip() for word in keywords or () if isinstance(word, str) and word.strip()
        )
        if isinstance(keywords, list)
        else (),
        url=_address(one),
        comment_count=int(count)
        if isinstance(count, int | str) and str(count).isdecimal() and len(str(count)) < 9
        else None,
    )


def _address(one: dict[str, Any]) -> str | None:
    page = one.get("mainEntityOfPage")
    if isinstance(page, dict):
        page = page.get("@id")
    for value in (one.get("url"), page):
        if isinstance(value, str) and value.startswith("http"):
            return value
    return None


def comments_in(objects: list[dict[str, Any]]) -> tuple[Comment, ...]:
    """Return the comments among objects of JSON-LD, replies with the comment they answer."""
    found = [one for one in objects if _types(one) & _COMMENTS and _words(one)]
    ids: dict[int, str] = {}
    by_name: dict[str, str] = {}
    for number, one in enumerate(found, 1):
        name = one.get("@id") or one.get("identifier") or one.get("url")
        label = str(name)[:200] if isinstance(name, str | int) else str(number)
        label = label.rpartition("#")[2] or label
        unique, count = label, 1
        while unique in by_name:
            count += 1
            unique = f"{label}-{count}"
        by_name[unique] = unique
        if isinstance(name, str):
            by_name.setdefault(name, unique)
        ids[id(one)] = unique
    comments = []
    for one in found:
        fragment = text_of_html(_words(one) or "")
        if not fragment.text:
            continue
        parent = one.get("parentItem")
        if isinstance(parent, dict):
            parent = parent.get("@id") or parent.get("url")
        above = one.get("_above")
        answered = by_name.get(parent) if isinstance(parent, str) else None
        if answered is None and isinstance(parent, str):
            answered = by_name.get(parent.rpartition("#")[2])
        if answered is None and isinstance(above, dict):
            answered = ids.get(id(above))
        own = ids[id(one)]
        comments.append(
            Comment(
                id=own,
                text=fragment.text,
                parent_id=answered if answered != own else None,
                author=_names(one.get("author") or one.get("creator")),
                published=_moment(one.get("dateCreated") or one.get("datePublished")),
                quotations=fragment.quotations,
            )
        )
    kept = {one.id for one in comments}
    return tuple(
        one if one.parent_id is None or one.parent_id in kept else replace(one, parent_id=None)
        for one in comments
    )


def completed(comments: tuple[Comment, ...], data: tuple[Comment, ...]) -> tuple[Comment, ...]:
    """Return comments with the authors and times that JSON-LD has of the same comments."""
    by_text: dict[str, list[Comment]] = {}
    for one in data:
        by_text.setdefault("".join(one.text.split()), []).append(one)
    return tuple(
        _completed(one, same[0])
        if len(same := by_text.get("".join(one.text.split()), [])) == 1
        else one
        for one in comments
    )


def _completed(one: Comment, same: Comment) -> Comment:
    exact = same.published is not None and "T" in same.published
    return replace(
        one,
        author=one.author or same.author,
        published=same.published if exact else one.published or same.published,
    )


def _words(one: dict[str, Any]) -> str | None:
    for name in ("text", "commentText", "description", "articleBody"):
        value = one.get(name)
        if isinstance(value, str) and value.strip():
            return value
    return None


def _text(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    return " ".join(text_of_html(value).text.split()) or None


def _names(value: Any) -> str | None:
    values = value if isinstance(value, list) else [value]
    found = []
    for one in values[:10]:
        name = one.get("name") if isinstance(one, dict) else one
        if isinstance(name, str) and name.strip() and "://" not in name and len(name) < 200:
            found.append(" ".join(name.split()))
    return ", ".join(found) or None


def _moment(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    return zoned(iso_moment(value[:60]))

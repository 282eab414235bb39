"""Comments in the order of an export to pages in the order of their threads, in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from moderation.errors import UnreadableInputError
from moderation.parsing.decoding import Warn
from moderation.records import Article, Comment, CommentPolicy, Page

#: Comments and characters kept until their page is handed out. An export that is longer comes in
#: several parts, and so may its threads: memory stays flat.
MAX_GATHERED, MAX_GATHERED_CHARACTERS = 50_000, 50_000_000
#: Threads that are remembered with title and address.
_MAX_THREADS = 200_000


@dataclass(frozen=True, slots=True)
class Thread:
    """What an export says about the page that comments belong to.

    Attributes
    ----------
    id
        By which comments name it.
    headline, url, published
        Of the article, where the export has them.
    closed
        Nobody can comment any more.
    """

    id: str
    headline: str | None = None
    url: str | None = None
    published: str | None = None
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Posted:
    """A comment and where it stands.

    Attributes
    ----------
    thread_id
        The thread's id; a thread that is never described becomes a page without headline.
    comment
        The comment.
    position
        Where it stands in the export ("line 17"), for messages.
    """

    thread_id: str
    comment: Comment
    position: str


@dataclass(slots=True)
class _Held:
    """The comments of a thread, how often ids came again, and how many had no text."""

    comments: dict[str, Comment] = field(default_factory=dict)
    doubled: Counter[str] = field(default_factory=Counter)
    without_text: int = 0


def gather(
    source: str,
    found: Iterable[Thread | Posted],
    warn: Warn,
    *,
    max_comments: int = MAX_GATHERED,
    max_characters: int = MAX_GATHERED_CHARACTERS,
) -> Iterator[Page]:
    """Yield one page per thread, in the order in which the threads' first comments come.

    A comment that stands there twice is kept once; two comments with one id get two. Threads may be
    described before or behind their comments; those with the same address are one page. Threads
    without comments yield nothing, and comments without text are counted in their page's warnings.

    Parameters
    ----------
    source
        Name of the export.
    found
        Threads and comments as the export has them.
    warn
        Is told of doubled comments, and of those without text where no page can tell.
    max_comments, max_characters
        How much is kept until pages are handed out.

    Raises
    ------
    UnreadableInputError
        What `found` raises, behind the pages of what came before.
    """
    threads: dict[str, Thread] = {}
    gathered: dict[str, _Held] = {}
    count = characters = 0
    damage: list[UnreadableInputError] = []
    for one in _until_damage(found, damage):
        if isinstance(one, Thread):
            if len(threads) < _MAX_THREADS or one.id in gathered:
                threads[one.id] = _merged(threads.get(one.id), one)
            continue
        held = gathered.setdefault(one.thread_id, _Held())
        if not one.comment.text:
            held.without_text += 1
        elif (kept := _distinct(held, one, source, warn)) is not None:
            held.comments[kept.id] = kept
            characters += len(kept.text)
        else:
            continue
        # Those without text count, too: each may open a thread.
        count += 1
        if count >= max_comments or characters >= max_characters:
            yield from _pages(source, gathered, threads, warn)
            gathered.clear()
            count = characters = 0
    yield from _pages(source, gathered, threads, warn)
    if damage:
        raise damage[0]


def _until_damage(
    found: Iterable[Thread | Posted], damage: list[UnreadableInputError]
) -> Iterator[Thread | Posted]:
    """Yield what can be read; what ends it is put into `damage`, so that pages come first."""
    try:
        yield from found
    except UnreadableInputError as error:
        damage.append(error)


def _merged(known: Thread | None, new: Thread) -> Thread:
    """Return a thread that is described twice with what either description says."""
    if known is None:
        return new
    return Thread(
        known.id,
        known.headline or new.headline,
        known.url or new.url,
        known.published or new.published,
        known.closed or new.closed,
    )


def _distinct(held: _Held, one: Posted, source: str, warn: Warn) -> Comment | None:
    """Return the comment with an id of its own; None if it stands there already."""
    comment, known = one.comment, held.comments
    if comment.parent_id == comment.id:
        warn(f"{source}, {one.position}: comment {comment.id} answers itself; read as no answer")
        comment = replace(comment, parent_id=None)
    if comment.id not in known:
        return comment
    if known[comment.id].text == comment.text:
        warn(f"{source}, {one.position}: comment {comment.id} stands there twice; kept once")
        return None
    # Counting on, not from 2 again: an export may give one id to all its comments.
    number = held.doubled[comment.id] + 2
    while f"{comment.id}-{number}" in known:
        number += 1
    held.doubled[comment.id] = number - 1
    warn(
        f"{source}, {one.position}: two comments have the id {comment.id}; "
        f"this one is {comment.id}-{number} now"
    )
    return replace(comment, id=f"{comment.id}-{number}")


def _pages(
    source: str, gathered: Mapping[str, _Held], threads: Mapping[str, Thread], warn: Warn
) -> Iterator[Page]:
    pageless = 0
    by_address: dict[str, list[str]] = {}
    for thread_id in gathered:
        thread = threads.get(thread_id)
        address = thread.url if thread and thread.url else f"thread {thread_id}"
        by_address.setdefault(address, []).append(thread_id)
    for ids in by_address.values():
        thread = threads.get(ids[0], Thread(ids[0]))
        for other in ids[1:]:
            thread = _merged(thread, threads[other])
        comments: dict[str, Comment] = {}
        for thread_id in ids:
            for comment in gathered[thread_id].comments.values():
                # Threads that were merged may have counted their comments each for itself.
                identity = comment.id if comment.id not in comments else f"{thread_id}-{comment.id}"
                comments[identity] = replace(comment, id=identity)
        without_text = sum(gathered[thread_id].without_text for thread_id in ids)
        if comments:
            yield Page(
                source,
                Article(headline=thread.headline, published=thread.published),
                tuple(comments.values()),
                comment_policy=CommentPolicy(status="closed" if thread.closed else "open"),
                warnings=(
                    (f"{without_text} comment(s) without text left out",) if without_text else ()
                ),
                url=thread.url,
            )
        else:
            pageless += without_text
    if pageless:
        warn(f"{source}: {pageless:,} comment(s) without text left out of threads without others")

"""Comments in the order of an export to pages in the order of their threads, in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from moderation.errors import UnreadableInputError
from moderation.parsing.decoding import Warn
from moderation.records import Article, Comment, Page

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
    """

    id: str
    headline: str | None = None
    url: str | None = None
    published: str | None = None


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


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something in an export that is no comment to be judged.

    Attributes
    ----------
    thread_id
        The thread where it stands.
    what
        What it is, in the plural ("deleted comments without text"); counted in the page's warnings.
    """

    thread_id: str
    what: str


@dataclass(slots=True)
class _Gathered:
    comments: dict[str, Comment] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)

    def warnings(self) -> Iterator[str]:
        """Yield what was left out, each kind with its number."""
        for what, count in self.left_out.items():
            yield f"{what}: {count:,} left out"


def gather(
    source: str,
    found: Iterable[Thread | Posted | LeftOut],
    warn: Warn,
    *,
    max_comments: int = MAX_GATHERED,
    max_characters: int = MAX_GATHERED_CHARACTERS,
) -> Iterator[Page]:
    """Yield one page per thread, in the order in which the threads' first comments come.

    A comment that stands there twice is kept once; two comments with one id get two. Threads may be
    described before or behind their comments. Threads without comments yield nothing.

    Parameters
    ----------
    source
        Name of the export.
    found
        Threads and comments as the export has them.
    warn
        Is told of doubled comments, and of what was left out of threads that have no page.
    max_comments, max_characters
        How much is kept until pages are handed out.

    Raises
    ------
    UnreadableInputError
        What `found` raises, behind the pages of what came before.
    """
    threads: dict[str, Thread] = {}
    gathered: dict[str, _Gathered] = {}
    count = characters = 0
    damage: UnreadableInputError | None = None
    stream = iter(found)
    while True:
        try:
            one = next(stream, None)
        except UnreadableInputError as error:
            damage = error
            break
        if one is None:
            break
        if isinstance(one, Thread):
            if len(threads) < _MAX_THREADS or one.id in gathered:
                threads[one.id] = _merged(threads.get(one.id), one)
            continue
        held = gathered.setdefault(one.thread_id, _Gathered())
        if isinstance(one, LeftOut):
            held.left_out[one.what] += 1
        else:
            kept = _distinct(held.comments, one, source, warn)
            if kept is None:
                continue
            held.comments[kept.id] = kept
            characters += len(kept.text)
        count += 1
        if count >= max_comments or characters >= max_characters:
            yield from _pages(source, gathered, threads, warn)
            gathered.clear()
            count = characters = 0
    yield from _pages(source, gathered, threads, warn)
    if damage is not None:
        raise damage


def _merged(known: Thread | None, new: Thread) -> Thread:
    """Return a thread that is described twice with what either description says."""
    if known is None:
        return new
    return Thread(
        known.id,
        known.headline or new.headline,
        known.url or new.url,
        known.published or new.published,
    )


def _distinct(known: dict[str, Comment], one: Posted, source: str, warn: Warn) -> Comment | None:
    """Return the comment with an id of its own; None if it stands there already."""
    comment = one.comment
    if comment.id not in known:
        return comment
    if known[comment.id].text == comment.text:
        warn(f"{source}, {one.position}: comment {comment.id} stands there twice; kept once")
        return None
    number = 2
    while f"{comment.id}-{number}" in known:
        number += 1
    warn(
        f"{source}, {one.position}: two comments have the id {comment.id}; "
        f"this one is {comment.id}-{number} now"
    )
    return replace(comment, id=f"{comment.id}-{number}")


def _pages(
    source: str, gathered: dict[str, _Gathered], threads: dict[str, Thread], warn: Warn
) -> Iterator[Page]:
    pageless: Counter[str] = Counter()
    for thread_id, held in gathered.items():
        if not held.comments:
            pageless += held.left_out
            continue
        thread = threads.get(thread_id, Thread(thread_id))
        yield Page(
            source,
            Article(headline=thread.headline, published=thread.published),
            tuple(held.comments.values()),
            warnings=tuple(held.warnings()),
            url=thread.url,
        )
    for what, number in pageless.items():
        warn(f"{source}: {what}: {number:,} left out in threads without other comments")

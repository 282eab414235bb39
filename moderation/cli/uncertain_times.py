"""What says something of time that nobody can tell for certain, told once on standard error.

Such rules hold and close nothing, and such comments count as open, which nobody would see.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from moderation.cli.messages import Messages
from moderation.cli.rendering import Rendered
from moderation.hours import is_certain
from moderation.records import Category
from moderation.tasks import Task

#: Characters quoted at most.
_LONGEST = 200


def tell_rules(tasks: Iterable[Task], messages: Messages) -> Iterator[Task]:
    """Pass tasks on and name the rules about time that apply to them and say nothing certain."""
    known: set[tuple[str, Category, str]] = set()
    seen: tuple[object, ...] | None = None
    for task in tasks:
        if task.rules is not seen:
            seen = task.rules
            for rule in task.rules:
                key = (rule.source, rule.category, rule.sentence)
                if key in known or is_certain(rule):
                    continue
                known.add(key)
                hours = rule.category is Category.OPENING_HOURS
                nothing = "hours" if hours else "time"
                so = "it holds no comment" if hours else "it closes nothing"
                messages.remark(f"{rule.source}: no certain {nothing} in {_quoted(key[2])}; {so}")
        yield task


def tell_comments(rendered: Iterable[Rendered], messages: Messages) -> Iterator[Rendered]:
    """Pass results on and name, for each source, the first comment whose time nobody can tell."""
    known: set[str] = set()
    for one in rendered:
        if one.unread_time is not None and one.source not in known:
            known.add(one.source)
            said = _quoted(one.unread_time)
            messages.remark(f"{one.source}: no certain time in {said}; such comments count as open")
        yield one


def _quoted(words: str) -> str:
    words = " ".join(words.split())
    return f"„{words if len(words) <= _LONGEST else words[: _LONGEST - 1] + '…'}“"

"""What a sentence of house rules says about time: hours of release, and when sections close.

Both readers and rules files bring such sentences, so they are understood here, below both.
"""

from __future__ import annotations

from moderation.hours.closing import closes_with_the_day, closing_after
from moderation.hours.release import is_certain_of_hours, release_hours
from moderation.records import Category, HouseRule

__all__ = ["closes_with_the_day", "closing_after", "is_certain", "release_hours"]


def is_certain(rule: HouseRule) -> bool:
    """Return whether a rule about time says something certain; others hold and close nothing.

    A rule about something else is certain of saying nothing.
    """
    if rule.category is Category.OPENING_HOURS:
        return is_certain_of_hours(rule)
    return rule.category is not Category.CLOSING_TIME or closing_after(rule) is not None

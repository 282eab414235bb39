"""Whether a comment can appear at a given time: open, held until the next release, or closed.

A state belongs to the house's hours, never to the comment: it touches neither score nor decision,
and where a rule or a date could not be understood, the comment is open.

All reckoning is done in UTC between moments that the rules name in German time. On the night the
clocks go back, an hour that exists twice means its first time; on the night they go forward, an
hour that does not exist means the moment they are put forward.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from math import ceil
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from moderation.errors import UsageError
from moderation.holiday_dates import read_holidays
from moderation.hours import closes_with_the_day, closing_after, release_hours
from moderation.parsing import moments
from moderation.records import Category, Comment, HouseRule, Page, ReleaseHours, State

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
#: ISO weekdays from Monday to Friday.
_WORKDAYS = frozenset(range(1, 6))
#: Days that are looked ahead for a release: longer than any row of holidays.
_HORIZON = 400
_OPEN = State("open")


@dataclass(frozen=True, slots=True)
class Clock:
    """The time that is asked about.

    Attributes
    ----------
    now
        With its time zone.
    holidays
        Days on which rules about holidays apply.

    Raises
    ------
    UsageError
        If `now` has no time zone.
    """

    now: datetime
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if self.now.utcoffset() is None:
            raise UsageError(f"{self.now}: has no time zone; give it one")


def read_clock(now: str, holidays: str | None = None) -> Clock:
    """Read what a user gives for a clock.

    Parameters
    ----------
    now
        "now", ISO 8601 with an hour, or "25.11.2026 20:14"; German time where no offset is given.
    holidays
        A file or the short name of a state, see
        :func:`moderation.holiday_dates.read_holidays`.

    Raises
    ------
    UsageError
        If one of them cannot be understood, or what is needed for it is not installed.
    """
    at = read_moment(now)
    return Clock(at, frozenset() if holidays is None else read_holidays(holidays, at.year))


def is_moving(now: str | None) -> bool:
    """Return whether these words name another moment each time they are read."""
    return now is not None and now.strip().casefold() == "now"


def read_moment(words: str) -> datetime:
    """Return the moment that `words` name, see :func:`read_clock`.

    Raises
    ------
    UsageError
        If they name none.
    """
    text = words.strip()
    try:
        if is_moving(text):
            return datetime.now(_berlin()).replace(microsecond=0)
        found = moments.read_moment(text)
        if not isinstance(found, datetime):
            raise ValueError
        found = found if found.tzinfo else found.replace(tzinfo=_berlin())
        # Hours that do not exist become those which clocks show.
        found = found.astimezone(UTC).astimezone(found.tzinfo)
    except ValueError as error:
        raise UsageError(
            f'--now {words!r}: no moment; write now, 2026-11-25T20:14 or "25.11.2026 20:14"'
        ) from error
    return found


def german_day(words: str | None) -> date | None:
    """Return the day, in German time, that `words` name; None where they name none."""
    moment = _read(words)
    return moment.day if moment else None


def state_of(comment: Comment, page: Page, rules: Sequence[HouseRule], clock: Clock) -> State:
    """Return whether a comment can appear at the time of `clock`.

    Parameters
    ----------
    comment
        If it says when it was sent, it is asked whether it had to wait or came too late then; if
        not, whether it would if it came now. If what it says cannot be understood, it did not.
    page
        Where it stands. What its own rules say of hours and closing goes before `rules`.
    rules
        The house rules that apply.
    clock
        The time that is asked about.

    Returns
    -------
    State
        ``until`` is later than the time of `clock`, in German time.
    """
    now = clock.now.astimezone(UTC)
    sent = _read(comment.published)
    if is_unread(comment.published):
        return _closed_for_all(page) or _OPEN
    return (
        _closed_for_all(page)
        or _closed(page, rules, sent, now)
        or _held(page, rules, sent, now, clock.holidays)
        or _OPEN
    )


@dataclass(frozen=True, slots=True)
class _Moment:
    """A day in German time, and the moment where the hour is known, in UTC."""

    day: date
    at: datetime | None


@lru_cache(maxsize=4096)
def _read(published: str | None) -> _Moment | None:
    """Return when something was published; None where that is not known."""
    found = moments.read_moment(published or "")
    if found is None:
        return None
    if not isinstance(found, datetime):
        return _Moment(found, None)
    if found.tzinfo is None:
        found = found.replace(tzinfo=_berlin())
    return _Moment(found.astimezone(_berlin()).date(), found.astimezone(UTC))


def is_unread(published: str | None) -> bool:
    """Return whether it is said when something was sent, but nobody can tell for certain."""
    return bool(published and published.strip()) and _read(published) is None


@cache
def _berlin() -> ZoneInfo:
    try:
        return ZoneInfo("Europe/Berlin")
    except ZoneInfoNotFoundError as error:
        raise UsageError("no time zones on this system; pip install tzdata") from error


# ------------------------------------------------------------------ closed


def _closed_for_all(page: Page) -> State | None:
    policy = page.comment_policy
    if policy.status != "closed":
        return None
    said = policy.statement.text if policy.statement else "Hier kann nicht kommentiert werden."
    return State("closed", reason=f"Geschlossen: {_one_line(said)}")


def _closed(
    page: Page, rules: Sequence[HouseRule], sent: _Moment | None, now: datetime
) -> State | None:
    published = _read(page.article.published)
    found = _closing(page, rules)
    if published is None or found is None:
        return None
    after, rule = found
    try:
        with_the_day = rule is not None and closes_with_the_day(rule)
        closes = _closes(published, after, with_the_day=with_the_day)
    except OverflowError:
        return None
    # Of a day without its hour only so much is known: whether the section was closed at its start.
    came = now if sent is None else sent.at or _instant(sent.day, time())
    if came < closes:
        return None
    said = f"Nach {ceil(after / _DAY)} Tagen wird geschlossen." if rule is None else rule.sentence
    return State("closed", rule=rule, reason=f"Geschlossen: {_one_line(said)}")


def _closes(published: _Moment, after: timedelta, *, with_the_day: bool) -> datetime:
    if published.at is not None and not with_the_day:
        return published.at + after
    # Published at some hour of that day: what is left of the last day still counts.
    return _instant(published.day + ceil(after / _DAY) * _DAY + _DAY, time())


def _closing(page: Page, rules: Sequence[HouseRule]) -> tuple[timedelta, HouseRule | None] | None:
    """Return how long after publication a section closes, and the rule that says so."""
    days = page.comment_policy.closes_after_days
    if days is None or not 0 < days < timedelta.max.days:
        return next(_closing_rules(rules), None)
    own = _closing_rules(page.house_rules)
    return next((one for one in own if ceil(one[0] / _DAY) == days), (days * _DAY, None))


def _closing_rules(rules: Sequence[HouseRule]) -> Iterator[tuple[timedelta, HouseRule]]:
    for rule in rules:
        if rule.category is Category.CLOSING_TIME:
            after = closing_after(rule)
            if after is not None:
                yield after, rule


# ------------------------------------------------------------------ held


def _held(
    page: Page,
    rules: Sequence[HouseRule],
    sent: _Moment | None,
    now: datetime,
    holidays: frozenset[date],
) -> State | None:
    hours = page.comment_policy.release_hours
    if hours:
        rules = page.house_rules
    else:
        hours = tuple(
            one
            for rule in rules
            if rule.category is Category.OPENING_HOURS
            for one in release_hours(rule)
        )
    if not hours:
        return None
    if sent is not None and sent.at is None:
        # Its hour is not known, but even at the end of its day it may have been released by now.
        latest = _instant(sent.day + _DAY, time())
        wait = _wait(latest, hours, holidays)
        if (latest if wait is None else wait.until) <= now:
            return None
    wait = _wait(now if sent is None or sent.at is None else sent.at, hours, holidays)
    if wait is None or wait.until <= now:
        return None
    named = {rule.id: rule for rule in reversed(rules)}
    said = [named[rule_id] for rule_id in wait.rule_ids if rule_id in named]
    until = wait.until.astimezone(_berlin())
    why = " ".join(dict.fromkeys(_one_line(rule.sentence) for rule in said))
    return State(
        "held",
        until.isoformat(timespec="seconds"),
        said[0] if said else None,
        f"Wartet bis {until:%d.%m.%Y, %H:%M} Uhr: {why or 'Bis dahin wird nicht freigeschaltet.'}",
    )


@dataclass(frozen=True, slots=True)
class _Wait:
    """Until when something waits, and for which rules, the first first."""

    until: datetime
    rule_ids: tuple[str, ...]


@lru_cache(maxsize=4096)
def _wait(at: datetime, hours: tuple[ReleaseHours, ...], holidays: frozenset[date]) -> _Wait | None:
    """Return how long something that comes `at` a time waits; None: not at all, or for ever.

    Rules that never release anything cannot have been meant, so nothing waits for them.
    """
    blocking = _blocking(at, hours, holidays)
    if not blocking:
        return None
    reasons = dict.fromkeys(blocking)
    today = at.astimezone(_berlin()).date()
    edges: list[datetime] = []
    for ahead in range(-1, _HORIZON):
        day = today + ahead * _DAY
        edges += _edges(day, hours, holidays)
        # Hours over midnight end behind the next day's first.
        tomorrow = _instant(day + _DAY, time())
        for edge in sorted(edge for edge in edges if at < edge < tomorrow):
            blocking = _blocking(edge, hours, holidays)
            if not blocking:
                return _Wait(edge, tuple(reasons))
            reasons |= dict.fromkeys(blocking)
        edges = [edge for edge in edges if edge >= tomorrow]
    return None


def _edges(
    day: date, hours: Sequence[ReleaseHours], holidays: frozenset[date]
) -> Iterator[datetime]:
    """Yield when a release may begin, by what begins on `day`."""
    yield _instant(day, time())
    for one in hours:
        if _applies(one, day, holidays):
            start, end = _bounds(one, day)
            yield start if one.released else end


def _blocking(
    at: datetime, hours: Sequence[ReleaseHours], holidays: frozenset[date]
) -> tuple[str, ...]:
    """Return the rules because of which nothing is released `at` a time."""
    today = at.astimezone(_berlin()).date()
    pauses = [
        one.rule_id for one in hours if not one.released and _covers(one, at, today, holidays)
    ]
    releases = [one for one in hours if one.released]
    if any(_covers(one, at, today, holidays) for one in releases):
        return tuple(pauses)
    # A house that names hours for its weekends only has said nothing about its other days.
    of_workdays = any(one.days is None or _WORKDAYS.intersection(one.days) for one in releases)
    if of_workdays or any(_applies(one, today, holidays) for one in releases):
        pauses += [one.rule_id for one in releases]
    return tuple(pauses)


def _covers(hours: ReleaseHours, at: datetime, today: date, holidays: frozenset[date]) -> bool:
    for day in (today - _DAY, today):
        if _applies(hours, day, holidays):
            start, end = _bounds(hours, day)
            if start <= at < end:
                return True
    return False


def _applies(hours: ReleaseHours, day: date, holidays: frozenset[date]) -> bool:
    if hours.holidays is not None and day in holidays:
        return hours.holidays
    return hours.days is None or day.isoweekday() in hours.days


@lru_cache(maxsize=4096)
def _bounds(hours: ReleaseHours, day: date) -> tuple[datetime, datetime]:
    """Return when hours that begin on `day` start and end."""
    start, end = (
        _instant(day + _DAY, time())
        if words == "24:00"
        else _instant(day, time.fromisoformat(words))
        for words in (hours.start, hours.end)
    )
    if hours.end <= hours.start:
        end = _instant(day + _DAY, time.fromisoformat(hours.end))
    return start, end


@lru_cache(maxsize=4096)
def _instant(day: date, clock: time) -> datetime:
    """Return the first moment at which German clocks show this time, or skip it."""
    wall = datetime.combine(day, clock)
    moment = wall.replace(tzinfo=_berlin()).astimezone(UTC)
    shown = moment.astimezone(_berlin())
    if shown.replace(tzinfo=None) == wall:
        return moment
    # The clocks were put forward over it; back to when they were.
    while (earlier := moment - _MINUTE).astimezone(_berlin()).utcoffset() == shown.utcoffset():
        moment = earlier
    return moment


def _one_line(words: str) -> str:
    return " ".join(words.split())

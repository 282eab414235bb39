"""Standard error: remarks, problems, progress, and the exit code they add up to."""

from __future__ import annotations

import sys
import time

from moderation.errors import ModerationError, UnreadableInputError
from moderation.text import printable

#: Nothing is said about progress before this many seconds.
_QUIET_SECONDS = 2.0
#: Seconds between two lines of progress, on a terminal (rewritten in place) and in a log.
_TERMINAL_STEP, _LOG_STEP = 0.2, 10.0


class Messages:
    """Writes one line per remark to standard error and remembers the worst problem.

    Parameters
    ----------
    strict
        Stop at the first repair or problem.
    """

    def __init__(self, *, strict: bool = False) -> None:
        self.exit_code = 0
        self._strict = strict
        self._started = time.monotonic()
        self._shown = self._started + _QUIET_SECONDS - _LOG_STEP
        self._terminal = sys.stderr.isatty()
        self._open_line = False
        self._done = 0
        self._first_share: float | None = None
        self._first_time = self._started

    def remark(self, text: str) -> None:
        """Say something that does not change the exit code."""
        self._end_progress_line()
        sys.stderr.write(f"moderation: {printable(text)}\n")

    def repaired(self, text: str) -> None:
        """Say what was repaired in an input; raise it as an error where that is not wanted."""
        if self._strict:
            raise UnreadableInputError(f"{text}; mend it, or leave out --strict")
        self.remark(text)

    def problem(self, error: ModerationError) -> None:
        """Say what could not be read; the program goes on and ends with the error's exit code."""
        if self._strict:
            raise error
        self.remark(str(error))
        self.exit_code = max(self.exit_code, error.exit_code)

    def count(self, comments: int, share: float | None = None) -> None:
        """Add to the number of comments done, and show it when that takes a while.

        Parameters
        ----------
        comments
            How many more are done.
        share
            How much of all input that is, 0 to 1; None: not known.
        """
        self._done += comments
        now = time.monotonic()
        if self._first_share is None:
            # What is there from the beginning is what an earlier run did, and the first batch.
            self._first_share, self._first_time = share, now
        step = _TERMINAL_STEP if self._terminal else _LOG_STEP
        if not comments or now - self._started < _QUIET_SECONDS or now - self._shown < step:
            return
        self._shown = now
        rate = self._done / (now - self._started)
        text = f"comments: {self._done:,}, {rate:,.0f} a second{self._left(share, now)}"
        if self._terminal:
            sys.stderr.write(f"\r{text}\x1b[K")
            sys.stderr.flush()
            self._open_line = True
        else:
            sys.stderr.write(f"moderation: {text}\n")

    def _left(self, share: float | None, now: float) -> str:
        if share is None or self._first_share is None or share <= self._first_share:
            return ""
        seconds = (1 - share) * (now - self._first_time) / (share - self._first_share)
        return f", {100 * share:.0f} % done, {_duration(seconds)} left"

    def close(self) -> None:
        """Leave the terminal with a finished line."""
        self._end_progress_line()

    def _end_progress_line(self) -> None:
        if self._open_line:
            sys.stderr.write("\r\x1b[K")
            self._open_line = False


def _duration(seconds: float) -> str:
    """Return seconds as people say it: 40 s, 12 min, 3 h 05 min."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"

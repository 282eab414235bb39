"""The errors this package raises on purpose: each names the input and the remedy in one line."""

from __future__ import annotations


class ModerationError(Exception):
    """Base of all errors a user may see.

    The message is one line: what was read, what is wrong with it, and what to do.
    """

    exit_code = 2


class UsageError(ModerationError):
    """An option or argument does not fit the input (exit code 2)."""


class UnreadableInputError(ModerationError):
    """An input, or a part of it, cannot be read (exit code 3)."""

    exit_code = 3


class ModelError(ModerationError):
    """A model is missing, damaged, or of another format version (exit code 4)."""

    exit_code = 4


class CorpusError(ModerationError):
    """A training corpus is missing or its digest does not match (exit code 3)."""

    exit_code = 3


def reason_of(error: OSError | ValueError) -> str:
    """Return why the system refused a path, without repeating the path ("File name too long")."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def unexpected(error: BaseException) -> str:
    """Return what a log may be told of an error nobody foresaw: its kind, and where it was raised.

    Neither its message nor its traceback, which may hold a comment.
    """
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
    return f"unexpected {type(error).__name__}{place}"

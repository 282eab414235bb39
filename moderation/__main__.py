"""``python -m moderation`` and the ``moderation`` command."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from moderation.errors import ModerationError
from moderation.text import printable

#: What a shell reports for a program ended by Ctrl-C (128 + SIGINT).
_INTERRUPTED = 130
#: Never 1, which means that something was found.
_UNFORESEEN = 3


def main() -> None:
    """Run the command line; every expected failure ends in one line and its exit code."""
    # Started with closed outputs (as some daemons do), Python has no streams at all.
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 -- stays open
    try:
        from moderation.cli import app

        app()
    except ModerationError as error:
        _say(str(error))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        _say("interrupted")
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        # The reader (head, less) has gone; Python would complain again while flushing at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:
        # Nothing we foresaw, and no reason to show a person a traceback. MODERATION_DEBUG does.
        if os.environ.get("MODERATION_DEBUG"):
            raise
        _say(f"unexpected {type(error).__name__}: {error}; please report it (MODERATION_DEBUG=1)")
        sys.exit(_UNFORESEEN)


def _say(text: str) -> None:
    sys.stderr.write(f"moderation: {printable(text)}\n")


if __name__ == "__main__":
    main()

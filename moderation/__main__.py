"""``python -m moderation`` and the ``moderation`` command."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from moderation.errors import ModerationError

#: What a shell reports for a program ended by Ctrl-C (128 + SIGINT).
_INTERRUPTED = 130


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
        # A file name may hold line breaks; the message is one line all the same.
        sys.stderr.write(f"moderation: {' '.join(str(error).split())}\n")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.stderr.write("moderation: interrupted\n")
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        # The reader (head, less) has gone; Python would complain again while flushing at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()

"""The command line: arguments in, library call, records out."""

# Importing the modules registers their verbs; `label` and `score` come first in the help.
from moderation.cli import judging  # noqa: F401

# isort: split
from moderation.cli import converting  # noqa: F401

# isort: split
from moderation.cli import (  # noqa: F401
    corpora_verbs,
    evaluating,
    explaining,
    reasons_verb,
    rules_measuring,
    rules_replaying,
    rules_verbs,
    thresholds,
    training_verbs,
)
from moderation.cli.app import app

__all__ = ["app"]

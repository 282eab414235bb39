"""The command line: arguments in, library call, records out."""

# Importing the modules registers their verbs.
from moderation.cli import corpora_verbs, evaluating, explaining, thresholds, training_verbs  # noqa: F401
from moderation.cli.app import app

__all__ = ["app"]

"""The error that all of this package raises where a decision cannot be kept or given."""

from __future__ import annotations

from moderation.errors import ModerationError


class StoreUnavailableError(ModerationError):
    """Decisions cannot be stored or read at the moment (exit code 3)."""

    exit_code = 3


class StoreUnusableError(StoreUnavailableError):
    """Nor will they be later, unless somebody changes something."""

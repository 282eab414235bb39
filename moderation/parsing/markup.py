"""HTML of a comment to text: paragraphs, lists, links, and quotations marked as such."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from moderation.records import Evidence


@dataclass(frozen=True, slots=True)
class Fragment:
    """A text, and the stretches of it that quote somebody else."""

    text: str
    quotations: tuple[Evidence, ...] = ()


def text_of_html(html: str) -> Fragment:
    """Reduce the HTML of one comment to text with paragraphs parted by one blank line.

    Parameters
    ----------
    html
        Any string: plain text and broken markup, too.

    Returns
    -------
    Fragment
        The text and its quotations: ``<blockquote>``, and lines that begin with ``>``.
    """
    raise NotImplementedError


def text_of_element(element: Any) -> Fragment:
    """Reduce an element of lxml to text, as :func:`text_of_html` does."""
    raise NotImplementedError

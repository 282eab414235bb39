"""Which comment system wrote an XML file, by its beginning."""

from __future__ import annotations

import re
from typing import Literal

# What may stand in front of the first element, and what some editors leave there.
_PROLOGUE = re.compile(r"(?:\ufeff|\s+|<\?[^>]*>|<!--.*?-->)*", re.DOTALL)
# <disqus xmlns="http://disqus.com" …>
_DISQUS = re.compile(r"<(?:\w+:)?disqus\b|xmlns(?::\w+)?\s*=\s*[\"']https?://disqus\.com")
# <rss … xmlns:wp="http://wordpress.org/export/1.2/">; a piece of an export has its items alone.
_WORDPRESS = re.compile(
    r"https?://wordpress\.org/export/|<(?:wp:)(?:wxr_version|comment|post_id|author)\b",
    re.IGNORECASE,
)
_FEED = re.compile(r"<(?:rss|channel|item)\b", re.IGNORECASE)


def sniff_xml(head: str) -> Literal["wordpress", "disqus"] | None:
    """Return which system's export begins like `head`, or None."""
    start = _PROLOGUE.match(head)
    body = head[start.end() if start else 0 :]
    if _DISQUS.match(body) or (body.startswith("<") and _DISQUS.search(body[:2000])):
        return "disqus"
    if _FEED.match(body) and _WORDPRESS.search(body):
        return "wordpress"
    # A document type in front: the reader refuses it and says why.
    if body[:9].upper() == "<!DOCTYPE" and not re.match(r"<!DOCTYPE\s+html\b", body, re.IGNORECASE):
        return "disqus" if _DISQUS.search(body) else "wordpress"
    return None

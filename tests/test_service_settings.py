"""Settings of the service: what cannot be used is refused before anything is started."""

from __future__ import annotations

import pytest

from moderation.errors import UsageError
from moderation.service.server import check
from moderation.service.settings import Settings


@pytest.mark.parametrize(
    "url", ["https://kommentare.example", "http://[::1]:8080", "http://x:80/moderation/api"]
)
def test_an_address_for_clients_is_taken(url: str) -> None:
    check(Settings("news", public_url=url), "127.0.0.1")


@pytest.mark.parametrize(
    "url", ["", "kommentare.example", "ftp://x", "https://u:p@x", "https://x/?a", "https://x y"]
)
def test_what_is_no_address_for_clients_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match=r"--public-url .*: no address; write https://"):
        check(Settings("news", public_url=url), "127.0.0.1")

"""Progress on standard error: rate, share, and time left."""

from __future__ import annotations

import pytest

from moderation.cli import messages
from moderation.cli.messages import Messages


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(messages, "time", clock)
    return clock


def test_a_short_run_says_nothing(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    said = Messages()
    clock.now += 1.9
    said.count(500, 0.9)
    said.close()
    assert capsys.readouterr().err == ""


def test_rate_share_and_time_left(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    said = Messages()
    clock.now += 1
    # An earlier run had done half of it.
    said.count(1000, 0.5)
    clock.now += 10
    said.count(10_000, 0.6)
    assert capsys.readouterr().err == (
        "moderation: comments: 11,000, 1,000 a second, 60 % done, 40 s left\n"
    )


def test_nothing_is_promised_where_the_size_is_not_known(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    said = Messages()
    for _ in range(2):
        clock.now += 10
        said.count(100)
    assert "left" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(3.4, "3 s"), (99, "99 s"), (100, "2 min"), (3540, "59 min"), (11_100, "3 h 05 min")],
)
def test_durations_are_said_as_people_say_them(seconds: float, words: str) -> None:
    assert messages._duration(seconds) == words

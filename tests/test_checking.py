"""``rules check``: quotes held against their source, from files and pipes."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from test_cli import records, run

from moderation.parsing.checking import check_quotes
from moderation.records import Category, HouseRule

TEXT = (
    "Bleiben Sie fair. Keine Beleidigungen und keine Werbung bitte. Ironie ist schwer zu lesen. "
    "Bleiben Sie fair, auch im Streit."
)
NETIQUETTE = "Netiquette\n\nKeine Beleidigungen. Keine Werbung. Bleiben Sie beim Thema.\n"


def rule(quote: str, sentence: str = "", start: int = 0) -> HouseRule:
    return HouseRule("r", Category.INSULT, quote, "s", start, start + len(quote), sentence or quote)


def found(one: HouseRule, text: str = TEXT, **unsaid: tuple[str, ...]) -> tuple[str, int | None]:
    (checked,) = check_quotes([one], {"s": text}.get, **unsaid)
    assert one.id in checked.told()
    return checked.found, checked.start


def test_quotes_are_told_apart_by_what_became_of_them() -> None:
    sentence = "Keine Beleidigungen und keine Werbung bitte."
    place = TEXT.index("keine Werbung")
    assert found(rule("keine Werbung", sentence, place)) == ("verbatim", place)
    assert found(rule("keine Werbung", sentence, 3)) == ("moved", place)
    assert found(rule("keine Werbung", "Und keine Werbung bitte.", place)) == ("torn", place)
    assert found(rule("keine Reklame", start=place)) == ("altered", None)
    assert found(rule("keine Werbung"), unsourced=("r",)) == ("unsourced", None)
    (checked,) = check_quotes([rule("keine Werbung")], lambda source: None)
    assert checked.found == "unread"


def test_who_does_not_say_where_may_stand_anywhere() -> None:
    place = TEXT.index("Ironie")
    assert found(rule("Ironie"), unplaced=("r",)) == ("verbatim", place)
    assert found(rule("Sarkasmus"), unplaced=("r",)) == ("altered", None)
    assert found(rule("Ironie", "Ironie ist leicht."), unplaced=("r",)) == ("torn", place)


def test_of_two_places_the_nearer_one_is_told_and_the_one_in_the_sentence() -> None:
    last = TEXT.rindex("Bleiben")
    assert found(rule("Bleiben Sie fair", start=last - 9)) == ("moved", last)
    assert found(rule("Bleiben Sie fair", start=4)) == ("moved", 0)
    assert found(rule("Bleiben Sie fair", start=10**6)) == ("moved", last)
    sentence = "Bleiben Sie fair, auch im Streit."
    assert found(rule("fair", sentence, 3)) == ("moved", last + 12)


@pytest.fixture
def extracted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent))
    Path("n.txt").write_text(NETIQUETTE, encoding="utf-8")
    rules: str = run("rules", "extract", "n.txt").out
    Path("n.toml").write_text(rules, encoding="utf-8")
    return rules


def test_moved_quotes_are_told_from_lost_ones(extracted: str) -> None:
    assert run("rules", "check", "n.toml").returncode == 0
    Path("n.txt").write_text(NETIQUETTE.replace("Keine Beleid", "Bitte keine Beleid"))
    done = run("rules", "check", "n.toml")
    assert done.returncode == 1
    assert "advertising: moved to" in done.out
    assert "insult: does not stand" in done.out
    assert "0 of 3 quotes stand in their source as they say, 2 moved, 1 lost" in done.err


def test_a_rule_that_says_less_is_checked_for_what_it_says(extracted: str) -> None:
    short = '[[rule]]\nid = "a"\ncategory = "insult"\nquote = "Keine Werbung"\n'
    Path("own.toml").write_text(short + 'source = "n.txt"\n')
    done = run("rules", "check", "own.toml")
    assert (done.returncode, done.out) == (0, "a: stands in n.txt at 33\n")
    for source in ("", 'source = "own.toml"\n'):
        # Its own file says what it says, of course.
        Path("own.toml").write_text(short + source)
        done = run("rules", "check", "own.toml")
        assert done.returncode == 1
        assert "a: no source named" in done.out


def test_rules_come_through_pipes(extracted: str) -> None:
    done = run("rules", "check", "-", stdin=extracted)
    assert (done.returncode, "3 of 3 quotes stand" in done.err) == (0, True)
    comment = Path("c.txt")
    comment.write_text("Kaufen Sie Kredit ohne Schufa: www.beispiel.example, du Idiot")
    expected = {"insult", "advertising"}
    for given in (extracted, NETIQUETTE):
        for name in ("/dev/stdin", "-"):
            done = run("label", "c.txt", "--rules", name, stdin=given)
            (record,) = records(done.out)
            assert {label["rule_id"] for label in record["labels"]} == expected
    assert run("rules", "check", "/dev/stdin", stdin=extracted).returncode == 0
    done = run("label", "-", "--rules", "-", stdin=extracted)
    assert (done.returncode, "once only" in done.err) == (2, True)


@pytest.mark.parametrize("name", ["fifo", "fifo.toml"])
def test_rules_come_from_a_named_pipe(extracted: str, name: str) -> None:
    os.mkfifo(name)
    Path("c.txt").write_text("Du Idiot")
    writer = threading.Thread(target=lambda: Path(name).write_text(extracted, encoding="utf-8"))
    writer.start()
    done = run("label", "c.txt", "--rules", name)
    writer.join()
    (record,) = records(done.out)
    assert [label["rule_id"] for label in record["labels"]] == ["insult"]


def test_too_much_from_a_pipe_is_refused() -> None:
    done = run("rules", "check", "-", stdin="[[rule]]\n" + "#" * 2_000_000)
    assert (done.returncode, "larger than 1 MB" in done.err) == (3, True)
    done = run("rules", "check", "/dev/zero")
    assert (done.returncode, "larger than 1 MB" in done.err) == (3, True)


def test_a_sentence_of_a_thousand_rules_is_not_written_a_thousand_times(tmp_path: Path) -> None:
    parts = ", ".join(f"Beleidigungen Nummer {n}, Werbung Nummer {n}" for n in range(400))
    (tmp_path / "n.txt").write_text(f"Netiquette\n\nKeine {parts}.", encoding="utf-8")
    done = run("rules", "extract", str(tmp_path / "n.txt"))
    assert len(done.out) < 800 * 500
    assert done.out.count("[[rule]]") == 800
    assert run("rules", "check", "-", stdin=done.out).returncode == 0

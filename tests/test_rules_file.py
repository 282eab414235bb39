"""Rules files: reading, writing, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.errors import ModerationError
from moderation.labelling.rules_file import (
    MAX_BYTES,
    RulesFileError,
    default_rules,
    dump_rules,
    load_rules,
    parse_rules,
)
from moderation.records import Category, HouseRule

ROOT = Path(__file__).parent.parent
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NAME = TEXT.filter(str.strip)


@st.composite
def house_rules(draw: st.DrawFn) -> tuple[HouseRule, ...]:
    rules = []
    for name in draw(st.lists(NAME, min_size=1, max_size=4, unique=True)):
        quote, start = draw(NAME), draw(st.integers(0, 10**9))
        rules.append(
            HouseRule(
                id=name,
                category=draw(st.sampled_from(list(Category))),
                quote=quote,
                source=draw(TEXT),
                start=start,
                end=start + len(quote),
                sentence=draw(TEXT) + quote + draw(TEXT),
            )
        )
    return tuple(rules)


def load(tmp_path: Path, text: str | bytes) -> tuple[HouseRule, ...]:
    path = tmp_path / "house.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_rules(path)


@given(house_rules())
def test_rules_survive_being_written_and_read(rules: tuple[HouseRule, ...]) -> None:
    assert parse_rules(dump_rules(rules).encode(), "x", "x") == rules


def test_a_short_rule_gets_its_defaults(tmp_path: Path) -> None:
    (rule,) = load(tmp_path, '[[rule]]\nid = "a"\ncategory = "insult"\nquote = "Seid nett"\n')
    assert (rule.sentence, rule.source, rule.start, rule.end) == ("Seid nett", "house.toml", 0, 9)


def test_a_byte_order_mark_is_no_obstacle(tmp_path: Path) -> None:
    text = '\ufeff[[rule]]\nid = "a"\ncategory = "insult"\nquote = "q"\n'
    assert load(tmp_path, text)[0].id == "a"


GOOD = 'id = "a"\ncategory = "insult"\nquote = "Seid nett"\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "no rules; write one [[rule]]"),
        ("rule = 3", "no rules; write one [[rule]]"),
        ("rule = [3]", "rule 1: no table"),
        ("[[rule", "no valid TOML"),
        (b"\xff\xfe", "no UTF-8 at byte 0"),
        (b"#" * (MAX_BYTES + 1), "larger than 1 MB"),
        ("a = " + "[" * 5000, "no valid TOML"),
        ("[[rule]]\n" + GOOD + "[[rule]]\n" + GOOD, "rule 2: id 'a' is taken by rule 1"),
        ('[[rule]]\nid = "a"\ncategory = "rude"\nquote = "q"', "known are insult, group_abuse"),
        ('[[rule]]\ncategory = "insult"\nquote = "q"', "rule 1: no id"),
        ('[[rule]]\nid = "a"\ncategory = "insult"\nquote = " "', "rule 1: no quote"),
        ("[[rule]]\n" + GOOD + "colour = 1", "unknown key 'colour'"),
        ("[[rule]]\n" + GOOD + "source = 1", "source is no text"),
        ("[[rule]]\n" + GOOD + 'sentence = "Anderes"', "does not contain the quote"),
        ("[[rule]]\n" + GOOD + "start = true", "no counts"),
        ("[[rule]]\n" + GOOD + "start = -1", "no counts"),
        ("[[rule]]\n" + GOOD + "start = 3\nend = 4", "end - start is 1"),
    ],
)
def test_a_bad_file_is_refused_in_one_line(
    tmp_path: Path, text: str | bytes, expected: str
) -> None:
    with pytest.raises(RulesFileError) as error:
        load(tmp_path, text)
    message = str(error.value)
    assert expected in message
    assert "house.toml" in message
    assert "\n" not in message


@pytest.mark.parametrize("name", ["missing.toml", "."])
def test_an_unreadable_path_is_a_domain_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModerationError, match="name a readable TOML rules file"):
        load_rules(tmp_path / name)


def test_a_lone_surrogate_cannot_be_written() -> None:
    rule = HouseRule("a", Category.INSULT, "\ud800", "s", 0, 1, "\ud800")
    with pytest.raises(RulesFileError, match="lone surrogate"):
        dump_rules([rule])


def test_the_default_rules_stand_verbatim_in_the_seed_page() -> None:
    for rule in default_rules():
        page = (ROOT / rule.source).read_text(encoding="utf-8")
        assert page[rule.start : rule.end] == rule.quote
        assert rule.sentence in page


def test_the_default_rules_have_a_clause_per_subject() -> None:
    assert {rule.id for rule in default_rules()} == {
        "incivility", "insult", "group_abuse", "defamation", "indecency", "off_topic",
        "procedure", "procedure-2", "opening_hours", "closing_time",
    }  # fmt: skip

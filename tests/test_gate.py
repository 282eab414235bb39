"""Retraining that cannot hurt: comparison, refusal, and what a reason changes."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from moderation.cli import app
from moderation.model.classifier import Classifier
from moderation.training.frames import house_frame, without_leaks
from moderation.training.functional import fairness, functional_cases
from moderation.training.gate import compare

INSULTS = ["Du Idiot", "Ihr Heuchler", "So ein Trottel", "Verlogenes Pack", "Halt die Fresse"]
PLAIN = ["Danke", "Guter Artikel", "Das sehe ich anders", "Schöne Stadt", "Wann wird gebaut"]


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Return 400 made-up held-out comments that the shipped model judges well, not perfectly."""
    generator = np.random.default_rng(4)
    rows = []
    for number in range(400):
        rude = number % 2
        text = f"{generator.choice(INSULTS if rude else PLAIN)}, Nummer {number}"
        rows.append((text, rude if generator.random() > 0.1 else 1 - rude))
    frame = house_frame([text for text, _ in rows], [label for _, label in rows], "abusive")
    return without_leaks(frame.assign(part="test"))


def blunted(model: Classifier) -> Classifier:
    """Return `model` with most of what it has learned gone."""
    return replace(
        model,
        weights=np.zeros_like(model.weights),
        style_weights=np.zeros_like(model.style_weights),
    )


def test_a_model_is_not_worse_than_itself(news: Classifier, frame: pd.DataFrame) -> None:
    comparison = compare(news, news, frame)
    assert comparison.regressions == ()
    assert comparison.flips == ()
    assert all(one.low == one.high == 0 for one in comparison.differences)


def test_a_model_that_has_forgotten_is_found_out(news: Classifier, frame: pd.DataFrame) -> None:
    comparison = compare(blunted(news), news, frame)
    worse = {(one.measure, one.cases) for one in comparison.regressions}
    assert ("ROC-AUC", "abusive on house") in worse
    assert ("hateful caught", "functional sentences") in worse
    assert comparison.flips
    assert all(flip.champion != flip.challenger for flip in comparison.flips)


def test_a_better_model_is_no_regression(news: Classifier, frame: pd.DataFrame) -> None:
    comparison = compare(news, blunted(news), frame)
    assert "ROC-AUC" not in {one.measure for one in comparison.regressions}


def test_a_model_that_flags_names_is_less_fair(news: Classifier, frame: pd.DataFrame) -> None:
    eager = replace(news, biases=news.biases + 3.0)
    worse = {one.measure for one in compare(eager, news, frame).regressions}
    assert "harmless flagged" in worse


def test_differences_lie_in_their_intervals(news: Classifier, frame: pd.DataFrame) -> None:
    for one in compare(blunted(news), news, frame).differences:
        assert one.low <= one.challenger - one.champion <= one.high or one.measure == "accuracy"


def test_fairness_counts_what_was_flagged() -> None:
    cases = functional_cases()
    hateful = np.array([case.hateful for case in cases])
    perfect = fairness(cases, hateful)
    assert perfect["harmless_flagged"] == 0
    assert perfect["hateful_caught"] == 1
    assert perfect["gaps"] == {"harmless_flagged": 0, "hateful_caught": 0}
    one_group = np.array([case.group == "Frauen" for case in cases])
    assert fairness(cases, one_group)["gaps"]["harmless_flagged"] == 1


def write_comments(path: Path, rude: list[str], plain: list[str], count: int) -> str:
    rows = [
        {"text": f"{(rude if number % 2 else plain)[number % 5]} {number}", "label": number % 2}
        for number in range(count)
    ]
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return str(path)


def test_a_worse_model_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    # Labels turned round: what it learns is wrong everywhere else.
    house = write_comments(tmp_path / "house.jsonl", PLAIN, INSULTS, 200)
    frozen = write_comments(tmp_path / "frozen.jsonl", INSULTS, PLAIN, 120)
    arguments = ["train", house, "-o", str(tmp_path / "new"), "--against", "news"]
    arguments += ["--frozen", frozen, "--jobs", "1"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1
    assert "refused, nothing written" in result.stderr
    assert "WORSE" in result.stdout
    assert not (tmp_path / "new").exists()


def test_a_reason_lets_a_worse_model_in_and_stands_in_its_card(tmp_path: Path) -> None:
    house = write_comments(tmp_path / "house.jsonl", PLAIN, INSULTS, 200)
    arguments = ["train", house, "-o", str(tmp_path / "new"), "--against", "news", "--jobs", "1"]
    arguments += ["--accept-regression", "Versuch mit vertauschten Labels"]
    arguments += ["--flips", str(tmp_path / "flips.jsonl")]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.stderr
    assert "Versuch mit vertauschten Labels" in (tmp_path / "new" / "README.md").read_text("utf-8")
    settings = json.loads((tmp_path / "new" / "model.json").read_text("utf-8"))
    assert settings["accepted_regression"]["worse"]
    assert (tmp_path / "flips.jsonl").read_text("utf-8").startswith('{"text": ')


def test_a_model_that_has_lost_a_score_is_worse(news: Classifier, frame: pd.DataFrame) -> None:
    lost = replace(
        news,
        heads=news.heads[:1],
        weights=news.weights[:, :1],
        biases=news.biases[:1],
        style_weights=news.style_weights[:, :1],
        calibration=news.calibration[:1],
    )
    missing = {one.cases for one in compare(lost, news, frame).regressions}
    assert missing >= set(news.heads[1:])


def test_another_deciding_score_is_a_regression(news: Classifier, frame: pd.DataFrame) -> None:
    other = replace(news, main="insult")
    worse = {one.measure for one in compare(other, news, frame).regressions}
    assert "another score decides" in worse


def refused(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["train", *arguments])
    assert result.exit_code != 0
    return str(result.exception)


def test_flips_never_replace_an_input(tmp_path: Path) -> None:
    house = write_comments(tmp_path / "house.jsonl", INSULTS, PLAIN, 60)
    before = Path(house).read_bytes()
    said = refused(house, "-o", str(tmp_path / "new"), "--flips", house)
    assert "is also an input" in said
    assert Path(house).read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--corpora", "gahd", "--base", "news"], "--base with --corpora"),
        (["--licence", "permissive", "--base", "news"], "learned from .*rp-mod"),
        (["--licence", "foo"], "--licence foo: not known"),
        (["--accept-regression", " "], "give the reason"),
        (["--flips", "/nowhere/at/all.jsonl"], "choose another --flips"),
    ],
)
def test_what_cannot_be_is_said_before_training(
    tmp_path: Path, arguments: list[str], message: str
) -> None:
    house = write_comments(tmp_path / "house.jsonl", INSULTS, PLAIN, 60)
    said = refused(house, "-o", str(tmp_path / "new"), *arguments)
    assert re.search(message, said)
    assert not (tmp_path / "new").exists()


def test_a_card_names_the_licences_of_the_model_it_is_built_upon(tmp_path: Path) -> None:
    house = write_comments(tmp_path / "house.jsonl", INSULTS, PLAIN, 200)
    arguments = ["train", house, "--base", "news", "--head", "rejected"]
    result = CliRunner().invoke(app, [*arguments, "-o", str(tmp_path / "new"), "--jobs", "1"])
    assert result.exit_code == 0, result.stderr
    card = (tmp_path / "new" / "README.md").read_text("utf-8")
    assert "non-commercial" in card
    again = [*arguments[:3], str(tmp_path / "new"), *arguments[4:], "-o", str(tmp_path / "next")]
    assert CliRunner().invoke(app, [*again, "--jobs", "1"]).exit_code == 0
    assert "non-commercial" in (tmp_path / "next" / "README.md").read_text("utf-8")


def test_a_reason_stays_one_line_in_the_card(tmp_path: Path) -> None:
    house = write_comments(tmp_path / "house.jsonl", PLAIN, INSULTS, 200)
    arguments = ["train", house, "-o", str(tmp_path / "new"), "--against", "news", "--jobs", "1"]
    result = CliRunner().invoke(app, [*arguments, "--accept-regression", "weil\n\n# so\n<!-- x"])
    assert result.exit_code == 0, result.stderr
    card = (tmp_path / "new" / "README.md").read_text("utf-8")
    assert "Reason given: weil # so <!-- x\n" in card

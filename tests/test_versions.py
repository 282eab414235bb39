"""Scores do not depend on the library that taught the model."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from moderation.model.classifier import Classifier

TEXTS = ["Das ist doch alles gelogen, ihr Heuchler!", "Danke für den Artikel.", "", "Na ja …"]
SCORE = """
import json, sys
from pathlib import Path
if sys.argv[1] == "none":
    for name in ("sklearn", "scipy", "pandas", "joblib"):
        sys.modules[name] = None
else:
    import sklearn
    assert sklearn.__version__.startswith(sys.argv[1]), sklearn.__version__
    from sklearn.linear_model import LogisticRegression
from moderation.model.persistence import load
print(json.dumps(load(Path(sys.argv[2])).log_odds(json.loads(sys.argv[3])).tolist()))
"""


def scores(version: str, folder: Path, python_path: Path | None = None) -> list[list[float]]:
    done = subprocess.run(
        [sys.executable, "-c", SCORE, version, str(folder), json.dumps(TEXTS)],
        env={"PYTHONPATH": str(python_path)} if python_path else {},
        capture_output=True,
        check=True,
    )
    result: list[list[float]] = json.loads(done.stdout)
    return result


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with scikit-learn 1.7 and what it needs."""
    folder = tmp_path_factory.mktemp("older")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder)]
    done = subprocess.run([*install, "scikit-learn==1.7.2"], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("no package index within reach")
    return folder


def test_scores_need_no_scikit_learn_at_all(news: Classifier, news_folder: Path) -> None:
    assert scores("none", news_folder) == news.log_odds(TEXTS).tolist()


def test_scores_are_the_same_beside_an_older_scikit_learn(
    news: Classifier, news_folder: Path, older: Path
) -> None:
    current = news.log_odds(TEXTS).tolist()
    beside = scores("1.7", news_folder, older)
    assert beside == [pytest.approx(row, abs=1e-6) for row in current]


def test_teaching_by_an_older_scikit_learn_gives_the_same_scores(older: Path) -> None:
    code = """
import json, numpy as np
from moderation.training.estimator import LogCountRatioClassifier
g = np.random.default_rng(0)
X = g.poisson(0.5, (300, 40)).astype(float)
y = (X[:, 0] + g.normal(size=300) > 0.6).astype(int)
print(json.dumps(LogCountRatioClassifier().fit(X, y).decision_function(X).tolist()))
"""
    results = [
        json.loads(
            subprocess.run(
                [sys.executable, "-c", code], env=env, capture_output=True, check=True
            ).stdout
        )
        for env in ({}, {"PYTHONPATH": str(older)})
    ]
    assert results[0] == pytest.approx(results[1], abs=1e-6)

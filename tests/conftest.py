"""What several tests need."""

from __future__ import annotations

from pathlib import Path

import pytest

from moderation.model.classifier import Classifier
from moderation.model.persistence import load

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def seeds() -> Path:
    return ROOT / "seeds"


@pytest.fixture(scope="session")
def news_folder() -> Path:
    return ROOT / "models" / "news"


@pytest.fixture(scope="session")
def news(news_folder: Path) -> Classifier:
    return load(news_folder)

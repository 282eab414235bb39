"""What several tests need."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from moderation.model.classifier import Classifier
from moderation.model.persistence import load

# Machines are noisy: no example fails for being slow. CI runs the same examples every time, so that
# what lands does not depend on luck; developers look for new ones.
settings.register_profile("developer", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "developer")

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

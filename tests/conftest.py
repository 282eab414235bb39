"""What several tests need."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from moderation.model.classifier import Classifier
from moderation.model.persistence import load
from moderation.pseudonyms import KEY_VARIABLE

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


@pytest.fixture(scope="session", autouse=True)
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keep the tests' pseudonyms away from the user's own key."""
    path = tmp_path_factory.mktemp("key") / "pseudonyms.key"
    path.write_bytes(b"a key for tests, nothing secret.")
    os.environ[KEY_VARIABLE] = str(path)
    return path

"""Which model a service uses, and which it goes back to."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from moderation.errors import ModelError, ModerationError
from moderation.model.persistence import DIGESTS, load
from moderation.service import swapping
from moderation.service.swapping import Choice, change, first_choice, orders_of


@pytest.fixture
def runtime(tmp_path: Path) -> Path:
    folder = tmp_path / "runtime"
    folder.mkdir()
    return folder


@pytest.fixture
def models(tmp_path: Path, news_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a model's folder; what it holds counts as another model by the first digit."""
    folder = tmp_path / "model"
    shutil.copytree(news_folder, folder)

    class Loaded:
        def __init__(self, folder: Path) -> None:
            self.digest = (folder / DIGESTS).read_text()[:1]

    monkeypatch.setattr(swapping, "load", Loaded)
    put(folder, "a")
    return folder


def put(folder: Path, digest: str) -> None:
    (folder / DIGESTS).write_text(digest)


def used(runtime: Path) -> str:
    return first_choice(runtime, "nobody asks for it").digest


def test_going_back_goes_along_the_history_and_never_forward(runtime: Path, models: Path) -> None:
    assert first_choice(runtime, str(models)).history == ("a/model",)
    for name in "bcd":
        put(models, name)
        change(runtime, str(models), "reload")
        assert used(runtime) == name
    assert sorted(one.name for one in (runtime / "models").iterdir()) == ["b", "c", "d"]
    for name in "cb":
        change(runtime, str(models), "rollback")
        assert used(runtime) == name
    with pytest.raises(ModerationError, match="no model to go back to"):
        change(runtime, str(models), "rollback")
    assert used(runtime) == "b"
    # The same again is no step in the history.
    put(models, "b")
    change(runtime, str(models), "reload")
    assert first_choice(runtime, "").history == ("b/model",)
    assert [one.name for one in runtime.iterdir() if one.name.startswith("tmp")] == []


def test_each_order_is_counted_also_one_that_is_refused(runtime: Path, models: Path) -> None:
    first_choice(runtime, str(models))
    with pytest.raises(ModerationError):
        change(runtime, str(models), "rollback")
    change(runtime, str(models), "reload")
    orders = {"reload": 1, "rollback": 0, "refused": 1}
    assert first_choice(runtime, "") == Choice(orders, ("a/model",))
    assert orders_of(runtime) == orders


def test_a_model_that_changes_while_it_is_copied_is_not_used(
    runtime: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_choice(runtime, str(models))
    put(models, "b")
    monkeypatch.setattr(swapping, "_copied", lambda *_: "c")
    with pytest.raises(ModelError, match="model: was changed while it was read; try again"):
        change(runtime, str(models), "reload")
    assert used(runtime) == "a"


def test_copies_are_whole(runtime: Path, news_folder: Path) -> None:
    choice = first_choice(runtime, str(news_folder))
    kept = load(choice.folder(runtime))
    assert (kept.name, kept.digest) == ("news", choice.digest)
    assert choice.digest == load(news_folder).digest


@contextmanager
def gone(folder: Path) -> Iterator[None]:
    shutil.rmtree(folder)
    with pytest.raises(ModerationError, match="start the service again"):
        yield


def test_a_folder_that_has_gone_is_told_in_one_line(runtime: Path, models: Path) -> None:
    first_choice(runtime, str(models))
    with gone(runtime):
        change(runtime, str(models), "reload")

"""The package as others import and install it."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import moderation

ROOT = Path(__file__).parents[1]


def test_every_public_name_loads_and_is_known_to_type_checkers() -> None:
    source = ast.parse(Path(moderation.__file__).read_text(encoding="utf-8"))
    declared = {
        alias.asname
        for node in ast.walk(source)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname
    }
    listed = set(dir(moderation)) - {"__version__"}
    assert listed == declared
    for name in listed:
        assert getattr(moderation, name) is not None


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == moderation.__version__
    assert f"## {moderation.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locked = set(
        re.findall(r"^([a-z0-9._-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    )
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    assert {re.split(r"[<>=\[ ]", one)[0] for one in wanted} <= locked


def test_the_readme_shows_the_model_s_own_figures() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    card = (ROOT / "models" / "news" / "README.md").read_text(encoding="utf-8")
    held_out = card.split("Held out:")[1].split("Cross-validated")[0]
    rows = re.findall(r"^\| `.*$", held_out, re.MULTILINE)
    assert rows
    for row in rows:
        assert row in readme


def test_the_built_wheel_scores_outside_the_checkout(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    target = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    done = subprocess.run(
        [sys.executable, "-m", "moderation", "score", "-"],
        input=b"Sie sind ein Idiot!",
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(target)},
        capture_output=True,
        check=True,
    )
    assert b'"decision": "re' in done.stdout
    names = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
    assert "moderation/shipped_models/news/arrays.npz" in names
    assert "moderation/training/contrast.toml" in names
    assert not any("__pycache__" in name or "tests/" in name for name in names)


def test_the_readme_shows_the_measured_transfer_and_fairness() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    results = json.loads((ROOT / "benchmarks/results/quality.json").read_text(encoding="utf-8"))
    assert set(results["transfer"])
    for corpus, systems in results["transfer"].items():
        ours, peer = (one["roc_auc"] for one in systems.values())
        assert f"| {corpus} | {ours:.3f}" in readme
        assert f"| {peer:.3f}" in readme
    for name, one in results["functional"].items():
        if name.startswith("second set"):
            shares = one["rules and model"]
            assert f"{shares['harmless_flagged']:.1%}" in readme
            assert f"{shares['hateful_caught']:.1%}" in readme


def test_the_benchmark_measured_the_shipped_models() -> None:
    results = json.loads((ROOT / "benchmarks/results/quality.json").read_text(encoding="utf-8"))
    for name, digest in results["model_digests"].items():
        assert moderation.load(ROOT / "models" / name).digest == digest

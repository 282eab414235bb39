"""The README's table of separation is what was measured."""

import json

from conftest import ROOT


def test_the_readme_has_the_measured_figures() -> None:
    results = json.loads((ROOT / "benchmarks" / "results" / "separation.json").read_text())
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, measured in results.items():
        label = f"| {name.replace('_', ' ')},"
        row = next(line for line in readme.splitlines() if line.startswith(label))
        for figure in ("precision", "recall", "parents"):
            share = measured["ours"][figure]["share"]
            low, high = measured["ours"][figure]["interval_95"]
            assert f"{share:.3f} ({low:.3f}–{high:.3f})" in row

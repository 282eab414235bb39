"""Try inputs by the million on every reader, guided by coverage; results to results/fuzz.json.

Usage: python benchmarks/fuzz.py [--inputs N] [--readers wordpress,disqus] (needs atheris: the extra
``fuzz``). Each reader runs in a process of its own, beginning with the files of tests/nasty.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from fuzz_target import READERS

_ROOT = Path(__file__).parents[1]
_NASTY = _ROOT / "tests" / "nasty"
_RESULTS = Path(__file__).with_name("results") / "fuzz.json"
#: Bytes of an input: room for a page with some comments, small enough to try many.
_LONGEST = 1024
#: Inputs of a reader that are tried while its code is watched; the others are damaged by chance,
#: from what was worth keeping, which is several times as fast.
_WATCHED = 100_000
#: Seconds one input may take, and megabytes a process may grow to.
_TIMEOUT, _MEMORY = 10, 2048
_EXECUTED = re.compile(r"stat::number_of_executed_units:\s+(\d+)")
_COVERAGE = re.compile(r"cov: (\d+)")


def main() -> None:
    """Run all readers, one after the other, and store the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000, help="for each reader")
    parser.add_argument("--readers", default=",".join(READERS))
    known = parser.parse_args()
    for reader in known.readers.split(","):
        _store(reader, run(reader, known.inputs))


def run(reader: str, inputs: int) -> dict[str, object]:
    """Fuzz one reader in other processes and return the figures."""
    started = time.monotonic()
    watched = min(inputs, _WATCHED)
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder, "corpus")
        corpus.mkdir()
        for file in sorted(_NASTY.glob(f"{reader}.*")):
            (corpus / file.name).write_bytes(file.read_bytes()[:_LONGEST])
        done = _script(
            "fuzz_one.py",
            reader,
            str(corpus),
            f"-runs={watched}",
            f"-max_len={_LONGEST}",
            f"-timeout={_TIMEOUT}",
            f"-rss_limit_mb={_MEMORY}",
            "-print_final_stats=1",
            "-seed=1",
            f"-artifact_prefix={folder}/",
        )
        executed = _EXECUTED.search(done.stderr)
        coverage = _COVERAGE.findall(done.stderr)
        figures: dict[str, object] = {
            "watched": int(executed[1]) if executed else 0,
            "covered": int(coverage[-1]) if coverage else 0,
            "kept": len(list(corpus.iterdir())),
        }
        failed = done if done.returncode else None
        if failed is None and inputs > watched:
            done = _script("fuzz_plain.py", reader, str(corpus), str(inputs - watched))
            figures["plain"] = 0 if done.returncode else inputs - watched
            failed = done if done.returncode else None
        broken = [
            file.read_bytes()
            for pattern in ("crash-*", "timeout-*", "oom-*", "corpus/crash-*")
            for file in Path(folder).glob(pattern)
        ]
    figures["seconds"] = round(time.monotonic() - started)
    figures["defects"] = len(broken) or int(failed is not None)
    print(reader, figures, flush=True)
    for content in broken:
        print("  broken by", content[:1000], flush=True)
    if failed is not None:
        print(failed.stdout[-2000:], failed.stderr[-1000:], flush=True)
    return figures


def _script(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(Path(__file__).with_name(name)), *arguments],
        capture_output=True,
        text=True,
        errors="replace",
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
        check=False,
    )


def _store(reader: str, figures: dict[str, object]) -> None:
    results = json.loads(_RESULTS.read_text()) if _RESULTS.exists() else {}
    results[reader] = figures
    _RESULTS.write_text(json.dumps(results, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()

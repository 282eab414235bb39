"""Kill a process that records decisions, again and again, and look for what it had acknowledged.

Writes benchmarks/results/decisions_kill.json. Killing a process shows that nothing acknowledged
waits in its memory; it does not show what a power cut does, for which SQLite and the spool call
fsync.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from moderation.decisions.recording import Recorder
from moderation.decisions.records import Decision
from moderation.decisions.spool import Spool
from moderation.decisions.store import open_store

RESULT = Path(__file__).parent / "results" / "decisions_kill.json"
_THREADS = 8
# What is killed: threads that record and say so. A line of 33 bytes is written to a pipe at once or
# not at all. Now and then the store is locked, so that the spool has its share.
_CHILD = """
import os, sys, threading, time, sqlite3
from moderation.decisions.records import Decision
from moderation.decisions.recording import Recorder
path, threads = sys.argv[1], int(sys.argv[2])
recorder = Recorder(path, drain_seconds=0.1, busy_seconds=0.02)
def record():
    while True:
        one = Decision(value=1, attribute="TOXICITY", source="api", text="Nein! " * 50)
        recorder.record(one)
        os.write(1, one.id.encode() + b"\\n")
def lock():
    while not os.path.getsize(path):
        time.sleep(0.01)
    while True:
        time.sleep(0.15)
        with sqlite3.connect(path, timeout=5, isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            time.sleep(0.1)
            other.execute("ROLLBACK")
        other.close()
for target in [record] * threads + [lock]:
    threading.Thread(target=target, daemon=True).start()
time.sleep(60)
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one killed process had acknowledged, and how much of it is gone."""

    acknowledged: int
    spooled: bool
    lost: int


def kill_once(folder: Path, seconds: float) -> Outcome:
    """Let a process record into a new store, kill it, and count what is there afterwards."""
    path = folder / "decisions.db"
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(path), str(_THREADS)], stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    first = child.stdout.readline()
    timer = threading.Timer(seconds, child.kill)
    timer.start()
    rest = child.stdout.read()
    timer.join()
    child.wait()
    child.stdout.close()
    acknowledged = set((first + rest).decode().split())
    spool = Spool(path.with_name("decisions.db.spool"))
    spooled = spool.waiting
    with open_store(str(path)) as store:
        spool.drain(store)
        there = {one.id for one in store.read()}
        with closing(sqlite3.connect(path)) as plain:
            whole = plain.execute("PRAGMA integrity_check").fetchone()[0]
    assert whole == "ok"
    return Outcome(len(acknowledged), spooled, len(acknowledged - there))


def rate(threads: int, seconds: float = 3.0) -> float:
    """Return decisions recorded a second by so many threads, each waiting for its receipt."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        recorder = Recorder(str(Path(folder) / "decisions.db"))
        counts = [0] * threads
        end = time.monotonic() + seconds

        def record(number: int) -> None:
            while time.monotonic() < end:
                recorder.record(
                    Decision(value=1, attribute="TOXICITY", source="api", text="Nein! " * 50)
                )
                counts[number] += 1

        workers = [threading.Thread(target=record, args=(number,)) for number in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        recorder.close()
    return sum(counts) / seconds


def main() -> None:
    """Kill, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--output", type=Path, default=RESULT)
    arguments = parser.parse_args()
    # How busy others keep the machine: rates are as good as this is low.
    load = os.getloadavg()[0]
    generator = random.Random(7)
    outcomes = []
    for number in range(arguments.kills):
        # On the disk: in a folder of memory nothing waits for it.
        with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
            outcomes.append(kill_once(Path(folder), generator.uniform(0.0, 1.5)))
        print(number + 1, outcomes[-1], flush=True)
    result = {
        "kills": len(outcomes),
        "acknowledged": sum(one.acknowledged for one in outcomes),
        "kills_with_a_spool": sum(one.spooled for one in outcomes),
        "lost": sum(one.lost for one in outcomes),
        "recorded_per_second": {str(threads): round(rate(threads)) for threads in (1, 8, 32)},
        "sqlite": sqlite3.sqlite_version,
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load_before": round(load, 2),
    }
    arguments.output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()

"""Does `kill -9` lose a decision that the service has acknowledged? Fifty times over HTTP.

Usage: python benchmarks/service_kill.py [KILLS]. Each round starts ``moderation serve`` with two
workers on the same SQLite file, sends decisions from four threads, and kills all its processes at a
random moment. Every decision that was answered with 200 has to be in the store or in the spool.
Stored in benchmarks/results/service_kill.json; exit code 1 if one was lost.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx2 as httpx
from service_start import wait_until_ready

from moderation.decisions.spool import Spool
from moderation.decisions.store import open_store

_RESULTS = Path(__file__).with_name("results") / "service_kill.json"
_SENDERS = 4
#: Seconds between the first decision and the kill.
_SHORTEST, _LONGEST = 0.05, 1.0


def main() -> None:
    """Kill, count, and store what was found."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    with tempfile.TemporaryDirectory() as name:
        acknowledged, kept = kill_often(Path(name), kills, 8098)
    lost = len(acknowledged - kept)
    record = {"kills": kills, "acknowledged": len(acknowledged), "lost": lost, "workers": 2}
    print(json.dumps(record))
    _RESULTS.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    sys.exit(lost > 0)


def kill_often(folder: Path, kills: int, port: int) -> tuple[set[str], set[str]]:
    """Return the ids of decisions that were acknowledged, and of those that were kept."""
    chance = random.Random(9)
    acknowledged: set[str] = set()
    store = folder / "decisions.db"
    for _ in range(kills):
        _round(folder, port, chance.uniform(_SHORTEST, _LONGEST), acknowledged)
    with open_store(str(store)) as opened:
        Spool(folder / "decisions.db.spool").drain(opened)
        kept = {one.comment_id or "" for one in opened.read()}
    return acknowledged, kept


def _round(folder: Path, port: int, seconds: float, acknowledged: set[str]) -> None:
    command = [sys.executable, "-m", "moderation", "serve", "--workers", "2", "--port", str(port)]
    command += ["--decisions", "decisions.db"]
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        command, cwd=folder, stderr=subprocess.DEVNULL, start_new_session=True
    )
    wait_until_ready(url, 30)
    first, stop = threading.Event(), threading.Event()

    def send(sender: int) -> None:
        number = 0
        while not stop.is_set():
            number += 1
            comment_id = f"{process.pid}-{sender}-{number}"
            body = {
                "comment": {"text": f"Beitrag {comment_id}, harmlos."},
                "attributeScores": {"TOXICITY": {"summaryScore": {"value": 0}}},
                "clientToken": f"comment:{comment_id}",
            }
            try:
                answer = client.post(f"{url}/v1alpha1/comments:suggestscore", json=body)
            except httpx.TransportError:
                return
            if answer.status_code == 200:
                acknowledged.add(comment_id)
                first.set()

    with httpx.Client(timeout=10) as client:
        threads = [threading.Thread(target=send, args=(one,)) for one in range(_SENDERS)]
        for thread in threads:
            thread.start()
        first.wait(30)
        time.sleep(seconds)
        # The parent and its workers, all at once.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        stop.set()
        for thread in threads:
            thread.join()


if __name__ == "__main__":
    main()

"""How much the service holds: requests a second and waiting times, beside one that does nothing.

Usage: python benchmarks/service.py [SECONDS]. Needs wrk (apt install wrk) and the corpora; sends
traffic to this machine only. Both services run with two workers on the same two cores as wrk, one
after the other; comments have about 200 characters, connections are kept alive. Half load is half
of what the issue asks for, sent at random moments: alone, and beside 200 clients that send one byte
of a body a second; then half of what was reached. Coral's phase is asked without other load. Stored
in benchmarks/results/service.json.

The peer is FastAPI answering a constant to the same requests: what the frame costs without us.
"""

from __future__ import annotations

import hashlib
import hmac
import html
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import httpx2 as httpx
from service_start import wait_until_ready
from speed_texts import recombined, usual

from moderation.training.corpora import TRAINING_CORPORA
from moderation.training.frames import load_corpora

_RESULTS = Path(__file__).with_name("results") / "service.json"
#: What the issue asks for: requests a second, and milliseconds at half of them.
AIM_RATE, AIM_P99 = 1_500, 25.0
#: Milliseconds in which Coral's phase is to be answered.
AIM_PHASE = 200.0
_PATH = "/v1alpha1/comments:analyze?key=none"
_TEXTS = 5_000
_CONNECTIONS = 32
_TITLES = {
    "full": "as fast as they are answered",
    "half": f"half of the {AIM_RATE:,}/s aimed at",
    "half beside slow": "the same, beside 200 clients that send byte by byte",
    "half of full": "half of what was reached",
}
_PHASES = 2_000
_SECRET = b"of this benchmark"
_SLOW = 200
_SLOW_HEAD = (
    b"POST /v1alpha1/comments:analyze?key=none HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/json\r\nContent-Length: 500\r\n\r\n"
)
_PEER = """
from fastapi import FastAPI, Request
app = FastAPI()

@app.get("/readyz")
async def ready(): return {}

@app.post("/v1alpha1/comments:analyze")
async def analyze(body: dict):
    return {"attributeScores": {"TOXICITY": {"summaryScore": {"value": 0.5}}}}
"""
_SCRIPT = """
local bodies = {}
for line in io.lines("%(bodies)s") do bodies[#bodies + 1] = line end
local at = 0
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
function setup(thread) math.randomseed(os.time()) end
function request()
  at = at %% #bodies + 1
  return wrk.format(nil, nil, nil, bodies[at])
end
%(delay)s
function done(summary, latency, requests)
  io.write(string.format("RESULT %%d %%d %%d %%.3f %%.3f %%.3f\\n",
    summary.requests, summary.duration, summary.errors.status + summary.errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000))
end
"""


def main() -> None:
    """Measure both services and store what was found."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    if shutil.which("wrk") is None:
        sys.exit("service: needs wrk; apt install wrk")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        texts = list(islice(recombined(usual(_comments())), _TEXTS))
        attributes = {"TOXICITY": {}}
        bodies = [
            json.dumps({"comment": {"text": text}, "requestedAttributes": attributes,
                        "languages": ["de"], "doNotStore": True})
            for text in texts
        ]  # fmt: skip
        (folder / "bodies").write_text("\n".join(bodies), encoding="utf-8")
        (folder / "peer.py").write_text(_PEER)
        secret = folder / "secret"
        secret.touch(0o600)
        secret.write_bytes(_SECRET)
        serve = [sys.executable, "-m", "moderation", "serve", "--workers", "2", "--port", "8095",
                 "--coral-secret", str(secret)]  # fmt: skip
        peer = [sys.executable, "-m", "uvicorn", "peer:app", "--workers", "2", "--port", "8096",
                "--no-access-log", "--log-level", "warning"]  # fmt: skip
        found = {}
        for title, command, port in (("moderation", serve, 8095), ("constant", peer, 8096)):
            with running(command, port, folder):
                base = f"http://127.0.0.1:{port}"
                load(base, folder, 5, None)  # warm
                full = load(base, folder, seconds, None)
                found[title] = {
                    "full": full,
                    "half": load(base, folder, seconds, AIM_RATE / 2),
                    "half beside slow": beside_slow(port, base, folder, seconds),
                    "half of full": load(base, folder, seconds, full["requests_a_second"] / 2),
                }
                if title == "moderation":
                    phase = coral_phase(base, texts[:_PHASES])
    mean = sum(map(len, texts)) / len(texts)
    record = {
        "aim": {"requests_a_second": AIM_RATE, "p99_ms_at_half": AIM_P99, "phase_ms": AIM_PHASE},
        "mean_characters": round(mean, 1),
        "workers": 2,
        "connections": _CONNECTIONS,
        "services": found,
        "coral_phase": phase,
    }
    for title, loads in found.items():
        for kind, one in loads.items():
            print(
                f"{title:12} {kind:16}", "  ".join(f"{key} {value}" for key, value in one.items())
            )
    print("coral phase     ", "  ".join(f"{key} {value}" for key, value in phase.items()))
    print("\n".join(readme_lines(record)))
    _RESULTS.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def readme_lines(record: dict[str, Any]) -> list[str]:
    """Return the table of README.md."""
    ours, peer = record["services"]["moderation"], record["services"]["constant"]
    head = "| load | requests/s | p50 | p99 | a constant from FastAPI, same run |"
    rows = [head, "|---|---|---|---|---|"]
    for kind, title in _TITLES.items():
        one, other = ours[kind], peer[kind]
        cells = (
            title,
            f"{one['requests_a_second']:,}",
            f"{one['p50_ms']} ms",
            f"{one['p99_ms']} ms",
            f"{other['requests_a_second']:,}/s, p99 {other['p99_ms']} ms",
        )
        rows.append(f"| {' | '.join(cells)} |")
    return rows


def _comments() -> list[str]:
    frame = load_corpora(TRAINING_CORPORA)
    texts: list[str] = frame.loc[frame["part"] == "train", "text"].tolist()
    return texts


def load(base: str, folder: Path, seconds: int, rate: float | None) -> dict[str, float]:
    """Send requests as fast as they are answered, or `rate` a second at random moments."""
    delay = ""
    if rate is not None:
        # Of an exponential distribution; what answering takes comes on top and is small.
        pause = 1000 * _CONNECTIONS / rate
        delay = f"function delay() return -math.log(1 - math.random()) * {pause} end"
    script = folder / "load.lua"
    script.write_text(_SCRIPT % {"bodies": folder / "bodies", "delay": delay})
    command = ["wrk", "-t1", f"-c{_CONNECTIONS}", f"-d{seconds}s", "-s", str(script), base + _PATH]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    match = re.search(r"RESULT (\d+) (\d+) (\d+) ([\d.]+) ([\d.]+) ([\d.]+)", printed)
    assert match, printed
    requests, microseconds, failed = map(int, match.groups()[:3])
    p50, p99, longest = map(float, match.groups()[3:])
    return {
        "requests_a_second": round(requests / (microseconds / 1e6)),
        "failed": failed,
        "p50_ms": round(p50, 2),
        "p99_ms": round(p99, 2),
        "max_ms": round(longest, 2),
    }


def coral_phase(base: str, texts: list[str]) -> dict[str, float]:
    """Ask as Coral does, one comment after the other, and return how long the answers took."""
    took = []
    with httpx.Client(base_url=base, timeout=10) as client:
        for number, text in enumerate(texts):
            body = json.dumps({
                "action": "NEW",
                "comment": {"body": f"<div>{html.escape(text)}</div>", "parentID": None},
                "author": {"id": str(number), "role": "COMMENTER"},
                "story": {"id": "1", "url": "https://zeitung.example/artikel"},
                "site": {"id": "1"},
                "tenantID": "1",
                "tenantDomain": "kommentare.zeitung.example",
            }, indent=2).encode()  # fmt: skip
            signature = hmac.new(_SECRET, body, hashlib.sha256).hexdigest()
            headers = {
                "content-type": "application/json",
                "x-coral-signature": f"sha256={signature}",
            }
            started = time.perf_counter()
            answer = client.post("/coral/phase", content=body, headers=headers)
            took.append(1000 * (time.perf_counter() - started))
            assert answer.status_code in (200, 204), answer.text
    took.sort()
    return {
        "comments": len(took),
        "p50_ms": round(took[len(took) // 2], 2),
        "p99_ms": round(took[len(took) * 99 // 100], 2),
        "max_ms": round(took[-1], 2),
    }


def beside_slow(port: int, base: str, folder: Path, seconds: int) -> dict[str, float]:
    """Send half of what the issue asks for while 200 clients send their bodies byte by byte."""
    over = threading.Event()
    begun = threading.Event()

    def drip() -> None:
        slow: list[socket.socket] = []
        while not over.wait(1.0):
            # Those that were sent away come again.
            while len(slow) < _SLOW:
                one = socket.create_connection(("127.0.0.1", port))
                one.sendall(_SLOW_HEAD)
                slow.append(one)
            begun.set()
            slow = [one for one in slow if _sent(one)]
        for one in slow:
            one.close()

    thread = threading.Thread(target=drip)
    thread.start()
    begun.wait()
    try:
        return load(base, folder, seconds, AIM_RATE / 2)
    finally:
        over.set()
        thread.join()


def _sent(one: socket.socket) -> bool:
    try:
        one.sendall(b" ")
    except OSError:
        one.close()
        return False
    return True


@contextmanager
def running(command: list[str], port: int, folder: Path) -> Iterator[None]:
    """Run a service that listens on `port`, and wait until it answers."""
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL) as process:
        try:
            wait_until_ready(f"http://127.0.0.1:{port}", 30)
            yield
        finally:
            process.terminate()


if __name__ == "__main__":
    main()

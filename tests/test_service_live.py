"""The service as processes: real clients, slow and hostile ones, models swapped under load."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx2 as httpx
import psutil
import pytest
from googleapiclient import discovery
from googleapiclient.errors import HttpError
from service import readme_lines
from service_help import ANALYZE, analyze_request, free_port, running, until
from service_kill import kill_often

from moderation.decisions.store import open_store
from moderation.service.keys import add_key, new_key


def test_the_readme_has_the_figures_of_the_last_measurement() -> None:
    root = Path(__file__).parents[1]
    record = json.loads((root / "benchmarks/results/service.json").read_text())
    assert "\n".join(readme_lines(record)) in (root / "README.md").read_text()
    phase = record["coral_phase"]
    shown = f"in {phase['p50_ms']} ms (p50) and {phase['p99_ms']} ms (p99)"
    assert shown in (root / "README.md").read_text()
    kills = json.loads((root / "benchmarks/results/service_kill.json").read_text())
    assert f"{kills['acknowledged']:,} that were acknowledged" in (root / "README.md").read_text()


def test_google_s_own_client_works(tmp_path: Path) -> None:
    with running(tmp_path, "--decisions", str(tmp_path / "d.db")) as (base, _):
        client = discovery.build(
            "commentanalyzer",
            "v1alpha1",
            developerKey="any",
            discoveryServiceUrl=f"{base}/$discovery/rest?version=v1alpha1",
            static_discovery=False,
        )
        body = analyze_request("Sie sind ein Idiot.", languages=["de"], doNotStore=True)
        answer = client.comments().analyze(body=body).execute()
        assert answer["attributeScores"]["TOXICITY"]["summaryScore"]["value"] > 0.9
        feedback = {
            "comment": {"text": "Sie sind ein Idiot."},
            "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}},
            "clientToken": "comment:1",
        }
        told = client.comments().suggestscore(body=feedback).execute()
        assert told["clientToken"] == "comment:1"
        with pytest.raises(HttpError) as error:
            client.comments().analyze(body=analyze_request("")).execute()
        assert error.value.resp.status == 400
        assert "Comment must be non-empty." in str(error.value)
        client.close()
    with open_store(str(tmp_path / "d.db")) as store:
        assert store.count() == 1


def test_slow_large_and_broken_clients_leave_others_unharmed(tmp_path: Path) -> None:
    with running(tmp_path) as (base, process):
        memory = psutil.Process(process.pid).memory_info().rss
        host, port = "127.0.0.1", int(base.rpartition(":")[2])
        head = f"POST {ANALYZE} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        slow = [socket.create_connection((host, port)) for _ in range(200)]
        for place, one in enumerate(slow):
            # Half of them stop in the middle of the head, half in the middle of the body.
            whole = f"{head}Content-Length: 500\r\n\r\n{{"
            one.sendall((whole if place % 2 else head[:40]).encode())
        with httpx.Client(base_url=base, timeout=30) as client:
            assert client.post(ANALYZE, json=analyze_request()).status_code == 200
            for _ in range(3):
                large = client.post(ANALYZE, content=_large())
                assert large.status_code == 413
            assert client.post(ANALYZE, json=analyze_request()).status_code == 200
            for one in slow:
                one.close()
            assert client.post(ANALYZE, json=analyze_request()).status_code == 200
        # 150 MB were sent.
        assert psutil.Process(process.pid).memory_info().rss < memory + 60e6
        for rubbish in (b"\x00\xff\x80\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01" * 50):
            with socket.create_connection((host, port), timeout=10) as one:
                one.sendall(rubbish)
                one.shutdown(socket.SHUT_WR)
                one.recv(1_000)
        assert httpx.get(f"{base}/healthz").status_code == 200
    assert "Traceback" not in (tmp_path / "log").read_text()


def _large() -> Any:
    for _ in range(50):
        yield b" " * 1_000_000


def test_models_are_swapped_under_load_in_all_workers(tmp_path: Path, news_folder: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(news_folder, folder)
    with running(tmp_path, "--model", str(folder), "--workers", "2") as (base, process):
        failures: list[str] = []
        asked = 0
        stop = threading.Event()

        def ask() -> None:
            nonlocal asked
            with httpx.Client(base_url=base, timeout=30) as client:
                while not stop.is_set():
                    answer = client.post(ANALYZE, json=analyze_request())
                    asked += 1
                    time.sleep(0.005)
                    if answer.status_code != 200:
                        failures.append(answer.text)

        def digests() -> set[str]:
            # New connections reach both workers sooner or later.
            return {httpx.get(f"{base}/v1/model").json()["digest"] for _ in range(10)}

        def until_one(expected_not: str) -> str:
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline:
                found = digests()
                if len(found) == 1 and expected_not not in found:
                    return found.pop()
            raise AssertionError("the workers use different models")

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        (first,) = digests()
        shutil.rmtree(folder)
        shutil.copytree(news_folder.parent / "open", folder)
        os.kill(process.pid, signal.SIGHUP)
        second = until_one(first)
        assert httpx.post(f"{base}/v1/model/rollback").status_code == 200
        assert until_one(second) == first
        stop.set()
        for thread in threads:
            thread.join()
        assert asked > 50
        assert failures == []
        metrics = httpx.get(f"{base}/metrics").text
        # All workers are counted together.
        assert 'moderation_model_reloads_total{outcome="reload"} 1.0' in metrics
        assert 'moderation_model_reloads_total{outcome="rollback"} 1.0' in metrics
    assert "Traceback" not in (tmp_path / "log").read_text()


def workers_of(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Return the workers, without the helper that multiprocessing starts."""
    children = psutil.Process(process.pid).children()
    return [one for one in children if lives(one) and "spawn_main" in " ".join(one.cmdline())]


def lives(process: psutil.Process) -> bool:
    # Who has ended may wait to be buried.
    return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)


def is_served(base: str) -> bool:
    try:
        return httpx.get(f"{base}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def test_a_worker_that_comes_later_uses_the_model_that_was_chosen(
    tmp_path: Path, news_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = tmp_path / "run"
    runtime.mkdir()
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(runtime))
    folder = tmp_path / "model"
    shutil.copytree(news_folder, folder)
    rules = tmp_path / "rules.toml"
    shutil.copy(news_folder.parents[1] / "moderation/labelling/default_rules.toml", rules)
    options = ("--model", str(folder), "--workers", "2", "--rules", str(rules))
    with running(tmp_path, *options) as (base, process):

        def digests() -> set[str]:
            return {httpx.get(f"{base}/v1/model").json()["digest"] for _ in range(30)}

        def used() -> list[str]:
            lines = httpx.get(f"{base}/metrics").text.splitlines()
            return [one for one in lines if one.startswith("moderation_model_info{")]

        until(lambda: len(workers_of(process)) == 2 and len(digests()) == 1)
        (first,) = digests()
        shutil.rmtree(folder)
        shutil.copytree(news_folder.parent / "open", folder)
        os.kill(process.pid, signal.SIGHUP)
        until(lambda: first not in digests())
        answer = httpx.post(f"{base}/v1/model/rollback").json()
        assert (answer["digest"], answer["previous"]) == (first, None)
        until(lambda: digests() == {first})
        # What folder and file hold now is not what was chosen.
        rules.write_text("no rules")
        old = {one.pid for one in workers_of(process)}
        os.kill(min(old), signal.SIGKILL)
        until(lambda: len({one.pid for one in workers_of(process)} - old) == 1)
        until(lambda: is_served(base))
        new = workers_of(process)
        until(lambda: all(f"gauge_livemax_{one.pid}" in metric_files(runtime) for one in new))
        assert f"gauge_livemax_{min(old)}" not in metric_files(runtime)
        assert digests() == {first}
        assert len(used()) == 1
        assert first[:12] in used()[0]
        assert httpx.post(f"{base}/v1/model/rollback").status_code == 409
        assert digests() == {first}
        # Nobody is left behind, and what is, the next one removes.
        left = workers_of(process)
        process.kill()
        until(lambda: not any(map(lives, left)))
        (folder_left,) = runtime.iterdir()
    with running(tmp_path) as (_, process):
        assert not folder_left.exists()
        (folder_left,) = runtime.iterdir()
        assert (folder_left / "pid").read_text() == f"{process.pid}\n"
    assert list(runtime.iterdir()) == []
    assert process.returncode == 0
    assert "Traceback" not in (tmp_path / "log").read_text()


def metric_files(runtime: Path) -> str:
    return " ".join(str(one) for one in runtime.glob("*/metrics/*.db"))


def test_workers_that_cannot_start_are_not_started_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    with running(tmp_path, "--workers", "2") as (base, process):
        (folder,) = tmp_path.glob("moderation-*")
        until(lambda: len(workers_of(process)) == 2)
        first, second = workers_of(process)
        until(lambda: all(str(one.pid) in metric_files(tmp_path) for one in (first, second)))
        shutil.rmtree(folder)
        assert httpx.post(f"{base}/v1/model/reload").status_code == 409
        first.kill()
        until(lambda: (tmp_path / "log").read_text().count("cannot start") == 3)
        # There is one that serves; another is tried again later.
        time.sleep(1)
        assert process.poll() is None
        assert is_served(base)
        second.kill()
        assert process.wait(60) == 3
    log = (tmp_path / "log").read_text()
    assert "Traceback" not in log
    # Three in a row, and some before it was found that the other one serves.
    assert log.count("cannot start") <= 8
    assert log.endswith("moderation: the workers do not start; the log says why\n")


def test_a_worker_that_serves_goes_on_whatever_ends_the_others(tmp_path: Path) -> None:
    _, key = new_key("test", ["score"])
    keys = tmp_path / "keys.json"
    add_key(keys, key)
    with running(tmp_path, "--workers", "2", "--keys", str(keys)) as (_, process):
        until(lambda: len(workers_of(process)) == 2)
        first, second = workers_of(process)
        # As a terminal that closes sends it.
        first.send_signal(signal.SIGHUP)
        keys.chmod(0o644)
        second.kill()
        until(lambda: len({one.pid for one in workers_of(process)} - {second.pid}) == 2)
        until(lambda: "no key opens any more" in (tmp_path / "log").read_text())
        assert first.is_running()
        assert process.poll() is None


def test_what_is_asked_stands_in_no_log(tmp_path: Path) -> None:
    with running(tmp_path) as (base, process):
        # A single worker is told itself.
        process.send_signal(signal.SIGHUP)
        reloaded = 'moderation_model_reloads_total{outcome="reload"} 1.0'
        until(lambda: reloaded in httpx.get(f"{base}/metrics").text)
        port = int(base.rpartition(":")[2])
        for path in ("/x?key=mod_GEHEIM", "/v1alpha1/comments:analyze?key=mod_GEHEIM"):
            httpx.get(base + path, headers={"x-api-key": "mod_GEHEIM"})
            head = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
            upgrade = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            for more in (upgrade + key, "Broken GEHEIM\r\n"):
                with socket.create_connection(("127.0.0.1", port), timeout=10) as one:
                    one.sendall(f"{head}{more}\r\n".encode())
                    assert one.recv(1_000)
    assert "GEHEIM" not in (tmp_path / "log").read_text()


def test_a_port_that_is_taken_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for workers in ("1", "2"):
            command = ["-m", "moderation", "serve", "--port", port, "--workers", workers]
            done = subprocess.run(
                [sys.executable, *command], capture_output=True, text=True, timeout=60, check=False
            )
            assert done.returncode != 0
            assert "Traceback" not in done.stderr
            assert f"--port {port}: cannot listen" in done.stderr
            assert done.stderr.count("\n") == 1


def test_a_kill_loses_no_acknowledged_decision(tmp_path: Path) -> None:
    acknowledged, kept = kill_often(tmp_path, 2, free_port())
    assert len(acknowledged) >= 2
    assert acknowledged <= kept


def test_decisions_wait_while_the_store_is_locked_and_scoring_goes_on(tmp_path: Path) -> None:
    database = tmp_path / "d.db"
    feedback = {
        "comment": {"text": "Guten Tag."},
        "attributeScores": {"TOXICITY": {"summaryScore": {"value": 0}}},
    }
    with running(tmp_path, "--decisions", str(database)) as (base, _), httpx.Client() as client:
        suggest = f"{base}/v1alpha1/comments:suggestscore"
        assert client.post(suggest, json=feedback).status_code == 200
        with sqlite3.connect(database, isolation_level=None) as other:
            other.execute("BEGIN EXCLUSIVE")
            assert client.post(suggest, json=feedback, timeout=30).status_code == 200
            assert client.get(f"{base}/readyz").json()["decisions"] == "queued"
            assert client.post(base + ANALYZE, json=analyze_request()).status_code == 200
            other.execute("ROLLBACK")
        other.close()
        deadline = time.monotonic() + 30
        while client.get(f"{base}/readyz").json()["decisions"] != "stored":
            assert time.monotonic() < deadline
            time.sleep(0.2)
    with open_store(str(database)) as store:
        assert store.count() == 2

"""The same results however the work is spread, stopped and gone on with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
import waiting

SUBJECTS = ("Der Artikel", "Das Interview", "Ihr Kommentar", "Die Überschrift", "Diese Debatte")
OPINIONS = ("gefällt mir", "ist Unsinn", "ist eine Frechheit", "hilft niemandem", "war überfällig")
CLOSINGS = ("Danke!", "Sie Idiot!", "Schönen Sonntag.", "Typisch, diese Lügner.", "Na ja …")


#: A cluster takes its time to start.
until = partial(waiting.until, seconds=60)


def sentences(number: int) -> Iterator[str]:
    for index in range(number):
        parts = SUBJECTS[index % 5], OPINIONS[index // 5 % 5], CLOSINGS[index // 25 % 5]
        yield f"{parts[0]} {parts[1]}, Nummer {index}. {parts[2]}"


def table(path: Path, number: int) -> Path:
    lines = (json.dumps({"id": i, "text": text}) for i, text in enumerate(sentences(number)))
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "moderation", "score", *map(str, arguments)]


def score(*arguments: str | Path) -> Any:
    done = subprocess.run(command(*arguments), capture_output=True, check=False, text=True)
    assert "Traceback" not in done.stderr
    return done


def grown(path: Path) -> Callable[[], bool]:
    return lambda: path.exists() and path.stat().st_size > 0


@pytest.fixture(scope="module")
def comments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return table(tmp_path_factory.mktemp("spread") / "in.jsonl", 40_000)


@pytest.fixture(scope="module")
def expected(comments: Path) -> bytes:
    """What one process makes of `comments`."""
    output = comments.with_name("one.jsonl")
    assert score(comments, "-o", output).returncode == 0
    return output.read_bytes()


def test_several_processes_give_the_same_bytes(comments: Path, expected: bytes) -> None:
    output = comments.with_name("two.jsonl")
    assert score(comments, "-o", output, "--jobs", "2").returncode == 0
    assert output.read_bytes() == expected


def without_progress(messages: str) -> list[str]:
    return [line for line in messages.splitlines() if " a second" not in line]


def test_several_processes_say_what_one_says(tmp_path: Path) -> None:
    rows = ["id,text,wer", '1,"Ja, gut",Eva', "2,nein", "3,ja,Udo,zuviel", "", "4,,Eva"]
    path = tmp_path / "in.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    one, two = (score(path, "--format", "csv", "--jobs", jobs) for jobs in ("1", "2"))
    assert one.stdout == two.stdout
    # A machine that is very busy is slow enough for progress to be shown.
    assert without_progress(one.stderr) == without_progress(two.stderr)
    assert "line 4: 4 cells instead of 3" in one.stderr


def test_an_unreadable_row_has_its_exit_code_from_another_process(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text('{"text": "Ja"}\n{"text"\n', encoding="utf-8")
    done = score(path, "--jobs", "2")
    assert done.returncode == 3
    assert "line 2: not JSON" in done.stderr


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_ends_cleanly_and_resume_goes_on(
    comments: Path, expected: bytes, tmp_path: Path, jobs: str
) -> None:
    output = tmp_path / "out.jsonl"
    part = output.with_name("out.jsonl.part")
    arguments = (comments, "-o", output, "--jobs", jobs)
    with subprocess.Popen(
        command(*arguments),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Whoever runs the tests in the background has them ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as running:
        until(grown(part))
        os.killpg(running.pid, signal.SIGINT)
        _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "Traceback" not in said
    assert "--resume goes on" in said
    written = part.read_bytes()
    assert 0 < len(written) < len(expected)
    # A power cut leaves half a line.
    part.write_bytes(written[:-7])
    done = score(*arguments, "--resume")
    assert done.returncode == 0
    assert "going on behind" in done.stderr
    assert output.read_bytes() == expected
    assert not part.exists()


def test_a_killed_process_is_named_and_resume_goes_on(
    comments: Path, expected: bytes, tmp_path: Path
) -> None:
    output = tmp_path / "out.jsonl"
    arguments = (comments, "-o", output, "--jobs", "2")
    with subprocess.Popen(command(*arguments), stderr=subprocess.PIPE, text=True) as running:
        until(grown(output.with_name("out.jsonl.part")))
        workers = [
            child
            for child in psutil.Process(running.pid).children(recursive=True)
            if "resource_tracker" not in " ".join(child.cmdline())
        ]
        workers[0].kill()
        _, said = running.communicate(timeout=60)
    assert running.returncode == 2
    assert "a process was ended from outside" in said
    assert "Traceback" not in said
    assert score(*arguments, "--resume").returncode == 0
    assert output.read_bytes() == expected


def test_csv_with_line_breaks_in_cells_is_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    rows = (f'{i},"{text}\n""Zweiter"" Absatz"\n' for i, text in enumerate(sentences(3000)))
    path.write_text("id,text\n" + "".join(rows), encoding="utf-8")
    output, part = tmp_path / "out.csv", tmp_path / "out.csv.part"
    assert score(path, "-o", output).returncode == 0
    whole = output.read_bytes()
    for cut in (0, 3, 25, len(whole) // 2, len(whole) - 1, len(whole)):
        part.write_bytes(whole[:cut])
        assert score(path, "-o", output, "--resume").returncode == 0
        assert output.read_bytes() == whole


def test_what_another_run_has_written_is_not_gone_on_with(tmp_path: Path) -> None:
    path = table(tmp_path / "in.jsonl", 30)
    output, part = tmp_path / "out.jsonl", tmp_path / "out.jsonl.part"
    assert score(table(tmp_path / "other.jsonl", 40), "-o", output).returncode == 0
    foreign = output.read_bytes().replace(b'"score": 0.', b'"score": 1.')
    for content in (foreign[: len(foreign) // 2], foreign):
        part.write_bytes(content)
        done = score(path, "-o", output, "--resume")
        assert done.returncode == 2
        assert "comes from another input" in done.stderr
        assert part.read_bytes() == content


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--jobs", "-1"], "--jobs -1: must be 0 (all cores) to 256"),
        (["--resume"], "name it with --output"),
        (["--resume", "-o", "x", "--fail-on", "reject"], "leave out --resume"),
        (["--backend", "dask"], "go together"),
        (["--scheduler", "tcp://127.0.0.1:1"], "go together"),
        (["--backend", "dask", "--scheduler", "x", "--jobs", "2"], "--jobs is for this machine"),
        (["--backend", "dask", "--scheduler", "nonsense://x"], "nobody answers there"),
    ],
)
def test_options_that_do_not_fit_are_refused_in_one_line(arguments: list[str], words: str) -> None:
    done = score("seeds/", *arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_what_stops_the_reading_is_said_however_many_processes_there_are(tmp_path: Path) -> None:
    path = table(tmp_path / "in.jsonl", 10)
    for jobs in ("1", "2"):
        output = tmp_path / f"out{jobs}.jsonl"
        done = score(path, "-", "-", "-o", output, "--jobs", jobs)
        assert done.returncode == 2
        assert "can be read once only" in done.stderr
        assert not output.exists()


def test_a_folder_of_pages_and_tables_is_gone_on_with_wherever_it_was_cut(tmp_path: Path) -> None:
    inputs = tmp_path / "in"
    inputs.mkdir()
    for page in sorted((Path(__file__).parents[1] / "seeds").glob("*.txt")):
        (inputs / page.name).write_bytes(page.read_bytes())
    rows = [{"id": 1, "text": "a \ud800 b"}, {"id": 2, "text": ""}, {"id": 3, "text": "Sie Idiot!"}]
    (inputs / "zz.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    output, part = tmp_path / "out.jsonl", tmp_path / "out.jsonl.part"
    assert score(inputs, "-o", output).returncode == 0
    whole = output.read_bytes()
    ends = [place + 1 for place, byte in enumerate(whole) if byte == ord("\n")]
    for cut in (*ends, ends[2] + 5):
        part.write_bytes(whole[:cut])
        done = score(inputs, "-o", output, "--resume")
        assert done.returncode == 0, done.stderr
        assert output.read_bytes() == whole


def test_a_half_written_file_of_another_format_stays_as_it_is(tmp_path: Path) -> None:
    path = table(tmp_path / "in.jsonl", 30)
    output, part = tmp_path / "out.jsonl", tmp_path / "out.jsonl.part"
    assert score(path, "-o", output).returncode == 0
    written = output.read_bytes()[:-40]
    part.write_bytes(written)
    for form in ("csv", "table"):
        done = score(path, "-o", output, "--resume", "--format", form)
        assert done.returncode == 2
        assert part.read_bytes() == written


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_json_too_deep_is_unreadable_in_any_process(tmp_path: Path, jobs: str) -> None:
    deep = '{"text": "ja", "x": ' + "[" * 500 + "]" * 500 + "}"
    for content in (f'{{"text": "ja"}}\n{deep}\n', f'[{{"text": "ja"}}, {deep}]'):
        path = tmp_path / "in.jsonl"
        path.write_text(content)
        done = score(path, "--jobs", jobs)
        assert done.returncode == 3
        assert "nested too deeply" in done.stderr
        assert len(done.stdout.splitlines()) == 2


@pytest.mark.parametrize("name", [".", "", "a" * 300])
def test_no_file_to_go_on_with_is_said_in_one_line(name: str) -> None:
    done = score("seeds/", "--resume", "-o", name)
    assert done.returncode == 2
    assert "unexpected" not in done.stderr


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Start a scheduler and workers, each a process of its own, on the loopback interface."""
    place = folder / "scheduler.json"
    common = ["--scheduler-file", str(place), "--host", "127.0.0.1", "--no-dashboard"]
    module = [sys.executable, "-m"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    started = [
        subprocess.Popen(
            [*module, "distributed.cli.dask_scheduler", *common, "--port", "0"], **quiet
        )
    ]
    try:
        until(grown(place))
        address = json.loads(place.read_text())["address"]
        alone = ["--nthreads", "1", "--no-nanny"]
        started += [
            subprocess.Popen([*module, "distributed.cli.dask_worker", *common, *alone], **quiet)
            for _ in range(workers)
        ]
        yield address, started[1:]
    finally:
        for process in reversed(started):
            process.kill()
            process.wait()


def test_a_cluster_gives_the_same_bytes_though_a_worker_is_killed(
    comments: Path, expected: bytes, tmp_path: Path
) -> None:
    output = tmp_path / "out.jsonl"
    with cluster(tmp_path, 2) as (address, workers):
        arguments = (comments, "-o", output, "--backend", "dask", "--scheduler", address)
        until(lambda: number_of_workers(address) == 2)
        with subprocess.Popen(command(*arguments), stderr=subprocess.PIPE, text=True) as running:
            until(grown(output.with_name("out.jsonl.part")))
            workers[0].kill()
            _, said = running.communicate(timeout=120)
        assert "Traceback" not in said
        assert running.returncode == 0
        assert number_of_workers(address) == 1
        assert output.read_bytes() == expected
        # The other one goes, too: nobody is left to ask.
        workers[1].kill()
        until(lambda: number_of_workers(address) == 0)
        done = score(comments, "--backend", "dask", "--scheduler", address)
        assert done.returncode == 2
        assert "has no workers" in done.stderr


def number_of_workers(address: str) -> int:
    code = (
        "import sys; from distributed import Client; "
        "print(len(Client(sys.argv[1]).scheduler_info(n_workers=-1)['workers']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, address], capture_output=True, text=True, check=True
    )
    return int(done.stdout)

"""What is known about corpora, where they are looked for, and how they are downloaded."""

import dataclasses
import errno
import hashlib
import io
import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from rich.console import Console
from typer.testing import CliRunner

from moderation.cli import app
from moderation.cli.corpora_verbs import Download, draw_corpora
from moderation.cli.messages import Messages
from moderation.errors import CorpusError, UsageError
from moderation.training import corpora
from moderation.training.corpora import CORPORA, Corpus, cache_folder, fetch, locate, look_for
from moderation.training.frames import read_corpus

CONTENT = b"text,label\nErfunden.,0\n" * 8000
OTHER = b"<html>Please sign in to the proxy</html>"


def known(name: str) -> Corpus:
    return next(corpus for corpus in CORPORA if corpus.id == name)


class Web:
    """A server on this machine: what it answers, and which paths it was asked for."""

    def __init__(self) -> None:
        self.content = CONTENT
        self.announced: int | None = None
        self.status = 200
        self.asked: list[str] = []


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    answers = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers.asked.append(unquote(self.path))
            self.send_response(answers.status)
            length = len(answers.content) if answers.announced is None else answers.announced
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(answers.content)

        def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(corpora, "RAW_ADDRESS", f"http://127.0.0.1:{server.server_port}")
    yield answers
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty cache; nothing on this machine is found but what a test puts somewhere."""
    cache = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.delenv("MODERATION_DATA", raising=False)
    checkout = tmp_path / "elsewhere" / "moderation" / "training" / "corpora.py"
    monkeypatch.setattr(corpora, "__file__", str(checkout))
    return cache / "moderation"


@pytest.fixture
def small() -> Corpus:
    """Return a corpus whose file the server has."""
    return dataclasses.replace(known("iwg"), sha256=hashlib.sha256(CONTENT).hexdigest())


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_every_corpus_has_a_digest_a_commit_and_a_licence_and_one_name() -> None:
    for corpus in CORPORA:
        assert re.fullmatch("[0-9a-f]{64}", corpus.sha256)
        assert re.fullmatch("[0-9a-f]{40}", corpus.commit)
        assert re.match("CC BY|none stated", corpus.licence)
        assert corpus.path.rpartition("/")[2] == corpus.file
    for name in ("id", "file", "sha256"):
        assert len({getattr(corpus, name) for corpus in CORPORA}) == len(CORPORA)


def test_permissive_means_a_stated_licence_without_conditions_on_use_or_sharing() -> None:
    permissive = {corpus.id for corpus in CORPORA if corpus.permissive}
    assert permissive == {corpus.id for corpus in CORPORA if corpus.licence == "CC BY 4.0"}
    assert permissive == {"germeval2018", "gahd", "germeval2018-test", "hatecheck-german"}


def test_the_address_names_the_commit_and_quotes_the_path() -> None:
    assert known("hatecheck-german").url == (
        "https://raw.githubusercontent.com/rewire-online/multilingual-hatecheck/"
        "a03f2caf2023a402d85064bda243e46d280408f0/"
        "MHC%20Final%20Cases/hatecheck_cases_final_german.csv"
    )


def test_hatecheck_labels_become_heads_and_all_of_it_is_for_testing(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    header = "mhc_case_id,functionality,test_case,label_gold\n"
    path.write_text(
        header + "german-1,a_h,Alle Marsmenschen sind Dreck.,hateful\n"
        "german-2,b_nh,Ich mag Marsmenschen.,non-hateful\n",
        encoding="utf-8",
    )
    frame = read_corpus(known("hatecheck-german"), path)
    assert frame[["abusive", "group_abuse"]].to_numpy().tolist() == [[1, 1], [0, 0]]
    assert frame["text"][0] == "Alle Marsmenschen sind Dreck."
    assert set(frame["part"]) == {"test"}
    assert frame["insult"].isna().all()
    path.write_text(header + "german-1,a_h,Alle Marsmenschen sind Dreck.,yes\n")
    with pytest.raises(CorpusError, match="neither hateful nor non-hateful"):
        read_corpus(known("hatecheck-german"), path)


def test_a_fetched_corpus_is_the_file_upstream_and_is_found_from_then_on(
    web: Web, small: Corpus, home: Path
) -> None:
    reports: list[tuple[int, int]] = []
    path = fetch(small, progress=lambda *report: reports.append(report))
    assert path == home / small.file
    assert path.read_bytes() == CONTENT
    assert left_in(home) == [small.file]
    assert web.asked == [f"/{small.repository}/{small.commit}/{small.path}"]
    assert locate(small) == path
    assert all(0 < done <= total == len(CONTENT) for done, total in reports)
    assert len(reports) > 2
    assert reports[-1][0] == len(CONTENT)
    assert [done for done, _ in reports] == sorted(done for done, _ in reports)


def test_a_given_folder_goes_before_moderation_data_and_that_before_the_cache(
    web: Web, small: Corpus, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODERATION_DATA", str(tmp_path / "data"))
    assert fetch(small, tmp_path / "new" / "given") == tmp_path / "new" / "given" / small.file
    assert fetch(small) == tmp_path / "data" / small.file
    assert left_in(home) == []
    assert len(web.asked) == 2


def test_a_corpus_that_is_here_is_not_downloaded_again(
    web: Web, small: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / small.file).write_bytes(CONTENT)
    assert fetch(small, tmp_path) == tmp_path / small.file
    monkeypatch.setenv("MODERATION_DATA", str(tmp_path))
    assert fetch(small) == tmp_path / small.file
    assert web.asked == []


def test_others_may_read_a_corpus_in_a_folder_they_may_read(
    web: Web, small: Corpus, tmp_path: Path
) -> None:
    for name, folder_mode, file_mode in (("shared", 0o755, 0o644), ("private", 0o700, 0o600)):
        (tmp_path / name).mkdir(mode=folder_mode)
        (tmp_path / name).chmod(folder_mode)
        assert fetch(small, tmp_path / name).stat().st_mode & 0o777 == file_mode


def test_a_wrong_digest_is_refused_and_leaves_nothing(web: Web, small: Corpus, home: Path) -> None:
    web.content = OTHER
    with pytest.raises(CorpusError, match="does not have the SHA-256") as caught:
        fetch(small)
    assert small.url in str(caught.value)
    assert "\n" not in str(caught.value)
    assert left_in(home) == []


def test_a_broken_connection_is_named_and_leaves_nothing(
    web: Web, small: Corpus, home: Path
) -> None:
    web.announced = len(CONTENT) + 100
    with pytest.raises(CorpusError, match=r"Connection broken.*by hand"):
        fetch(small)
    assert left_in(home) == []


@pytest.mark.parametrize("status", [404, 503])
def test_an_http_error_is_named_with_the_address(
    web: Web, small: Corpus, home: Path, status: int
) -> None:
    web.status = status
    with pytest.raises(CorpusError, match=f"{re.escape(small.url)} answers {status} "):
        fetch(small)
    assert left_in(home) == []


def test_without_a_network_the_address_to_get_it_by_hand_is_named(
    small: Corpus, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as unused:  # bound, but nobody listens
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setattr(corpora, "RAW_ADDRESS", f"http://127.0.0.1:{unused.getsockname()[1]}")
        with pytest.raises(CorpusError) as caught:
            fetch(small)
    message = str(caught.value)
    assert "refused" in message
    assert f"get {small.url} by hand and put it into {home} as {small.file}" in message
    assert "object at 0x" not in message
    assert left_in(home) == []


def test_a_full_disk_is_named_and_leaves_nothing(web: Web, small: Corpus, home: Path) -> None:
    def full(_done: int, _total: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(CorpusError, match=r"cannot be written \(No space left on device\).*--data"):
        fetch(small, progress=full)
    assert left_in(home) == []


def test_a_folder_that_cannot_be_made_is_named(web: Web, small: Corpus, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CorpusError, match=r"file/data cannot be written .*--data"):
        fetch(small, tmp_path / "file" / "data")
    assert web.asked == []


def test_another_file_of_the_same_name_is_not_replaced(
    web: Web, small: Corpus, tmp_path: Path
) -> None:
    (tmp_path / small.file).write_bytes(OTHER)
    with pytest.raises(CorpusError, match="rename or delete it"):
        fetch(small, tmp_path)
    assert (tmp_path / small.file).read_bytes() == OTHER
    assert web.asked == []


def test_an_altered_file_does_not_hide_the_right_one(
    small: Corpus, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODERATION_DATA", str(tmp_path))
    (tmp_path / small.file).write_bytes(OTHER)
    assert look_for(small).state == "altered"
    home.mkdir(parents=True)
    (home / small.file).write_bytes(CONTENT)
    assert locate(small) == home / small.file


def test_a_folder_in_place_of_a_file_is_unreadable(small: Corpus, tmp_path: Path) -> None:
    (tmp_path / small.file).mkdir()
    assert look_for(small, tmp_path).state == "unreadable"
    with pytest.raises(CorpusError, match="cannot be read"):
        locate(small, tmp_path)


def test_the_cache_is_where_the_system_wants_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", "not/absolute")
    monkeypatch.setattr(sys, "platform", "linux")
    assert cache_folder() == tmp_path / ".cache" / "moderation"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cache_folder() == tmp_path / "Library" / "Caches" / "moderation"


def test_a_missing_corpus_is_named_with_the_command_that_gets_it(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"moderation corpora fetch iwg --data '.*a folder'"):
        locate(known("iwg"), tmp_path / "a folder")


def test_looking_for_corpora_loads_no_network_library() -> None:
    code = (
        "import sys; from moderation.training.corpora import CORPORA, look_for;"
        "[look_for(c) for c in CORPORA]; print({'pooch', 'requests'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.strip() == b"set()"


def call(*arguments: str) -> Any:
    """Run the command line in this process, where the registry can be another one."""
    return CliRunner().invoke(app, ["corpora", *arguments])


def test_the_list_works_without_any_file(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "moderation", "corpora", "--data", str(tmp_path)],
        capture_output=True,
        check=True,
    )
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [record["id"] for record in records] == [corpus.id for corpus in CORPORA]
    for record in records:
        assert list(record) == [
            "id", "file", "state", "here", "licence", "permissive", "evaluation_only", "sha256",
            "repository", "commit", "path", "url", "description",
        ]  # fmt: skip
        assert (record["state"], record["here"]) == ("missing", None)
    assert done.stderr == b""


def test_the_list_tells_what_is_here_and_what_was_altered(
    small: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpora, "CORPORA", (small, known("gahd")))
    (tmp_path / small.file).write_bytes(CONTENT)
    (tmp_path / "gahd.csv").write_bytes(OTHER)
    done = call("--data", str(tmp_path))
    first, second = map(json.loads, done.stdout.splitlines())
    assert (first["state"], first["here"]) == ("here", str(tmp_path / small.file))
    assert (second["state"], second["here"]) == ("altered", None)
    assert "gahd.csv: SHA-256" in done.stderr
    assert done.exit_code == 0


def test_progress_is_rewritten_on_a_terminal(
    small: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with Download(small, Messages()) as download:
        download(1_500_000, 2_000_000)
        download(1_600_000, 2_000_000)  # too soon after the other to be shown
    assert terminal.getvalue() == "\riwg: 1.5 of 2.0 MB\x1b[K\r\x1b[K"


def test_the_table_names_every_corpus_its_state_licence_and_digest() -> None:
    page = io.StringIO()
    draw_corpora(Console(file=page, width=80), [(corpus, look_for(corpus)) for corpus in CORPORA])
    drawn = "".join(page.getvalue().split())
    for corpus in CORPORA:
        for shown in (corpus.id, corpus.licence, corpus.sha256[:12], corpus.repository):
            assert "".join(shown.split()) in drawn
    assert drawn.count("missing") == len(CORPORA)


def test_fetch_prints_the_paths_and_says_what_it_does(
    web: Web, small: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = dataclasses.replace(small, id="probe", file="probe.csv", evaluation_only=True)
    monkeypatch.setattr(corpora, "CORPORA", (small, test))
    done = call("fetch", "all", "--data", str(tmp_path))
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [str(tmp_path / small.file), str(tmp_path / "probe.csv")]
    messages = done.stderr.splitlines()
    assert len(messages) == 4
    assert messages[0] == f"moderation: iwg: downloading {small.url}"
    assert messages[1].startswith("moderation: iwg: downloaded, 0.2 MB")
    assert messages[1].endswith("licence: CC BY-SA 3.0")
    assert messages[3].endswith("for evaluation only, never trained on")

    again = call("--data", str(tmp_path), "fetch", "probe", "probe")
    assert again.stdout.splitlines() == [str(tmp_path / "probe.csv")]
    assert "probe: was here already" in again.stderr
    assert len(web.asked) == 2


def test_what_cannot_be_fetched_does_not_stop_the_rest(
    web: Web, small: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpora, "CORPORA", (known("gahd"), small))
    done = call("fetch", "all", "--data", str(tmp_path))
    assert done.exit_code == 3
    assert done.stdout.splitlines() == [str(tmp_path / small.file)]
    assert "corpus gahd: what came from" in done.stderr


def test_an_unknown_corpus_is_refused_before_anything_is_fetched(web: Web) -> None:
    done = call("fetch", "gahd", "duden")
    assert isinstance(done.exception, UsageError)
    assert str(done.exception).startswith("duden: no such corpus; choose among all, germeval2018,")
    assert web.asked == []


def test_both_verbs_have_help_with_an_example() -> None:
    for verb in ([], ["fetch"]):
        done = call(*verb, "--help")
        assert done.exit_code == 0
        assert f"Example: moderation {' '.join(['corpora', *verb])} " in done.stdout

"""The command line as people and programs use it."""

import csv
import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from moderation.cli import app

ROOT = Path(__file__).parents[1]
INSULT = "Sie sind ein Idiot und ein Lügner!"
NICE = "Vielen Dank für den interessanten Artikel."


def run(*arguments: str, stdin: str | bytes = b"", **environment: str) -> Any:
    content = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run(
        [sys.executable, "-m", "moderation", *arguments],
        input=content,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        check=False,
    )
    done.out, done.err = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in done.err, done.err
    return done


def records(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


VERBS = (
    "parse", "label", "score", "convert", "explain", "train", "corpora", "evaluate", "thresholds",
    "reasons", "rules extract", "rules check", "rules analyse", "rules lint", "rules replay",
    "decisions", "decisions export", "decisions import", "decisions forget", "decisions expire",
    "decisions migrate", "serve", "keys", "keys add", "keys list", "keys revoke",
)  # fmt: skip


def test_every_verb_has_help_with_an_example_and_stands_in_the_readme() -> None:
    listed = set(re.findall(r"^  (\w+) {2,}\w", run("--help").out, re.MULTILINE))
    assert listed == {verb.split()[0] for verb in VERBS}
    for group in ("rules", "decisions", "keys"):
        below = set(re.findall(r"^  (\w+) {2,}\w", run(group, "--help").out, re.MULTILINE))
        assert {f"{group} {name}" for name in below} == {
            verb for verb in VERBS if verb.startswith(f"{group} ")
        }
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for verb in VERBS:
        done = CliRunner().invoke(app, [*verb.split(), "--help"])
        assert done.exit_code == 0
        assert f"Example: moderation {verb}" in done.output
        assert f"moderation {verb}" in readme


def test_parse_prints_one_object_a_page(seeds: Path) -> None:
    pages = records(run("parse", str(seeds)).out)
    assert [len(page["comments"]) for page in pages] == [0, 0, 0, 0, 6]
    assert {
        "source", "headline", "section", "published", "author", "body", "tags", "comments",
        "house_rules", "comment_policy", "warnings",
    } <= set(pages[0])  # fmt: skip
    text = (seeds / "002_1f1deb9af4e0efb2.txt").read_text(encoding="utf-8")
    for rule in pages[2]["house_rules"]:
        assert text[rule["start"] : rule["end"]] == rule["quote"]


def test_parse_takes_a_table_for_comments_without_an_article() -> None:
    (page,) = records(run("parse", "-", stdin=f"id,text\n7,{NICE}\n8,\n").out)
    assert [(one["id"], one["text"]) for one in page["comments"]] == [("7", NICE)]
    assert (page["body"], page["warnings"]) == ("", ["line 3: no text"])


def test_label_quotes_the_rule_and_the_words(seeds: Path) -> None:
    labelled = records(run("label", str(seeds)).out)
    rules_page = (seeds / "002_1f1deb9af4e0efb2.txt").read_text(encoding="utf-8")
    found = {}
    for record in labelled:
        for label in record["labels"]:
            assert label["quote"] in rules_page
            assert label["rule_source"].endswith("002_1f1deb9af4e0efb2.txt")
            for one in label["evidence"]:
                text = record["comment"]["text"]
                assert text[one["start"] : one["end"]] == one["text"]
                found[one["text"]] = label["category"]
    assert found["Yankeebastarde"] in {"group_abuse", "insult"}
    assert found["angelsächsischen Ratten"] == "group_abuse"
    assert "elenden Vasallen" in found
    assert found["die amis können nur lügen und betrügen"] == "group_abuse"
    assert [record["comment"]["id"] for record in labelled if not record["labels"]] == ["2.1", "4"]


def test_a_page_alone_is_judged_by_the_packaged_rules(seeds: Path) -> None:
    (first, *_) = records(run("label", str(seeds / "004_591c02d9ae745be7.txt")).out)
    assert first["labels"][0]["rule_source"] == "seeds/002_1f1deb9af4e0efb2.txt"


def test_score_prints_the_documented_record(seeds: Path) -> None:
    done = run("score", str(seeds))
    assert done.returncode == 0
    scored = records(done.out)
    assert len(scored) == 6
    for record in scored:
        assert list(record) == [
            "source", "page", "comment", "language", "score", "scores", "labels", "decision",
            "reasons", "contributions", "warnings", "state",
        ]  # fmt: skip
        assert set(record["page"]) == {"headline", "url"}
        assert list(record["comment"]) == [
            "id", "text", "parent_id", "author", "published", "status", "quotations",
        ]  # fmt: skip
        assert 0 <= record["score"] <= 1
        assert record["score"] == record["scores"]["abusive"]
        assert record["decision"] in {"publish", "review", "reject"}
        assert record["reasons"]
        if record["labels"]:
            assert record["decision"] != "publish"


def test_the_same_input_gives_the_same_bytes(seeds: Path) -> None:
    assert run("score", str(seeds)).stdout == run("score", str(seeds)).stdout


def test_plain_lines_from_a_pipe_are_comments() -> None:
    scored = records(run("score", "-", stdin=f"{NICE}\n\n{INSULT}\n").out)
    assert [record["comment"]["text"] for record in scored] == [NICE, "", INSULT]
    assert [record["score"] is None for record in scored] == [False, True, False]
    assert scored[1]["warnings"] == ["no text: nothing to judge"]
    assert scored[2]["decision"] in {"review", "reject"}


def test_a_csv_keeps_its_columns_and_order_and_every_row(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    rows = [["7", NICE, "Eva"], ["8", "", "Udo"], ["9", INSULT, ""]]
    with path.open("w", newline="", encoding="cp1252") as stream:
        csv.writer(stream, delimiter=";").writerows([["Nr", "Kommentar", "Wer"], *rows])
    done = run("score", str(path), "--format", "csv")
    table = list(csv.reader(io.StringIO(done.out)))
    assert table[0] == ["Nr", "Kommentar", "Wer", "score", "decision", "labels"]
    assert [row[:3] for row in table[1:]] == rows
    assert table[2][3:] == ["", "", ""]
    assert "insult: „Idiot“" in table[3][5]
    assert "read as cp1252" in done.err
    assert "column 'Kommentar'" in done.err


def test_jsonl_keeps_own_fields_even_when_they_are_named_like_ours() -> None:
    line = json.dumps({"score": "mine", "text": INSULT, "comment": 3})
    (record,) = records(run("score", "-", stdin=line).out)
    assert (record["score"], record["comment"]) == ("mine", 3)
    assert 0 <= record["moderation_score"] <= 1
    assert record["decision"] in {"review", "reject"}


def test_lone_surrogates_and_nan_come_out_as_valid_json() -> None:
    lines = '{"text": "a\\ud800b Idiot"}\n{"text": NaN, "x": NaN}\n'
    surrogate, nan = records(run("score", "-", stdin=lines).out)
    assert surrogate["text"] == "a\ufffdb Idiot"
    assert surrogate["labels"][0]["evidence"][0]["start"] == 4
    assert (nan["text"], nan["x"], nan["score"]) == (None, None, None)


def test_a_terminal_picture_shows_evidence_rule_and_advice(seeds: Path) -> None:
    done = run("score", str(seeds), "--format", "table")
    for words in (
        "Syrien: Kerry will engere Zusammenarbeit mit Russland",
        "declared 7, found 6",
        "Yankeebastarde",
        "Herabwürdigung einer Gruppe",
        "rassistischen",
        "5 pages, 6 comments",
        "people decide",
    ):
        assert words in done.out


def test_hostile_comments_cannot_drive_the_terminal() -> None:
    done = run(
        "score", "-", "--format", "table", stdin="rot \x1b[31m weg\x1b]0;x\x07 [bold]\u202e!\n"
    )
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", done.out)
    assert "[bold]" in done.out


def test_results_can_go_to_a_file_but_never_onto_the_input(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(f"text\n{NICE}\n", encoding="utf-8")
    assert run("score", str(source), "-o", str(target)).out == ""
    assert target.read_text(encoding="utf-8").startswith("text,score,decision,labels\n")
    done = run("score", str(source), "-o", str(source))
    assert done.returncode == 2
    assert "is also an input" in done.err
    assert source.read_text(encoding="utf-8") == f"text\n{NICE}\n"
    done = run("score", str(tmp_path), "-o", str(tmp_path / "new.jsonl"))
    assert done.returncode == 2
    assert "lies in the input" in done.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv"]


def test_own_columns_are_never_replaced_however_often_a_file_is_scored(tmp_path: Path) -> None:
    once = run("score", "-", "--format", "csv", stdin=f"text,score\n{NICE},7\n").out
    twice = run("score", "-", "--format", "csv", stdin=once).out
    header, row = csv.reader(io.StringIO(twice))
    assert header[:2] == ["text", "score"]
    assert len(set(header)) == len(header) == 8
    assert row[:2] == [NICE, "7"]


@pytest.mark.parametrize(
    ("text", "fail_on", "code"),
    [(NICE, "review", 0), (INSULT, "review", 1), (INSULT, "reject", 1), (NICE, "reject", 0)],
)
def test_fail_on_tells_by_the_exit_code(text: str, fail_on: str, code: int) -> None:
    assert run("score", "-", "--fail-on", fail_on, stdin=text).returncode == code


def test_rules_come_from_a_file_of_ones_own(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(
        '[[rule]]\nid = "B1"\ncategory = "insult"\nquote = "Beleidigungen löschen wir"\n',
        encoding="utf-8",
    )
    (record,) = records(run("score", "-", "--rules", str(rules), stdin=INSULT).out)
    assert {label["rule_id"] for label in record["labels"]} == {"B1"}
    page = str(ROOT / "seeds" / "002_1f1deb9af4e0efb2.txt")
    (record,) = records(run("score", "-", "--rules", page, stdin=INSULT).out)
    assert record["labels"][0]["rule_source"] == page


def test_explain_adds_up_and_names_the_rules() -> None:
    (record,) = records(run("explain", INSULT).out)
    shares = [word["log_odds"] for word in record["words"]] + list(record["style"].values())
    assert record["bias"] + sum(shares) == pytest.approx(record["log_odds"], abs=1e-6)
    assert max(record["words"], key=lambda word: word["log_odds"])["text"] in {"Idiot", "Lügner!"}
    assert [one["text"] for one in record["labels"][0]["evidence"]] == ["Idiot", "Lügner"]


BAD = {
    "empty.txt": (b"", 3, "empty"),
    "binary.txt": (b"\x89PNG\r\n\x1a\n" + bytes(100), 3, "binary file"),
    "numbers.csv": (b"a,b\n1,2\n3,4\n", 3, "--text-column"),
    "broken.jsonl": (b'{"text": "gut"}\n{"text": \n', 3, "line 2"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_end_in_one_clear_line(tmp_path: Path, name: str) -> None:
    content, code, words = BAD[name]
    (tmp_path / name).write_bytes(content)
    done = run("score", str(tmp_path / name))
    assert done.returncode == code
    assert name in done.err
    assert words in done.err
    assert len(done.err.splitlines()) <= 2


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["score", "nosuch.txt"], 3, "nosuch.txt: no such file"),
        (["score", "-", "--model", "nosuch"], 4, "nosuch: no such model"),
        (["score", "-", "--rules", "nosuch.toml"], 3, "nosuch.toml"),
        (["score", "-", "--format", "xml"], 2, "xml"),
        (["score"], 2, "PATH"),
        (["nosuchverb"], 2, "nosuchverb"),
        (["score", "seeds", "-o", "/nosuch/dir/x"], 2, "cannot be written"),
        (["explain", " "], 2, "empty"),
        (["explain", "a", "--head", "x"], 2, "no score 'x'"),
        (["train", "--corpora", "x"], 2, "x: not known"),
        (["train", "--corpora", "none"], 2, "nothing to train on"),
        (["train", "-o", "seeds"], 2, "seeds: exists"),
        (["train", "-o", "/proc/x/m"], 2, "/proc/x/m: cannot be written"),
        (["train", "-o", "pyproject.toml/m"], 2, "cannot be written"),
        (["score", ""], 2, "an empty path"),
        (["score", "-", "-"], 2, "once only"),
        (["score", "-", "--model", "m" * 300], 4, "File name too long"),
        (["train", "--data", "/nosuch"], 3, "corpus germeval2018"),
    ],
)
def test_mistakes_have_their_exit_code_and_one_line(
    arguments: list[str], code: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    done = run(*arguments)
    assert done.returncode == code
    assert words in done.err + done.out


def test_what_can_be_read_is_delivered_beside_what_cannot(seeds: Path, tmp_path: Path) -> None:
    for seed in seeds.iterdir():
        shutil.copy(seed, tmp_path)
    (tmp_path / "001_bad.txt").write_bytes(bytes(50))
    done = run("score", str(tmp_path))
    assert done.returncode == 3
    assert "001_bad.txt" in done.err
    assert len(records(done.out)) == 6


def test_a_damaged_model_is_refused(news_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(news_folder, tmp_path / "m")
    (tmp_path / "m" / "model.json").write_text("{}")
    done = run("score", "-", "--model", str(tmp_path / "m"), stdin=NICE)
    assert done.returncode == 4
    assert "model.json does not match its digest" in done.err


def test_a_very_long_line_is_judged_by_its_beginning() -> None:
    (record,) = records(run("score", "-", stdin="schön " * 200_000 + "\n").out)
    assert record["warnings"] == ["only the first 100,000 characters were judged"]
    assert record["decision"] != "publish"
    assert len(record["comment"]["text"]) == 1_200_000


def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    path.write_text("text\n" + f"{NICE}\n" * 5000, encoding="utf-8")
    command = f"{sys.executable} -m moderation score {path} | head -1"
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=True)
    assert b"Traceback" not in done.stderr
    assert b"Broken" not in done.stderr


@pytest.mark.parametrize(
    ("redirection", "code", "words"),
    [
        ("<&-", 3, b"stdin: closed"),
        (">&-", 0, b""),
        ("> /dev/full", 2, b"stdout: cannot be written (No space left on device)"),
    ],
)
def test_closed_and_full_streams_end_in_one_line(redirection: str, code: int, words: bytes) -> None:
    command = f"{sys.executable} -m moderation score - {redirection}"
    done = subprocess.run(["/bin/sh", "-c", command], input=b"Ja", capture_output=True, check=False)
    assert done.returncode == code
    assert words in done.stderr
    assert len(done.stderr.splitlines()) <= 1


def test_scoring_imports_numpy_alone() -> None:
    code = (
        "import sys; sys.argv = ['moderation', 'score', '-']\n"
        "from moderation.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'sklearn', 'scipy', 'pandas', 'joblib', 'rich'} & set(sys.modules)\n"
        "assert 'numpy' in sys.modules and not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], input=NICE.encode(), check=True)


def test_importing_the_package_is_cheap() -> None:
    code = "import sys, moderation; assert not {'numpy', 'typer'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_training_on_one_s_own_comments_from_start_to_end(tmp_path: Path) -> None:
    table = tmp_path / "own.csv"
    rows = [("Du Idiot, du Dreck", "1"), ("Danke, schöner Artikel", "0")]
    with table.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["kommentar", "label"])
        writer.writerows((f"{text} {number}", gold) for number in range(100) for text, gold in rows)
    folder = tmp_path / "models" / "own"
    done = run("train", str(table), "-o", str(folder), "--jobs", "1")
    assert done.returncode == 0, done.err
    assert "comments from 'kommentar', labels from 'label': '1' = yes (100)" in done.err
    assert re.search(r"abusive +house +\d+ +1\.000", done.out)
    assert re.search(r"ROC-AUC +abusive on house +\d+ +\d\.\d+ +1\.000", done.out)
    assert {path.name for path in folder.iterdir()} == {
        "arrays.npz", "model.json", "metrics.json", "README.md", "SHA256SUMS",
    }  # fmt: skip
    (record,) = records(run("score", "-", "--model", str(folder), stdin="Du Idiot").out)
    assert record["score"] > 0.5
    again = run("train", str(table), "-o", str(folder))
    assert again.returncode == 2
    assert "--force" in again.err


def test_what_a_replay_reads_is_not_written_over(tmp_path: Path) -> None:
    comments, rules = tmp_path / "lex.txt", tmp_path / "lokal.toml"
    comments.write_text(INSULT, encoding="utf-8")
    rules.write_text('[[rule]]\nid = "x"\ncategory = "insult"\nquote = "Q"\n', encoding="utf-8")
    for path in (comments, rules):
        before = path.read_bytes()
        flips = ("--flips", str(path))
        done = run("rules", "replay", str(comments), "--rules", str(rules), *flips)
        assert done.returncode == 2
        assert "is also an input; choose another --flips" in done.err
        assert path.read_bytes() == before


def test_an_output_that_is_no_file_is_written_to_and_stays(tmp_path: Path) -> None:
    comments = tmp_path / "comments.txt"
    comments.write_text('{"text": "Guten Morgen."}\n')
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(fifo.read_bytes()))
    reader.start()
    done = run("score", str(comments), "-o", str(fifo))
    reader.join(30)
    assert done.returncode == 0
    assert json.loads(read[0])["comment"]["text"] == "Guten Morgen."
    assert stat.S_ISFIFO(fifo.stat().st_mode)


def test_an_output_behind_a_link_leaves_the_link(tmp_path: Path) -> None:
    comments = tmp_path / "comments.txt"
    comments.write_text('{"text": "Guten Morgen."}\n')
    link, behind = tmp_path / "latest.jsonl", tmp_path / "today.jsonl"
    behind.touch()
    link.symlink_to(behind)
    assert run("score", str(comments), "-o", str(link)).returncode == 0
    assert link.is_symlink()
    assert json.loads(behind.read_text())["comment"]["text"] == "Guten Morgen."


def test_an_output_that_is_a_folder_is_refused(tmp_path: Path) -> None:
    comments = tmp_path / "comments.txt"
    comments.write_text('{"text": "Guten Morgen."}\n')
    done = run("score", str(comments), "-o", str(tmp_path))
    assert done.returncode == 2
    assert "is a folder; name a file in it" in done.err

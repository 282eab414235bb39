"""Everything a newsroom has, from the command line: mixed, packed, damaged, private, foreign."""

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from test_cli import records, run
from test_exports_xml import DISQUS, item, wp_comment, wxr

from moderation import Comment, Page, default_rules
from moderation.model.classifier import Classifier
from moderation.records import Evidence
from moderation.scoring import Desk, own_words

EXPORT = wxr(
    item(
        wp_comment(1, "Guter Artikel, danke dafür.", author="Anna", approved="1"),
        wp_comment(2, "Du Idiot, halt den Mund.", author="Bert", approved="trash", parent="1"),
    )
)


def verdicts(*arguments: str) -> list[dict[str, Any]]:
    done = run("score", *arguments)
    assert done.returncode == 0, done.stderr
    return records(done.out)


def test_a_folder_of_everything_is_read_in_order(tmp_path: Path, seeds: Path) -> None:
    (tmp_path / "a.xml").write_text(EXPORT)
    (tmp_path / "b").write_bytes(gzip.compress(DISQUS.encode()))
    (tmp_path / "c.txt").write_text("text\nGuter Artikel\n")
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
        archive.writestr("seite.txt", next(seeds.glob("003*")).read_text())
        archive.writestr("lines", "Guter Artikel\nSo ein Unsinn\n")
    done = run("parse", str(tmp_path))
    assert done.returncode == 0, done.stderr
    sources = [Path(page["source"]).relative_to(tmp_path).as_posix() for page in records(done.out)]
    assert sources == ["a.xml", "b", "b", "c.txt", "d.zip/lines", "d.zip/seite.txt"]


def test_statuses_and_threads_are_in_the_records(tmp_path: Path) -> None:
    (tmp_path / "x.xml").write_text(EXPORT)
    first, second = verdicts(str(tmp_path / "x.xml"))
    assert (first["comment"]["status"], second["comment"]["status"]) == ("approved", "deleted")
    assert second["comment"]["parent_id"] == "1"
    assert first["page"] == {"headline": "Radwege", "url": "https://example.org/7"}
    assert second["decision"] in {"review", "reject"}


def test_authors_are_pseudonyms_unless_they_are_kept(tmp_path: Path) -> None:
    (tmp_path / "x.xml").write_text(EXPORT)
    disguised = [one["comment"]["author"] for one in verdicts(str(tmp_path))]
    assert all(author.startswith("author-") for author in disguised)
    kept = [one["comment"]["author"] for one in verdicts(str(tmp_path), "--keep-authors")]
    assert kept == ["Anna", "Bert"]
    # What was written once is read again with the same pseudonyms.
    written = run("parse", str(tmp_path))
    (tmp_path / "x.xml").write_bytes(written.stdout)
    assert [one["comment"]["author"] for one in verdicts(str(tmp_path))] == disguised


def test_a_table_loses_its_addresses_and_keeps_its_other_columns(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(
        "nr,user,email,ip,text\n1,Anna,a@example.org,192.0.2.1,Gut so\n"
    )
    done = run("score", str(tmp_path / "x.csv"), "--format", "csv")
    assert done.out.splitlines()[0] == "nr,user,text,score,decision,labels"
    assert "example.org" not in done.out
    assert "email, ip left out; user with pseudonyms" in done.err


def test_strict_stops_at_the_first_repair(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes("text\nGrüße\nschön\n".encode("cp1252"))
    assert run("score", str(path)).returncode == 0
    for verb in ("parse", "label", "score"):
        done = run(verb, str(path), "--strict")
        assert done.returncode == 3, done.err
        assert "line 2: not UTF-8; read as cp1252; mend it, or leave out --strict" in done.err


def test_strict_stops_at_a_broken_row_in_any_process(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"text": "Gut so"}\n{"text": \n{"text": "Schön"}\n')
    loose = run("score", str(path), "--jobs", "2")
    assert loose.returncode == 3
    assert len(records(loose.out)) == 3
    done = run("score", str(path), "--strict", "--jobs", "2")
    assert done.returncode == 3
    assert "line 2" in done.err


def test_what_stood_before_a_refusal_is_delivered(tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_text(EXPORT + '<!DOCTYPE rss [<!ENTITY a "b">]>')
    done = run("score", str(path))
    assert done.returncode == 3
    assert len(records(done.out)) == 2
    assert "declares a document type" in done.err
    assert "Traceback" not in done.err


def test_a_foreign_comment_goes_to_a_person_without_a_score(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(
        "text\nThis is the best article that I have read about it in years.\n"
        "Das ist der beste Artikel seit Jahren.\n"
    )
    foreign, german = verdicts(str(path))
    assert foreign["language"]["code"] == "en"
    assert (foreign["score"], foreign["scores"], foreign["decision"]) == (None, {}, "review")
    assert "nicht auf Deutsch (erkannt: Englisch" in foreign["reasons"][0]
    assert german["language"]["code"] == "de"
    assert german["score"] is not None


def test_an_insult_does_not_hide_behind_a_foreign_sentence(news: Classifier) -> None:
    text = "Du bist ein dummer Idiot und das weiß hier jeder. This is what I think about it."
    (verdict,) = Desk(news).judge([Comment("1", text)], default_rules(), Page("x"))
    assert verdict.score is not None
    assert verdict.labels


def test_a_quoted_insult_is_not_charged_to_the_one_who_quotes_it(news: Classifier) -> None:
    quote = "Du dreckiger Idiot, halt die Fresse"
    text = f"{quote}\n\nSo redet man nicht mit anderen Lesern, finde ich."
    quoting = Comment("1", text, quotations=(Evidence(0, len(quote), quote),))
    charged, free = Desk(news).judge([Comment("1", text), quoting], default_rules(), Page("x"))
    assert charged.labels
    assert charged.decision != "publish"
    assert (free.labels, free.decision) == ((), "publish")
    assert free.score is not None
    assert charged.score is not None
    assert free.score < charged.score


def test_own_words_keep_their_places(news: Classifier) -> None:
    text = "> zitiert\nDu Idiot"
    comment = Comment("1", text, quotations=(Evidence(2, 9, "zitiert"),))
    assert own_words(comment) == ">        \nDu Idiot"
    (verdict,) = Desk(news).judge([comment], default_rules(), Page("x"))
    (evidence,) = verdict.labels[0].evidence
    assert text[evidence.start : evidence.end] == evidence.text == "Idiot"


def test_a_comment_that_is_all_quotation_is_judged_as_it_stands() -> None:
    comment = Comment("1", "Du Idiot", quotations=(Evidence(0, 8, "Du Idiot"),))
    assert own_words(comment) == "Du Idiot"


@pytest.mark.parametrize(
    "text",
    [
        "Ruf mich an: 0171 2345678",
        "Schreib an max.muster@example.org",
        "Er wohnt in der Hauptstraße 12, 12345 Berlin",
    ],
)
def test_private_data_are_found_without_a_house_rule_about_them(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.txt").write_text(f"{text}\n")
    (verdict,) = verdicts(str(tmp_path / "x.txt"), "--input-format", "lines")
    (label,) = verdict["labels"]
    assert (label["category"], label["rule_source"]) == ("privacy", "DSGVO, Art. 6 Abs. 1")
    assert verdict["decision"] == "review"


def test_rules_the_user_gives_stand_alone(tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text('[[rule]]\nid = "a"\ncategory = "insult"\nquote = "nicht"\n')
    (tmp_path / "x.txt").write_text("Ruf mich an: 0171 2345678\n")
    (verdict,) = verdicts(str(tmp_path / "x.txt"), "--rules", str(tmp_path / "r.toml"))
    assert verdict["labels"] == []


def test_what_parse_wrote_is_read_again(tmp_path: Path, seeds: Path) -> None:
    done = run("parse", str(seeds))
    (tmp_path / "pages.jsonl").write_bytes(done.stdout)
    again = run("parse", str(tmp_path / "pages.jsonl"))
    assert again.returncode == 0, again.err
    assert again.stdout == done.stdout
    assert json.loads(again.out.splitlines()[0])["house_rules"] is not None


def test_parse_tells_of_broken_rows_and_strict_stops_there(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"text": "Gut so"}\n{"text": \n{"text": "Schön"}\n')
    done = run("parse", str(path))
    assert done.returncode == 3
    assert "line 2: not JSON" in done.err
    assert [len(page["comments"]) for page in records(done.out)] == [2]
    strict = run("parse", str(path), "--strict")
    assert strict.returncode == 3
    assert [len(page["comments"]) for page in records(strict.out)] == [1]


def test_a_long_page_that_parse_wrote_is_read_again(tmp_path: Path) -> None:
    (tmp_path / "x.xml").write_text(wxr(item(*(wp_comment(n, "Wort " * 99) for n in range(300)))))
    written = run("parse", str(tmp_path / "x.xml"))
    assert len(written.stdout) > 100_000
    (tmp_path / "x.jsonl").write_bytes(written.stdout)
    again = run("parse", str(tmp_path / "x.jsonl"))
    assert again.stdout == written.stdout


def test_an_export_of_coral_in_one_line_of_any_length_is_read(tmp_path: Path) -> None:
    comment = {"storyID": "s1", "status": "APPROVED", "revisions": [{"body": "Wort " * 200}]}
    rows = [{"id": f"c{number}", **comment} for number in range(3000)]
    (tmp_path / "x.json").write_text(json.dumps(rows))
    done = run("parse", str(tmp_path / "x.json"))
    assert done.returncode == 0, done.err
    assert [len(page["comments"]) for page in records(done.out)] == [3000]


def test_a_stray_zero_byte_is_a_repair(tmp_path: Path) -> None:
    (tmp_path / "x.xml").write_bytes(EXPORT.encode().replace(b"Guter", b"Gu\0ter"))
    done = run("parse", str(tmp_path / "x.xml"))
    assert done.returncode == 0
    assert "Guter Artikel" in done.out
    assert "control characters; left out" in done.err

"""How fast scoring is, beside its peers in the same run: benchmarks/results/speed.json.

Everything is measured on one core (but for ``--jobs 2``), in processes of its own, in turn with its
peer and with a reference kernel, several times. Where the repeats do not agree the part is done
again, and then refused: exit code 1, nothing stored. It needs the corpora (MODERATION_DATA), whose
texts are kept in a temporary folder only, and, for its row, fastText (``make speed`` installs it).

``--quick`` takes a minute, is for development, and stores nothing; ``--full`` takes up to an hour.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from pathlib import Path
from typing import Any

from speed_bench import HAS_AFFINITY, PLANS, ROOT, SCORE, Bench, quietest, say
from speed_noise import TooNoisyError, relative_iqr
from speed_report import LINEAR, Row, file_table, growth, growth_table, stored, summary, table
from speed_tasks import GREETING, HAS_FASTTEXT, run_task, stored_texts
from speed_texts import HOSTILE, recombined, write_csv, write_jsonl

RESULT = ROOT / "benchmarks" / "results" / "speed.json"
#: Seconds that one core should be busy when two are compared with it: the start, which cannot be
#: shared, is then a small part.
JOBS_SECONDS = 25.0
#: Largest growth of the peak from 10,000 comments to the longest file that is called flat.
FLAT = 1.2
#: What fastText has to be beaten at.
ROC_AUC = 0.79
#: Bytes on disk that a comment takes as input and as result, rather too many.
DISK_BYTES = 3000


def model_rows(bench: Bench, areas: Mapping[str, float], count: int) -> list[Row]:
    """Measure the model alone beside scikit-learn and fastText."""

    def once() -> dict[str, float]:
        ours = bench.task("model_ours", count=count)
        plain = max(bench.task("model_sklearn", count=count).values())
        found = {
            "ours": ours["cold"],
            "ours, second pass": ours["warm"],
            "scikit-learn": plain,
            "ours : scikit-learn": ours["cold"] / plain,
        }
        if HAS_FASTTEXT:
            fast = max(bench.task("model_fasttext", count=count).values())
            found |= {"fastText": fast, "ours : fastText": ours["cold"] / fast}
        return found

    ratios = ["ours : scikit-learn", *(["ours : fastText"] if HAS_FASTTEXT else [])]
    found = bench.repeated("model only", once, ratios)
    warm = statistics.median(found["ours, second pass"])
    return [
        Row(
            "model only, batches",
            "/s",
            8,
            15,
            found["ours"],
            "scikit-learn",
            found["scikit-learn"],
            found["ours : scikit-learn"],
            note=f"texts never seen; {warm:,.0f}/s in a second pass; ROC-AUC on rp-mod: "
            f"ours {areas['ours']:.3f}, scikit-learn {areas['scikit-learn']:.3f}",
        ),
        Row(
            "model only, batches",
            "/s",
            1.5,
            2.5,
            found["ours"],
            "fastText",
            found.get("fastText", ()),
            found.get("ours : fastText", ()),
            condition=areas["ours"] >= ROC_AUC,
            note=f"ROC-AUC on rp-mod: ours {areas['ours']:.3f} (at least {ROC_AUC}), "
            f"fastText {areas.get('fastText', float('nan')):.3f}"
            if HAS_FASTTEXT
            else "not run: no fastText",
        ),
    ]


def pipeline_rows(bench: Bench, count: int) -> tuple[list[Row], float]:
    """Measure the real command on a file and on one line; also return seconds of the start."""
    texts = stored_texts(bench.folder)[:count]
    rows, sheet, line = (bench.folder / name for name in ("rows.jsonl", "rows.csv", "line.jsonl"))
    write_jsonl(rows, texts)
    write_csv(sheet, texts)
    write_jsonl(line, [GREETING])
    # Compiles what Python has not compiled yet.
    bench.score(line, "--format", "jsonl")

    def once() -> dict[str, float]:
        start = bench.score(line, "--format", "jsonl")["seconds"]
        plain = bench.command(sys.executable, "-c", "import sklearn")["seconds"]
        jsonl = bench.score(rows, "--format", "jsonl")["seconds"]
        table_ = bench.score(sheet, "--format", "csv")["seconds"]
        return {
            "JSONL": len(texts) / jsonl,
            "JSONL net of start": len(texts) / (jsonl - start),
            "CSV": len(texts) / table_,
            "CSV net of start": len(texts) / (table_ - start),
            "one line": start,
            "import sklearn": plain,
            "one line : import sklearn": plain / start,
        }

    found = bench.repeated(
        "whole pipeline", once, ["JSONL", "CSV", "one line", "one line : import sklearn"]
    )
    net = {key: statistics.median(found[f"{key} net of start"]) for key in ("JSONL", "CSV")}
    return [
        *(
            Row(
                f"moderation score, {name} → {name}, one core",
                "/s",
                12_000,
                20_000,
                found[name],
                note=f"{len(texts):,} comments never seen, whole process; net of the start "
                f"{net[name]:,.0f}/s",
            )
            for name in ("JSONL", "CSV")
        ),
        Row(
            "moderation score, one line, cold start",
            " s",
            1,
            2,
            found["one line"],
            "import sklearn",
            found["import sklearn"],
            found["one line : import sklearn"],
        ),
    ], statistics.median(found["one line"])


def jobs_row(bench: Bench, net_rate: float) -> Row:
    """Measure two processes against one, on a file that keeps one core busy for seconds."""
    what = "two cores against one (--jobs)"
    usage = subprocess.run([*SCORE, "--help"], capture_output=True, text=True, check=True, cwd=ROOT)
    if "--jobs" not in usage.stdout:
        return Row(what, "/s", 1.8, 1.9, peer_name="--jobs 1", note="not run: there is no --jobs")
    if len(bench.cores) < 2:
        return Row(what, "/s", 1.8, 1.9, peer_name="--jobs 1", note="not run: one core")
    seconds = JOBS_SECONDS if bench.plan.name != "quick" else 2.0
    count = int(net_rate * seconds)
    source = bench.folder / "jobs.jsonl"
    write_jsonl(source, islice(recombined(stored_texts(bench.folder)), count))

    def once() -> dict[str, float]:
        two, one = (
            count / bench.score(source, "--format", "jsonl", "--jobs", jobs)["seconds"]
            for jobs in ("2", "1")
        )
        return {"--jobs 2": two, "--jobs 1": one, "--jobs 2 : --jobs 1": two / one}

    with bench.all_cores():
        found = bench.repeated("two cores", once, ["--jobs 2 : --jobs 1"])
    return Row(
        what,
        "/s",
        1.8,
        1.9,
        found["--jobs 2"],
        "--jobs 1",
        found["--jobs 1"],
        found["--jobs 2 : --jobs 1"],
        note=f"{count:,} comments, whole processes",
    )


def single_rows(bench: Bench) -> list[Row]:
    """Measure one comment at a time in a running process."""
    found = bench.repeated(
        "a single comment", lambda: bench.task("single", count=bench.plan.singles), ["p50", "p99"]
    )
    note = f"{bench.plan.singles:,} comments never seen, after 512 others"
    return [
        Row(
            f"Desk.judge of one, {name}",
            " ms",
            least,
            aim,
            found[name],
            smaller_is_better=True,
            note=note,
        )
        for name, least, aim in (("p50", 0.5, 0.2), ("p99", 2.0, 1.0))
    ]


def files(bench: Bench, net_rate: float, start: float) -> list[dict[str, Any]]:
    """Score files of growing length: seconds, rates and peak memory."""
    found: list[dict[str, Any]] = []
    for count in bench.plan.files:
        expected = count / net_rate
        problem = None
        if expected > bench.plan.file_seconds:
            problem = f"not run: about {expected:,.0f} s"
        elif shutil.disk_usage(bench.folder).free < count * DISK_BYTES:
            problem = f"not run: needs {count * DISK_BYTES / 1e9:.0f} GB of disk"
        one: dict[str, Any] = dict.fromkeys(("seconds", "rate", "net_rate", "net_cost", "peak_mb"))
        one = {"comments": count, **one, "note": problem}
        if problem is None:
            source = bench.folder / "file.jsonl"
            write_jsonl(source, islice(recombined(stored_texts(bench.folder), seed=count), count))
            # The clock's floor is the start, so short files are run several times.
            runs = [
                bench.score(source, "--format", "jsonl")
                for _ in range(bench.plan.repeats if count <= 10_000 else 1)
            ]
            seconds = statistics.median(run["seconds"] for run in runs)
            # A fast machine may score a short file within the spread of the start.
            net = max(seconds - start, 1e-3)
            net_rate = count / net
            one |= {
                "seconds": seconds,
                "rate": count / seconds,
                "net_rate": net_rate,
                "net_cost": net * 1e9 / characters(source),
                "peak_mb": max(run["peak_mb"] for run in runs),
            }
            say(f"file of {count:,} comments: {seconds:.1f} s, peak {one['peak_mb']:.0f} MB")
            source.unlink()
        found.append(one)
    return found


def characters(source: Path) -> int:
    """Return how many characters the comments of a file have, read line by line."""
    with source.open(encoding="utf-8") as lines:
        return sum(len(json.loads(line)["text"]) for line in lines)


def memory_rows(bench: Bench, measured: Sequence[Mapping[str, Any]], has_jobs: bool) -> list[Row]:
    """Return the peak while scoring files, and that of two processes together."""
    run = [one for one in measured if one["peak_mb"] is not None]
    peaks = [one["peak_mb"] for one in run]
    # The first file is too short to fill what is kept on purpose.
    settled = peaks[1:] or peaks
    growing = settled[-1] / settled[0]
    rows = [
        Row(
            "peak memory, files of any length",
            " MB",
            300,
            150,
            # Not a median: the dearest file counts.
            [max(peaks)],
            smaller_is_better=True,
            condition=growing <= FLAT,
            note=f"{run[0]['comments']:,} to {run[-1]['comments']:,} comments, "
            f"{min(peaks):.0f} to {max(peaks):.0f} MB; {growing:.2f}x from second to longest",
        )
    ]
    what = "peak memory with --jobs 2, all processes"
    if not has_jobs or not Path("/proc").exists():
        return [*rows, Row(what, " MB", 300, 150, smaller_is_better=True)]
    with bench.all_cores():
        peak = bench.score(
            bench.folder / "jobs.jsonl", "--format", "jsonl", "--jobs", "2", family=True
        )["peak_mb"]
    note = "sum of the peaks; pages that processes share are counted in each"
    return [*rows, Row(what, " MB", 300, 150, [peak], smaller_is_better=True, note=note)]


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    model = platform.processor()
    information = Path("/proc/cpuinfo")
    if information.exists():
        named = [line for line in information.read_text().splitlines() if "model name" in line]
        model = named[0].split(":")[1].strip() if named else model
    versions = {}
    for package in ("numpy", "scikit-learn", "fasttext-numpy2"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "none"
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **versions,
    }


def commit() -> str:
    """Return the commit that was measured, and whether files differ from it."""
    run = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"],  # noqa: S607 -- developers have git
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    return run.stdout.strip() or "unknown"


def measure(bench: Bench, data: str | None) -> dict[str, Any]:
    """Measure everything and print it as it is going to be stored."""
    say("choosing texts, training peers …")
    prepared = bench.task("prepare", data=data)
    texts, areas = prepared["texts"], prepared["roc_auc"]
    count = min(bench.plan.comments or texts["count"], texts["count"])
    rows = model_rows(bench, areas, count)
    pipeline, start = pipeline_rows(bench, count)
    net_rate = count / (count / statistics.median(pipeline[0].ours) - start)
    jobs = jobs_row(bench, net_rate)
    rows += [*pipeline[:2], jobs, *single_rows(bench), pipeline[2]]
    by_length = files(bench, net_rate, start)
    rows += memory_rows(bench, by_length, has_jobs=bool(jobs.ours))
    one = {}
    for kind in ("ordinary", *HOSTILE):
        one[kind] = bench.task("growth_of_one", kind=kind, sizes=bench.plan.sizes)
        say(f"one comment: {kind}")
    profile = bench.task("profile", count=bench.plan.profiled)
    seconds = [run.seconds for run in bench.references]
    report(rows, texts, by_length, bench.plan.sizes, one, profile)
    print(f"\nReference kernel: spread {relative_iqr(seconds):.0%} (interquartile)")
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit(),
        "model_digest": prepared["model_digest"],
        "machine": machine(),
        "plan": bench.plan.name,
        "texts": texts,
        "roc_auc_rp_mod": areas,
        "rows": [stored(row) for row in rows],
        "reference_kernel_seconds": summary(seconds),
        "files": by_length,
        "one_comment": {
            "sizes": bench.plan.sizes,
            "microseconds_per_1000_characters": one,
            "linear": all(
                growth(costs) <= LINEAR
                for functions in one.values()
                for costs in functions.values()
            ),
        },
        "profile": profile,
    }


def report(
    rows: Sequence[Row],
    texts: Mapping[str, Any],
    by_length: Sequence[Mapping[str, Any]],
    sizes: Sequence[int],
    one: Mapping[str, Mapping[str, Sequence[float | None]]],
    profile: Mapping[str, Any],
) -> None:
    """Print tables."""
    print(
        f"{texts['count']:,} distinct comments, {texts['mean']} characters on average "
        f"(5, 25, 50, 75, 95 %: {', '.join(map(str, texts['percentiles'].values()))})\n"
    )
    print(*table(rows), sep="\n")
    print("\nFiles of growing length, one core", *file_table(by_length), sep="\n")
    costs = [line["net_cost"] for line in by_length if line["net_cost"] is not None]
    ratio = growth(costs)
    print(f"  longest : middle {ratio:.2f}x{', linear' if ratio <= LINEAR else ', NOT LINEAR'}")
    print("\nOne comment, µs per 1,000 characters read", *growth_table(sizes, one), sep="\n")
    print(f"\nWhere time goes (cProfile, {profile['comments']:,} comments; it slows Python code)")
    for title in ("by_part", "by_file"):
        for name, share in profile[title].items():
            print(f"  {share:6.1%}  {name}")
        print()


def main() -> None:
    """Measure, print, store."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", dest="plan", action="store_const", const="quick")
    size.add_argument("--full", dest="plan", action="store_const", const="full")
    parser.add_argument("--data", help="folder with the corpora")
    parser.add_argument(
        "--one", nargs=3, help=argparse.SUPPRESS, metavar=("TASK", "FOLDER", "JSON")
    )
    asked = parser.parse_args()
    if asked.one:
        task, folder, options = asked.one
        run_task(task, Path(folder), json.loads(options))
        return
    if not HAS_FASTTEXT:
        say("fastText is not installed, its row is not run: make speed, or pip install '.[bench]'")
    plan = PLANS[asked.plan or "default"]
    cores = os.sched_getaffinity(0) if HAS_AFFINITY else set(range(os.cpu_count() or 1))
    with tempfile.TemporaryDirectory(prefix="moderation-speed-") as folder:
        bench = Bench(Path(folder), plan, cores, quietest(cores) if HAS_AFFINITY else None)
        try:
            results = measure(bench, asked.data)
        except TooNoisyError as error:
            sys.exit(f"speed: too noisy, nothing is reported: {error}")
    if plan.name == "quick":
        print("--quick: for development, nothing is stored")
        return
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(
        json.dumps(results, ensure_ascii=False, allow_nan=False, indent=2) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()

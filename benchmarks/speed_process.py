"""Run one command and print its wall time, processor time and peak memory as JSON.

A process of its own, with the standard library alone: what Linux reports as a child's peak begins
with what its parent had in memory when it started the child, so the parent must be small.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

#: Seconds between two looks at the memory of a process and its children.
_STEP = 0.05


def run(command: list[str]) -> dict[str, float]:
    """Run `command`; its peak is that of the process alone."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    # Kilobytes on Linux, bytes on macOS.
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return {
        "code": process.returncode,
        "seconds": seconds,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss / unit,
    }


def run_family(command: list[str]) -> dict[str, float]:
    """Run `command`; its peak is the sum of the peaks of it and everything it started.

    Pages that parent and children share are counted more than once: an upper bound. Linux only.
    """
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    peaks: dict[int, float] = {}
    while process.poll() is None:
        for pid in _family(process.pid):
            peaks[pid] = max(peaks.get(pid, 0.0), _peak_mb(pid))
        time.sleep(_STEP)
    seconds = time.perf_counter() - started
    return {"code": process.returncode, "seconds": seconds, "peak_mb": sum(peaks.values())}


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(member for child in children for member in _family(int(child)))]


def _peak_mb(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    lines = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(lines[0].split()[1]) / 1e3 if lines else 0.0


if __name__ == "__main__":
    how, *command = sys.argv[1:]
    print(json.dumps((run_family if how == "family" else run)(command)))

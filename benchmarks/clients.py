"""Do the clients that people use work? Real npm packages against ``moderation serve``.

Usage: python benchmarks/clients.py. Needs node and npm; installs the packages of
benchmarks/clients/package.json into a temporary folder. Google's Python client is tried by
tests/test_service_live.py. Stored in benchmarks/results/clients.json; exit code 1 if one fails.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from service import running

_FOLDER = Path(__file__).with_name("clients")
_RESULTS = Path(__file__).with_name("results") / "clients.json"
_PORT = 8097


def main() -> None:
    """Try each client once."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        sys.exit("clients: needs node and npm")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in _FOLDER.iterdir():
            shutil.copy(file, folder)
        subprocess.run([npm, "install", "--silent"], cwd=folder, check=True)
        serve = [sys.executable, "-m", "moderation", "serve", "--port", str(_PORT)]
        with running(serve, _PORT, folder):
            check = [node, "check.cjs", f"http://127.0.0.1:{_PORT}"]
            printed = subprocess.run(check, cwd=folder, capture_output=True, text=True, check=True)
        packages = json.loads((folder / "package.json").read_text())["dependencies"]
    found = [json.loads(line) for line in printed.stdout.splitlines()]
    for one in found:
        one["version"] = packages[one["client"]]
        print(json.dumps(one))
    _RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    sys.exit(any("failed" in one for one in found))


if __name__ == "__main__":
    main()

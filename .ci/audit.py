"""Are vulnerabilities known of what requirements.lock names? Says so where nobody can be asked.

Exit code 1 where one is known; 0 otherwise, also where the advisories cannot be reached.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_SECONDS = 600


def main() -> int:
    """Ask, and print one line, and one more for each vulnerability."""
    command = [
        *(sys.executable, "-m", "pip_audit", "--requirement", "requirements.lock", "--no-deps"),
        *("--disable-pip", "--format", "json", "--progress-spinner", "off", "--timeout", "15"),
    ]
    try:
        done = subprocess.run(
            command, cwd=_ROOT, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
        packages = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError) as error:
        print(f"audit: NOT AUDITED, the advisories cannot be reached ({type(error).__name__})")
        return 0
    asked = [one for one in packages if "skip_reason" not in one]
    found = [(one, flaw) for one in asked for flaw in one["vulns"]]
    for one, flaw in found:
        fixed = ", ".join(flaw["fix_versions"]) or "no version yet"
        print(f"audit: {one['name']} {one['version']}: {flaw['id']}, fixed in {fixed}")
    unknown = len(packages) - len(asked)
    if unknown:
        print(f"audit: {unknown} of {len(packages)} packages NOT AUDITED, no advisories here")
    if asked:
        print(f"audit: {len(asked)} packages looked up, {len(found)} vulnerabilities")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())

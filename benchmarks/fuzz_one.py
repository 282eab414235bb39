"""Hand one reader over to atheris: fuzz_one.py READER CORPUS [libFuzzer options]."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import atheris

# Only our own code is watched: that is what the fuzzer is to explore, and it is much faster.
with atheris.instrument_imports(include=["moderation"]):
    import moderation.parsing

    for module in pkgutil.walk_packages(moderation.parsing.__path__, "moderation.parsing."):
        importlib.import_module(module.name)
    from fuzz_target import READERS, read_everything


def main() -> None:
    """Fuzz until the number of runs is reached or something breaks."""
    kind = next(reader for reader in READERS if reader == sys.argv[1])
    atheris.Setup([sys.argv[0], *sys.argv[2:]], lambda data: read_everything(kind, data) and None)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

"""Draw what ``moderation score seeds/`` shows on a terminal as docs/score.svg, for the README."""

import os
import re
from pathlib import Path

from rich.console import Console

from moderation.cli.picture import Picture
from moderation.scoring import open_desk, score_inputs

ROOT = Path(__file__).parents[1]
# rich's SVG asks a public server for a font; the picture must open without network.
FONT_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def stop(problem: Exception) -> None:
    """End with the first problem: the example pages have none."""
    raise problem


def main() -> None:
    """Write the picture."""
    os.chdir(ROOT)
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(
            file=nowhere, record=True, width=110, force_terminal=True, highlight=False
        )
        picture = Picture(console)
        desk = open_desk("news", None, print)
        for scored in score_inputs(["seeds/"], desk, report=print, problem=stop):
            picture.draw(scored)
        picture.summary()
    svg = console.export_svg(title="moderation score seeds/", unique_id="score")
    (ROOT / "docs" / "score.svg").write_text(FONT_FACE.sub("", svg), encoding="utf-8")


if __name__ == "__main__":
    main()

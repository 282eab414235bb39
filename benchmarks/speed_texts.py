"""Comments to measure with: real ones of a usual length, new ones made of them, hostile ones."""

import csv
import json
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

#: Characters of a usual comment, and their mean.
SHORTEST, LONGEST, MEAN = 100, 300, 200
SEED = 20_240_607
_LETTERS = "abcdefghijklmnopqrstuvwxyzäöü"


def usual(texts: Iterable[str]) -> list[str]:
    """Return the distinct texts of usual length, shuffled, as many as have the mean wanted."""
    # Sorted first, so that the choice does not depend on the order of the corpora.
    chosen = sorted({text for text in texts if SHORTEST <= len(text) <= LONGEST})
    random.Random(SEED).shuffle(chosen)
    return with_mean(chosen, MEAN)


def with_mean(texts: Sequence[str], mean: float) -> list[str]:
    """Return `texts` without the last ones that pull their mean length away from `mean`."""
    total, count = sum(map(len, texts)), len(texts)
    too_short = total < mean * count
    kept: list[str] = []
    for text in reversed(texts):
        off = total < mean * count if too_short else total > mean * count
        if off and (len(text) < mean) == too_short:
            total -= len(text)
            count -= 1
        else:
            kept.append(text)
    return kept[::-1]


def recombined(texts: Sequence[str], seed: int = SEED) -> Iterator[str]:
    """Yield new comments without end: the beginning of one text and the end of another.

    Words recur as they do among comments; comments hardly ever do.
    """
    chance = random.Random(seed)
    words = [text.split() for text in texts]
    while True:
        first, second = chance.choice(words), chance.choice(words)
        yield " ".join([*first[: len(first) // 2], *second[len(second) // 2 :]])


def long_text(texts: Sequence[str], size: int, seed: int) -> str:
    """Return ordinary text of `size` characters."""
    parts: list[str] = []
    length = 0
    for part in recombined(texts, seed):
        parts.append(part)
        length += len(part) + 1
        if length > size:
            return " ".join(parts)[:size]
    raise AssertionError("there is no end of recombined texts")


def _repeated(unit: str) -> Callable[[int, int], str]:
    # The number keeps two variants apart, so that nothing is remembered from one to the other.
    return lambda size, variant: (f"{variant} " + unit * (size // len(unit) + 1))[:size]


def _word(size: int, variant: int) -> str:
    chance = random.Random(variant)
    return "".join(chance.choices(_LETTERS, k=size))


def _marks(size: int, variant: int) -> str:
    return (f"{variant} a" + "\u0316\u0301" * size)[:size]


#: What somebody may send to make us slow: name and maker of `size` characters, `variant` for a
#: different text of the same kind.
HOSTILE: dict[str, Callable[[int, int], str]] = {
    "one word": _word,
    "one letter": _repeated("a"),
    "a.a.a.a.": _repeated("a."),
    "!!!!": _repeated("!"),
    "combining marks": _marks,
    "((((": _repeated("("),
    "I d i o t": _repeated("I d i o t "),
    "Idiot": _repeated("Idiot "),
    "quotes": _repeated('"x" „y“ '),
    "@a": _repeated("@a "),
    "links": _repeated("https://a.de/b "),
    "digits": _repeated("0170 1234567 "),
}


def write_jsonl(path: Path, texts: Iterable[str]) -> None:
    """Write one record a comment."""
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        for number, text in enumerate(texts):
            stream.write(json.dumps({"id": str(number), "text": text}, ensure_ascii=False) + "\n")


def write_csv(path: Path, texts: Iterable[str]) -> None:
    """Write a table of the same records."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("id", "text"))
        writer.writerows(enumerate(texts))

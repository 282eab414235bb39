"""How cost grows with size, as a ratio, on machines that stall for seconds now and then."""

import time
from collections.abc import Callable

#: Repeats; the best one was disturbed least.
REPEATS = 3
#: Seconds below which a clock says nothing.
FLOOR = 0.005


def growth(run: Callable[[int], object], small: int, large: int) -> float:
    """Return how many times more processor time `run(large)` takes than `run(small)`."""

    def seconds(size: int) -> float:
        started = time.process_time()
        run(size)
        return time.process_time() - started

    run(small)
    best = {size: min(seconds(size) for _ in range(REPEATS)) for size in (small, large)}
    return best[large] / max(best[small], FLOOR)

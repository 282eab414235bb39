"""Comments judged on the event loop: many short requests in one go, long ones out of their way."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from moderation.labelling.rules_file import default_rules, with_legal_rules
from moderation.model.classifier import Classifier
from moderation.policy import load_policy
from moderation.records import Comment, HouseRule, Page, Verdict
from moderation.scoring import Desk, open_desk
from moderation.service.settings import Settings
from moderation.tasks import Report

#: Comments that are judged without a pause; each takes some tenths of a millisecond.
AT_ONCE = 16
#: Characters that are judged without a pause: longer texts go to a thread, where others pass them.
LONG = 5_000


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A comment that waits to be scored."""

    classifier: Classifier
    text: str
    future: asyncio.Future[Mapping[str, float]]


@dataclass(slots=True)
class Bench:
    """The desk in use.

    Attributes
    ----------
    desk
        What comments are judged with.
    rules
        The rules that apply where a request brings none.
    """

    desk: Desk
    rules: tuple[HouseRule, ...]
    _waiting: deque[_Waiting] = field(default_factory=deque)

    @property
    def classifier(self) -> Classifier:
        """The model in use."""
        assert self.desk.classifier is not None  # noqa: S101 -- a service has a model
        return self.desk.classifier

    def use(self, classifier: Classifier) -> None:
        """Judge with another model from now on; what is under way ends as it began."""
        self.desk = replace(self.desk, classifier=classifier)

    async def scores(self, text: str, classifier: Classifier) -> Mapping[str, float]:
        """Return the probabilities of a model's heads for one comment.

        Whoever asks names the model, which may be swapped before the comment's turn. Requests that
        are there at the same time are scored together, which takes less than half the time; a
        comment's scores do not depend on its neighbours.
        """
        if len(text) > LONG:
            return (await asyncio.to_thread(classifier.scores, [text]))[0]
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._score_waiting)
        future: asyncio.Future[Mapping[str, float]] = loop.create_future()
        self._waiting.append(_Waiting(classifier, text, future))
        return await future

    def _score_waiting(self) -> None:
        taken = [self._waiting.popleft()]
        classifier = taken[0].classifier
        while self._waiting and len(taken) < AT_ONCE and self._waiting[0].classifier is classifier:
            taken.append(self._waiting.popleft())
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._score_waiting)
        try:
            found = classifier.scores([one.text for one in taken])
        except Exception as error:
            for one in taken:
                if not one.future.done():
                    one.future.set_exception(error)
            return
        for one, scores in zip(taken, found, strict=True):
            # A client that has gone has cancelled its future.
            if not one.future.done():
                one.future.set_result(scores)

    async def verdicts(
        self, comments: Sequence[Comment], page: Page, rules: Sequence[HouseRule] | None, desk: Desk
    ) -> list[Verdict]:
        """Judge comments with a desk, in slices between which others are served."""
        applied = self.rules if rules is None else rules
        judged: list[Verdict] = []
        for start in range(0, len(comments), AT_ONCE):
            part = comments[start : start + AT_ONCE]
            if sum(len(one.text) for one in part) > LONG:
                judged += await asyncio.to_thread(desk.judge, part, applied, page)
            else:
                judged += desk.judge(part, applied, page)
                await asyncio.sleep(0)
        return judged


def open_bench(settings: Settings, report: Report) -> Bench:
    """Load what a service judges with.

    Raises
    ------
    ModerationError
        If model, rules or policy cannot be used.
    """
    rules = Path(settings.rules) if settings.rules else None
    policy = load_policy(Path(settings.policy)) if settings.policy else None
    desk = replace(open_desk(settings.model, rules, report), policy=policy)
    # As on the command line: law holds beside the packaged rules, not beside one's own.
    bench = Bench(desk, desk.rules or with_legal_rules(default_rules()))
    # The first comment loads lexicons, which takes longer than a client waits.
    desk.judge([Comment("", "Guten Tag, Sie Depp!")], bench.rules, Page(""))
    return bench

"""Sweeping statements: a group as a whole is said to lie, to steal, to be vermin.

The claim is recognised by its build, not by single words: the name of a group, a verb, a word that
sweeps ("alle", "nur", "immer") and a predicate that condemns. The same group with any other
predicate ("können nur gewinnen", "sind alle gut angekommen") is left alone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from moderation.labelling.clues import Clue
from moderation.labelling.context import in_quotation
from moderation.labelling.groups import GroupForm, groups
from moderation.labelling.predicates import predicates
from moderation.labelling.reading import Hit, Reading, word_set

# Words of a clause looked at behind the group's name, at most.
_REACH = 9
# Words before it in which a rejection is looked for.
_WINDOW = 8

#: Words that make a statement one about a whole group.
SWEEPERS = word_set(
    "alle alles allesamt nur immer staendig bloss nichts durchweg ausnahmslos lauter samt dauernd "
    "sowieso grundsaetzlich jeder"
)
#: Words that do so right before its name.
WHOLE = word_set("alle saemtliche")
_MODALS = word_set("koennen wollen moechten werden")
_COPULAS = word_set("sind bleiben waren")
_AUXILIARIES = _MODALS | _COPULAS
_FILLERS = word_set(
    "doch ja eh halt eben einfach nun mal so auch die das ein eine als anderes anders und sich uns "
    "hier von natur aus sehr total voll wirklich sind schon echt gerne gern weiter"
)
_ARTICLES = word_set("die diese alle solche saemtliche den der")
_BEFORE_A_CLAIM = _ARTICLES | word_set("und aber denn ja weil dass sondern")
_DENIALS = word_set("nicht kein keine keiner nie niemals weder")


def find_sweeping(reading: Reading, *, protected: bool) -> Iterator[Hit]:
    """Yield clauses that condemn a whole group, in order.

    Parameters
    ----------
    reading
        The comment.
    protected
        Whether the group is one of birth, faith, body or fate, or one of opinion or work.
    """
    nouns = groups().nouns
    for index in reading.places(Clue.GROUP):
        group = nouns[reading.words[index]]
        if group.protected is not protected:
            continue
        last = _condemned(reading, index, group)
        if last is None:
            last = _claimed(reading, index, group)
        if last is None:
            continue
        first = index
        if index and reading.words[index - 1] in _ARTICLES and reading.joined(index - 1, index):
            first -= 1
        if _rejected(reading, first) or in_quotation(reading, reading.starts[index]):
            continue
        yield reading.hit(first, last, 2 if protected else 1)


def _condemned(reading: Reading, index: int, group: GroupForm) -> int | None:
    """Return the last word of the condemning predicate behind the group at `index`."""
    words = reading.words
    sweeping = bool(index) and words[index - 1] in WHOLE
    verb = ""
    before_verb = False
    last: int | None = None
    for place in range(index + 1, min(len(words), index + 1 + _REACH)):
        if not reading.joined(place - 1, place):
            break
        word = words[place]
        if not verb and word in _AUXILIARIES:
            verb = word
            if before_verb and word in _COPULAS:
                return place if sweeping else None
        elif word in SWEEPERS:
            sweeping = True
        elif _condemns(word, verb, group):
            last = place
        elif not verb and word in predicates().qualities:
            # "… dass alle … Lügner sind": the verb is still to come.
            before_verb = True
        elif word not in _FILLERS:
            break
    return last if sweeping else None


def _claimed(reading: Reading, index: int, group: GroupForm) -> int | None:
    """Return the last word of a claim right behind the group at `index`, if it is about all."""
    first = index
    if index and reading.joined(index - 1, index):
        if reading.words[index - 1] not in _BEFORE_A_CLAIM:
            # "zwei Polen", "kriminelle Ausländer", "in Polen"
            return None
        first -= 1
    for claim in predicates().claims:
        if group.kind not in claim.kinds:
            continue
        match = claim.expression.match(reading.folded, reading.ends[index])
        if match and (_DENIALS | {"nichts", "kaum"}).isdisjoint(match.group().split()):
            last = bisect_left(reading.starts, match.end()) - 1
            return None if spoken_about(reading, first, last) else last
    return None


def _condemns(word: str, verb: str, group: GroupForm) -> bool:
    known = predicates()
    if verb in _COPULAS:
        return word in known.qualities
    if verb in _MODALS:
        return word in known.verbs
    # Without an auxiliary the verb itself condemns: "Politiker lügen immer".
    return group.plural and word in known.verbs


def _rejected(reading: Reading, first: int) -> bool:
    """Whether the sentence denies the claim ("nicht alle …") or speaks about it ("wer sagt …")."""
    words = reading.words
    if not _DENIALS.isdisjoint(words[max(0, first - 1) : first + 1]):
        return True
    return not predicates().rejections.isdisjoint(words[max(0, first - _WINDOW) : first])


def spoken_about(reading: Reading, first: int, last: int) -> bool:
    """Whether a claim is denied, asked, or spoken about: "… , so ein Unsinn", "…, sagte er"."""
    after = reading.words[last + 1 : last + 1 + _WINDOW]
    end = reading.ends[last]
    return (
        _rejected(reading, first)
        or not predicates().afterwards.isdisjoint(after)
        or reading.folded[end : end + 2].lstrip()[:1] == "?"
    )

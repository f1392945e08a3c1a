"""Which collection is compared next."""

from collections import Counter

from cdc_consumer.readmodel.documents import DOCUMENTS
from monitor.prober.barrier import Barrier, Evidence
from monitor.prober.sampled import whose_turn
from monitor.prober.walk import OPEN, Question, Walk


def walks(*pages):
    made = [Walk(document, Evidence(lambda _: True, lambda: None)) for document in DOCUMENTS]
    for walk, count in zip(made, pages, strict=True):
        walk.pages, walk.passes = count, 1
    return made


def question(walk):
    return Question(None, Barrier(walk.evidence))


def shares(of, turns=600, failed=()):
    counted = Counter(of.index(whose_turn(turn, of, failed)) for turn in range(turns))
    return [counted[number] / turns for number in range(len(of))]


def test_the_largest_gets_most_turns_and_each_other_its_own():
    assert shares(walks(4, 52, 1)) == [1 / 6, 4 / 6, 1 / 6]


def test_a_collection_that_was_never_compared_whole_comes_before_a_large_one():
    some = walks(4, 52, 1)
    some[2].passes = 0
    assert shares(some) == [1 / 6, 1 / 6, 4 / 6]


def test_a_walk_that_waits_for_answers_leaves_its_turns_to_the_others():
    some = walks(4, 52, 1)
    some[1].walked = True
    assert shares(some) == [1 / 6, 4 / 6, 1 / 6], "it has only to end its pass"
    some[1].questions[5] = question(some[1])
    assert shares(some) == [4 / 6, 1 / 6, 1 / 6]
    some[1].walked = False
    assert shares(some) == [1 / 6, 4 / 6, 1 / 6]
    some[1].questions.update({n: question(some[1]) for n in range(OPEN)})
    assert shares(some) == [4 / 6, 1 / 6, 1 / 6]


def test_a_walk_that_failed_gets_only_its_own_turns():
    some = walks(4, 52, 1)
    some[2].passes = 0
    assert shares(some, failed={some[2].document.collection}) == [1 / 6, 4 / 6, 1 / 6]
    every = {walk.document.collection for walk in some}
    assert shares(some, failed=every) == [1 / 3, 1 / 3, 1 / 3]

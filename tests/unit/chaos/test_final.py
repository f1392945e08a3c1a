from chaos.checker.final import Final, check_final
from chaos.checker.findings import Kind
from chaos.checker.model import model
from tests.unit.chaos.histories import RUN, Op, Outcome, item, user, wrote

CREATED = wrote(1, 1, Op.CREATE)
U, ITEM = ("users", 1), ("items", 9)
WITH_ITEM = [CREATED, wrote(2, 9, Op.CREATE, table="items", owner=1, tags=("a",))]


def check(writes, postgres, mongo):
    return check_final(Final(postgres, mongo), model(writes), RUN)


def kinds(writes, postgres, mongo):
    return [finding.kind for finding in check(writes, postgres, mongo).findings]


def test_both_hold_the_newest():
    assert kinds([CREATED, wrote(2, 1)], {U: user(2)}, {U: user(2)}) == []


def test_no_document():
    assert kinds([CREATED], {U: user(1)}, {}) == [Kind.LOST]


def test_lost_by_postgres_itself():
    assert kinds([CREATED, wrote(2, 1)], {U: user(1)}, {U: user(1)}) == [Kind.LOST]
    assert kinds([CREATED], {}, {}) == [Kind.LOST]


def test_an_older_document():
    assert kinds([CREATED, wrote(2, 1)], {U: user(2)}, {U: user(1)}) == [Kind.STALE]


def test_deleted_and_still_shown():
    assert kinds([CREATED, wrote(2, 1, Op.DELETE)], {}, {U: user(1)}) == [Kind.RESURRECTED]


def test_deleted_and_gone():
    assert kinds([CREATED, wrote(2, 1, Op.DELETE)], {}, {}) == []


def test_an_unknown_write_may_have_been_made_or_not():
    writes = [CREATED, wrote(2, 1, outcome=Outcome.UNKNOWN)]
    assert kinds(writes, {U: user(1)}, {U: user(1)}) == []
    made = check(writes, {U: user(2)}, {U: user(2)})
    assert (made.findings, made.unacknowledged_applied) == ([], 1)
    assert kinds(writes, {U: user(2)}, {U: user(1)}) == [Kind.STALE]


def test_an_unknown_deletion_and_an_unknown_creation_are_counted():
    assert check([CREATED, wrote(2, 1, Op.DELETE, outcome=Outcome.UNKNOWN)], {}, {}).unacknowledged_applied == 1
    made = check([CREATED, wrote(2, None, Op.CREATE, outcome=Outcome.UNKNOWN)], {U: user(1), ("users", 2): user(2)}, {U: user(1)})
    assert ([finding.kind for finding in made.findings], made.unacknowledged_applied) == ([Kind.LOST], 1)


def test_refused_and_made():
    assert Kind.REFUSED in kinds([CREATED, wrote(2, 1, outcome=Outcome.FAIL)], {U: user(2)}, {U: user(2)})
    assert Kind.REFUSED in kinds(
        [CREATED, wrote(2, None, Op.CREATE, outcome=Outcome.FAIL)], {U: user(1), ("users", 5): user(2)}, {U: user(1)}
    )


def test_an_owner_of_before():
    writes = [*WITH_ITEM, wrote(3, 1)]
    new, old = item(2, owner_version=3, tags=["a"]), item(2, owner_version=1, tags=["a"])
    assert kinds(writes, {U: user(3), ITEM: new}, {U: user(3), ITEM: new}) == []
    assert kinds(writes, {U: user(3), ITEM: new}, {U: user(3), ITEM: old}) == [Kind.STALE]


def test_tags_of_before():
    assert kinds(WITH_ITEM, {U: user(1), ITEM: item(2, tags=["a"])}, {U: user(1), ITEM: item(2)}) == [Kind.STALE]


def test_one_write_two_rows():
    assert Kind.DUPLICATED in kinds([CREATED], {U: user(1), ("users", 2): user(1)}, {U: user(1)})

from chaos.checker.findings import Kind
from chaos.checker.model import model
from chaos.checker.reads import check_reads
from tests.unit.chaos.histories import RUN, Op, Outcome, item, read, user, wrote


def kinds(writes, *reads):
    return [finding.kind for finding in check_reads(reads, model(writes), RUN)]


USER = [wrote(1, 1, Op.CREATE), wrote(2, 1), wrote(5, 1)]
GONE = [*USER, wrote(7, 1, Op.DELETE)]
ITEM = [wrote(1, 1, Op.CREATE), wrote(2, 2, Op.CREATE), wrote(3, 9, Op.CREATE, table="items", owner=1, tags=("a",)), wrote(4, 1)]


def test_reads_that_lag_and_never_go_back_are_fine():
    assert kinds(USER, read(None, at=2), read(user(1), at=3), read(user(2), at=9), read(user(5), at=20)) == []


def test_an_older_version_after_a_newer_one():
    assert kinds(USER, read(user(5), at=8), read(user(2), at=9)) == [Kind.REORDERED]


def test_two_clients_need_not_agree():
    assert kinds(USER, read(user(5), at=8), read(user(2), at=9, client="b")) == []


def test_a_document_that_vanishes_though_nobody_deleted_it():
    assert kinds(USER, read(user(5), at=8), read(None, at=9)) == [Kind.REORDERED]


def test_deleted_and_shown_again():
    assert kinds(GONE, read(user(5), at=6), read(None, at=8), read(user(5), at=9)) == [Kind.RESURRECTED]


def test_late_to_be_created_is_not_late_to_be_deleted():
    assert kinds(GONE, read(None, at=8), read(user(1), at=9), read(user(5), at=10), read(None, at=11)) == []


def test_a_promise_kept_and_broken():
    assert kinds(USER, read(user(2), at=6, promised=2.0)) == []
    assert kinds(USER, read(user(2), at=8, promised=2.0)) == [Kind.STALE]
    assert kinds(USER, read(None, at=4, promised=1.0)) == [Kind.STALE]


def test_columns_of_two_writes():
    assert kinds(USER, read({**user(2), "email": user(5)["email"]}, at=9)) == [Kind.TORN]
    assert kinds(ITEM, read(item(3, price="0.04", tags=["a"]), key=9, at=9, table="items")) == [Kind.TORN]


def test_the_owner_of_another_version_of_the_row():
    assert kinds(ITEM, read(item(3, owner=2, owner_version=2), key=9, at=9, table="items")) == [Kind.TORN]


def test_an_owner_whose_row_has_not_come_is_no_error():
    assert kinds(ITEM, read(item(3) | {"owner": {"id": 1, "name": None, "email": None}}, key=9, at=9, table="items")) == []


def test_an_owner_that_goes_back_in_time():
    reads = [read(item(3, owner_version=v), key=9, at=at, table="items") for at, v in ((8, 4), (9, 1))]
    assert kinds(ITEM, *reads) == [Kind.REORDERED]


def test_values_that_nobody_wrote_here():
    assert kinds(USER, read(user(3), at=9)) == [Kind.PHANTOM]
    assert kinds(ITEM, read(item(3, tags=["b"]), key=9, at=9, table="items")) == [Kind.PHANTOM]
    assert kinds(ITEM, read(item(3, owner_version=2), key=9, at=9, table="items")) == [Kind.PHANTOM]


def test_a_tag_twice():
    assert kinds(ITEM, read(item(3, tags=["a", "a"]), key=9, at=9, table="items")) == [Kind.DUPLICATED]


def test_refused_and_shown():
    assert kinds([*USER, wrote(8, 1, outcome=Outcome.FAIL)], read(user(8), at=9)) == [Kind.REFUSED]


def test_reads_that_failed_say_nothing():
    assert kinds(USER, read(user(5), at=8), read(None, at=9, outcome=Outcome.FAIL)) == []

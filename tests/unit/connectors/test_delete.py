import pytest

from connectors.delete import delete
from connectors.errors import SourceMismatchError
from connectors.register import register
from connectors.wait import Deadline
from tests.unit.connectors.fake_connect import slot


@pytest.fixture
def run(connect, source, settings):
    def call(*, timeout=5.0, **what):
        return delete(connect, source, settings, deadline=Deadline(timeout), **({"slot": False, "offsets": False} | what))

    return call


@pytest.fixture
def running(connect, source, settings, fake):
    register(connect, source, settings, epoch=1, deadline=Deadline(5))
    fake.offsets = [{"lsn": 1}]


def test_everything_goes(run, running, fake, source):
    assert run(slot=True, offsets=True) == ["connector stopped", "offsets deleted", "connector deleted", "slot dropped"]
    assert (fake.config, fake.offsets, source.found) == (None, [], None)


def test_slot_and_offsets_stay_unless_asked(run, running, fake, source):
    assert run() == ["connector stopped", "connector deleted"]
    assert fake.offsets == [{"lsn": 1}]
    assert source.found is not None


def test_again_there_is_nothing_to_do(run):
    assert run(slot=True) == []


def test_offsets_of_a_deleted_connector_go_too(run, fake):
    fake.offsets = [{"lsn": 1}]
    assert run(offsets=True) == ["offsets deleted"]
    assert (fake.config, fake.offsets) == (None, [])


def test_a_slot_in_use_by_another_is_not_waited_for_for_ever(run, source):
    source.found = slot(active=True)
    with pytest.raises(SourceMismatchError, match="still in use"):
        run(slot=True, timeout=0.3)

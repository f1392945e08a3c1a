import pytest

from connectors.epoch import choose_epoch, epoch_of
from connectors.errors import SourceMismatchError
from connectors.template import EPOCH_KEY


def test_a_new_connector_takes_the_time_which_only_grows():
    assert choose_epoch(None, None, 1_700_000_000.9) == 1_700_000_000


def test_a_new_connector_takes_the_epoch_it_is_given():
    assert choose_epoch(None, 5, 1_700_000_000.0) == 5


def test_an_existing_connector_keeps_its_epoch():
    assert choose_epoch({EPOCH_KEY: "41"}, None, 1_700_000_000.0) == 41


def test_a_connector_without_an_epoch_gets_one():
    assert choose_epoch({"a": "b"}, None, 12.0) == 12


@pytest.mark.parametrize("asked", [41, 42])
def test_an_existing_connector_may_move_on(asked):
    assert choose_epoch({EPOCH_KEY: "41"}, asked, 0.0) == asked


def test_an_epoch_never_goes_back():
    with pytest.raises(SourceMismatchError, match="smaller than 41"):
        choose_epoch({EPOCH_KEY: "41"}, 40, 0.0)


@pytest.mark.parametrize("config", [{}, {EPOCH_KEY: ""}, {EPOCH_KEY: "x"}])
def test_no_epoch_counts_as_zero(config):
    assert epoch_of(config) == 0

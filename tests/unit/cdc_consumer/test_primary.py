"""No primary shows as a pause before any operation has given up."""

import types

from cdc_consumer.primary import PrimaryListener
from cdc_consumer.pulse import Pulse


def changed(*, writable):
    return types.SimpleNamespace(new_description=types.SimpleNamespace(has_writable_server=lambda: writable))


def test_a_primary_that_goes_and_comes_back():
    pulse = Pulse()
    listener = PrimaryListener(pulse)
    listener.description_changed(changed(writable=True))
    listener.description_changed(changed(writable=False))
    assert pulse.excuse() == "network"
    listener.description_changed(changed(writable=True))
    assert pulse.excuse() is None


def test_looking_for_the_first_primary_is_no_outage():
    pulse = Pulse()
    PrimaryListener(pulse).description_changed(changed(writable=False))
    assert pulse.excuse() is None

import pytest

from stack.components import provide


@pytest.fixture(scope="session")
def components():
    """Prometheus, promtool, Alertmanager and amtool among them."""
    return provide(print)

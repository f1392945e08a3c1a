from tests.integration.monitor.verify.conftest import schema, world

__all__ = ["schema", "world"]

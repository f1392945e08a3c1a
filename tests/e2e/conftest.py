from tests.e2e.api import api

__all__ = ["api"]  # the fixture of every test here

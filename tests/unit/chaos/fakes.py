"""A back end that only remembers, and faults that can go wrong."""

from chaos.backends.base import DOWN, FROZEN, UP


class FakeBackend:
    mode = "fake"

    def __init__(self, **states):
        self.env = {}
        self.now = {"kafka": UP, "mongo": UP, **states}
        self.asked = []

    def _do(self, what, component, state):
        self.asked.append((what, component))
        self.now[component] = state

    def crash(self, component):
        self._do("crash", component, UP)

    def kill(self, component):
        self._do("kill", component, DOWN)

    def stop(self, component):
        self._do("stop", component, DOWN)

    def start(self, component):
        self._do("start", component, UP)

    def freeze(self, component):
        self._do("freeze", component, FROZEN)

    def thaw(self, component):
        self._do("thaw", component, UP if self.now[component] == FROZEN else self.now[component])

    def identity(self, component):
        return f"life {len(self.asked)}"

    def states(self):
        return dict(self.now)

    def unready(self):
        return [name for name, state in self.now.items() if state != UP]

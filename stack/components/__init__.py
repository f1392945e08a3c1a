"""Where the stack's servers come from: pinned downloads, unpacked into a cache outside the work tree.

`provide()` returns where each one lies and fetches what is missing. Only the standard library is used.
"""

from stack.components.catalogue import Components, provide

__all__ = ["Components", "provide"]

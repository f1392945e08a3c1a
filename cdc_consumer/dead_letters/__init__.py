"""Records that can never be applied: set aside with everything about them, in order, without blocking other keys."""

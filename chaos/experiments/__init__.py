"""What is broken, what must hold, and which alert has to fire; and how that becomes an experiment of Chaos Toolkit."""

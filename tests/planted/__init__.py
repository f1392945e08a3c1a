"""Workers with a bug in them, as processes: the verdicts of chaos/ have to tell them from the product."""

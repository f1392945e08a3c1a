"""`python3 -m stack.doctor`: has this machine what the stack needs? Standard library only, as it runs before anything is installed."""

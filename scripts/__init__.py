"""Commands of the kata; each is also a file to run: `python scripts/seed.py`."""

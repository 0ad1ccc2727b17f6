"""How fast it is, side by side with what else could be used: `python -m tests.bench`."""

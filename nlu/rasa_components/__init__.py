"""Rasa pipeline components; they run in Rasa's own Python 3.10 environment only."""

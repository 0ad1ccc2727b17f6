"""The trained model behind HTTP; runs in Rasa's own Python 3.10 environment."""

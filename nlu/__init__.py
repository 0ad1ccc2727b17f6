"""Text to meaning: Rasa's client, the keyword answer without it, crisis rules and entities."""

"""x"""
def extract(text: str) -> tuple[tuple[str, str], ...]:
    return ()

"""What guessing begins with: a secret that is short, common, an example, or made of a name is refused everywhere."""

SHORTEST = 12
COMMON = (
    "password",
    "passw0rd",
    "changeme",
    "change-me",
    "letmein",
    "qwerty",
    "welcome",
    "admin",
    "secret",
    "pledgescore",
    "postgres",
    "example",
    "placeholder",
    "123456",
    "abc123",
    "111111",
    "iloveyou",
    "default",
)
BEYOND = 6
"""Characters that a secret must have beyond a common word or a name in it, and different ones altogether."""


def too_easy(secret: str, *names: str) -> str | None:
    """Why a secret is refused; None for one that guessing does not begin with."""
    if len(secret) < SHORTEST:
        return f"has fewer than {SHORTEST} characters"
    low = secret.lower()
    if any(word and word in low and len(low) - len(word) < BEYOND for word in (*COMMON, *(n.lower() for n in names))):
        return "is too easily guessed: take one that does not hang together"
    if len(set(secret)) < BEYOND:
        return f"has fewer than {BEYOND} different characters"
    if "…" in secret or (secret.startswith("<") and secret.endswith(">")):
        return "is an example: put the secret itself there"
    return None

"""Reading a letter out of a response and a yes or no out of a reply: pure functions, None when unsure."""

from __future__ import annotations

import re
from collections.abc import Sequence


def parse_choice(response: str, options: Sequence[str] = ()) -> str | None:
    """The letter A to D that the response states, or None (unparsed)."""
    match = re.fullmatch(r"[\s\W]*([A-D])[\s\W]*", response)
    return match.group(1) if match else None


def parse_yes_no(reply: str) -> str | None:
    """`yes` or `no` where the reply states one of them, else None (unparsed)."""
    word = reply.strip().strip(".!*").lower()
    return word if word in ("yes", "no") else None

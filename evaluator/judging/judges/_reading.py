"""Reading yes or no off the logits of a model's first answer token.

The probability of an answer is summed over its spellings (yes, Yes, YES; no, No, NO; with or without a
space before). When the likeliest token of the whole vocabulary is none of them, the model is about to say
something else, and the answer is unparsed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dataset_builder.errors import UsageError
from evaluator.records import JudgeAnswer

if TYPE_CHECKING:
    import torch

_SPELLINGS = {"yes": ("yes", "Yes", "YES"), "no": ("no", "No", "NO")}


@dataclass(frozen=True)
class Reading:
    """What one row of logits says; `token` is the likeliest token of the vocabulary."""

    answer: JudgeAnswer
    p_yes: float
    token: int


class Reader:
    """Knows the answer tokens of one tokenizer."""

    def __init__(self, tokenizer: Any, spec: str) -> None:
        self.yes = _first_tokens(tokenizer, _SPELLINGS["yes"])
        self.no = _first_tokens(tokenizer, _SPELLINGS["no"])
        shared = set(self.yes) & set(self.no)
        self.yes = [token for token in self.yes if token not in shared]
        self.no = [token for token in self.no if token not in shared]
        if not self.yes or not self.no:
            raise UsageError(f"{spec}: its tokenizer has no token that tells yes from no; use {spec}?mode=generate")

    def read(self, logits: torch.Tensor) -> list[Reading]:
        """One reading for each row of (rows, vocabulary)."""
        logits = logits.float()
        yes = logits[:, self.yes].logsumexp(-1)
        no = logits[:, self.no].logsumexp(-1)
        spelled = set(self.yes) | set(self.no)
        rows = zip(yes.tolist(), no.tolist(), (yes - no).sigmoid().tolist(), logits.argmax(-1).tolist(), strict=True)
        return [
            Reading("unparsed" if token not in spelled else "yes" if y > n else "no", p_yes, token)
            for y, n, p_yes, token in rows
        ]


def _first_tokens(tokenizer: Any, spellings: tuple[str, ...]) -> list[int]:
    """The tokens that spell the whole word; where no spelling is one token, the first tokens."""
    encoded = [tokenizer.encode(space + word, add_special_tokens=False) for word in spellings for space in ("", " ")]
    whole = [ids[0] for ids in encoded if len(ids) == 1]
    first = [ids[0] for ids in encoded if ids and tokenizer.decode([ids[0]]).strip()]
    return list(dict.fromkeys(whole or first))

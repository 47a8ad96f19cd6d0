"""Lets the tiny random checkpoints speak in short answers, so that a demo shows more than gibberish.

Nothing is learnt: the output rows of A to D, yes and no are placed so that they come out often, and their
embeddings so that they stand alone. Which of them comes out hangs on the input at random.
"""

from __future__ import annotations

import importlib
import math
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataset_builder import prompts
from evaluator.models._tiny_parts import SEED, SHORT_ANSWERS, WORDS
from evaluator.models._torch import generator
from evaluator.models.base import LoadOptions

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image

# How far above the other tokens the short answers stand, on average, for multiple choice, yes or no, refine.
_LETTER_LIFT = (2.0, 0.0, -6.0)
_YES_NO_LIFT = (0.0, 2.0, -6.0)


def favour_short_answers(family: str, folder: Path, end: str) -> None:
    """Give the short answers output rows that make each of them come out about as often, and often.

    The checkpoint is loaded by its own adapter and shown questions about random pictures. A row is a random
    mixture of how the last hidden state varies within a kind of prompt; its mean over a kind is one height
    for all letters and one for yes and no, so that which of them wins hangs on the input at random.
    """
    import torch

    adapter: Any = importlib.import_module(f"evaluator.models.{family}").load(str(folder), LoadOptions(device="cpu"))
    model, tokenizer = adapter.model, adapter.processor.tokenizer
    ids = tokenizer.convert_tokens_to_ids(list(SHORT_ANSWERS))
    stop = tokenizer.convert_tokens_to_ids(end)
    head, embedding = model.get_output_embeddings().weight, model.get_input_embeddings().weight
    fragments = {i for token, i in tokenizer.get_vocab().items() if not token.lstrip("Ġ").isalpha() or len(token) < 4}
    with torch.no_grad():
        head[sorted(fragments - {*ids, stop})] *= 0.5
        kinds = [torch.cat([_last_hidden(adapter, *sample) for sample in samples]) for samples in _sample_prompts()]
        means = torch.stack([kind.mean(dim=0) for kind in kinds])
        rest = torch.cat([kind - mean for kind, mean in zip(kinds, means, strict=True)])
        heights = torch.stack([(kind @ head.T).amax(dim=1).mean() for kind in kinds])
        lifts = torch.tensor([_LETTER_LIFT] * 4 + [_YES_NO_LIFT] * 2)
        inverse = torch.linalg.pinv(means)
        mixture = torch.randn(len(ids), len(rest), generator=generator(SEED + 1)) @ rest
        mixture -= mixture @ inverse @ means
        mixture *= 2.0 / (mixture @ rest.T).std(dim=1, keepdim=True)
        # Rounded, so that another machine's last digits do not make another checkpoint.
        head[ids] = torch.round(mixture + (heights + lifts) @ inverse.T, decimals=3)
        # After a short answer the end: its row stands across all prompts, and the answers' embeddings along it.
        across = head[stop] - head[stop] @ inverse @ means
        across /= across.norm()
        head[stop] = 5 * across
        embedding[ids] += 6 * math.sqrt(len(across)) * across
    model.save_pretrained(folder)


def _sample_prompts() -> list[list[tuple[str, list[Image]]]]:
    """(text, pictures) of each kind: multiple choice, yes or no, refine; about shuffled words, of noise."""
    from PIL import Image as Images

    words = WORDS.split()
    source = random.Random(SEED)
    kinds: list[list[tuple[str, list[Image]]]] = [[], [], []]
    for _ in range(24):
        question = " ".join(source.sample(words, source.randrange(4, 16))) + "?"
        noise = Images.frombytes("RGB", (6, 6), source.randbytes(108)).resize((150, source.choice((100, 150, 200))))
        kinds[0].append((prompts.evaluation_prompt(question, source.sample(words, 4)), [noise]))
        kinds[1].append((prompts.judge_poll(question), [noise]))
        kinds[2].append((prompts.new_prompt(question), []))
    return kinds


def _last_hidden(adapter: Any, text: str, pictures: list[Image]) -> torch.Tensor:
    inputs = adapter.inputs([text], [pictures])
    hidden: torch.Tensor = adapter.model.model(**inputs).last_hidden_state[:, -1]
    return hidden

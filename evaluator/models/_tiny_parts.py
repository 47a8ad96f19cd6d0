"""Parts of the tiny checkpoints: a trained-on-nothing tokenizer and weights from a fixed seed."""

from __future__ import annotations

import math
from typing import Any

from dataset_builder import prompts
from evaluator.models._torch import generator

SEED = 1
SHORT_ANSWERS = ("A", "B", "C", "D", "yes", "no")
WORDS = (
    "a photo of one two three four five six red green blue yellow white black birds cars apples houses trees "
    "left right above below behind on under the table river mountain city cat dog horse boat maze map path"
)
# The words that a byte-level BPE is trained on, so that prompts are short and gibberish is made of words.
CORPUS = (
    *prompts.EDIT.values(),
    prompts.JUDGE_POLL,
    prompts.MULTIPLE_CHOICE,
    prompts.REFINE,
    WORDS,
    " ".join(SHORT_ANSWERS) * 4,
)


def tokenizer_of(special: tuple[str, ...], vocabulary: int = 640, length: int = 32768, **named: Any) -> Any:
    """A byte-level BPE tokenizer with the special tokens at its end; `named` gives them their roles."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator([*CORPUS, *SHORT_ANSWERS * 20], trainer)
    tokenizer.add_special_tokens(list(special))
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=length, **named)


def randomise(module: Any, gain: float = 1.0, seed: int = SEED) -> None:
    """Fresh weights from a fixed seed, the same on every machine: normal, with variance gain^2 / fan-in."""
    import torch

    source = generator(seed)
    with torch.no_grad():
        for name, parameter in sorted(module.named_parameters()):
            if parameter.dim() < 2:
                parameter.fill_(1.0 if name.endswith("weight") else 0.0)
                continue
            fan_in = math.prod(parameter.shape[1:])
            spread = 1.0 if "embed_tokens" in name else gain / math.sqrt(fan_in)
            parameter.copy_(torch.randn(parameter.shape, generator=source) * spread)


def sharpen_attention(model: Any, factor: float = 8.0) -> None:
    """Let attention pick tokens instead of averaging over them, so that the answer hangs on the input."""
    import torch

    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith(("q_proj.weight", "k_proj.weight")):
                parameter.mul_(math.sqrt(factor))
            elif name.endswith(("o_proj.weight", "v_proj.weight")):
                parameter.mul_(2.0)


def smooth_kernels(decoder: Any) -> None:
    """Weight 3 x 3 kernels towards their centre."""
    import torch

    window = torch.tensor([1.0, 2.0, 1.0])
    window = torch.outer(window, window) / 2
    with torch.no_grad():
        for parameter in decoder.parameters():
            if parameter.shape[-2:] == (3, 3):
                parameter.mul_(window)

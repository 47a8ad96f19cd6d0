"""One prefill, many questions: the image and the words before the question go through the model once.

Prompts about one image differ only after `Question:`, so everything before is computed once, and the
questions' own ends run as one batch of rows on copies of that cache. The cut is made on *tokens* (longest
common prefix), since a tokenizer may merge across any cut made on text. What stands before the image (the
system turn) is the same for all images and is computed once a judge. Qwen's rotary positions are three
dimensional and an image shortens them, which the model keeps as hidden state between calls; so every call
here gets its positions explicitly.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evaluator.judging.judges._lean import make_lean

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image

# Checkpoints whose forward pass and positions this module knows.
FAMILIES = frozenset({"qwen2_vl", "qwen2_5_vl", "qwen3_vl", "qwen3_vl_moe"})


@dataclass(frozen=True)
class Pixels:
    """An image as the vision tower takes it, and how many tokens it becomes."""

    values: torch.Tensor
    grid: torch.Tensor
    tokens: int


class PrefixReader:
    """First-token logits for many questions about each of several images of one size."""

    def __init__(self, model: Any, processor: Any) -> None:
        self.model = model
        self.processor = processor
        self.image_token: int = model.config.image_token_id
        self.last_layer = make_lean(model)
        self._head: tuple[list[int], Any] | None = None

    def pixels(self, image: Image) -> Pixels:
        """The image, preprocessed; safe to call from several threads."""
        out = self.processor.image_processor(images=[image], return_tensors="pt")
        grid = out["image_grid_thw"]
        merge = self.processor.image_processor.merge_size
        return Pixels(out["pixel_values"], grid, int(grid.prod()) // merge**2)

    def tokens(self, prompt: str) -> list[int]:
        """The prompt's tokens, with one image token where the image goes."""
        ids: list[int] = self.processor.tokenizer(prompt)["input_ids"]
        return ids

    def logits(self, items: Sequence[tuple[Pixels, Sequence[str]]]) -> torch.Tensor:
        """(questions, vocabulary): the prompts' next-token logits, image by image.

        Every image must become equally many tokens; then no row is padded before its end and each is
        computed as it would be alone.
        """
        import torch

        device = self.model.device
        rows = [(owner, self.tokens(prompt)) for owner, (_, prompts) in enumerate(items) for prompt in prompts]
        shared = common_prefix([ids for _, ids in rows])
        expanded = items[0][0].tokens
        prefix = self._expand(rows[0][1][:shared], expanded)
        owners = torch.tensor([owner for owner, _ in rows], device=device)
        with torch.inference_mode():
            with self.last_layer.only(None):
                cache, deltas = self._prefill([pixels for pixels, _ in items], prefix)
            cache.batch_select_indices(owners)
            return self._answer([ids[shared:] for _, ids in rows], cache, deltas[owners], len(prefix))

    def _expand(self, ids: list[int], tokens: int) -> list[int]:
        return [token for one in ids for token in ([one] * tokens if one == self.image_token else [one])]

    def _prefill(self, images: Sequence[Pixels], prefix: list[int]) -> tuple[Any, torch.Tensor]:
        """The cache of `prefix` with each image in it, and what each image shortens the positions by."""
        import torch

        base, device = self.model.model, self.model.device
        ids = torch.tensor(prefix, device=device).expand(len(images), -1)
        kinds = (ids == self.image_token).int()
        grids = torch.cat([one.grid for one in images]).to(device)
        positions, deltas = base.get_rope_index(ids, mm_token_type_ids=kinds, image_grid_thw=grids)
        head = prefix.index(self.image_token)
        out = base(
            input_ids=ids[:, head:],
            pixel_values=torch.cat([one.values for one in images]).to(device, self.model.dtype, non_blocking=True),
            image_grid_thw=grids,
            mm_token_type_ids=kinds[:, head:],
            position_ids=positions[:, :, head:],
            past_key_values=self._cache_of(prefix[:head], positions[:, :1, :head], len(images)),
            use_cache=True,
        )
        return out.past_key_values, deltas.reshape(len(images), 1)

    def _cache_of(self, head: list[int], positions: torch.Tensor, images: int) -> Any:
        """A cache that holds the words before the image, once for each of `images`; computed the first time."""
        import torch

        if not head:
            return None
        if self._head is None or self._head[0] != head:
            ids = torch.tensor([head], device=self.model.device)
            language = self.model.model.language_model
            self._head = head, language(input_ids=ids, position_ids=positions, use_cache=True).past_key_values
        cache = copy.deepcopy(self._head[1])
        cache.batch_repeat_interleave(images)
        return cache

    def _answer(self, suffixes: list[list[int]], cache: Any, deltas: torch.Tensor, start: int) -> torch.Tensor:
        """Logits at each suffix's last token. Right padding comes after it, where causal attention never looks."""
        import torch

        device = self.model.device
        longest = max(len(ids) for ids in suffixes)
        ends = torch.tensor([len(ids) - 1 for ids in suffixes], device=device)
        padded = torch.tensor([ids + [ids[-1]] * (longest - len(ids)) for ids in suffixes], device=device)
        positions = torch.arange(start, start + longest, device=device) + deltas
        with self.last_layer.only(ends):
            hidden = self.model.model(
                input_ids=padded,
                past_key_values=cache,
                position_ids=positions.expand(3, -1, -1),
                use_cache=True,
            ).last_hidden_state
        last = hidden[torch.arange(len(suffixes), device=device), ends]
        logits: torch.Tensor = self.model.lm_head(last)
        return logits


def common_prefix(rows: Sequence[Sequence[int]]) -> int:
    """Length of the longest common prefix that leaves every row at least its last token."""
    first, shared = rows[0], min(len(row) for row in rows) - 1
    for row in rows[1:]:
        shared = next((i for i in range(shared) if row[i] != first[i]), shared)
    return shared

"""Takes work out of a Qwen-VL forward pass that a judge has no use for; every number stays what it was.

* Vision attention in windows: transformers' SDPA path calls the kernel once a window, layer after layer.
  Windows of one length are stacked and go through one call. On a CPU, where a call costs nothing beside its
  arithmetic, that measured no faster, so it is for GPUs only.
* The patch embedding is a convolution whose stride is its kernel: a matrix product, written as one.
* In float32 an RMS norm is one fused kernel, and a gated MLP multiplies in place: fewer trips through memory.
* Of the last layer a prefill needs keys and values alone, and the questions need their last tokens: its
  queries, output projection and MLP are computed for no other token.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

# transformers hands a whole packed sequence to attention functions whose name says "flash".
_WINDOWS = "realunify_flash_windows"


def make_lean(model: Any) -> LastLayer:
    """Change the model's modules in place; the handle says which tokens the last layer is needed for."""
    vision = model.model.visual
    if model.device.type == "cuda" and vision.config._attn_implementation == "sdpa":
        stack_windows(vision)
    if hasattr(vision.patch_embed.proj, "stride"):
        vision.patch_embed.proj = _flat(vision.patch_embed.proj)
    fuse(model)
    layer = model.model.language_model.layers[-1]
    attention = layer.self_attn
    attention.q_proj = _partial(attention.q_proj, attention.q_proj.out_features)
    attention.o_proj = _partial(attention.o_proj, attention.o_proj.out_features)
    parts = [attention.q_proj, attention.o_proj]
    # Experts of a mixture route whole sequences; they stay as they are.
    if hasattr(layer.mlp, "gate_proj"):
        layer.mlp = _partial(layer.mlp, attention.o_proj.width)
        parts.append(layer.mlp)
    return LastLayer(parts)


def fuse(model: Any) -> None:
    """Swap the norms and gated MLPs of a float32 model; in other dtypes the rounding would change."""
    import torch

    if model.dtype != torch.float32:
        return
    norm, gated = _modules()[2:]
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if type(child).__name__.endswith("RMSNorm"):
                setattr(parent, name, norm(child))
            elif type(child).__name__.endswith("MLP") and hasattr(child, "gate_proj"):
                setattr(parent, name, gated(child))


def stack_windows(vision: Any) -> None:
    """Let this vision tower attend through `window_attention`."""
    from transformers import AttentionInterface

    AttentionInterface.register(_WINDOWS, window_attention)
    vision.config._attn_implementation = _WINDOWS


class LastLayer:
    """Says for which tokens the last layer's parts are computed: all, unless within `only`."""

    def __init__(self, parts: list[Any]) -> None:
        self._parts = parts

    @contextmanager
    def only(self, rows: torch.Tensor | None) -> Iterator[None]:
        """Compute them for the token `rows[i]` of row i; None: for no token at all."""
        self._need(rows)
        try:
            yield
        finally:
            self._need("all")

    def _need(self, rows: torch.Tensor | str | None) -> None:
        for part in self._parts:
            part.needed = rows


def window_attention(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    cu_seq_lens_q: torch.Tensor | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Attention within each stretch of a packed sequence; (1, heads, tokens, width) to (1, tokens, heads, width).

    `cu_seq_lens_q` are the stretches' borders, 0 first.
    """
    import torch

    assert cu_seq_lens_q is not None
    out = torch.empty_like(query)
    for length, tokens in _stretches(cu_seq_lens_q):
        if tokens is None:
            parts = [_folded(one, length) for one in (query, key, value)]
            return _attend(parts, scaling).transpose(1, 2).reshape(1, *query.transpose(1, 2).shape[1:]), None
        parts = [_folded(one[:, :, tokens], length) for one in (query, key, value)]
        out[:, :, tokens] = _attend(parts, scaling).transpose(0, 1).flatten(1, 2).unsqueeze(0)
    return out.transpose(1, 2), None


def _folded(packed: torch.Tensor, length: int) -> torch.Tensor:
    """(1, heads, stretches x length, width) to (stretches, heads, length, width)."""
    heads, width = packed.shape[1], packed.shape[3]
    return packed[0].reshape(heads, -1, length, width).transpose(0, 1)


def _attend(parts: list[torch.Tensor], scaling: float | None) -> torch.Tensor:
    import torch

    return torch.nn.functional.scaled_dot_product_attention(*parts, scale=scaling)


def _stretches(borders: torch.Tensor) -> list[tuple[int, torch.Tensor | None]]:
    """Each length with the tokens of all stretches of that length; None for tokens where there is one length.

    Kept on the tensor, which all layers of one pass share: reading it back from a GPU makes it wait.
    """
    import torch

    found: list[tuple[int, torch.Tensor | None]] | None = getattr(borders, "_stretches", None)
    if found is None:
        edges = borders.tolist()
        by_length: dict[int, list[int]] = {}
        for start, end in zip(edges, edges[1:], strict=False):
            if end > start:
                by_length.setdefault(end - start, []).append(start)
        if len(by_length) == 1:
            found = [(next(iter(by_length)), None)]
        else:
            found = [
                (length, (torch.tensor(starts)[:, None] + torch.arange(length)).flatten().to(borders.device))
                for length, starts in by_length.items()
            ]
        borders._stretches = found
    return found


@cache
def _modules() -> tuple[type, type, type, type]:
    """The module classes, made on first use since torch is imported late."""
    import torch
    from torch import nn

    class Flat(nn.Module):  # type: ignore[misc]
        """A convolution over exactly one patch at a time."""

        def __init__(self, convolution: Any) -> None:
            super().__init__()
            self.weight = nn.Parameter(convolution.weight.flatten(1), requires_grad=False)
            self.bias = convolution.bias

        def forward(self, patches: torch.Tensor) -> torch.Tensor:
            return nn.functional.linear(patches.flatten(1), self.weight, self.bias)

    class Partial(nn.Module):  # type: ignore[misc]
        """A module that is computed for some tokens only; zeros for the others, which nobody reads."""

        def __init__(self, whole: Any, width: int) -> None:
            super().__init__()
            self.whole = whole
            self.width = width
            self.needed: torch.Tensor | str | None = "all"

        def forward(self, hidden: torch.Tensor) -> torch.Tensor:
            if isinstance(self.needed, str):
                full: torch.Tensor = self.whole(hidden)
                return full
            out = hidden.new_zeros(*hidden.shape[:-1], self.width)
            if self.needed is not None:
                rows = torch.arange(len(hidden), device=hidden.device)
                out[rows, self.needed] = self.whole(hidden[rows, self.needed])
            return out

    class Norm(nn.Module):  # type: ignore[misc]
        """An RMS norm in one kernel."""

        def __init__(self, plain: Any) -> None:
            super().__init__()
            self.weight = plain.weight
            self.epsilon = plain.variance_epsilon

        def forward(self, hidden: torch.Tensor) -> torch.Tensor:
            return nn.functional.rms_norm(hidden, self.weight.shape, self.weight, self.epsilon)

    class Gated(nn.Module):  # type: ignore[misc]
        """A gated MLP that multiplies in place; for inference only."""

        def __init__(self, plain: Any) -> None:
            super().__init__()
            self.gate_proj, self.up_proj, self.down_proj = plain.gate_proj, plain.up_proj, plain.down_proj
            self.act_fn = plain.act_fn

        def forward(self, hidden: torch.Tensor) -> torch.Tensor:
            return self.down_proj(self.act_fn(self.gate_proj(hidden)).mul_(self.up_proj(hidden)))

    return Flat, Partial, Norm, Gated


def _flat(convolution: Any) -> Any:
    return _modules()[0](convolution)


def _partial(whole: Any, width: int) -> Any:
    return _modules()[1](whole, width)

"""On the path of a worker's environment that has no GPU: what the authors' code needs there to start at all.

torchvision's compiled operators do not load without CUDA, `torch.autocast("cuda")` does nothing, and flash-attn
cannot be installed. Nothing of it is used where there is a GPU.
"""

import contextlib
import importlib.machinery
import os
import sys
import types

import torch


def torchvision_operators():
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(name + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    return library


class Autocast(torch.autocast):
    def __init__(self, device_type="cuda", *parts, **settings):
        super().__init__("cpu" if device_type == "cuda" else device_type, *parts, **settings)


def flash_attn_varlen_func(q, k, v, cu_seqlens_q, cu_seqlens_k, max_seqlen_q, max_seqlen_k, causal=False, **unused):
    """Attention over sequences laid end to end, each by torch's own."""
    rows = []
    starts_q, starts_k = cu_seqlens_q.tolist(), cu_seqlens_k.tolist()
    for first, last, first_k, last_k in zip(starts_q, starts_q[1:], starts_k, starts_k[1:]):  # noqa: B905 - Python 3.8 has no `strict`
        query = q[first:last].transpose(0, 1).float()
        key, value = (x[first_k:last_k].transpose(0, 1).float() for x in (k, v))
        key, value = (x.repeat_interleave(len(query) // len(x), 0) for x in (key, value))
        mask = None
        if causal:  # aligned at the end, as flash-attn does
            mask = torch.ones(query.shape[1], key.shape[1], dtype=torch.bool).tril(key.shape[1] - query.shape[1])
        seen = torch.nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        rows.append(seen.transpose(0, 1).to(q.dtype))
    return torch.cat(rows)


with contextlib.suppress(RuntimeError):  # where they are defined already
    _library = torchvision_operators()
torch.autocast = Autocast
if os.environ.get("REAL_WORKERS_FLASH_ATTN"):
    sys.modules["flash_attn"] = types.ModuleType("flash_attn")
    sys.modules["flash_attn"].__spec__ = importlib.machinery.ModuleSpec("flash_attn", None)
    sys.modules["flash_attn"].flash_attn_varlen_func = flash_attn_varlen_func

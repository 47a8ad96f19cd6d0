"""Of torch what those workers touch that leave all arithmetic to the model's own code."""

import contextlib
import random
from types import SimpleNamespace

TORCH = {"torch": "fake_torch: bfloat16 float16 float32 cuda manual_seed no_grad inference_mode Generator randn_like"}

bfloat16, float16, float32 = "bfloat16", "float16", "float32"
cuda = SimpleNamespace(is_available=lambda: False, set_device=lambda device: None)
manual_seed = random.seed
randn_like = lambda latents: random.randrange(256)  # noqa: E731
no_grad = inference_mode = contextlib.nullcontext


class Generator:
    def __init__(self, device):
        self.device = device

    def manual_seed(self, seed):
        self.seed = seed
        return self

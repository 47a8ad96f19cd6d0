"""Builders of the tiny language checkpoints: Janus, Emu3, Qwen2.5-VL, Qwen3-VL, all with random weights.

Nothing is learnt here. Two things are set on top of the random numbers, so that a demo shows more than
gibberish: the output rows of a few short answers (A to D, yes, no) are scaled up, so that they come out
often, and those of fragments of words down; and those answers' embeddings point at the end token, so that
they often stand alone. Which answer comes out still hangs on random weights, so it is right by chance only.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataset_builder import prompts
from evaluator.models._torch import generator

if TYPE_CHECKING:
    pass

SEED = 20_250_929
SHORT_ANSWERS = ("A", "B", "C", "D", "yes", "no", "Yes", "No")
# The words that a byte-level BPE is trained on, so that prompts are short and gibberish is made of words.
CORPUS = (
    *prompts.EDIT.values(),
    prompts.JUDGE_POLL,
    prompts.MULTIPLE_CHOICE,
    prompts.REFINE,
    "a photo of one two three four five six red green blue yellow white black birds cars apples houses trees "
    "left right above below behind on under the table river mountain city cat dog horse boat maze map path",
    " ".join(SHORT_ANSWERS) * 4,
)
QWEN_SPECIAL = (
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>",
    "<|video_pad|>",
)  # fmt: skip
QWEN_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<|vision_start|><|image_pad|><|vision_end|>"
    "{% else %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
JANUS_SPECIAL = (
    "<|begin_of_sentence|>", "<|end_of_sentence|>", "<|pad|>", "<image_placeholder>", "<begin_of_image>",
    "<end_of_image>", "<|User|>", "<|Assistant|>",
)  # fmt: skip
JANUS_TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] | capitalize }}|>: "
    "{% for part in message['content'] %}{% if part['type'] == 'image' %}<image_placeholder>\n"
    "{% else %}{{ part['text'] }}{% endif %}{% endfor %}\n\n{% endfor %}"
    "{% if add_generation_prompt %}<|Assistant|>:{% endif %}"
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


def favour_short_answers(model: Any, tokenizer: Any, end: str, strength: float = 2.0) -> None:
    """Scale up the output rows of the short answers, and make the end token likely after them."""
    import torch

    ids = tokenizer.convert_tokens_to_ids(list(SHORT_ANSWERS))
    stop = tokenizer.convert_tokens_to_ids(end)
    head, embedding = model.get_output_embeddings().weight, model.get_input_embeddings().weight
    fragments = [i for token, i in tokenizer.get_vocab().items() if not token.lstrip("Ġ").isalpha() or len(token) < 4]
    with torch.no_grad():
        head[sorted(set(fragments) - {*ids, stop})] *= 0.5
        head[ids] *= strength
        row = head[stop] / head[stop].norm()
        embedding[ids] += 4 * math.sqrt(row.shape[0]) * row


def sharpen_attention(model: Any, factor: float = 3.0) -> None:
    """Let attention pick tokens instead of averaging over them, so that the answer hangs on the input."""
    import torch

    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith(("q_proj.weight", "k_proj.weight")):
                parameter.mul_(math.sqrt(factor))
            elif name.endswith(("o_proj.weight", "v_proj.weight")):
                parameter.mul_(2.0)


def _finish(model: Any, tokenizer: Any, image_processor: Any, template: str, folder: Path) -> None:
    model.save_pretrained(folder)
    image_processor.save_pretrained(folder)
    tokenizer.chat_template = template
    tokenizer.save_pretrained(folder)


def build_qwen25_vl(folder: Path) -> None:
    """Qwen2.5-VL: windowed vision tower with merged patches, M-RoPE."""
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    vision = {"depth": 2, "hidden_size": 64, "intermediate_size": 96, "num_heads": 4, "out_hidden_size": 64,
              "fullatt_block_indexes": [1], "window_size": 56, "patch_size": 14}  # fmt: skip
    _build_qwen(folder, Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration, vision, {}, patch_size=14)


def build_qwen3_vl(folder: Path) -> None:
    """Qwen3-VL: deepstack vision features, interleaved M-RoPE."""
    from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

    vision = {"depth": 2, "hidden_size": 64, "intermediate_size": 96, "num_heads": 4, "out_hidden_size": 64,
              "deepstack_visual_indexes": [0], "num_position_embeddings": 64, "patch_size": 16}  # fmt: skip
    _build_qwen(
        folder, Qwen3VLConfig, Qwen3VLForConditionalGeneration, vision,
        {"head_dim": 16, "mrope_interleaved": True}, patch_size=16,
    )  # fmt: skip


def _build_qwen(
    folder: Path, config_class: Any, model_class: Any, vision: dict[str, Any], text: dict[str, Any], *, patch_size: int
) -> None:
    from transformers import GenerationConfig, Qwen2VLImageProcessorPil

    tokenizer = tokenizer_of(QWEN_SPECIAL, eos_token="<|im_end|>", pad_token="<|endoftext|>")
    token = tokenizer.convert_tokens_to_ids
    rope = {"rope_type": "default", "rope_theta": 10_000.0, "mrope_section": [2, 3, 3]}
    if text.pop("mrope_interleaved", False):
        rope["mrope_interleaved"] = True
    config = config_class(
        text_config={
            "vocab_size": len(tokenizer), "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
            "num_attention_heads": 4, "num_key_value_heads": 2, "rope_parameters": rope,
            "bos_token_id": token("<|endoftext|>"), "eos_token_id": token("<|im_end|>"),
            "pad_token_id": token("<|endoftext|>"), **text,
        },
        vision_config=vision,
        image_token_id=token("<|image_pad|>"),
        video_token_id=token("<|video_pad|>"),
        vision_start_token_id=token("<|vision_start|>"),
        vision_end_token_id=token("<|vision_end|>"),
        tie_word_embeddings=False,
    )  # fmt: skip
    model = model_class(config)
    randomise(model)
    sharpen_attention(model)
    favour_short_answers(model, tokenizer, "<|im_end|>")
    model.generation_config = GenerationConfig(
        bos_token_id=token("<|endoftext|>"),
        eos_token_id=[token("<|im_end|>"), token("<|endoftext|>")],
        pad_token_id=token("<|endoftext|>"),
    )
    # At most 64 visual tokens, so that big pictures stay cheap on a CPU.
    unit = 2 * patch_size
    processor = Qwen2VLImageProcessorPil(
        patch_size=patch_size, merge_size=2, size={"shortest_edge": 4 * unit**2, "longest_edge": 64 * unit**2}
    )
    _finish(model, tokenizer, processor, QWEN_TEMPLATE, folder)


def build_janus(folder: Path) -> None:
    """Janus: SigLIP reads, a Llama thinks, VQ tokens draw (8 x 8 tokens of 16 px)."""
    from transformers import (
        GenerationConfig,
        JanusConfig,
        JanusForConditionalGeneration,
        JanusImageProcessorPil,
        JanusProcessor,
    )

    tokenizer = tokenizer_of(
        JANUS_SPECIAL,
        bos_token="<|begin_of_sentence|>",
        eos_token="<|end_of_sentence|>",
        pad_token="<|pad|>",
        extra_special_tokens={
            "image_token": "<image_placeholder>", "boi_token": "<begin_of_image>", "eoi_token": "<end_of_image>"
        },
    )  # fmt: skip
    token = tokenizer.convert_tokens_to_ids
    config = JanusConfig(
        text_config={
            "model_type": "llama", "vocab_size": len(tokenizer), "hidden_size": 64, "intermediate_size": 128,
            "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4,
            "max_position_embeddings": 4096, "bos_token_id": tokenizer.bos_token_id,
            "eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id,
            "tie_word_embeddings": False,
        },
        vision_config={
            "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "image_size": 128, "patch_size": 16,
            "projection_dim": 64, "num_image_tokens": 64, "mlp_ratio": 2.0,
        },
        vq_config={
            "embed_dim": 8, "num_embeddings": 256, "latent_channels": 32, "base_channels": 32,
            "channel_multiplier": [1, 1, 1, 1, 1], "num_res_blocks": 0, "num_patches": 8, "projection_dim": 64,
            "image_token_embed_dim": 64,
        },
        image_token_id=token("<image_placeholder>"),
        tie_word_embeddings=False,
    )  # fmt: skip
    model = JanusForConditionalGeneration(config)
    randomise(model)
    sharpen_attention(model)
    favour_short_answers(model, tokenizer, "<|end_of_sentence|>")
    _colour(model)
    model.generation_config = GenerationConfig(
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id
    )
    image_processor = JanusImageProcessorPil(
        size={"height": 128, "width": 128}, image_mean=[0.5, 0.5, 0.5], image_std=[0.5, 0.5, 0.5]
    )
    _finish(model, tokenizer, image_processor, JANUS_TEMPLATE, folder)
    tokenizer.chat_template = None
    JanusProcessor(image_processor, tokenizer, chat_template=JANUS_TEMPLATE, num_image_tokens=64).save_pretrained(
        folder
    )


def _colour(model: Any) -> None:
    """Smooth the decoder's random kernels and widen its output: soft fields of colour instead of grey noise."""
    import torch

    decoder = model.model.vqmodel.decoder
    smooth_kernels(decoder)
    with torch.no_grad():
        decoder.conv_out.weight.mul_(0.5)
        model.model.generation_head.vision_head.weight.mul_(2.0)


def smooth_kernels(decoder: Any) -> None:
    """Weight 3 x 3 kernels towards their centre."""
    import torch

    window = torch.tensor([1.0, 2.0, 1.0])
    window = torch.outer(window, window) / 2
    with torch.no_grad():
        for parameter in decoder.parameters():
            if parameter.shape[-2:] == (3, 3):
                parameter.mul_(window)


EMU3_SPECIAL = (
    "<|extra_203|>", "<|extra_204|>", "<|endoftext|>", "<image>", "<|image start|>", "<|image end|>",
    "<|image token|>", "<|extra_200|>", "<|extra_201|>",
)  # fmt: skip
EMU3_TEMPLATE = (
    "{% for message in messages %}{{ message['role'] | upper }}: {% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<image>{% else %}{{ part['text'] }}{% endif %}{% endfor %}"
    "{% endfor %}{% if add_generation_prompt %} ASSISTANT:{% endif %}"
)


def build_emu3(folder: Path) -> None:
    """Emu3: one decoder over text and 64 visual tokens of 8 px."""
    from transformers import (
        Emu3Config,
        Emu3ForConditionalGeneration,
        Emu3ImageProcessor,
        Emu3Processor,
        GenerationConfig,
    )

    codes = 64
    visual = tuple(f"<|visual token {code:06d}|>" for code in range(codes))
    tokenizer = tokenizer_of(
        (*EMU3_SPECIAL, *visual),
        bos_token="<|extra_203|>", eos_token="<|extra_204|>", pad_token="<|endoftext|>",
        extra_special_tokens={
            "image_token": "<image>", "boi_token": "<|image start|>", "eoi_token": "<|image end|>",
            "image_wrapper_token": "<|image token|>", "eof_token": "<|extra_201|>", "eol_token": "<|extra_200|>",
        },
    )  # fmt: skip
    token = tokenizer.convert_tokens_to_ids
    config = Emu3Config(
        vq_config={
            "codebook_size": codes, "embed_dim": 4, "latent_channels": 4, "base_channels": 32,
            "channel_multiplier": [1, 1, 1, 1], "num_res_blocks": 1, "attn_resolutions": [3], "hidden_size": 32,
        },
        text_config={
            "vocab_size": len(tokenizer), "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
            "num_attention_heads": 4, "num_key_value_heads": 2, "attention_dropout": 0.0,
            "bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id,
            "pad_token_id": tokenizer.pad_token_id,
        },
        vocabulary_map={name: token(name) for name in (*EMU3_SPECIAL, *visual)},
    )  # fmt: skip
    model = Emu3ForConditionalGeneration(config)
    randomise(model)
    sharpen_attention(model)
    favour_short_answers(model, tokenizer, "<|extra_204|>")
    smooth_kernels(model.model.vqmodel.decoder)
    model.generation_config = GenerationConfig(
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id
    )
    image_processor = Emu3ImageProcessor(
        min_pixels=64 * 64, max_pixels=64 * 64, image_mean=[0.5] * 3, image_std=[0.5] * 3
    )
    model.save_pretrained(folder)
    Emu3Processor(image_processor, tokenizer, chat_template=EMU3_TEMPLATE).save_pretrained(folder)

"""Builders of the tiny language checkpoints: Janus, Emu3, Qwen2.5-VL, Qwen3-VL, all with random weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from evaluator.models._tiny_answers import favour_short_answers
from evaluator.models._tiny_parts import randomise, sharpen_attention, smooth_kernels, tokenizer_of

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
    model = model_class(config).eval()
    randomise(model)
    sharpen_attention(model)
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
    favour_short_answers("vlm", folder, "<|im_end|>")


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
    model = JanusForConditionalGeneration(config).eval()
    randomise(model)
    sharpen_attention(model)
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
    favour_short_answers("janus", folder, "<|end_of_sentence|>")


def _colour(model: Any) -> None:
    """Smooth the decoder's random kernels and widen its output: soft fields of colour instead of grey noise."""
    import torch

    decoder = model.model.vqmodel.decoder
    smooth_kernels(decoder)
    with torch.no_grad():
        decoder.conv_out.weight.mul_(0.5)
        model.model.generation_head.vision_head.weight.mul_(2.0)


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
    import torch
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
    model = Emu3ForConditionalGeneration(config).eval()
    randomise(model)
    sharpen_attention(model)
    smooth_kernels(model.model.vqmodel.decoder)
    with torch.no_grad():
        # Far from the origin, so that different patches are nearest to different codes.
        model.model.vqmodel.encoder.conv_out.weight.mul_(20.0)
    model.generation_config = GenerationConfig(
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id
    )
    image_processor = Emu3ImageProcessor(
        min_pixels=64 * 64, max_pixels=64 * 64, image_mean=[0.5] * 3, image_std=[0.5] * 3
    )
    model.save_pretrained(folder)
    Emu3Processor(image_processor, tokenizer, chat_template=EMU3_TEMPLATE).save_pretrained(folder)
    favour_short_answers("emu3", folder, "<|extra_204|>")

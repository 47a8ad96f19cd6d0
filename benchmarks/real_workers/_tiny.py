"""Tiny random parts that several checkpoints have: a byte-level Qwen tokenizer, Qwen2.5-VL, an autoencoder."""

import json
from pathlib import Path

import torch

SPECIALS = [
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>", "<|box_start|>",
    "<|box_end|>", "<|quad_start|>", "<|quad_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>",
    "<|image_pad|>", "<|video_pad|>", "<|img|>",
]  # fmt: skip
IDS = {name: 256 + number for number, name in enumerate(SPECIALS)}
# What the tests of the workers' replies need of Qwen2.5-VL's template: its system turn, which two authors cut away.
TEMPLATE = (
    "{% for message in messages %}{% if loop.first and message['role'] != 'system' %}<|im_start|>system\n"
    "You are a helpful assistant.<|im_end|>\n{% endif %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ part['text'] }}{% endif %}"
    "{% endfor %}{% endif %}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def byte_letters():
    """The letters that stand for bytes in byte-level vocabularies, as GPT-2 numbers them."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    return [chr(byte) for byte in plain] + [chr(256 + number) for number in range(len(others))]


def qwen_vocabulary(folder, specials=SPECIALS, **more):
    """The files of a Qwen2 tokenizer with no merges: a token a byte."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps({letter: number for number, letter in enumerate(byte_letters())}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    plain = {"lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}
    config = {
        "add_prefix_space": False,
        "added_tokens_decoder": {str(256 + n): {"content": name, **plain} for n, name in enumerate(specials)},
        "additional_special_tokens": specials[1:],
        "eos_token": "<|im_end|>",
        "pad_token": "<|endoftext|>",
        "unk_token": None,
        "bos_token": None,
        "errors": "replace",
        "model_max_length": 32768,
        "split_special_tokens": False,
        "tokenizer_class": "Qwen2Tokenizer",
        **more,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config))


def qwen_language(**more):
    return {
        "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
        "intermediate_size": 128, "vocab_size": 280, "max_position_embeddings": 8192, "rope_theta": 1e6,
        "rms_norm_eps": 1e-6, "hidden_act": "silu", "tie_word_embeddings": False, "bos_token_id": 256,
        "eos_token_id": IDS["<|im_end|>"], "pad_token_id": 256, **more,
    }  # fmt: skip


def qwen_vl_config(**more):
    return qwen_language(
        image_token_id=IDS["<|image_pad|>"],
        video_token_id=IDS["<|video_pad|>"],
        vision_start_token_id=IDS["<|vision_start|>"],
        vision_end_token_id=IDS["<|vision_end|>"],
        rope_scaling={"type": "mrope", "rope_type": "default", "mrope_section": [2, 3, 3]},
        vision_config={
            "depth": 2, "hidden_size": 32, "intermediate_size": 64, "num_heads": 2, "in_channels": 3, "patch_size": 14,
            "spatial_merge_size": 2, "temporal_patch_size": 2, "window_size": 112, "out_hidden_size": 64,
            "fullatt_block_indexes": [1], "tokens_per_second": 2,
        },
        **more,
    )  # fmt: skip


def qwen_vl(folder):
    """A whole Qwen2.5-VL checkpoint with its processor."""
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    torch.manual_seed(1)
    model = Qwen2_5_VLForConditionalGeneration(Qwen2_5_VLConfig(**qwen_vl_config())).to(torch.bfloat16)
    plain_replies(model)
    model.save_pretrained(folder)
    qwen_vl_processor(folder)


def qwen_vl_processor(folder):
    import transformers

    qwen_vocabulary(Path(folder, "_tokenizer"), chat_template=TEMPLATE)
    more = {}
    if hasattr(transformers, "Qwen2VLVideoProcessor"):
        more["video_processor"] = transformers.Qwen2VLVideoProcessor()
    transformers.Qwen2_5_VLProcessor(
        image_processor=transformers.Qwen2VLImageProcessor(min_pixels=56 * 56, max_pixels=28 * 28 * 64),
        tokenizer=transformers.Qwen2TokenizerFast.from_pretrained(str(Path(folder, "_tokenizer"))),
        chat_template=TEMPLATE,
        **more,
    ).save_pretrained(folder)


def plain_replies(model):
    """No special token is ever the likeliest, so that replies are text that all decode alike."""
    with torch.no_grad():
        model.lm_head.weight[256:] = 0


def lively(model, std=0.05):
    """Random weights that are not the authors' zeros, so that a picture depends on all that it should."""
    for parameter in model.parameters():
        if parameter.dim() > 1:
            torch.nn.init.normal_(parameter, std=std)
    return model


def autoencoder(scaling, shift):
    from diffusers import AutoencoderKL

    torch.manual_seed(2)
    return AutoencoderKL(
        in_channels=3, out_channels=3, down_block_types=["DownEncoderBlock2D"] * 4,
        up_block_types=["UpDecoderBlock2D"] * 4, block_out_channels=[8, 8, 16, 16], layers_per_block=1,
        norm_num_groups=4, latent_channels=16, scaling_factor=scaling, shift_factor=shift, use_quant_conv=False,
        use_post_quant_conv=False,
    )  # fmt: skip

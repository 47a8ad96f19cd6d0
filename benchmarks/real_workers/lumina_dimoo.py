"""Lumina-DiMOO: `inference/inference_t2i.py`, `inference_i2i.py` and `inference_mmu.py` of the repository."""

import json
from pathlib import Path

import _side
import _tiny

SPECIAL = ["<system>", "</system>", "<user>", "</user>", "<uncondition>", "<|endoftext|>"]
SMALL = {"timesteps": 4, "width": 64, "height": 64, "read_side": 64, "edit_side": 64, "gen_length": 16,
         "block_length": 8, "steps": 4}  # fmt: skip


def make(folder, clone):
    import torch
    from diffusers import VQModel
    from model import LLaDAForMultiModalGeneration
    from model.configuration_llada import LLaDAConfig
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    place = Path(folder, "checkpoint")
    torch.manual_seed(0)
    # The ids of its special and picture tokens are fixed in its code, so the vocabulary is a whole one.
    config = LLaDAConfig(
        d_model=32, n_heads=2, n_kv_heads=2, n_layers=2, mlp_hidden_size=64, vocab_size=134656, embedding_size=134656,
        max_sequence_length=4096, block_type="llama", layer_norm_type="rms", activation_type="silu", rope=True,
        rope_theta=500000.0, attention_layer_norm=False, layer_norm_with_affine=True, include_bias=False,
        include_qkv_bias=False, weight_tying=False, init_device="cpu", bias_for_layer_norm=False, block_group_size=1,
        multi_query_attention=None, alibi=False, flash_attention=False, attention_dropout=0.0, residual_dropout=0.0,
        embedding_dropout=0.0, rms_norm_eps=1e-5, scale_logits=False, init_fn="normal", init_std=0.02,
        eos_token_id=261, pad_token_id=261, mask_token_id=126336, architectures=["LLaDAForMultiModalGeneration"],
    )  # fmt: skip
    network = _tiny.lively(LLaDAForMultiModalGeneration(config), std=0.2)
    with torch.no_grad():
        network.model.transformer.ff_out.weight[:256] *= 5  # replies are bytes
    network.to(torch.bfloat16).save_pretrained(place, safe_serialization=False)

    words = {letter: number for number, letter in enumerate(_tiny.byte_letters())}
    tokenizer = Tokenizer(models.BPE(words, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|endoftext|>", pad_token="<|endoftext|>")
    fast.add_special_tokens({"additional_special_tokens": SPECIAL})
    fast.save_pretrained(place)
    torch.manual_seed(1)
    VQModel(
        down_block_types=["DownEncoderBlock2D"] * 5, up_block_types=["UpDecoderBlock2D"] * 5,
        block_out_channels=[8] * 5, norm_num_groups=4, latent_channels=8, num_vq_embeddings=8192, layers_per_block=1,
        lookup_from_codebook=True,
    ).save_pretrained(place / "vqvae")  # fmt: skip
    (folder / "made_of.json").write_text(json.dumps({"parameters": sum(p.numel() for p in network.parameters())}))
    return {"environment": {"LUMINA_DIMOO_CHECKPOINT": str(place)}, "parameters": SMALL}


def script(call, name, arguments, *replace):
    place = call.folder / "checkpoint"
    given = ["--checkpoint", place, "--vae_ckpt", place, "--prompt", call.text, "--output_dir", call.folder / "out"]
    path = call.clone / "inference" / name
    cpu = ('device_map="auto"', 'device_map={"": device}')
    return _side.run_script(path, [*given, *arguments], [cpu, *replace], names={"seed": _side.seed})[1]


def draw(call):
    seeded = ("    vq_tokens = generate_image(", f"    seed({call.seed})\n    vq_tokens = generate_image(")
    saved = ("out_img.save(save_path)", f"out_img.save({str(call.out)!r})")
    script(call, "inference_t2i.py", ["--height", 64, "--width", 64, "--timesteps", 4], seeded, saved)
    return call.out


def edit(call):
    # The crop is drawn from Python's generator, before the tokens are drawn from torch's.
    seeded = ("    img = Image.open(input_image)", f"    seed({call.seed})\n    img = Image.open(input_image)")
    small = ("generate_crop_size_list((512 // 32) ** 2, 32)", "generate_crop_size_list((64 // 32) ** 2, 32)")
    saved = ("canvas.save(concat_path)", f"out_img.save({str(call.out)!r})")
    script(
        call,
        "inference_i2i.py",
        ["--image_path", call.image, "--edit_type", "edit", "--timesteps", 4],
        seeded,
        small,
        saved,
    )
    return call.out


def answer(call):
    seeded = ("    img = Image.open(image_path)", f"    seed({call.seed})\n    img = Image.open(image_path)")
    small = ("generate_crop_size_list((1024 // 32) ** 2, 32)", "generate_crop_size_list((64 // 32) ** 2, 32)")
    arguments = ["--image_path", call.image, "--gen_length", 16, "--block_length", 8, "--steps", 4]
    printed = script(call, "inference_mmu.py", arguments, seeded, small)
    return printed.split("Generated text: ", 1)[1].rstrip("\n")


if __name__ == "__main__":
    _side.main("lumina_dimoo", make, draw=draw, edit=edit, answer=answer)

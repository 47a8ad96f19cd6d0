"""UniPic2: the three `unipic2_mq_*.py` of the repository's folder UniPic-2/scripts.

The checkpoint's connector asks for flash-attn, as the published one does. The authors' scripts then need it, and
the worker does not; where it is missing they are given a copy of the checkpoint whose connector asks for sdpa.
"""

import json
import shutil
from pathlib import Path

import _side
import _tiny

NAME = "/mnt/datasets_vlm/models/Qwen2.5-VL-7B-Instruct"


def make(folder, clone):
    import torch
    from diffusers import FlowMatchEulerDiscreteScheduler
    from unipicv2.stable_diffusion_3_conditioner import StableDiffusion3Conditioner
    from unipicv2.transformer_sd3_kontext import SD3Transformer2DKontextModel

    place = Path(folder, "checkpoint")
    _tiny.qwen_vl(folder / "qwen")
    _tiny.autoencoder(1.5305, 0.0609).save_pretrained(place / "vae")
    network = SD3Transformer2DKontextModel(
        sample_size=64, patch_size=2, in_channels=16, num_layers=2, attention_head_dim=16, num_attention_heads=4,
        joint_attention_dim=48, caption_projection_dim=64, pooled_projection_dim=40, out_channels=16,
        pos_embed_max_size=96, dual_attention_layers=(0,), qk_norm="rms_norm",
    )  # fmt: skip
    _tiny.lively(network).save_pretrained(place / "transformer")
    conditioner = StableDiffusion3Conditioner(
        connector_config={"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
                          "_attn_implementation": "sdpa"},
        num_queries=8, llm_hidden_size=64, pooled_projection_dim=40, joint_attention_dim=48,
    )  # fmt: skip
    torch.nn.init.normal_(conditioner.meta_queries)
    conditioner.save_pretrained(place / "conditioner")
    FlowMatchEulerDiscreteScheduler(shift=3.0).save_pretrained(place / "scheduler")

    published = Path(folder, "published")
    shutil.copytree(place, published, dirs_exist_ok=True)
    config = published / "conditioner" / "config.json"
    told = json.loads(config.read_text())
    told["connector_config"]["_attn_implementation"] = "flash_attention_2"
    config.write_text(json.dumps(told))
    return {
        "environment": {
            "UNIPIC2_CHECKPOINT": str(published),
            "UNIPIC2_LANGUAGE_MODEL": str(folder / "qwen"),
            "UNIPIC2_ATTENTION": "sdpa",
        },
        "parameters": {
            "num_inference_steps": 3, "width": 96, "height": 64, "edit_longer_edge": 128, "max_new_tokens": 8
        },
    }  # fmt: skip


def script(call, name, *more, replace=()):
    settings = ["--checkpoint_path", call.folder / "checkpoint", "--prompt", call.text, "--output", call.out]
    settings += ["--num_inference_steps", 3, "--seed", call.seed, *more]
    there = [(NAME, str(call.folder / "qwen")), ('"flash_attention_2"', '"sdpa"')]
    _side.run_script(call.clone / "UniPic-2" / "scripts" / name, settings, [*there, *replace])
    return call.out


def draw(call):
    return script(call, "unipic2_mq_t2i.py", "--width", 96, "--height", 64)


def edit(call):
    # Its seed does not reach the autoencoder that reads the picture, which draws from the common generator.
    seeded = ("edited_image = pipeline(", f"torch.manual_seed({call.seed}); edited_image = pipeline(")
    more = ["--input_image", call.image, "--image_size", 128]
    return script(call, "unipic2_mq_editing.py", *more, replace=[seeded])


def answer(call):
    settings = ["--model_path", call.folder / "qwen", "--image_path", call.image, "--prompt", call.text]
    settings += ["--output", call.folder / "answer.txt", "--max_new_tokens", 8]
    path = call.clone / "UniPic-2" / "scripts" / "unipic2_mq_i2t.py"
    _side.run_script(path, settings, [('device_map="cuda"', 'device_map="cpu"')])
    # It means to cut the prompt away, and does not, since the special tokens in it are skipped.
    return Path(call.folder, "answer.txt").read_text().split("assistant\n", 1)[1].strip()


if __name__ == "__main__":
    _side.main("unipic2", make, on_path=["UniPic-2"], draw=draw, edit=edit, answer=answer)

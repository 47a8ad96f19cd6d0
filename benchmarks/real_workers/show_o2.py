"""Show-o2: `inference_t2i.py` and `inference_mmu.py` of the repository's folder show-o2; it does not edit.

Its scripts draw in bfloat16 and answer in float32, which SHOW_O2_DTYPE chooses for the worker. The safety checker
of the drawing script, which blackens pictures, is left out on both sides.
"""

import json
import os
from pathlib import Path

import _side
import _tiny

CONFIG = "configs/showo2_7b_demo_432x432.yaml"


def hub(folder, name):
    """A folder where the Hub's cache would have the repository `name`."""
    place = Path(folder, "hub", "models--" + name.replace("/", "--"))
    (place / "refs").mkdir(parents=True, exist_ok=True)
    (place / "refs" / "main").write_text("a" * 40)
    snapshot = place / "snapshots" / ("a" * 40)
    snapshot.mkdir(parents=True, exist_ok=True)
    return snapshot


def make(folder, clone):
    import torch
    from transformers import SiglipConfig, SiglipModel

    language = hub(folder, "Qwen/Qwen2.5-7B-Instruct")
    _tiny.qwen_vocabulary(language, _tiny.SPECIALS[:14])
    config = _tiny.qwen_language(vocab_size=300, model_type="qwen2", architectures=["Qwen2ForCausalLM"])
    Path(language, "config.json").write_text(json.dumps(config))
    vision = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 64,
              "patch_size": 14, "image_size": 384}  # fmt: skip
    text = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64,
            "vocab_size": 50}  # fmt: skip
    SiglipModel(SiglipConfig(vision_config=vision, text_config=text)).save_pretrained(
        hub(folder, "google/siglip-so400m-patch14-384")
    )
    from models import Showo2Qwen2_5
    from models.misc import get_text_tokenizer
    from models.wan21_vae import WanVAE_

    tokenizer, _ = get_text_tokenizer(
        "Qwen/Qwen2.5-7B-Instruct", add_showo_tokens=True, return_showo_token_ids=True, llm_name="qwen2_5"
    )
    torch.manual_seed(0)
    network = Showo2Qwen2_5(
        llm_vocab_size=len(tokenizer), llm_model_path="Qwen/Qwen2.5-7B-Instruct", load_from_showo=True,
        image_latent_dim=16, image_latent_height=27, image_latent_width=27, video_latent_height=27,
        video_latent_width=27, patch_size=2, hidden_size=64, clip_latent_dim=32, num_diffusion_layers=1,
        add_time_embeds=True, add_qk_norm=True, clip_pretrained_model_path="google/siglip-so400m-patch14-384",
    )  # fmt: skip
    torch.nn.init.normal_(network.diffusion_head_b.linear.weight, std=0.02)
    _tiny.plain_replies(network.showo)
    network.save_pretrained(str(folder / "checkpoint"), safe_serialization=False)
    vae = WanVAE_(dim=96, z_dim=16, dim_mult=[1, 2, 4, 4], num_res_blocks=2, attn_scales=[],
                  temperal_downsample=[False, True, True], dropout=0.0)  # fmt: skip
    torch.save(vae.state_dict(), str(folder / "vae.pth"))
    return {
        "environment": {
            "SHOW_O2_CHECKPOINT": str(folder / "checkpoint"),
            "SHOW_O2_VAE": str(folder / "vae.pth"),
            "HF_HOME": str(folder),
        },
        "parameters": {"num_inference_steps": 3, "max_new_tokens": 6},
        "draw": {"SHOW_O2_DTYPE": "bfloat16"},
        "answer": {"SHOW_O2_DTYPE": "float32"},
    }


def script(call, name, replace, *more):
    wandb = _side.stand_in("wandb")
    wandb.util.generate_id.return_value = "x"
    kept = []
    wandb.Image.side_effect = lambda image, caption: kept.append((image, caption))
    arguments = [
        f"config={call.clone / 'show-o2' / CONFIG}",
        f"model.vae_model.pretrained_model_path={call.folder}/vae.pth",
    ]
    arguments += [f"model.showo.pretrained_model_path={call.folder}/checkpoint", *more]
    with _side.inside(call.folder):
        _side.run_script(call.clone / "show-o2" / name, arguments, replace)
    return kept[0]


def draw(call):
    Path(call.folder, "prompts.txt").write_text(call.text)
    seeded = ("        z = torch.randn(", f"        torch.manual_seed({call.seed})\n        z = torch.randn(")
    unsafe = [
        ('AutoFeatureExtractor.from_pretrained("CompVis/stable-diffusion-safety-checker")',
         "lambda **unused: {'pixel_values': None}"),
        ('StableDiffusionSafetyChecker.from_pretrained("CompVis/stable-diffusion-safety-checker")',
         "lambda images, clip_input: (images, None)"),
    ]  # fmt: skip
    more = [f"dataset.params.validation_prompts_file={call.folder}/prompts.txt", "batch_size=1"]
    image, _ = script(call, "inference_t2i.py", [seeded, *unsafe], *more, "guidance_scale=7.5", "num_inference_steps=3")
    image.save(call.out)
    return call.out


def answer(call):
    seeded = ("image_latents = vae_model", f"torch.manual_seed({call.seed}); image_latents = vae_model")
    short = ("max_new_tokens=300", "max_new_tokens=6")
    more = [f"mmu_image_path={call.image}", f"question='{call.text}'"]
    _, caption = script(call, "inference_mmu.py", [seeded, short], *more)
    return caption.split("\n Answer : ")[1].rstrip("\n")


def before(clone):
    # As for the worker: read when transformers and huggingface_hub are imported.
    os.environ["HF_HUB_OFFLINE"] = "1"


if __name__ == "__main__":
    _side.main("show_o2", make, on_path=["show-o2"], before=before, draw=draw, answer=answer)

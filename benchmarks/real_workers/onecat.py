"""OneCAT: the three `generate_*.py` of the repository, at its smallest picture size.

They seed themselves from the clock, so the clock of its module is stopped at the seed.
"""

from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import _side
import _tiny

TOKENS = ["<IMG_CONTEXT>", "<img>", "</img>", "<IMG_GEN_CONTEXT>", "<img_gen>", "</img_gen>", "<REEF_GEN_CONTEXT>",
          "<ref_gen>", "</ref_gen>"]  # fmt: skip


def make(folder, clone):
    import torch
    from onecat.configuration_onecat import OneCatVLChatConfig
    from onecat.modeling_onecat import OneCatVLModel
    from onecat.var_model.infinity.models.bsq_vae.vae import vae_model
    from transformers import Qwen2TokenizerFast

    place = folder / "checkpoint"
    _tiny.qwen_vocabulary(place)
    tokenizer = Qwen2TokenizerFast.from_pretrained(str(place))
    tokenizer.add_tokens(TOKENS, special_tokens=True)
    tokenizer.save_pretrained(place)
    torch.manual_seed(0)
    language = _tiny.qwen_language(vocab_size=300, architectures=["Qwen2ForCausalLM"])
    language.update(dict.fromkeys(("use_flex_for_i2t", "use_flex_for_t2i", "use_flex_attention"), False))
    config = OneCatVLChatConfig(
        patch_vision_config={"patch_size": 14, "image_size": 448, "hidden_size": 32}, llm_config=language,
        downsample_ratio=0.5, template="onecat", vae_embed_dim=32,
    )  # fmt: skip
    OneCatVLModel(config).save_pretrained(place)
    channels = [1, 2, 4, 4, 4]
    vae = vae_model(None, "dynamic", 32, 2**32, patch_size=16, encoder_ch_mult=channels, decoder_ch_mult=channels)
    torch.save({"vae": vae.state_dict()}, str(folder / "vae.pth"))
    return {
        "environment": {
            "ONECAT_CHECKPOINT": str(place), "ONECAT_VAE": str(folder / "vae.pth"), "ONECAT_PIXELS": "0.06M"
        },
        "parameters": {"edit_short_side": 112, "max_new_tokens": 8},
    }  # fmt: skip


def script(call, name, arguments, *replace):
    import onecat.modeling_onecat as code

    code.time = SimpleNamespace(time=lambda: Fraction(call.seed, 1000))
    arguments = ["--model_name_or_path", call.folder / "checkpoint", *arguments]
    return _side.run_script(call.clone / name, arguments, replace)[0]


def draw(call):
    arguments = ["--output_dir", call.folder, "--vae_path", call.folder / "vae.pth", "--prompt", call.text]
    script(call, "generate_txt2img.py", arguments, ("pn = '1M'", "pn = '0.06M'"))
    Path(call.folder, "00000.png").replace(call.out)
    return call.out


def edit(call):
    arguments = ["--output_dir", call.folder, "--vae_path", call.folder / "vae.pth", "--prompt", call.text]
    small = [("pn = '1M'", "pn = '0.06M'"), ("short_side_ref = 1008", "short_side_ref = 112")]
    script(call, "generate_imgedit.py", [*arguments, "--image_path", call.image], *small)
    Path(call.folder, "edited.png").replace(call.out)
    return call.out


def answer(call):
    arguments = ["--img_path", call.image, "--question", call.text]
    changed = [("max_new_tokens=1000", "max_new_tokens=8"), ("print(response)", "globals()['said'] = response")]
    return script(call, "generate_understanding.py", arguments, *changed)["said"]


if __name__ == "__main__":
    _side.main("onecat", make, draw=draw, edit=edit, answer=answer)

"""BAGEL: `app.py` of the repository, up to its page."""

import json
from pathlib import Path

import _side
import _tiny

SMALL = {"num_timesteps": 3, "width": 64, "height": 64, "max_new_tokens": 16}


def make(folder, clone):
    import torch
    from data.data_utils import add_special_tokens
    from modeling.autoencoder import load_ae
    from modeling.bagel import Bagel, BagelConfig, Qwen2Config, Qwen2ForCausalLM, SiglipVisionConfig, SiglipVisionModel
    from modeling.qwen2 import Qwen2Tokenizer
    from safetensors.torch import save_file

    place = Path(folder, "checkpoint")
    _tiny.qwen_vocabulary(place, _tiny.SPECIALS[:3])
    tokenizer, _, _ = add_special_tokens(Qwen2Tokenizer.from_pretrained(str(place)))
    language = _tiny.qwen_language(vocab_size=len(tokenizer))
    vision = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 64,
              "patch_size": 14, "image_size": 980, "num_channels": 3, "hidden_act": "gelu_pytorch_tanh",
              "layer_norm_eps": 1e-6}  # fmt: skip
    Path(place, "llm_config.json").write_text(json.dumps(language))
    Path(place, "vit_config.json").write_text(json.dumps(vision))

    torch.manual_seed(0)
    vae, vae_config = load_ae(None)
    save_file({name: part.contiguous() for name, part in vae.state_dict().items()}, str(place / "ae.safetensors"))
    language = Qwen2Config.from_json_file(str(place / "llm_config.json"))
    language.qk_norm, language.tie_word_embeddings, language.layer_module = True, False, "Qwen2MoTDecoderLayer"
    vision = SiglipVisionConfig.from_json_file(str(place / "vit_config.json"))
    vision.rope, vision.num_hidden_layers = False, vision.num_hidden_layers - 1
    config = BagelConfig(
        visual_gen=True, visual_und=True, llm_config=language, vit_config=vision, vae_config=vae_config,
        vit_max_num_patch_per_side=70, connector_act="gelu_pytorch_tanh", latent_patch_size=2, max_latent_size=64,
    )  # fmt: skip
    network = Bagel(Qwen2ForCausalLM(language), SiglipVisionModel(vision), config)
    network.vit_model.vision_model.embeddings.convert_conv2d_to_linear(vision)
    _tiny.lively(network, std=0.08)
    _tiny.plain_replies(network.language_model)
    weights = {name: part.contiguous().to(torch.bfloat16) for name, part in network.state_dict().items()}
    save_file(weights, str(place / "ema.safetensors"))
    return {"environment": {"BAGEL_CHECKPOINT": str(place)}, "parameters": SMALL}


def app(call):
    _side.stand_in("gradio")
    return _side.run_script(
        call.clone / "app.py",
        ["--model_path", call.folder / "checkpoint"],
        replace=[
            ('max_memory={i: "80GiB" for i in range(torch.cuda.device_count())}', 'max_memory={"cpu": "80GiB"}'),
            ("image_shapes = (1024, 1024)", "image_shapes = (64, 64)"),
        ],
        until="# Gradio UI",
    )[0]


def draw(call):
    image, _ = app(call)["text_to_image"](call.text, num_timesteps=3, seed=call.seed)
    image.save(call.out)
    return call.out


def edit(call):
    scope = app(call)
    image, _ = scope["edit_image"](scope["Image"].open(call.image), call.text, num_timesteps=3, seed=call.seed)
    image.save(call.out)
    return call.out


def answer(call):
    scope = app(call)
    return scope["image_understanding"](scope["Image"].open(call.image), call.text, max_new_tokens=16)


if __name__ == "__main__":
    _side.main("bagel", make, draw=draw, edit=edit, answer=answer)

"""BAGEL: answers, draws and edits through `InterleaveInferencer` of its public repository; see bagel.toml.

The published demo guides drawing and editing differently; parameters that hold for editing alone begin
with `edit_`. With `think=true` the model plans in text before it answers or draws.
"""

from pathlib import Path

from _common import USED, checkpoint, pick_device, picture, pictures, seed_everything, use_repository
from realunify_worker import serve

# Modules that are called one by one, not through the whole model's forward: each needs its own device hook.
CALLED_APART = (
    "language_model.model.embed_tokens",
    "time_embedder",
    "latent_pos_embed",
    "vae2llm",
    "llm2vae",
    "connector",
    "vit_pos_embed",
)


class Model:
    capabilities = ["answer", "generate", "edit"]
    environment = USED
    defaults = {
        "num_timesteps": 50,
        "timestep_shift": 3.0,
        "cfg_text_scale": 4.0,
        "cfg_interval": 0.4,
        "cfg_renorm_min": 0.0,
        "cfg_renorm_type": "global",
        "edit_cfg_img_scale": 2.0,
        "edit_cfg_interval": 0.0,
        "edit_cfg_renorm_type": "text_channel",
        "width": 1024,
        "height": 1024,
        "think": False,
        "max_new_tokens": 1024,
    }

    def __init__(self):
        use_repository("BAGEL_REPO", "inferencer.py")
        folder, self.revision = checkpoint(
            "BAGEL_CHECKPOINT",
            "ByteDance-Seed/BAGEL-7B-MoT",
            "llm_config.json",
            "vit_config.json",
            "ae.safetensors",
            "ema.safetensors",
        )
        device = pick_device()
        from data.data_utils import add_special_tokens
        from data.transforms import ImageTransform
        from inferencer import InterleaveInferencer
        from modeling.autoencoder import load_ae
        from modeling.qwen2 import Qwen2Tokenizer

        vae, vae_config = load_ae(local_path=str(Path(folder, "ae.safetensors")))
        tokenizer, token_ids, _ = add_special_tokens(Qwen2Tokenizer.from_pretrained(folder))
        self.inferencer = InterleaveInferencer(
            model=load_network(folder, vae_config, device),
            vae_model=vae.to(device).eval(),
            tokenizer=tokenizer,
            vae_transform=ImageTransform(1024, 512, 16),
            vit_transform=ImageTransform(980, 224, 14),
            new_token_ids=token_ids,
        )

    def answer(self, request):
        seed_everything(request.seed)
        output = self._infer(request, [*pictures(request), request.text], understanding_output=True)
        return next(part for part in output if isinstance(part, str)).split("</think>")[-1].strip()

    def generate(self, request):
        seed_everything(request.seed)
        wanted = request.parameters
        image = picture(request)
        kind = "edit_" if image else ""
        settings = {name: wanted[name] for name in ("num_timesteps", "timestep_shift", "cfg_text_scale")}
        settings["cfg_interval"] = [wanted[kind + "cfg_interval"], 1.0]
        settings["cfg_renorm_type"] = wanted[kind + "cfg_renorm_type"]
        settings["cfg_renorm_min"] = wanted["cfg_renorm_min"]
        if image:
            settings["cfg_img_scale"] = wanted["edit_cfg_img_scale"]  # the result takes the picture's size
        else:
            settings["image_shapes"] = (wanted["height"], wanted["width"])
        output = self._infer(request, [image, request.text] if image else [request.text], **settings)
        for part in output:
            if isinstance(part, str):
                request.notes.append("reasoned: " + part.replace("<think>", "").split("</think>")[0].strip())
            else:
                part.save(request.out)

    def _infer(self, request, parts, **settings):
        think, length = request.parameters["think"], request.parameters["max_new_tokens"]
        return self.inferencer.interleave_inference(
            parts, think=think, do_sample=False, max_think_token_n=length, **settings
        )


def load_network(folder, vae_config, device):
    """The two transformers, built empty as the checkpoint expects them, then filled in bf16 on one GPU."""
    import torch
    from accelerate import init_empty_weights, load_checkpoint_and_dispatch
    from modeling.bagel import Bagel, BagelConfig, Qwen2Config, Qwen2ForCausalLM, SiglipVisionConfig, SiglipVisionModel

    language = Qwen2Config.from_json_file(str(Path(folder, "llm_config.json")))
    language.qk_norm, language.tie_word_embeddings, language.layer_module = True, False, "Qwen2MoTDecoderLayer"
    vision = SiglipVisionConfig.from_json_file(str(Path(folder, "vit_config.json")))
    vision.rope, vision.num_hidden_layers = False, vision.num_hidden_layers - 1
    config = BagelConfig(
        visual_gen=True,
        visual_und=True,
        llm_config=language,
        vit_config=vision,
        vae_config=vae_config,
        vit_max_num_patch_per_side=70,
        connector_act="gelu_pytorch_tanh",
        latent_patch_size=2,
        max_latent_size=64,
    )
    with init_empty_weights():
        network = Bagel(Qwen2ForCausalLM(language), SiglipVisionModel(vision), config)
        network.vit_model.vision_model.embeddings.convert_conv2d_to_linear(vision, meta=True)
    return load_checkpoint_and_dispatch(
        network,
        checkpoint=str(Path(folder, "ema.safetensors")),
        device_map={name: device for name in ("", *CALLED_APART)},
        dtype=torch.bfloat16,
        force_hooks=True,
    ).eval()


if __name__ == "__main__":
    serve(Model)

"""UniWorld-V1: `univa/serve/cli.py` of the repository, with its questions answered.

The small classifier that chooses there between writing and drawing is replaced by what is asked for.
"""

import builtins
import json
from pathlib import Path

import _side
import _tiny


def make(folder, clone):
    import torch
    from diffusers import FlowMatchEulerDiscreteScheduler
    from transformers import SiglipImageProcessor, SiglipVisionConfig, SiglipVisionModel
    from univa.models.qwen2p5vl.configuration_univa_qwen2p5vl import UnivaQwen2p5VLConfig
    from univa.models.qwen2p5vl.modeling_univa_qwen2p5vl import UnivaQwen2p5VLForConditionalGeneration

    torch.manual_seed(3)
    denoiser = {"patch_size": 1, "in_channels": 64, "num_layers": 1, "num_single_layers": 1, "attention_head_dim": 16,
                "num_attention_heads": 2, "joint_attention_dim": 4096, "pooled_projection_dim": 32,
                "guidance_embeds": True, "axes_dims_rope": [4, 6, 6]}  # fmt: skip
    config = UnivaQwen2p5VLConfig(
        denoise_tower={"denoiser_type": "flux", "input_hidden_size": 64, "output_hidden_size": 4096,
                       "denoiser_config": denoiser},
        **_tiny.qwen_vl_config(image_end_token_id=_tiny.IDS["<|vision_end|>"]),
    )  # fmt: skip
    model = UnivaQwen2p5VLForConditionalGeneration(config).to(torch.bfloat16)
    _tiny.plain_replies(model)
    model.save_pretrained(folder / "checkpoint", max_shard_size="5GB")
    _tiny.qwen_vl_processor(folder / "checkpoint")
    head = torch.nn.Sequential(
        torch.nn.Linear(64, 10240), torch.nn.SiLU(), torch.nn.Dropout(0.3), torch.nn.Linear(10240, 2)
    )
    torch.save(head.state_dict(), folder / "checkpoint" / "task_head_final.pt")

    flux = Path(folder, "flux")
    _tiny.autoencoder(0.3611, 0.1159).save_pretrained(flux / "vae")
    FlowMatchEulerDiscreteScheduler(
        shift=3.0, use_dynamic_shifting=True, base_shift=0.5, max_shift=1.15, base_image_seq_len=256,
        max_image_seq_len=4096,
    ).save_pretrained(flux / "scheduler")  # fmt: skip
    text_encoders(flux)
    parts = {
        "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "text_encoder_2": ["transformers", "T5EncoderModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "tokenizer_2": ["transformers", "T5TokenizerFast"],
        "transformer": ["diffusers", "FluxTransformer2DModel"],
        "vae": ["diffusers", "AutoencoderKL"],
    }
    index = {"_class_name": "FluxPipeline", "_diffusers_version": "0.32.2", **parts}
    Path(flux, "model_index.json").write_text(json.dumps(index))
    SiglipVisionModel(
        SiglipVisionConfig(hidden_size=1152, num_hidden_layers=1, num_attention_heads=16, intermediate_size=64,
                           patch_size=16, image_size=512)
    ).save_pretrained(folder / "siglip")  # fmt: skip
    SiglipImageProcessor(size={"height": 512, "width": 512}).save_pretrained(folder / "siglip")
    return {
        "environment": {
            "UNIWORLD_CHECKPOINT": str(folder / "checkpoint"),
            "UNIWORLD_FLUX": str(flux),
            "UNIWORLD_SIGLIP": str(folder / "siglip"),
            "UNIWORLD_ATTENTION": "sdpa",
        },
        # 128 new tokens are fixed in the script.
        "parameters": {"num_inference_steps": 2, "width": 128, "height": 128, "max_new_tokens": 128},
    }


def text_encoders(flux):
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import CLIPTextConfig, CLIPTextModel, T5Config, T5EncoderModel, T5TokenizerFast

    clip = CLIPTextConfig(hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64,
                          vocab_size=600, max_position_embeddings=77, eos_token_id=513, bos_token_id=512)  # fmt: skip
    CLIPTextModel(clip).save_pretrained(flux / "text_encoder")
    T5EncoderModel(
        T5Config(d_model=4096, d_kv=8, num_heads=2, d_ff=32, num_layers=1, vocab_size=300,
                 feed_forward_proj="gated-gelu")
    ).save_pretrained(flux / "text_encoder_2")  # fmt: skip
    letters = _tiny.byte_letters()
    ends = {"<|startoftext|>": 512, "<|endoftext|>": 513}
    vocabulary = {
        **{one: n for n, one in enumerate(letters)},
        **{one + "</w>": 256 + n for n, one in enumerate(letters)},
    }
    Path(flux, "tokenizer").mkdir(exist_ok=True)
    Path(flux, "tokenizer", "vocab.json").write_text(json.dumps({**vocabulary, **ends}))
    Path(flux, "tokenizer", "merges.txt").write_text("#version: 0.2\n")
    config = {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77, "bos_token": "<|startoftext|>"}
    config.update(dict.fromkeys(("eos_token", "unk_token", "pad_token"), "<|endoftext|>"))
    Path(flux, "tokenizer", "tokenizer_config.json").write_text(json.dumps(config))
    pieces = [
        ("<pad>", 0.0),
        ("</s>", 0.0),
        ("<unk>", -9.0),
        *((letter, -3.0) for letter in "▁abcdefghijklmnopqrstuvwxyz?"),
    ]
    sentence = Tokenizer(models.Unigram(pieces, unk_id=2))
    sentence.pre_tokenizer = pre_tokenizers.Metaspace()
    sentence.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    T5TokenizerFast(
        tokenizer_object=sentence, eos_token="</s>", unk_token="<unk>", pad_token="<pad>", extra_ids=0,
        model_max_length=512,
    ).save_pretrained(flux / "tokenizer_2")  # fmt: skip


def cli(call, drawing):
    _side.stand_in("paddleocr")
    replies = iter([call.text, call.image or "", "", ""])
    arguments = ["--model_path", call.folder / "checkpoint", "--flux_path", call.folder / "flux"]
    arguments += ["--siglip_path", call.folder / "siglip", "--height", 128, "--width", 128, "--num_inference_steps", 2]
    replace = [
        ("seed = 42", f"seed = {call.seed}"),
        ('"flash_attention_2"', '"sdpa"'),
        ("nn.Linear(3584, 10240)", "nn.Linear(64, 10240)"),
        ("inputs.input_ids == 77091", "inputs.input_ids >= 0"),
        ("task_result[0] < task_result[1]", str(drawing)),
    ]
    ask = builtins.input
    builtins.input = lambda prompt: next(replies)
    try:
        with _side.inside(call.folder / "serve"):
            path = call.clone / "UniWorld-V1" / "univa" / "serve" / "cli.py"
            return _side.run_script(path, arguments, replace)[1]
    finally:
        builtins.input = ask


def draw(call):
    cli(call, drawing=True)
    Path(call.folder, "serve", "generate_image_0.png").replace(call.out)
    return call.out


def answer(call):
    printed = cli(call, drawing=False)
    return printed[printed.index("Assistant: ") + len("Assistant: ") :].rsplit("\n\nExit.", 1)[0]


if __name__ == "__main__":
    _side.main("uniworld_v1", make, on_path=["UniWorld-V1"], draw=draw, edit=draw, answer=answer)

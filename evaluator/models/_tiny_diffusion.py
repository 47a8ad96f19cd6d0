"""Builders of the tiny image pipelines: Flux Kontext, Flux 2 Klein, InstructPix2Pix, all with random weights."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluator.models._tiny_language import QWEN_SPECIAL, QWEN_TEMPLATE
from evaluator.models._tiny_parts import randomise, smooth_kernels, tokenizer_of

if TYPE_CHECKING:
    pass


def _clip(width: int) -> tuple[Any, Any]:
    """A CLIP text encoder and a tokenizer that, like CLIP's, holds 77 tokens."""
    from tokenizers.processors import TemplateProcessing
    from transformers import CLIPTextConfig, CLIPTextModel

    tokenizer = tokenizer_of(
        ("<|startoftext|>", "<|endoftext|>"),
        bos_token="<|startoftext|>",
        eos_token="<|endoftext|>",
        pad_token="<|endoftext|>",
        length=77,
    )
    begin, end = tokenizer.bos_token_id, tokenizer.eos_token_id
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single="<|startoftext|> $A <|endoftext|>",
        special_tokens=[("<|startoftext|>", begin), ("<|endoftext|>", end)],
    )
    config = CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=width, intermediate_size=2 * width, num_hidden_layers=2,
        num_attention_heads=4, projection_dim=width, bos_token_id=begin, eos_token_id=end, pad_token_id=end,
    )  # fmt: skip
    model = CLIPTextModel(config)
    randomise(model)
    return model, tokenizer


def _t5(width: int) -> tuple[Any, Any]:
    """A T5 encoder and its tokenizer (512 tokens)."""
    from tokenizers.processors import TemplateProcessing
    from transformers import T5Config, T5EncoderModel

    tokenizer = tokenizer_of(("<pad>", "</s>"), eos_token="</s>", pad_token="<pad>", length=512)
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", tokenizer.eos_token_id)]
    )
    config = T5Config(
        vocab_size=len(tokenizer), d_model=width, d_kv=8, d_ff=2 * width, num_layers=2, num_heads=4,
        feed_forward_proj="gated-gelu", pad_token_id=tokenizer.pad_token_id, eos_token_id=tokenizer.eos_token_id,
        tie_word_embeddings=False,
    )  # fmt: skip
    model = T5EncoderModel(config)
    randomise(model)
    return model, tokenizer


def _vae(channels: int, **more: Any) -> Any:
    """An autoencoder that halves three times; its output fills the colour range softly."""
    from diffusers import AutoencoderKL

    vae = AutoencoderKL(
        block_out_channels=(16, 16, 16, 16),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=channels,
        layers_per_block=1,
        norm_num_groups=4,
        mid_block_add_attention=False,
        sample_size=96,
        **more,
    )
    _soften(vae)
    return vae


def _soften(vae: Any) -> None:
    import torch

    randomise(vae)
    smooth_kernels(vae.decoder)
    with torch.no_grad():
        vae.encoder.conv_out.weight.mul_(3.0)
        vae.decoder.conv_out.weight.mul_(0.6)


def _outspoken(transformer: Any) -> None:
    """Let attention pick and weigh: the picture then hangs on prompt and input, not on its noise alone."""
    import torch

    with torch.no_grad():
        for name, parameter in transformer.named_parameters():
            if "norm_q" in name or "norm_k" in name or "norm_added" in name:
                parameter.mul_(1.7)
            elif ".to_v." in name or ".to_out." in name or "add_v_proj" in name:
                parameter.mul_(3.0)
        transformer.proj_out.weight.mul_(4.0)


def build_kontext(folder: Path) -> None:
    """Flux Kontext: CLIP and T5 read, a Flux transformer with the input's latents beside the noise."""
    from diffusers import FlowMatchEulerDiscreteScheduler, FluxKontextPipeline, FluxTransformer2DModel

    text_encoder, tokenizer = _clip(32)
    text_encoder_2, tokenizer_2 = _t5(32)
    transformer = FluxTransformer2DModel(
        in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=2,
        joint_attention_dim=32, pooled_projection_dim=32, axes_dims_rope=(4, 6, 6), guidance_embeds=True,
    )  # fmt: skip
    randomise(transformer)
    _outspoken(transformer)
    FluxKontextPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=_vae(4, scaling_factor=1.0, shift_factor=0.0, use_quant_conv=False, use_post_quant_conv=False),
        text_encoder=text_encoder,
        tokenizer=tokenizer,
        text_encoder_2=text_encoder_2,
        tokenizer_2=tokenizer_2,
        transformer=transformer,
    ).save_pretrained(folder)


def build_flux2_klein(folder: Path) -> None:
    """Flux 2 Klein: a Qwen3 reads, inputs join as reference latents; distilled, so without guidance."""
    from diffusers import (
        AutoencoderKLFlux2,
        FlowMatchEulerDiscreteScheduler,
        Flux2KleinPipeline,
        Flux2Transformer2DModel,
    )
    from transformers import Qwen3Config, Qwen3ForCausalLM

    tokenizer = tokenizer_of(QWEN_SPECIAL, eos_token="<|im_end|>", pad_token="<|endoftext|>")
    tokenizer.chat_template = QWEN_TEMPLATE
    # The pipeline reads hidden states 9, 18 and 27, so the encoder needs that many layers; they are narrow.
    text_encoder = Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=len(tokenizer), hidden_size=16, intermediate_size=32, num_hidden_layers=27,
            num_attention_heads=2, num_key_value_heads=1, head_dim=8, tie_word_embeddings=True,
            eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id, bos_token_id=None,
        )
    )  # fmt: skip
    randomise(text_encoder)
    vae = AutoencoderKLFlux2(
        block_out_channels=(16, 16, 16, 16),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=4,
        layers_per_block=1,
        norm_num_groups=4,
        mid_block_add_attention=False,
        sample_size=96,
    )
    _soften(vae)
    transformer = Flux2Transformer2DModel(
        in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=2,
        joint_attention_dim=48, timestep_guidance_channels=32, axes_dims_rope=(4, 4, 4, 4), guidance_embeds=False,
    )  # fmt: skip
    randomise(transformer)
    _outspoken(transformer)
    Flux2KleinPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=vae,
        text_encoder=text_encoder,
        tokenizer=tokenizer,
        transformer=transformer,
        is_distilled=True,
    ).save_pretrained(folder)


def build_instruct_pix2pix(folder: Path) -> None:
    """InstructPix2Pix: a U-Net that sees the input's latents as further channels; it edits only."""
    from diffusers import EulerAncestralDiscreteScheduler, StableDiffusionInstructPix2PixPipeline, UNet2DConditionModel

    text_encoder, tokenizer = _clip(32)
    unet = UNet2DConditionModel(
        sample_size=24, in_channels=8, out_channels=4, block_out_channels=(16, 32), layers_per_block=1,
        norm_num_groups=4, cross_attention_dim=32, attention_head_dim=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
    )  # fmt: skip
    randomise(unet)
    StableDiffusionInstructPix2PixPipeline(
        vae=_vae(4, scaling_factor=1.0),
        text_encoder=text_encoder,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=EulerAncestralDiscreteScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", timestep_spacing="trailing"
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    ).save_pretrained(folder)

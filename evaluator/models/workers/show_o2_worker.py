"""Show-o2: answers and draws, never edits; see show_o2.toml.

Pictures are latents of the Wan2.1 autoencoder, read through two projections that are then fused, and drawn
by flow matching under one attention mask: causal over text, full over a picture. By default a picture that
is read is cropped to a centred square, as in the published script; `pad=true` keeps all of it.
"""

from pathlib import Path

from _common import (
    USED,
    checkpoint,
    file_from_hub,
    note_cut,
    pick_device,
    picture,
    seed_everything,
    setting,
    use_repository,
)
from realunify_worker import serve

SYSTEM = "system\nYou are a helpful assistant.<|im_end|>"
USER, ASSISTANT = "\n<|im_start|>user\n", "\n<|im_start|>assistant\n"


class Model:
    capabilities = ["answer", "generate"]
    environment = USED
    defaults = {"guidance_scale": 7.5, "num_inference_steps": 50, "pad": False, "max_new_tokens": 300}

    def __init__(self):
        repository = use_repository("SHOW_O2_REPO", "models")
        folder, self.revision = checkpoint("SHOW_O2_CHECKPOINT", "showlab/show-o2-7B", "config.json")
        vae = file_from_hub("SHOW_O2_VAE", "Wan-AI/Wan2.1-T2V-14B", "Wan2.1_VAE.pth")
        self.device = pick_device()
        import torch
        from models import Showo2Qwen2_5, WanVAE
        from models.misc import get_text_tokenizer
        from omegaconf import OmegaConf
        from transport import Sampler, create_transport
        from utils import get_hyper_params, path_to_llm_name

        self.dtype = getattr(torch, setting("SHOW_O2_DTYPE", "float32"))
        name = setting("SHOW_O2_CONFIG", "configs/showo2_7b_demo_432x432.yaml")
        self.config = config = OmegaConf.load(str(Path(repository, name)))
        language = config.model.showo.llm_model_path
        self.vae = WanVAE(vae_pth=vae, dtype=self.dtype, device=self.device)
        self.tokenizer, self.tokens = get_text_tokenizer(
            language, add_showo_tokens=True, return_showo_token_ids=True, llm_name=path_to_llm_name[language]
        )
        config.model.showo.llm_vocab_size = len(self.tokenizer)
        self.model = Showo2Qwen2_5.from_pretrained(folder, use_safetensors=False).to(self.device)
        self.model = self.model.to(self.dtype).eval()
        self.timed = bool(config.model.showo.add_time_embeds)
        if self.timed:  # a time token stands before each picture's tokens
            for kind in ("t2i_image", "mmu_image", "video"):
                config.dataset.preprocessing[f"num_{kind}_tokens"] += 1
        self.hyper = get_hyper_params(config, self.tokenizer, self.tokens)
        names = ("path_type", "prediction", "loss_weight", "train_eps", "sample_eps", "snr_type", "do_shift")
        settings = {name: config.transport[name] for name in names}
        self.sampler = Sampler(create_transport(**settings, seq_len=self.hyper[0]))

    def answer(self, request):
        import torch

        seed_everything(request.seed)
        image, length = picture(request), request.parameters["max_new_tokens"]
        before = [self.tokens["bos_id"], *self._ids(SYSTEM), *self._ids(USER)]
        after = [*self._ids(request.text), *self._ids(ASSISTANT)]
        with torch.no_grad():
            if image is None:
                text = self.model.lm_generate(
                    input_ids=before + after,
                    tokenizer=self.tokenizer,
                    max_new_tokens=length,
                    boi_token=self.tokens["boi_id"],
                    top_k=1,
                    device=self.device,
                )
                return text.split("<|im_end|>")[0].strip()
            embeds, position = self._embed(before, self._read(image, request.parameters["pad"]), after)
            tokens = self.model.mmu_generate(
                input_embeds=embeds,
                attention_mask=self._mask(1, embeds.shape[1], position, inverted=True),
                top_k=1,  # the best token only: greedy
                max_new_tokens=length,
                eos_token=self.tokenizer.eos_token_id,
            )
        return self.tokenizer.decode(torch.stack(tokens).flatten(), skip_special_tokens=True).strip()

    def generate(self, request):
        import torch
        from models.misc import prepare_gen_input
        from PIL import Image
        from utils import denorm

        seed_everything(request.seed)
        guidance, transport = request.parameters["guidance_scale"], self.config.transport
        count, _, _, length, text_length, channels, patch, width, height, pad, bos, eos, boi, eoi = self.hyper[:14]
        note_cut(request, self._ids(request.text), text_length, "text")
        text, blank, place, blank_place = prepare_gen_input(
            [request.text], self.tokenizer, count, bos, eos, boi, eoi, pad, self.hyper[16], text_length, self.device
        )
        noise = torch.randn((1, channels, height * patch, width * patch)).to(self.device, self.dtype)
        if guidance > 0:
            noise, text = torch.cat([noise, noise]), torch.cat([text, blank])
            place = torch.cat([place, blank_place])
        draw = self.sampler.sample_ode(
            sampling_method=transport.sampling_method,
            num_steps=request.parameters["num_inference_steps"],
            atol=transport.atol,
            rtol=transport.rtol,
            reverse=transport.reverse,
            time_shifting_factor=transport.time_shifting_factor,
        )
        with torch.no_grad():
            latents = draw(
                noise,
                self.model.t2i_generate,
                text_tokens=text,
                attention_mask=self._mask(len(text), length, place),
                modality_positions=place,
                output_hidden_states=True,
                max_seq_len=length,
                guidance_scale=guidance,
            )[-1][:1]
            pixels = self.vae.batch_decode(latents.unsqueeze(2)).squeeze(2)
        Image.fromarray(denorm(pixels)[0]).save(request.out)

    def _read(self, image, pad):
        """A picture's embeddings: the understanding and the drawing projection of its latents, fused."""
        import torch
        from datasets.utils import image_transform, resize_and_pad_image, to_tensor_and_normalize

        side = self.config.dataset.preprocessing.resolution
        if pad:
            pixels = to_tensor_and_normalize(resize_and_pad_image(image, target_resolution=(side, side)))
        else:
            pixels = image_transform(image, resolution=side)
        pixels = pixels[None, :, None].to(self.device, self.dtype)
        latents = self.vae.sample(pixels).squeeze(2).to(self.dtype)
        read = self.model.image_embedder_und(latents) + self.model.position_embedding(self.model.image_position_ids)
        read = self.model.und_trans(read)["last_hidden_state"]
        return self.model.fusion_proj(torch.cat([read, self.model.image_embedder_gen(latents)], dim=-1))

    def _embed(self, before, image, after):
        """The whole turn as embeddings, and where the picture stands in it."""
        import torch

        def embed(ids):
            return self.model.showo.model.embed_tokens(torch.tensor([ids]).to(self.device))

        parts = [embed([*before, self.tokens["boi_id"]]), image, embed([self.tokens["eoi_id"], *after])]
        if self.timed:
            time = self.model.time_embed(torch.tensor([[1.0]]).to(self.device), parts[0].dtype)
            if hasattr(self.model, "time_embed_proj"):
                time = self.model.time_embed_proj(time)
            parts.insert(1, time)
        start = len(before) + (2 if self.timed else 1)
        return torch.cat(parts, dim=1).to(self.dtype), torch.tensor([[[start, self.hyper[1]]]]).to(self.device)

    def _mask(self, rows, length, positions, **settings):
        from models import omni_attn_mask_naive

        return omni_attn_mask_naive(rows, length, positions, self.device, **settings).to(self.dtype)

    def _ids(self, text):
        return self.tokenizer(text, add_special_tokens=False)["input_ids"]


if __name__ == "__main__":
    serve(Model)

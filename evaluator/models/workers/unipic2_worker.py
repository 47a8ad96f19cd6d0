"""UniPic2-Metaquery: Qwen2.5-VL answers, and its learned queries steer SD3.5M-Kontext; see unipic2.toml.

The prompt and the negative prompt go through the language model as one batch of two, each with the
learned queries behind it; the states at those places condition the picture.
"""

from _common import USED, checkpoint, pick_device, picture, pictures, seed_everything, setting, use_repository
from realunify_worker import serve

SYSTEM_TURN = (
    "{% if loop.first and message['role'] != 'system' %}<|im_start|>system\n"
    "You are a helpful assistant.<|im_end|>\n{% endif %}"
)
# The default of scripts/unipic2_mq_editing.py.
EDIT_NEGATIVE_PROMPT = (
    "blurry, low quality, low resolution, distorted, deformed, broken content, missing parts, damaged details, "
    "artifacts, glitch, noise, pixelated, grainy, compression artifacts, bad composition, wrong proportion, "
    "incomplete editing, unfinished, unedited areas."
)


class Model:
    capabilities = ["answer", "generate", "edit"]
    environment = USED
    defaults = {
        "num_inference_steps": 50,
        "guidance_scale": 3.5,
        "width": 512,
        "height": 512,
        "negative_prompt": "",
        "edit_negative_prompt": EDIT_NEGATIVE_PROMPT,
        "edit_longer_edge": 512,
        "max_new_tokens": 512,
    }

    def __init__(self):
        use_repository("UNIPIC2_REPO", "unipicv2")
        folder, self.revision = checkpoint(
            "UNIPIC2_CHECKPOINT", "Skywork/UniPic2-Metaquery-9B", "conditioner", "transformer"
        )
        language = setting("UNIPIC2_LANGUAGE_MODEL", "Qwen/Qwen2.5-VL-7B-Instruct")
        self.device = pick_device()
        import torch
        from diffusers import AutoencoderKL, FlowMatchEulerDiscreteScheduler
        from transformers import Qwen2_5_VLForConditionalGeneration, Qwen2_5_VLProcessor
        from unipicv2.pipeline_stable_diffusion_3_kontext import StableDiffusion3KontextPipeline
        from unipicv2.stable_diffusion_3_conditioner import StableDiffusion3Conditioner
        from unipicv2.transformer_sd3_kontext import SD3Transformer2DKontextModel

        def part(kind, name, **settings):
            return kind.from_pretrained(folder, subfolder=name, torch_dtype=torch.bfloat16, **settings).to(self.device)

        attention = setting("UNIPIC2_ATTENTION", "sdpa")
        # The checkpoint's connector may ask for flash-attn, which need not be installed.
        connector = StableDiffusion3Conditioner.load_config(folder, subfolder="conditioner")["connector_config"]
        connector = {**connector, "_attn_implementation": attention}
        self.conditioner = part(StableDiffusion3Conditioner, "conditioner", connector_config=connector)
        none = dict.fromkeys(f"{kind}{n}" for kind in ("text_encoder", "tokenizer") for n in ("", "_2", "_3"))
        self.pipeline = StableDiffusion3KontextPipeline(
            transformer=part(SD3Transformer2DKontextModel, "transformer"),
            vae=part(AutoencoderKL, "vae"),
            scheduler=FlowMatchEulerDiscreteScheduler.from_pretrained(folder, subfolder="scheduler"),
            **none,
        )
        self.language = Qwen2_5_VLForConditionalGeneration.from_pretrained(
            language,
            torch_dtype=torch.bfloat16,
            attn_implementation=attention,
        )
        self.language = self.language.to(self.device).eval()
        self.processor = Qwen2_5_VLProcessor.from_pretrained(language)
        self.processor.chat_template = self.processor.chat_template.replace(SYSTEM_TURN, "")

    def answer(self, request):
        import torch

        seed_everything(request.seed)
        images = pictures(request)
        inputs = self.processor(
            text=[self._chat(request.text, images)], images=images or None, padding=True, return_tensors="pt"
        ).to(self.device)
        with torch.inference_mode():
            ids = self.language.generate(**inputs, do_sample=False, max_new_tokens=request.parameters["max_new_tokens"])
        new = ids[:, inputs["input_ids"].shape[1] :]
        return self.processor.batch_decode(new, skip_special_tokens=True, clean_up_tokenization_spaces=False)[0].strip()

    def generate(self, request):
        import torch

        seed_everything(request.seed)
        wanted, source = request.parameters, picture(request)
        width, height, extra = wanted["width"], wanted["height"], {}
        if source:
            width, height = fitting_size(source.size, wanted["edit_longer_edge"])
            extra["image"] = source = source.resize((width, height))
        with torch.no_grad():
            negative = wanted["edit_negative_prompt" if source else "negative_prompt"]
            embeds, pooled = self._condition([request.text, negative], source)
            result = self.pipeline(
                prompt_embeds=embeds[:1],
                pooled_prompt_embeds=pooled[:1],
                negative_prompt_embeds=embeds[1:],
                negative_pooled_prompt_embeds=pooled[1:],
                height=height,
                width=width,
                num_inference_steps=wanted["num_inference_steps"],
                guidance_scale=wanted["guidance_scale"],
                generator=torch.Generator(device=self.device).manual_seed(request.seed),
                **extra,
            )
        result.images[0].save(request.out)

    def _condition(self, texts, image):
        """Embeddings for the picture generator: the language model's states at the learned queries."""
        import torch

        if image is None:
            chats = [self._chat("Generate an image: " + text, []) for text in texts]
            inputs = self.processor(text=chats, images=None, videos=None, padding=True, return_tensors="pt")
        else:
            pixels = int(image.height * 28 / 32 * image.width * 28 / 32)
            chats = [self._chat(text, [image]) for text in texts]
            inputs = self.processor(text=chats, images=[image] * len(texts), videos=None, padding=True,
                                    min_pixels=pixels, max_pixels=pixels, return_tensors="pt")  # fmt: skip
        inputs = inputs.to(self.device)
        count, rows = self.conditioner.config.num_queries, len(texts)
        ids = torch.cat([inputs.input_ids, inputs.input_ids.new_zeros(rows, count)], dim=1)
        mask = torch.cat([inputs.attention_mask, inputs.attention_mask.new_ones(rows, count)], dim=1)
        embeds = self.language.get_input_embeddings()(ids)
        embeds[:, -count:] = self.conditioner.meta_queries[None].expand(rows, -1, -1)
        grid = {}
        if image is not None:
            grid["image_grid_thw"] = inputs.image_grid_thw
            seen = self.language.visual(inputs.pixel_values, grid_thw=inputs.image_grid_thw)
            embeds[ids == self.processor.tokenizer.convert_tokens_to_ids("<|image_pad|>")] = seen
            self.language.model.rope_deltas = None  # it would keep the last picture's positions
        states = self.language.model(inputs_embeds=embeds, attention_mask=mask, use_cache=False, **grid)
        return self.conditioner(states.last_hidden_state[:, -count:])

    def _chat(self, text, images):
        content = [{"type": "image", "image": image} for image in images] + [{"type": "text", "text": text}]
        return self.processor.apply_chat_template(
            [{"role": "user", "content": content}], tokenize=False, add_generation_prompt=True
        )


def fitting_size(size, longer, factor=32):
    """`size` scaled so that its longer edge is `longer`; the other a multiple of `factor`, at least one of it."""
    scale = longer / max(size)
    return tuple(longer if edge == max(size) else max(1, round(edge * scale / factor)) * factor for edge in size)


if __name__ == "__main__":
    serve(Model)

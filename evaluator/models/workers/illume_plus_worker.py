"""ILLUME+: a language model that reads pictures and writes their two-level tokens; see illume_plus.toml.

A request for a picture names its size in tags. Guidance contrasts it with a request for any picture of
that size, or for the same picture again. With `use_diffusion=true` a diffusion model draws the tokens at
twice the size.
"""

from _common import USED, checkpoint, pick_device, picture, pictures, seed_everything, setting, use_repository
from realunify_worker import Refusal, serve

DTYPES = ("bfloat16", "float16", "float32")


class Model:
    capabilities = ["answer", "generate", "edit"]
    environment = USED
    defaults = {
        "temperature": 1.0,
        "top_k": 2048,
        "top_p": 1.0,
        "guidance_scale": 2.0,
        "edit_temperature": 0.7,
        "edit_top_k": 512,
        "edit_top_p": 0.8,
        "edit_guidance_scale": 1.5,
        "width": 512,
        "height": 512,
        "use_diffusion": False,
        "diffusion_cfg_scale": 2.0,
        "diffusion_num_inference_steps": 20,
        "max_new_tokens": 1024,
    }

    def __init__(self):
        use_repository("ILLUME_REPO", "illume")
        folder, self.revision = checkpoint("ILLUME_CHECKPOINT", "ILLUME-MLLM/illume_plus-qwen2_5-7b-hf", "config.json")
        self.diffusion = setting("ILLUME_DIFFUSION", "ILLUME-MLLM/dualvitok-sdxl-decoder")
        dualvitok = setting("ILLUME_TOKENIZER", "ILLUME-MLLM/dualvitok")
        self.device = pick_device()
        import torch
        from illume.conversation import conv_templates
        from transformers import AutoModel, AutoProcessor

        dtype = setting("ILLUME_DTYPE", DTYPES[0])
        if dtype not in DTYPES:
            raise RuntimeError(f"ILLUME_DTYPE={dtype!r}; choose from {', '.join(DTYPES)}")
        load = {"torch_dtype": getattr(torch, dtype), "trust_remote_code": True}
        self.conversation = conv_templates["qwen2"]
        self.model = AutoModel.from_pretrained(
            folder,
            attn_implementation=setting("ILLUME_ATTENTION", "sdpa"),
            low_cpu_mem_usage=True,
            **load,
        )
        self.model = self.model.eval().to(self.device)
        self.processor = AutoProcessor.from_pretrained(folder, trust_remote_code=True)
        self.processor.set_vision_tokenizer(AutoModel.from_pretrained(dualvitok, **load).eval().to(self.device))
        self.has_diffusion = False

    def answer(self, request):
        seed_everything(request.seed)
        images = pictures(request)
        inputs = self._inputs("<image>\n" * len(images) + request.text)
        if images:  # one by one, as their sizes differ
            inputs["pixel_values"] = [self._pixels([image])["pixel_values"] for image in images]
        return self._run(inputs, do_sample=False, max_new_tokens=request.parameters["max_new_tokens"]).strip()

    def generate(self, request):
        seed_everything(request.seed)
        wanted, source, extra = request.parameters, picture(request), {}
        kind = "edit_" if source else ""
        if source:
            original = source.size
            source = self.processor.transform_image_nearest_resolution_ratio(source)
            extra = self._pixels([source])
            size = tuple(extra["pixel_values"].shape[-2:])
            tag = size_tag(size)
            asked = f"{tag}<image>\nPlease edit the image according to the instruction: {request.text}\n"
            blank = f"{tag}<image>\nReconstruct the image according to the given image\n"
        else:
            size = (wanted["height"], wanted["width"])
            tag = size_tag(size)
            asked = f"Generate an image of {tag}, the content of image is {request.text}\n"
            blank = f"Generate a random image of {tag}\n"
        inputs, negative = self._inputs(asked, tag), self._inputs(blank, tag, [source] if source else [])
        inputs.update(extra)
        sampling = {name: wanted[kind + name] for name in ("temperature", "top_k", "top_p")}
        levels = {f"image_{level}_{name}": value for level in ("semantic", "pixel") for name, value in sampling.items()}
        levels["image_pixel_top_k"] = 3 * sampling["top_k"]
        text = self._run(
            inputs,
            max_new_tokens=2048,
            do_sample=True,
            temperature=1.0,  # of the text around the picture's tokens
            top_k=128,
            top_p=1.0,
            negative_image_prompt_ids=negative["input_ids"],
            negative_image_prompt_attention_mask=negative["attention_mask"],
            target_image_resolution=size,
            guidance_scale=wanted[kind + "guidance_scale"],
            **levels,
        )
        written, tokens, _ = self.processor.parse_text_image(text, "<image>")
        if not tokens or not any(tokens[0]):
            raise Refusal(f"wrote text instead of a picture: {written[:300]}")
        drawn = self._decode(tokens[:1], size, wanted)
        if source:
            drawn = self.processor.unpad_and_resize_back(drawn, *original)
        drawn.save(request.out)

    def _decode(self, tokens, size, wanted):
        if wanted["use_diffusion"] and not self.has_diffusion:
            self.processor.load_diffusion_vision_detokenizer(self.diffusion, device=self.device)
            self.has_diffusion = True
        names = ("use_diffusion", "diffusion_cfg_scale", "diffusion_num_inference_steps")
        return self.processor.decode_images(tokens, target_resolution=size, **{name: wanted[name] for name in names})[0]

    def _run(self, inputs, **settings):
        """The new text; picture tokens are text too."""
        import torch

        tokenizer = self.processor.tokenizer
        ends = {"pad_token_id": tokenizer.pad_token_id, "eos_token_id": tokenizer.eos_token_id}
        with torch.inference_mode():
            ids = self.model.generate(**inputs, use_cache=True, **ends, **settings)
        return tokenizer.decode(ids[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True)

    def _pixels(self, images):
        return self.processor.image_processor(images=images, return_tensors="pt").to(self.device)

    def _inputs(self, text, start="", images=()):
        turn = self.conversation.copy()
        turn.append_message(turn.roles[0], text)
        turn.append_message(turn.roles[1], None)
        extra = {"images": list(images)} if images else {}
        return self.processor(text=turn.get_prompt() + start, return_tensors="pt", **extra).to(self.device)


def size_tag(size):
    return f"<height_{size[0]}><width_{size[1]}>"


if __name__ == "__main__":
    serve(Model)

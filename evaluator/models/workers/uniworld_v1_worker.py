"""UniWorld-V1: Qwen2.5-VL answers, and conditions FLUX to draw and edit; see uniworld_v1.toml.

The published demo lets a small classifier choose between writing and drawing. Here the protocol has
chosen, so it is not loaded. An edit also sees the picture through SigLIP. Text comes before the picture,
in answers too: the order that the model was trained with.
"""

from _common import USED, checkpoint, note_cut, pick_device, picture, pictures, seed_everything, setting, use_repository
from realunify_worker import serve

PIXELS = 448 * 448


class Model:
    capabilities = ["answer", "generate", "edit"]
    environment = USED
    defaults = {
        "num_inference_steps": 28,
        "guidance_scale": 3.5,
        "width": 1024,
        "height": 1024,
        "max_pixels": PIXELS,
        "max_new_tokens": 512,
    }

    def __init__(self):
        use_repository("UNIWORLD_REPO", "univa")
        folder, self.revision = checkpoint("UNIWORLD_CHECKPOINT", "LanguageBind/UniWorld-V1", "config.json")
        flux = setting("UNIWORLD_FLUX", "black-forest-labs/FLUX.1-dev")
        siglip = setting("UNIWORLD_SIGLIP", "google/siglip2-so400m-patch16-512")
        self.device = pick_device()
        import torch
        from transformers import AutoProcessor, SiglipImageProcessor, SiglipVisionModel
        from univa.models.qwen2p5vl.modeling_univa_qwen2p5vl import UnivaQwen2p5VLForConditionalGeneration
        from univa.utils.flux_pipeline import FluxPipeline

        self.model = UnivaQwen2p5VLForConditionalGeneration.from_pretrained(
            folder,
            torch_dtype=torch.bfloat16,
            attn_implementation=setting("UNIWORLD_ATTENTION", "sdpa"),
        )
        self.model = self.model.to(self.device).eval()
        self.processor = AutoProcessor.from_pretrained(folder, min_pixels=PIXELS, max_pixels=PIXELS)
        self.pipeline = FluxPipeline.from_pretrained(
            flux, transformer=self.model.denoise_tower.denoiser, torch_dtype=torch.bfloat16
        ).to(self.device)
        self.siglip_processor = SiglipImageProcessor.from_pretrained(siglip)
        self.siglip = SiglipVisionModel.from_pretrained(siglip, torch_dtype=torch.bfloat16).to(self.device)

    def answer(self, request):
        import torch

        seed_everything(request.seed)
        inputs = self._inputs(request, pictures(request))
        with torch.inference_mode():
            ids = self.model.generate(**inputs, do_sample=False, max_new_tokens=request.parameters["max_new_tokens"])
        new = ids[:, inputs["input_ids"].shape[1] :]
        return self.processor.batch_decode(new, skip_special_tokens=True, clean_up_tokenization_spaces=False)[0].strip()

    def generate(self, request):
        import torch
        from univa.utils.anyres_util import dynamic_resize
        from univa.utils.denoiser_prompt_embedding_flux import encode_prompt

        seed_everything(request.seed)
        wanted, source = request.parameters, picture(request)
        width, height = wanted["width"], wanted["height"]
        if source:  # the closest of eleven ratios with as many pixels as were asked for
            height, width = dynamic_resize(source.height, source.width, "any_11ratio", anchor_pixels=width * height)
        inputs = self._inputs(request, [source] if source else [])
        with torch.no_grad():
            understood = self.model(
                inputs["input_ids"],
                pixel_values=inputs.get("pixel_values"),
                attention_mask=inputs["attention_mask"],
                image_grid_thw=inputs.get("image_grid_thw"),
                siglip_hidden_states=self._siglip_states(source) if source else None,
                output_type="denoise_embeds",
            )
            tokenizers = [self.pipeline.tokenizer, self.pipeline.tokenizer_2]
            encoders = [self.pipeline.text_encoder, self.pipeline.text_encoder_2]
            note_cut(request, tokenizers[0](request.text)["input_ids"], 77, "CLIP")
            note_cut(request, tokenizers[1](request.text)["input_ids"], 256, "T5")
            t5, pooled = encode_prompt(encoders, tokenizers, request.text, 256, self.device, 1)
            result = self.pipeline(
                prompt_embeds=torch.concat([t5, understood], dim=1),
                pooled_prompt_embeds=pooled,
                height=height,
                width=width,
                num_inference_steps=wanted["num_inference_steps"],
                guidance_scale=wanted["guidance_scale"],
                generator=torch.Generator(device=self.device).manual_seed(request.seed),
            )
        result.images[0].save(request.out)

    def _siglip_states(self, image):
        prepared = self.siglip_processor.preprocess(
            images=image, do_resize=True, do_convert_rgb=True, return_tensors="pt"
        )
        return self.siglip(prepared.pixel_values.to(self.device)).last_hidden_state

    def _inputs(self, request, images):
        from qwen_vl_utils import process_vision_info

        most = request.parameters["max_pixels"]
        content = [{"type": "text", "text": request.text}]
        for image in images:
            content.append({"type": "image", "image": image, "min_pixels": min(PIXELS, most), "max_pixels": most})
        conversation = [{"role": "user", "content": content}]
        chat = self.processor.apply_chat_template(conversation, tokenize=False, add_generation_prompt=True)
        chat = chat.split("<|im_end|>\n", 1)[-1]  # trained without the template's system turn
        vision, videos = process_vision_info(conversation)
        inputs = self.processor(text=[chat], images=vision, videos=videos, padding=True, return_tensors="pt")
        return inputs.to(self.device)


if __name__ == "__main__":
    serve(Model)

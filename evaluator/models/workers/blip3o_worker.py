"""BLIP3-o: answers as Qwen2.5-VL and draws, never edits; see blip3o.toml.

Its language model's states become CLIP features by flow matching, which a diffusion decoder that is part
of the checkpoint turns into a picture.
"""

from pathlib import Path

from _common import USED, checkpoint, only_device, pick_device, pictures, seed_everything, setting, use_repository
from realunify_worker import serve


class Model:
    capabilities = ["answer", "generate"]
    environment = USED
    defaults = {"guidance_scale": 3.0, "max_new_tokens": 1024}

    def __init__(self):
        use_repository("BLIP3O_REPO", "blip3o/model/lumina_nextdit2d.py")
        folder, self.revision = checkpoint(
            "BLIP3O_CHECKPOINT", "BLIP3o/BLIP3o-Model-8B", "config.json", "diffusion-decoder"
        )
        language = setting("BLIP3O_PROCESSOR", "Qwen/Qwen2.5-VL-7B-Instruct")
        only_device()  # its builder puts the model on cuda:0
        self.device = pick_device()
        import torch
        from blip3o.conversation import conv_templates
        from blip3o.model.builder import load_pretrained_model
        from blip3o.utils import disable_torch_init
        from diffusers import DiffusionPipeline
        from transformers import AutoProcessor

        disable_torch_init()
        self.conversation = conv_templates["qwen"]
        self.processor = AutoProcessor.from_pretrained(language)
        tokenizer, self.model, _ = load_pretrained_model(folder)
        self.pipeline = DiffusionPipeline.from_pretrained(
            str(Path(folder, "diffusion-decoder")),
            custom_pipeline="pipeline_llava_gen",
            torch_dtype=torch.bfloat16,
            use_safetensors=True,
            variant="bf16",
            multimodal_encoder=self.model,
            tokenizer=tokenizer,
            safety_checker=None,
        )
        self.pipeline.vae.to(self.device)
        self.pipeline.unet.to(self.device)

    def answer(self, request):
        import torch
        from qwen_vl_utils import process_vision_info

        seed_everything(request.seed)
        content = [{"type": "image", "image": image} for image in pictures(request)]
        messages = [{"role": "user", "content": [*content, {"type": "text", "text": request.text}]}]
        chat = self.processor.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        images, videos = process_vision_info(messages)
        inputs = self.processor(text=[chat], images=images, videos=videos, padding=True, return_tensors="pt")
        inputs = inputs.to(self.device)
        with torch.inference_mode():
            ids = self.model.generate(**inputs, do_sample=False, max_new_tokens=request.parameters["max_new_tokens"])
        new = ids[:, inputs["input_ids"].shape[1] :]
        return self.processor.batch_decode(new, skip_special_tokens=True, clean_up_tokenization_spaces=False)[0].strip()

    def generate(self, request):
        import torch

        seed_everything(request.seed)
        turn = self.conversation.copy()
        turn.append_message(turn.roles[0], f"Please generate image based on the following caption: {request.text}")
        turn.append_message(turn.roles[1], None)
        with torch.no_grad():
            result = self.pipeline([turn.get_prompt()], guidance_scale=request.parameters["guidance_scale"])
        result.image.save(request.out)


if __name__ == "__main__":
    serve(Model)

"""Nexus-Gen: Qwen2.5-VL answers, and the embeddings that it writes are drawn by two FLUX decoders; see nexus_gen.toml.

One decoder draws, the other edits with the picture's own embeddings beside; each is loaded when it is first needed.
"""

from pathlib import Path

from _common import USED, checkpoint, pick_device, picture, pictures, seed_everything, setting, use_repository
from realunify_worker import Refusal, serve

SEEN_PIXELS = 262640  # of a picture that the language model reads
EMBEDDED = (504, 504)  # 324 embeddings, which the editing decoder reads
GRID = (1, 18, 18)  # 81 embeddings of a picture that is written


class Model:
    capabilities = ["answer", "generate", "edit"]
    environment = USED
    defaults = {
        "num_inference_steps": 50,
        "cfg_scale": 3.0,
        "edit_cfg_scale": 1.0,
        "embedded_guidance": 3.5,
        "negative_prompt": "",
        "width": 512,
        "height": 512,
        "max_new_tokens": 1024,
    }

    def __init__(self):
        use_repository("NEXUS_GEN_REPO", "modeling")
        self.folder, self.revision = checkpoint(
            "NEXUS_GEN_CHECKPOINT",
            "modelscope/Nexus-GenV2",
            "config.json",
            "generation_decoder.bin",
            "edit_decoder.bin",
        )
        self.flux = str(Path(setting("NEXUS_GEN_FLUX", "models")).expanduser())
        self.device = pick_device()
        from modeling.ar.modeling_qwen2_5_vl import Qwen2_5_VLForConditionalGeneration
        from modeling.ar.processing_qwen2_5_vl import Qwen2_5_VLProcessor
        from transformers import AutoConfig

        self.model = Qwen2_5_VLForConditionalGeneration.from_pretrained(
            self.folder,
            config=AutoConfig.from_pretrained(self.folder),
            trust_remote_code=True,
            torch_dtype="auto",
            device_map=self.device,
        )
        self.model.eval()
        self.processor = Qwen2_5_VLProcessor.from_pretrained(self.folder)
        self.decoders = {}

    def answer(self, request):
        seed_everything(request.seed)
        images = pictures(request)
        content = [{"type": "image", "image": image} for image in images] + [{"type": "text", "text": request.text}]
        inputs = self._inputs(content, images)
        ids = self.model.generate(**inputs, do_sample=False, max_new_tokens=request.parameters["max_new_tokens"])
        new = [row[inputs["input_ids"].shape[1] :] for row in ids]
        return self.processor.batch_decode(new, skip_special_tokens=True, clean_up_tokenization_spaces=False)[0].strip()

    def generate(self, request):
        seed_everything(request.seed)
        wanted, source = request.parameters, picture(request)
        settings = {name: wanted[name] for name in ("height", "width", "negative_prompt", "num_inference_steps")}
        settings.update(embedded_guidance=wanted["embedded_guidance"], seed=request.seed)
        if source is None:
            written = self._written(f"Generate an image according to the following description: {request.text}", [])
            drawn = self._decoder("generation").decode_image_embeds(written, cfg_scale=wanted["cfg_scale"], **settings)
        else:
            place = "<|vision_start|><|image_pad|><|vision_end|> "
            written = self._written(place + request.text, [source])
            drawn = self._decoder("editing").decode_image_embeds(
                written, ref_embed=self._embeddings(source), cfg_scale=wanted["edit_cfg_scale"], **settings
            )
        drawn.save(request.out)

    def _written(self, text, images):
        """The embeddings of the picture that the language model writes."""
        import torch

        inputs = self._inputs([{"type": "text", "text": text}], images)
        with torch.no_grad():
            output = self.model.generate(
                **inputs,
                max_new_tokens=1024,
                return_dict_in_generate=True,
                generation_image_grid_thw=torch.tensor([GRID]).to(self.device),
            )
        if output["output_image_embeddings"] is None:
            new = [row[inputs["input_ids"].shape[1] :] for row in output["sequences"]]
            said = self.processor.batch_decode(new, skip_special_tokens=True, clean_up_tokenization_spaces=False)[0]
            raise Refusal(f"wrote text instead of a picture: {said[:300]}")
        return output["output_image_embeddings"]

    def _embeddings(self, image):
        """Of the picture that is edited, from the language model's own eye."""
        import torch
        from PIL import Image

        vision = self.model.visual
        found = self.processor.image_processor(
            images=[image.resize(EMBEDDED, Image.BILINEAR)], videos=None, return_tensors="pt", do_resize=False
        )
        with torch.no_grad():
            pixels = found["pixel_values"].to(vision.device).type(vision.dtype)
            return vision(pixels, grid_thw=found["image_grid_thw"].to(vision.device))

    def _decoder(self, kind):
        if kind not in self.decoders:
            if kind == "generation":
                from modeling.decoder.generation_decoder import NexusGenGenerationDecoder

                place = str(Path(self.folder, "generation_decoder.bin"))
                self.decoders[kind] = NexusGenGenerationDecoder(place, self.flux, device=self.device)
            else:
                from modeling.decoder.editing_decoder import NexusGenEditingDecoder

                place = str(Path(self.folder, "edit_decoder.bin"))
                self.decoders[kind] = NexusGenEditingDecoder(place, self.flux, self.folder, device=self.device)
        return self.decoders[kind]

    def _inputs(self, content, images):
        from qwen_vl_utils import smart_resize

        seen = []
        for image in images:
            height, width = smart_resize(image.height, image.width, max_pixels=SEEN_PIXELS)
            seen.append(image.resize((width, height)))
        chat = self.processor.apply_chat_template(
            [{"role": "user", "content": content}], tokenize=False, add_generation_prompt=True
        )
        extra = {"images": seen} if seen else {}
        return self.processor(text=[chat], padding=True, return_tensors="pt", **extra).to(self.model.device)


if __name__ == "__main__":
    serve(Model)

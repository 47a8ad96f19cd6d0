"""A stand-in for the OpenAI API: chat completions, image generation and image edits, over real HTTP.

It answers what `reply(text, images)` gives: text, PNG bytes (a picture), `blocked:...`, or `ends:length:TEXT`,
a text that ends for that reason.
"""

from __future__ import annotations

import base64
import email
import email.policy
import math
from collections.abc import Callable
from typing import Any

from tests.servers.http import Behaviour, Handler, Server

Reply = Callable[[str, list[bytes]], str | bytes]
MODELS = ("gpt-4.1", "gpt-5", "gpt-image-1", "Qwen/Qwen2.5-VL-72B-Instruct")


class OpenAIHandler(Handler):
    """State is the reply function."""

    def respond(self, path: str, body: Any, fault: int | str | None) -> tuple[int, Any]:
        if path.endswith("/models"):
            return 200, {"object": "list", "data": [{"id": name, "object": "model"} for name in MODELS]}
        fields, images = self._multipart(body) if isinstance(body, bytes) else (body, [])
        if fields.get("model") not in MODELS:
            raise LookupError(f"model {fields.get('model')}")
        if path.endswith("/chat/completions"):
            return 200, self._chat(fields, fault)
        if path.endswith(("/images/generations", "/images/edits")):
            return self._picture(str(fields["prompt"]), images, fault)
        raise LookupError(path)

    def _chat(self, fields: Any, fault: int | str | None) -> Any:
        content = fields["messages"][0]["content"]
        text = "".join(part["text"] for part in content if part["type"] == "text")
        urls = [part["image_url"]["url"] for part in content if part["type"] == "image_url"]
        images = [base64.b64decode(url.partition(",")[2]) for url in urls]
        answer: Any = (
            "I would rather talk about the weather."
            if fault == "garbage"
            else self.reply(text, images, fields.get("seed"))
        )
        if fault == "empty":
            answer = ""
        finish = "content_filter" if str(answer).startswith("blocked:") else "stop"
        if str(answer).startswith("ends:"):
            _, finish, answer = str(answer).split(":", 2)
        choice: dict[str, Any] = {
            "index": 0,
            "finish_reason": finish,
            "message": {"role": "assistant", "content": "" if finish == "content_filter" else answer},
        }
        if fields.get("logprobs") and answer:
            word = str(answer).split()[0].strip(".")
            other = {"yes": "No", "no": " yes"}.get(word.lower(), "the")
            tops = [
                {"token": token, "logprob": math.log(chance), "bytes": None}
                for token, chance in ((word, 0.6), (word.upper(), 0.2), (other, 0.2))
            ]
            choice["logprobs"] = {"content": [{**tops[0], "top_logprobs": tops}]}
        return {
            "id": "chat-1",
            "object": "chat.completion",
            "created": 0,
            "model": self.behaviour.served or fields["model"],
            "choices": [choice],
            "usage": {"prompt_tokens": 300, "completion_tokens": 2, "total_tokens": 302},
        }

    def _picture(self, prompt: str, images: list[bytes], fault: int | str | None) -> tuple[int, Any]:
        if fault == "empty":
            return 200, {"created": 0, "data": []}
        answer = self.reply(prompt, images, None)
        if isinstance(answer, str):
            return 400, {
                "error": {"code": "moderation_blocked", "message": answer, "type": "image_generation_user_error"}
            }
        return 200, {
            "created": 0,
            "data": [{"b64_json": base64.b64encode(answer).decode()}],
            "usage": {"input_tokens": 20, "output_tokens": 1056, "total_tokens": 1076},
        }

    def _multipart(self, body: bytes) -> tuple[dict[str, str], list[bytes]]:
        """Fields and files of a form, as an image edit is sent."""
        head = f"content-type: {self.headers['content-type']}\r\n\r\n".encode()
        message = email.message_from_bytes(head + body, policy=email.policy.HTTP)
        fields: dict[str, str] = {}
        files: list[bytes] = []
        for part in message.iter_parts():
            data = part.get_payload(decode=True)
            assert isinstance(data, bytes)
            if part.get_filename():
                files.append(data)
            else:
                fields[str(part.get_param("name", header="content-disposition"))] = data.decode()
        return fields, files


def openai_server(reply: Reply, behaviour: Behaviour | None = None) -> Server:
    return Server(OpenAIHandler, behaviour, reply)

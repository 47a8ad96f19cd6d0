"""The worker's side of `worker:FILE.toml`: copy or import this one file, it needs nothing but Python 3.8.

A worker is a model in its own environment. It reads JSON lines on stdin and writes JSON lines on stdout;
pictures travel as files. A worker script is a class with up to two methods and one call:

    from realunify_worker import serve

    class Model:
        capabilities = ["answer", "generate", "edit"]
        defaults = {"steps": 50}                      # parameters it knows, with recommended values
        revision = "2a1b3c"                           # of the weights
        environment = {"dtype": "bfloat16"}           # what else decides its outputs, if anything (text)
        def answer(self, request):   return "text"    # request.text, .images (paths), .seed, .parameters
        def generate(self, request): image.save(request.out)   # no images: text to image; with: edit

    serve(Model)

The class is made once, after the handshake has begun, so loading may take its time. Whatever a library
prints goes to stderr, which the other side keeps in a log.

What a reader must know ("prompt cut from 310 to 256 tokens") goes to `request.notes`, counts (tokens) to
`request.usage`.

Protocol, version 1 (one JSON object a line; `environment`, `runtime`, `notes` and `usage` may be left out):
    -> {"type": "hello", "version": 1}
    <- {"type": "ready", "version": 1, "capabilities": [...], "defaults": {...}, "revision": "...",
        "environment": {...}, "runtime": {"python": "3.10.14", "torch": "2.5.1", ...}}
    -> {"type": "call", "id": 7, "method": "answer" | "generate", "requests": [{"text", "images", "seed",
        "parameters", "out"}]}
    <- {"type": "result", "id": 7, "outputs": [{"text"} | {"image"} | {"refusal"} | {"error"}, ...]}
       each output also with {"notes": [...], "usage": {"output_tokens": 12}}
    -> {"type": "ping", "id": 8}        <- {"type": "pong", "id": 8}
    -> {"type": "bye"}
"""

import json
import os
import platform
import sys
import traceback

VERSION = 1
# What runs the model, for the run's manifest; a script may add to it (the commit of its clone, say).
RUNTIME = {}
LIBRARIES = ("torch", "transformers", "diffusers", "accelerate", "numpy")


class Refusal(Exception):
    """Raise it where the model itself declines; it is recorded as the model's answer, not as an error."""


class Request:
    """What is asked: `text`, `images` (paths, maybe none), `seed`, `parameters`, `out` (a .png to write).

    `notes` and `usage` are for the model to fill.
    """

    def __init__(self, fields):
        self.text = fields["text"]
        self.images = fields["images"]
        self.seed = fields["seed"]
        self.parameters = fields["parameters"]
        self.out = fields.get("out")
        self.notes = []
        self.usage = {}


def serve(make_model):
    """Answer calls until the other side says bye or goes away. `make_model()` returns the model."""
    # Libraries print on stdout; the protocol needs it clean. It keeps a private copy, print gets stderr.
    stream = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    model = None
    for line in sys.stdin:
        message = json.loads(line)
        kind = message["type"]
        if kind == "hello":
            if message["version"] != VERSION:
                _say(stream, {"type": "failed", "error": "the worker speaks version " + str(VERSION)})
                return
            try:
                model = make_model()
            except Exception:
                traceback.print_exc()  # stderr is the log
                _say(stream, {"type": "failed", "error": traceback.format_exc()})
                return
            _say(stream, {
                "type": "ready",
                "version": VERSION,
                "capabilities": list(model.capabilities),
                "defaults": dict(getattr(model, "defaults", {})),
                "revision": str(getattr(model, "revision", "unknown")),
                "environment": {name: str(fact) for name, fact in getattr(model, "environment", {}).items()},
                "runtime": _runtime(),
            })  # fmt: skip
        elif kind == "ping":
            _say(stream, {"type": "pong", "id": message["id"]})
        elif kind == "call":
            outputs = [_one(model, message["method"], Request(fields)) for fields in message["requests"]]
            _say(stream, {"type": "result", "id": message["id"], "outputs": outputs})
        elif kind == "bye":
            return


def _runtime():
    """Versions of Python and of the libraries that are installed, and the accelerator, with what is in RUNTIME."""
    from importlib import metadata

    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            pass
    if "torch" in sys.modules and hasattr(sys.modules["torch"], "cuda"):
        cuda = sys.modules["torch"].cuda
        found["gpu"] = cuda.get_device_name() if cuda.is_available() else "none"
    found.update({name: str(fact) for name, fact in RUNTIME.items()})
    return found


def _one(model, method, request):
    output = _outcome(model, method, request)
    if request.notes:
        output["notes"] = [str(note) for note in request.notes]
    if request.usage:
        output["usage"] = {str(name): int(count) for name, count in request.usage.items()}
    return output


def _outcome(model, method, request):
    try:
        if method == "answer":
            return {"text": str(model.answer(request))}
        model.generate(request)
        return {"image": request.out}
    except Refusal as refusal:
        return {"refusal": str(refusal)}
    except Exception:
        return {"error": traceback.format_exc()}


def _say(stream, message):
    stream.write(json.dumps(message) + "\n")
    stream.flush()

"""`croissant.json`: the dataset described in Croissant 1.0 (JSON-LD), which search engines and ML tools read.

Specification: https://docs.mlcommons.org/croissant/docs/croissant-spec.html. Every parquet file is named with
its sha256, and every column with its type; `mlcroissant` validates it and reads the rows by it.

    >>> describe(info)["recordSet"][0]["field"][0]["name"]
    'id'
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dataset_builder.files import write_atomic
from dataset_builder.folder import Info
from dataset_builder.instance import IMAGE_COLUMNS, Instance

PAPER = "https://arxiv.org/abs/2509.24897"
PUBLISHED = "2026-11-23"  # of the version, not of a build: the same seed gives the same bytes
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
_DESCRIPTIONS = {
    "id": "Unique name of the instance, for example ueg-world_knowledge-0001.",
    "axis": "ueg: understanding enhances generation; geu: generation enhances understanding.",
    "prompt": "UEG: what is to be drawn.",
    "reference_prompt": "UEG: the true refined prompt.",
    "image": "GEU: the picture that is asked about.",
    "reference_image": "GEU: the true intermediate picture.",
    "answer": "GEU: the letter of the right option.",
}
# The names of the vocabulary, as version 1.0 of the specification gives them.
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def write(folder: Path, info: Info) -> None:
    """Write croissant.json into a dataset folder."""
    write_atomic(folder / "croissant.json", json.dumps(describe(info), indent=1, ensure_ascii=False) + "\n")


def describe(info: Info) -> dict[str, Any]:
    """The JSON-LD document; one record set a parquet file, since the categories share one schema."""
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": info.dataset_id,
        "description": f"RealUnify: {info.instances} instances (content {info.content_sha256}).",
        "url": PAPER,
        "license": LICENCE if info.source == "open" else "https://huggingface.co/datasets/DogNeverSleep/RealUnify",
        "version": info.version,
        "datePublished": PUBLISHED,
        "citeAs": "RealUnify: Do Unified Models Truly Benefit from Unification? A Comprehensive Benchmark. CVPR 2026.",
        "distribution": [_file(name, digest) for name, digest in info.files.items()],
        "recordSet": [_records(name) for name in info.files],
    }


def _file(name: str, digest: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "encodingFormat": "application/x-parquet",
        "sha256": digest,
    }


def _records(file: str) -> dict[str, Any]:
    """`world_knowledge`, or `world_knowledge-00001` for its second file."""
    path = Path(file)
    number = path.stem.removeprefix("test")
    name = path.parent.name + ("" if number == "-00000" else number)
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "key": {"@id": f"{name}/id"},
        "field": [_field(name, file, column) for column in Instance.model_fields if column not in _NESTED],
    }


_NESTED = ("question_list",)  # a list of records, which the parquet's own schema describes


def _field(records: str, file: str, column: str) -> dict[str, Any]:
    picture = column in IMAGE_COLUMNS
    extract: dict[str, Any] = {"extract": {"column": column}}
    if picture:
        extract["transform"] = {"jsonPath": "bytes"}
    repeated = {"repeated": True} if column == "option" else {}
    described = {"description": _DESCRIPTIONS[column]} if column in _DESCRIPTIONS else {}
    return {
        "@type": "cr:Field",
        "@id": f"{records}/{column}",
        "name": column,
        **described,
        **repeated,
        "dataType": "sc:ImageObject" if picture else "sc:Text",
        "source": {"fileObject": {"@id": file}, **extract},
    }

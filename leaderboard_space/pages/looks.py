"""How the pages look: one theme, one style sheet, and the templates, which escape whatever is put into them.

>>> render("status.html", status=status)
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import gradio as gr
import jinja2

_HERE = Path(__file__).parent


def theme() -> gr.themes.Base:
    """Quiet greys and one blue, in the system's own type: nothing is fetched from elsewhere."""
    sans = ["ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Noto Sans", "DejaVu Sans", "sans-serif"]
    mono = ["ui-monospace", "SFMono-Regular", "DejaVu Sans Mono", "monospace"]
    return gr.themes.Base(
        primary_hue=gr.themes.colors.blue,
        neutral_hue=gr.themes.colors.slate,
        text_size=gr.themes.sizes.text_md,
        radius_size=gr.themes.sizes.radius_md,
        font=sans,
        font_mono=mono,
    ).set(
        body_background_fill="white",
        body_background_fill_dark="*neutral_950",
        body_text_color_subdued="*neutral_500",
        body_text_color_subdued_dark="*neutral_400",
        block_background_fill="white",
        block_background_fill_dark="*neutral_900",
        block_border_width="1px",
        block_shadow="none",
        block_label_background_fill="transparent",
        button_primary_background_fill="#005f99",
        button_primary_background_fill_hover="#004b7a",
        button_primary_text_color="white",
    )


def css() -> str:
    return (_HERE / "templates" / "style.css").read_text(encoding="utf-8")


@functools.cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = percent
    environment.filters["plain"] = lambda name: str(name).replace("_", " ")
    return environment


def percent(value: float | None) -> str:
    return "\N{EN DASH}" if value is None else f"{value:.1f}"


def html(value: str | None = None, **options: Any) -> gr.HTML:
    """An HTML component that keeps our own styles."""
    return gr.HTML(value, apply_default_css=False, **options)


def render(template: str, **values: Any) -> str:
    """A template's HTML; every value is escaped."""
    return _templates().get_template(template).render(**values)

"""The web app's colours as a Gradio theme. No font is fetched."""

from pathlib import Path
from typing import NamedTuple

import gradio as gr

STYLE = Path(__file__).with_name("style.css")
"""Rules for what the theme's variables do not reach: the answer panel and the drawing pad."""


class Shade(NamedTuple):
    """A colour in light and in dark."""

    light: str
    dark: str


PAPER = Shade("#f4f1ea", "#14161b")
SHEET = Shade("#fffdf8", "#1e2128")
INK = Shade("#1d2433", "#f3efe6")
QUIET = Shade("#5c6170", "#a3a8b4")
LINE = Shade("#dcd6c8", "#343944")
TRACK = Shade("#e9e4d9", "#262a33")
EDGE = Shade("#8b8878", "#747a88")
ACCENT = Shade("#b5412a", "#ff9270")

COLOURS = {
    "body_background_fill": PAPER,
    "body_text_color": INK,
    "body_text_color_subdued": QUIET,
    "background_fill_primary": SHEET,
    "background_fill_secondary": PAPER,
    "block_background_fill": SHEET,
    "block_border_color": LINE,
    "block_label_background_fill": SHEET,
    "block_label_text_color": QUIET,
    "block_label_border_color": LINE,
    "block_title_text_color": INK,
    "block_info_text_color": QUIET,
    "border_color_primary": LINE,
    "border_color_accent": ACCENT,
    "color_accent_soft": TRACK,
    "input_background_fill": SHEET,
    "input_border_color": EDGE,
    "input_placeholder_color": QUIET,
    "panel_background_fill": SHEET,
    "panel_border_color": LINE,
    "table_even_background_fill": SHEET,
    "table_odd_background_fill": SHEET,
    "table_border_color": LINE,
    "table_text_color": INK,
    "stat_background_fill": ACCENT,
    "checkbox_label_background_fill": SHEET,
    "checkbox_label_background_fill_hover": TRACK,
    "checkbox_label_background_fill_selected": TRACK,
    "checkbox_label_text_color": INK,
    "checkbox_background_color": SHEET,
    "checkbox_background_color_selected": ACCENT,
    "checkbox_border_color": EDGE,
    "checkbox_border_color_selected": ACCENT,
    "button_primary_background_fill": INK,
    "button_primary_background_fill_hover": QUIET,
    "button_primary_text_color": PAPER,
    "button_primary_border_color": INK,
    "button_secondary_background_fill": PAPER,
    "button_secondary_background_fill_hover": TRACK,
    "button_secondary_text_color": INK,
    "button_secondary_border_color": EDGE,
    "link_text_color": ACCENT,
    "link_text_color_hover": ACCENT,
    "link_text_color_active": ACCENT,
    "link_text_color_visited": ACCENT,
    "loader_color": ACCENT,
    "error_text_color": ACCENT,
}
"""The theme's variables, each with its shade."""


def make_theme() -> gr.themes.Base:
    """The theme, with fonts of the visitor's system: any other font would be fetched from another host."""
    theme = gr.themes.Base(
        primary_hue="orange",
        neutral_hue="stone",
        radius_size="lg",
        font=[gr.themes.Font(name) for name in ("system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")],
        font_mono=[gr.themes.Font(name) for name in ("ui-monospace", "Consolas", "monospace")],
    )
    values = {name: shade.light for name, shade in COLOURS.items()}
    values |= {f"{name}_dark": shade.dark for name, shade in COLOURS.items()}
    return theme.set(color_accent=ACCENT.light, **values)

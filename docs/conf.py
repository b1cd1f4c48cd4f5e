"""Settings of the site; built by ``python3 scripts/dev.py docs``."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]
# pages that are made at build time print help texts, whose width is that of the terminal
os.environ["COLUMNS"] = os.environ["TERMINAL_WIDTH"] = "88"

project = "sentiment_transfer"
copyright = "the sentiment_transfer authors"  # noqa: A001  (Sphinx reads this name)
author = "The sentiment_transfer authors"
release = version = version_of("sentiment-transfer")
language = "en"

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "site_pages",
]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["_build", "_ext", "_templates", "tutorials", "sg_execution_times.rst"]
exclude_patterns += ["gallery/sg_execution_times.rst"]
templates_path = ["_templates"]
nitpicky = True
nitpick_ignore_regex = [
    # Other projects have their own sites, and types that are not public have no page.
    ("py:.*", r"(?!sentiment_transfer\b).*"),
    ("py:.*", r"sentiment_transfer\.(base\.|[a-z_.]+\.[a-z_0-9]+\.).*"),
]

# ---- pages

html_theme = "furo"
html_title = f"sentiment_transfer {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_favicon = "_static/favicon.svg"
html_copy_source = False
html_show_sourcelink = False
html_theme_options: dict[str, Any] = {
    "navigation_with_keys": False,
    "light_css_variables": {
        "color-brand-primary": "#0b5f4d",
        "color-brand-content": "#0b5f4d",
        "color-brand-visited": "#4a3f78",
        "color-code-background": "#f4f6f5",
    },
    "dark_css_variables": {
        "color-brand-primary": "#7fd8c0",
        "color-brand-content": "#7fd8c0",
        "color-brand-visited": "#c3b5ff",
    },
}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"

# ---- Markdown

myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist"]
myst_heading_anchors = 3
copybutton_prompt_text = r"\$ |>>> "
copybutton_prompt_is_regexp = True
copybutton_exclude = ".linenos, .gp, .go"

# ---- docstrings

autosummary_generate = True
autosummary_ignore_module_all = False
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
maximum_signature_line_length = 88
numpydoc_show_class_members = False
default_role = "public"

# ---- tutorials, which are run

sphinx_gallery_conf: dict[str, Any] = {
    "examples_dirs": "tutorials",
    "gallery_dirs": "gallery",
    "filename_pattern": r"[/\\]\d_",
    "within_subsection_order": "FileNameSortKey",
    "abort_on_example_error": True,
    "only_warn_on_example_error": False,
    "copyfile_regex": r"index\.rst",
    "image_scrapers": (),
    "reset_modules": (),
    "download_all_examples": False,
    "remove_config_comments": True,
    "show_signature": False,
    "min_reported_time": 0,
    "plot_gallery": True,
    "capture_repr": ("_repr_html_", "__repr__"),
}

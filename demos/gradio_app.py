"""A sketchpad in Gradio: draw a digit and be told which one it is. `python -m demos.gradio_app` opens it."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

import gradio as gr
from huggingface_hub import constants

import digitrec
from demos.sketchpad import tabs
from demos.sketchpad.answering import Predicts
from demos.sketchpad.endpoints import Endpoints, add_endpoints
from demos.sketchpad.looks import SCRIPT, STYLE, make_theme

HOST = "127.0.0.1"
PORT = 7860
CORRECTIONS = "corrections.csv"
MAX_FILE_SIZE = "20mb"

AT_ONCE = 20
"""Questions answered at the same time; one takes a millisecond of computing, the rest is waiting for the network."""

FILE_LIFE = 3600
"""Seconds until uploaded and made files are cleared away."""


def build_demo(recognizer: Predicts | None = None, corrections: Path | None = Path(CORRECTIONS)) -> gr.Blocks:
    """Make the page and its API, without serving them; `launch` does.

    Args:
        recognizer: Whatever has `predict`; by default the shipped model, loaded here.
        corrections: CSV file that wrong answers are saved to with their right label; None to keep none.

    Raises:
        digitrec.ModelNotFoundError: No model there.
        digitrec.ModelIntegrityError: Not a model that can be served.
    """
    recognizer = recognizer or digitrec.Recognizer()
    with gr.Blocks(title="digitrec: draw a digit", analytics_enabled=False, delete_cache=(600, FILE_LIFE)) as page:
        gr.HTML("<h1>digitrec</h1><p>Draw a digit and be told which one.</p>", elem_classes="masthead", padding=False)
        with gr.Tab("Draw"):
            tabs.draw_tab(recognizer, corrections)
        with gr.Tab("Upload"):
            tabs.upload_tab(recognizer, corrections)
        with gr.Tab("Many files"):
            tabs.batch_tab(recognizer)
        add_endpoints(Endpoints(recognizer, corrections), corrections is not None)
    demo: gr.Blocks = page.queue(default_concurrency_limit=AT_ONCE, max_size=1000)
    return demo


def launch(demo: gr.Blocks, host: str = HOST, port: int = PORT, **options: Any) -> tuple[Any, str, str | None]:
    """Serve the page, its API and its MCP tools. Nothing of it is fetched from or told to another host.

    Args:
        demo: From `build_demo`.
        host: Address to listen on; 0.0.0.0 lets other machines in.
        port: Port to listen on.
        options: Further ones of `gradio.Blocks.launch`, such as `prevent_thread_lock`.

    Raises:
        OSError: The port is taken.
    """
    # MCP tools are called through Gradio's client, which tells Hugging Face of itself. The variable that forbids it is
    # read when Gradio is imported, which is too early for us to set it.
    constants.HF_HUB_DISABLE_TELEMETRY = True
    settings: dict[str, Any] = {
        "theme": make_theme(),
        "css_paths": STYLE,
        "js": SCRIPT.read_text(encoding="utf-8"),
        "footer_links": ["api", "settings"],
        "share": False,
        "mcp_server": True,
        "ssr_mode": False,
        "pwa": False,
        "run_history": False,
        "max_file_size": MAX_FILE_SIZE,
        "show_error": True,
    }
    return demo.launch(server_name=host, server_port=port, **(settings | options))


def main(arguments: list[str] | None = None) -> None:
    """Serve until interrupted; what cannot be used ends it in one line."""
    parser = argparse.ArgumentParser(prog="python -m demos.gradio_app", description=__doc__.splitlines()[0])
    environ = os.environ
    parser.add_argument("--host", default=environ.get("GRADIO_SERVER_NAME", HOST), help="address (default %(default)s)")
    parser.add_argument("--port", default=environ.get("GRADIO_SERVER_PORT", PORT), type=int, help="port (%(default)s)")
    parser.add_argument(
        "--corrections",
        default=environ.get("DIGITREC_CORRECTIONS", CORRECTIONS),
        help="CSV file that wrong answers are saved to with the right label; empty for none (default %(default)s)",
    )
    options = parser.parse_args(arguments)
    try:
        demo = build_demo(corrections=Path(options.corrections) if options.corrections else None)
        launch(demo, options.host, options.port)
    except digitrec.DigitrecError as error:
        sys.exit(f"digitrec cannot start: {error}")
    except OSError as error:
        sys.exit(f"digitrec cannot listen on {options.host}:{options.port}: {error}")


if __name__ == "__main__":
    main()

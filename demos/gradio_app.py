"""Serve the Gradio sketchpad: draw a digit and see which one it is."""

import os
import sys
from pathlib import Path
from typing import Any

import gradio as gr
import gradio.mcp
import numpy as np
from huggingface_hub import constants
from starlette.middleware import Middleware

import digitrec
from demos.sketchpad import tabs
from demos.sketchpad.endpoints import Endpoints, add_endpoints
from demos.sketchpad.explanation import find_explainer
from demos.sketchpad.limits import LimitedBlocks, RequestLimits
from demos.sketchpad.mcp_tools import JsonMCPServer
from demos.sketchpad.numbers import SupportsRead
from demos.sketchpad.panel import SupportsPredict
from demos.sketchpad.theme import STYLE, make_theme
from digitrec.cli.parser import CommandParser, port_number

HOST = "127.0.0.1"
PORT = 7860
CORRECTIONS = "corrections.csv"
MAX_FILE_SIZE = "20mb"

CONCURRENCY = 20
"""Requests answered at the same time; one takes a millisecond of computing, the rest is waiting for the network."""

SESSIONS = 500
"""Visitors whose last answer is kept for a correction."""

FILE_LIFETIME = 3600
"""Seconds until uploaded and generated files are deleted."""


def build_demo(
    recognizer: SupportsPredict | None = None,
    corrections: Path | None = Path(CORRECTIONS),
    reader: SupportsRead | None = None,
) -> gr.Blocks:
    """Make the page and its API, without serving them; `launch` serves them.

    Args:
        recognizer: Answers; by default the shipped model, loaded here.
        corrections: CSV file that wrong answers are saved to with their right label; None to keep none.
        reader: Reads numbers; by default the shipped models, loaded here.

    Raises:
        digitrec.ModelNotFoundError: There is no model.
        digitrec.ModelIntegrityError: The model cannot be served.
    """
    recognizer = recognizer or _warm_recognizer()
    reader = reader or digitrec.Reader(recognizer=recognizer if isinstance(recognizer, digitrec.Recognizer) else None)
    explainer = find_explainer(recognizer)
    options: dict[str, Any] = {"analytics_enabled": False, "delete_cache": (600, FILE_LIFETIME)}
    with LimitedBlocks(title="digitrec: draw a digit", **options) as page:
        gr.HTML("<h1>digitrec</h1><p>Draw a digit, and it is recognized.</p>", elem_classes="masthead", padding=False)
        with gr.Tab("Draw"):
            tabs.make_draw_tab(recognizer, corrections, explainer)
        with gr.Tab("Upload"):
            tabs.make_upload_tab(recognizer, corrections, explainer)
        with gr.Tab("Numbers"):
            tabs.make_numbers_tab(reader)
        with gr.Tab("Many files"):
            tabs.make_batch_tab(recognizer)
        add_endpoints(Endpoints(recognizer, corrections, reader, explainer), corrections is not None)
    demo: gr.Blocks = page.queue(default_concurrency_limit=CONCURRENCY, max_size=1000)
    return demo


def _warm_recognizer() -> digitrec.Recognizer:
    """The shipped model after its first answer, which takes a second longer than the others."""
    recognizer = digitrec.Recognizer()
    recognizer.predict(np.eye(28, dtype=np.float32))
    return recognizer


def launch(demo: gr.Blocks, host: str = HOST, port: int = PORT, **options: Any) -> tuple[Any, str, str | None]:
    """Serve the page, its API and its MCP tools. The server contacts no other host, and neither does the page.

    Args:
        demo: From `build_demo`.
        host: Address to listen on; 0.0.0.0 lets other machines in.
        port: Port to listen on.
        options: Further ones of `gradio.Blocks.launch`, such as `prevent_thread_lock`.

    Raises:
        OSError: The port is taken.
    """
    # MCP tools are called through Gradio's client, which reports to Hugging Face. The variable that forbids it is read
    # when Gradio is imported, which is too early for us to set it.
    constants.HF_HUB_DISABLE_TELEMETRY = True
    gradio.mcp.GradioMCPServer = JsonMCPServer  # type: ignore[misc]  # the class that `launch` makes its server of
    settings: dict[str, Any] = {
        "theme": make_theme(),
        "css_paths": STYLE,
        "footer_links": ["api", "settings"],
        "share": False,
        "mcp_server": True,
        "ssr_mode": False,
        "pwa": False,
        "run_history": False,
        "max_file_size": MAX_FILE_SIZE,
        # Messages of errors other than `gradio.Error` may name files of the server.
        "show_error": False,
        "state_session_capacity": SESSIONS,
        "app_kwargs": {"middleware": [Middleware(RequestLimits)]},
    }
    return demo.launch(server_name=host, server_port=port, **(settings | options))


def main(argv: list[str] | None = None, prog: str = "python -m demos.gradio_app") -> None:
    """Serve until interrupted; a bad flag, model or port ends it with one line."""
    parser = CommandParser(prog=prog, description=__doc__)
    environ = os.environ
    parser.add_argument("--host", default=environ.get("GRADIO_SERVER_NAME", HOST), help="address (default %(default)s)")
    parser.add_argument(
        "--port", default=environ.get("GRADIO_SERVER_PORT", PORT), type=port_number, help="port (%(default)s)"
    )
    parser.add_argument(
        "--corrections",
        default=environ.get("DIGITREC_CORRECTIONS", CORRECTIONS),
        help="CSV file that wrong answers are saved to with the right label; empty for none (default %(default)s)",
    )
    options = parser.parse_args(argv)
    try:
        demo = build_demo(corrections=Path(options.corrections) if options.corrections else None)
        launch(demo, options.host, options.port)
    except digitrec.DigitrecError as error:
        sys.exit(f"digitrec cannot start: {error}")
    except OSError as error:
        sys.exit(f"digitrec cannot listen on {options.host}:{options.port}: {error}")


if __name__ == "__main__":
    main()

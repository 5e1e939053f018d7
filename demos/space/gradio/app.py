"""What the Space runs: the digitrec sketchpad, open to all, on the port that Spaces expect."""

import os
from pathlib import Path

from demos.gradio_app import build_demo, launch


def main() -> None:
    """Serve until stopped. Corrections are kept only where `DIGITREC_CORRECTIONS` names a file for them."""
    corrections = os.environ.get("DIGITREC_CORRECTIONS")
    demo = build_demo(corrections=Path(corrections) if corrections else None)
    host = os.environ.get("GRADIO_SERVER_NAME", "0.0.0.0")
    launch(demo, host, int(os.environ.get("GRADIO_SERVER_PORT", "7860")))


if __name__ == "__main__":
    main()

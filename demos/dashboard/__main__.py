"""Open the training dashboard in the browser."""

from importlib.util import find_spec
from pathlib import Path

from digitrec.cli.parser import CommandParser, port_number
from digitrec.cli.processes import become

SCRIPT = Path(__file__).parents[1] / "streamlit_app.py"


def main(argv: list[str] | None = None, prog: str = "python -m demos.dashboard") -> None:
    """Serve until interrupted; this process becomes Streamlit.

    Raises:
        ModuleNotFoundError: Streamlit or another package that the dashboard needs is not installed.
    """
    parser = CommandParser(
        prog=prog, description=__doc__, epilog="Further flags are Streamlit's, such as --server.maxUploadSize 100."
    )
    parser.add_argument("--host", metavar="NAME", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=port_number, metavar="N", help="port (default: 8501)")
    arguments, further = parser.parse_known_args(argv)
    for package in ("streamlit", "plotly", "filelock"):
        if find_spec(package) is None:
            raise ModuleNotFoundError(f"No module named {package!r}", name=package)
    flags = [*further]
    if arguments.host is not None:
        flags += ["--server.address", arguments.host]
    if arguments.port is not None:
        flags += ["--server.port", str(arguments.port)]
    become("streamlit", "run", str(SCRIPT), *flags)


if __name__ == "__main__":
    main()

"""The proxy of docs/deploy.md, in front of servers under test."""

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks.servers import free_port, serve
from tests.support.deploy_page import PAGE, block

TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@contextmanager
def proxied(folder: Path, ports: Sequence[int]) -> Iterator[str]:
    """Run nginx as the page tells, but for its ports and its folders, until the block ends. Yields its address."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("nginx is not installed; CI must try the proxy", pytrace=False)
        pytest.skip("nginx is not installed")
    port = free_port()
    site = _only(r"listen 80;\n *listen \[::\]:80;", f"listen 127.0.0.1:{port};", block("server {"))
    if len(ports) > 1:
        servers = "".join(f"    server 127.0.0.1:{one};\n" for one in ports)
        site = re.sub(r"(?:    server 127\S+\n)+", servers, block("upstream digitrec {")) + site
        site = _only(r"proxy_pass http://127\.0\.0\.1:5000;", "proxy_pass http://digitrec;", site)
    else:
        site = _only(r"127\.0\.0\.1:5000", f"127.0.0.1:{ports[0]}", site)
    temporary = "".join(f"{name}_temp_path {folder}/nginx-{name};\n" for name in TEMPORARY)
    user = "user root;\n" if os.geteuid() == 0 else ""  # whose folders these are
    (connections,) = re.findall(r"/(worker_connections \d+;)/", PAGE)
    (files,) = re.findall(r"echo '(worker_rlimit_nofile \d+;)'", PAGE)
    (folder / "nginx.conf").write_text(
        f"{user}daemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/nginx.log;\n{files}\n"
        f"events {{ {connections} }}\n"
        f"http {{\naccess_log off;\n{temporary}{site}}}\n"
    )
    command = [program, "-e", f"{folder}/nginx.log", "-c", f"{folder}/nginx.conf"]
    with serve(command, f"http://127.0.0.1:{port}", folder / "nginx.log", {}, ready="/healthz") as server:
        yield server.url


def _only(pattern: str, new: str, text: str) -> str:
    made, count = re.subn(pattern, new, text)
    assert count == 1, f"docs/deploy.md has {pattern} {count} times"
    return made

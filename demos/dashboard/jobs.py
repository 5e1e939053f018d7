"""Commands that need Keras, run as separate processes: the dashboard reads the files that they write."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

import streamlit as st

Command = Sequence[str]
"""What follows `python -m`."""


class Job:
    """Commands run in order until one fails."""

    def __init__(self, commands: Sequence[Command]) -> None:
        """Start them.

        Args:
            commands: Each a module and its arguments, such as `("training.evaluate", "runs/x")`.
        """
        self.commands = [list(command) for command in commands]
        self.started = time.monotonic()
        self.step = 0
        self.status: int | None = None
        self._lines: list[str] = []
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        status = 1
        try:
            for step, command in enumerate(self.commands):
                self.step = step
                status = self._run(command)
                if status:
                    break
        except OSError as error:
            self._lines.append(f"error: python cannot be started: {error}\n")
        finally:
            self.status = status

    def _run(self, command: list[str]) -> int:
        environ = {**os.environ, "PYTHONUNBUFFERED": "1"}
        with subprocess.Popen(
            [sys.executable, "-m", *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            env=environ,
        ) as process:
            assert process.stdout is not None
            self._lines.extend(process.stdout)
        return process.returncode

    @property
    def running(self) -> bool:
        """Whether a command still runs."""
        return self.status is None

    @property
    def seconds(self) -> float:
        """Since it started."""
        return time.monotonic() - self.started

    @property
    def log(self) -> str:
        """The output of the commands so far."""
        return "".join(self._lines)

    @property
    def failure(self) -> str:
        """Why it failed, as the command's last error message; empty unless it failed."""
        if not self.status:
            return ""
        lines = [line.strip() for line in self.log.splitlines() if line.strip()]
        errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
        if errors:
            return errors[-1]
        last = f"; its last output was: {lines[-1]}" if lines else ""
        return f"python -m {self.commands[self.step][0]} ended with status {self.status}{last}"

    def wait(self, timeout: float | None = None) -> None:
        """Wait until the last command has ended.

        Args:
            timeout: Most seconds to wait.
        """
        self._thread.join(timeout)


@st.cache_resource(show_spinner=False)
def jobs() -> dict[str, Job]:
    """The jobs of this server by name, shared by all pages and sessions."""
    return {}


def start(name: str, *commands: Command) -> Job:
    """Start a job unless one of this name is running; return the running one."""
    known = jobs()
    if name not in known or not known[name].running:
        known[name] = Job(commands)
    return known[name]


def follow(name: str, activity: str) -> Job | None:
    """Show the state of a job, and run the page again when it ends.

    Args:
        name: Of the job.
        activity: What the job does, in words.

    Returns:
        The job while it runs or after it failed; None if there is none or it succeeded.
    """
    job = jobs().get(name)
    if job is None:
        return None
    if job.running:
        _show_running(name, activity)
        return job
    if job.status:
        show_failure(job, job.failure)
        return job
    return None


def show_failure(job: Job, message: str) -> None:
    """Show that a job failed, with its output.

    Args:
        job: The job.
        message: What that means to the user.
    """
    st.error(message)
    with st.expander("Output"):
        st.code(job.log[-4000:] or "nothing", language=None)


@st.fragment(run_every=1.0)
def _show_running(name: str, activity: str) -> None:
    job = jobs()[name]
    if not job.running:
        st.rerun()
    st.info(f"{activity} · {job.seconds:.0f} s", icon=":material/hourglass_top:")

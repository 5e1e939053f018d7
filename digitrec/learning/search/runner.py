"""A process that trains the trials of a study, one after the other."""

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from optuna.exceptions import StorageInternalError
from optuna.trial import TrialState
from sqlalchemy.exc import SQLAlchemyError

from digitrec.errors import DigitrecError
from digitrec.learning.callbacks import NonFiniteLossError
from digitrec.learning.callbacks.pruning import PrunedError, PruneTrial
from digitrec.learning.data.training_data import load_training_data
from digitrec.learning.search.space import SearchError
from digitrec.learning.search.study import count_stops, space_of
from digitrec.learning.search.trials import Taken, best_validation, fail, finish, take_trial
from digitrec.learning.trainer import Trainer

MOST_FAILURES = 3
"""Trials that may fail one after the other; more, and the fault is not in their settings."""


def run_trials(study: Any, root: Path, trials: int, report: Callable[[str], None], verbose: int | str = 0) -> None:
    """Train trials until the study has as many as it is to have.

    A trial whose loss becomes NaN, or whose network does not fit into memory, has failed, and the search goes on. What
    would befall every trial, such as data that cannot be read, ends the search; the trial is taken up by the next.

    Args:
        study: The study, as `begin_study` returns it.
        root: The folder of run directories.
        trials: How many trials the study is to have, those of other processes and of earlier times included.
        report: Called with a line of text when a trial begins, and when it ends.
        verbose: Keras' own: 0 silent, 1 a progress bar, 2 a line an epoch.

    Raises:
        DigitrecError: Data that cannot be used, a study that was continued with another version; or, as SearchError,
            several trials failed one after the other, or the database is away.
        OSError: The disk is full, or cannot be written.
        KeyboardInterrupt: The search was asked to stop. The trial is taken up by the next.
    """
    space, stops, failures = space_of(study), count_stops(study), 0

    def is_stopped() -> bool:
        return count_stops(study) > stops

    while True:
        if is_stopped():
            raise KeyboardInterrupt
        taken: Taken | None = None
        reason = ""
        try:
            with take_trial(study, space, root, trials) as taken:
                if taken is None:
                    return
                report(_describe_begin(taken))
                _train(taken, is_stopped, verbose)
            assert taken is not None
            finish(study, taken.trial.number, taken.run)
        except PrunedError as error:
            assert taken is not None
            study.tell(taken.trial, state=TrialState.PRUNED)
            reason = str(error)
        except NonFiniteLossError as error:
            assert taken is not None
            reason = str(error)
            fail(taken, reason)
        except (DigitrecError, OSError):
            raise
        except (StorageInternalError, SQLAlchemyError) as error:
            raise SearchError(
                f"the database of studies cannot be reached: {str(error).splitlines()[0]}; the same command goes on"
            ) from error
        except Exception as error:  # such as one of the backend, whose memory the network does not fit into
            if taken is None:
                raise
            reason = f"{type(error).__name__}: {error}"
            fail(taken, reason)
            failures += 1
            if failures > MOST_FAILURES:
                raise SearchError(f"{failures} trials failed one after the other, the last with: {reason}") from error
        else:
            failures = 0
        assert taken is not None
        report(_describe_end(taken, reason))


def _train(taken: Taken, is_stopped: Callable[[], bool], verbose: int | str) -> None:
    command = shlex.join(["python", "-m", "training.train", *taken.config.to_flags()])
    callbacks = [PruneTrial(taken.trial, is_stopped, taken.run.history())]
    data = load_training_data(taken.config)
    Trainer(taken.config, data, taken.run, command=command, verbose=verbose, callbacks=callbacks).fit()


def _describe_begin(taken: Taken) -> str:
    settings = ", ".join(f"{name} {_short(value)}" for name, value in taken.trial.params.items())
    return f"trial {taken.trial.number}{' goes on' if taken.resumed else ''}: {settings}"


def _describe_end(taken: Taken, reason: str) -> str:
    best = best_validation(taken.run)
    accuracy = "no validation accuracy" if best is None else f"best validation accuracy {best:.4f}"
    return f"trial {taken.trial.number}: {accuracy}{f'; {reason}' if reason else ''}, in {taken.run.path}"


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)

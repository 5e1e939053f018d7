"""Values of widgets that the dashboard sets, rather than their defaults."""

from typing import Final, Literal

RESENT: Final[Literal["page"]] = "page"
"""The option `persist_state` of every widget whose value is set through the session's state.

A run of the script that gives way to the next one loses the messages that the browser has not got yet. Streamlit sends
a value set in such a run again only where a widget has this option; elsewhere, the browser would show the widget's
default, and report it as the user's choice.
"""

"""The dashboard: `streamlit run demos/streamlit_app.py`."""

import streamlit as st

from demos.dashboard import data, evaluate, publish, try_it


def main() -> None:
    """Show the page that was asked for."""
    st.set_page_config(page_title="digitrec", layout="wide")
    st.navigation(
        [
            st.Page(evaluate.page, title="Evaluate"),
            st.Page(data.page, title="Data", url_path="data"),
            st.Page(try_it.page, title="Try it", url_path="try-it"),
            st.Page(publish.page, title="Publish", url_path="publish"),
        ]
    ).run()


if __name__ == "__main__":
    main()

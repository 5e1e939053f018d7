"""The pages of the Streamlit dashboard, one module a page, and what they share."""

"""Two front ends besides the web app: a Gradio sketchpad, and a Streamlit dashboard for training."""

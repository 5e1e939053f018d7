"""Two more doors to the same `predict()`: a Gradio sketchpad, and a Streamlit dashboard for those who train."""

"""The parts of the Gradio sketchpad: drawing pad, answer panel, tabs, endpoints, limits, theme."""

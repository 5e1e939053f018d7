"""The parts of the Gradio sketchpad: words, examples, endpoints, looks. `demos.gradio_app` puts them together."""

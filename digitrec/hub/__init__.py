"""The Hugging Face Hub: models and corrections pushed to it as repositories, and models pulled from it."""

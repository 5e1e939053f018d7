"""The folders that are pushed to Hugging Face Spaces."""

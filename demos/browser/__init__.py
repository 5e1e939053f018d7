"""The page without a server: the web app's page, with the recognizer in the browser."""

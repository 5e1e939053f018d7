"""The settings of the web app: their table, and reading them from the environment."""

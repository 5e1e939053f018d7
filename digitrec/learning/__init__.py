"""Everything that needs Keras: data, network, trainer, evaluation and export. Serving never imports it."""

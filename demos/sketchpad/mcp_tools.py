"""The MCP server, made from Gradio's: answers are JSON, and pictures come as data URLs."""

import json
from typing import Any

from gradio.mcp import GradioMCPServer

DATA_URL = "a picture as a data URL, data:image/png;base64,..."


class JsonMCPServer(GradioMCPServer):
    """Gradio's MCP server. By itself it writes answers as Python does, and asks for addresses to fetch."""

    def postprocess_output_data(self, data: Any, root_url: str) -> list[Any]:
        """Write the figures of an answer as JSON text, and leave files to Gradio.

        Args:
            data: The outputs of an endpoint.
            root_url: Address of the page.
        """
        content: list[Any] = []
        for output in data:
            is_figures = isinstance(output, list) or (isinstance(output, dict) and "path" not in output)
            if is_figures:
                content.append(self.types.TextContent(type="text", text=json.dumps(output)))
            else:
                content += super().postprocess_output_data([output], root_url)
        return content

    def simplify_filedata_schema(self, schema: dict[str, Any]) -> tuple[dict[str, Any], list[list[str | int]]]:
        """Describe files as data URLs."""
        simple, positions = super().simplify_filedata_schema(schema)
        for position in positions:
            # Gradio leaves "properties" out of its positions.
            node = simple
            for name in position:
                node = node.get("properties", node)[name]
            node["format"] = DATA_URL
        return simple, positions

    def convert_strings_to_filedata(self, value: Any, filedata_positions: list[list[str | int]]) -> Any:
        """Turn data URLs into files.

        Args:
            value: The arguments of a call.
            filedata_positions: Which of them are files.

        Raises:
            ValueError: One of them is no data URL; it is not fetched.
        """
        for *_, name in filedata_positions:
            if name in value and not str(value[name]).startswith("data:"):
                raise ValueError(f"{name} must be {DATA_URL}; addresses are not fetched")
        return super().convert_strings_to_filedata(value, filedata_positions)

    @property
    def _file_data_tool_description(self) -> str:
        """What Gradio adds to the description of a tool that takes a file."""
        return " Send the picture as a data URL: data:image/png;base64, and the file in Base64."

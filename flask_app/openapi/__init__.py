"""The API as OpenAPI describes it: `GET /openapi.json` for programs, `GET /docs` for people."""

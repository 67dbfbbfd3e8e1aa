"""The published JSON schema of policy documents: made from the models, shipped beside them.

An editor that knows it (`# yaml-language-server: $schema=...`) completes keys and masks. The models decide;
a test holds the shipped file to them, and says how to write it anew: `python -m lakeward.policies.schema`.
"""

import json
from importlib import resources
from pathlib import Path
from typing import Any

from lakeward.policies.documents import PolicyDocument

FILE = "schema.json"


def policy_schema() -> dict[str, Any]:
    """Make the JSON schema of one policy document from the models."""
    schema = PolicyDocument.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def shipped_schema() -> dict[str, Any]:
    """Read the JSON schema that ships with the package."""
    text = resources.files(__package__).joinpath(FILE).read_text("utf-8")
    shipped: dict[str, Any] = json.loads(text)
    return shipped


def write_schema() -> Path:
    """Write the shipped file anew and give its path."""
    path = Path(__file__).with_name(FILE)
    path.write_text(json.dumps(policy_schema(), indent=2) + "\n", "utf-8")
    return path


if __name__ == "__main__":
    write_schema()

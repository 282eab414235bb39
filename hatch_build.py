"""Build hook: a wheel carries the shipped models; a checkout has them beside the package."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ShippedModels(BuildHookInterface):  # type: ignore[type-arg]
    """Copy ``models/`` to ``moderation/shipped_models/`` in real wheels only."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the folder, unless hatchling builds the stand-in of an editable install."""
        if version != "editable":
            build_data["force_include"]["models"] = "moderation/shipped_models"

"""Reads settings.json, the one file that says what is trained and how."""
import json
from pathlib import Path

FOLDER = Path(__file__).parent


def load_settings():
    return json.loads((FOLDER / "settings.json").read_text())

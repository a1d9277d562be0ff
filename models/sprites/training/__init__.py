"""The stages of the recipe."""

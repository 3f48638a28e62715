"""The record of a layer: its words in three languages, what the build itself knows, and the gate."""

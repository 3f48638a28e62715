"""What goes online beside the layers: KML of any file, guided tours, and the root document that links them all."""

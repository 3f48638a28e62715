"""From national columns, units, codes and places to those of the atlas."""

"""What naatlas costs, against what one would write by hand."""

"""One module a layer; a file here is a layer, nothing else registers it."""

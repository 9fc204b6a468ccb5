"""The HTTP front: everything that happens to a request before a thread works on it, and to its response after."""

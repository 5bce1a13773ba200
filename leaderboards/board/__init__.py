"""Boards: runs as static pages that open from the file system, without a server."""

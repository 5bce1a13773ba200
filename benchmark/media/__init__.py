"""Pixels in and out: images and videos as uint8 RGB arrays, frames by index."""

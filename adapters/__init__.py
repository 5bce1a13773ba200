"""How a method is run: a source image and a driving video go in, frames come out."""

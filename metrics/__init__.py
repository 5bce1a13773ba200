"""What is measured: arrays go in, scores with their exact definition come out."""

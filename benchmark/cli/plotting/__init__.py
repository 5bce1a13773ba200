"""What the commands of ``bench plot`` do, once typer has read their options."""

"""What ``bench report`` puts together."""

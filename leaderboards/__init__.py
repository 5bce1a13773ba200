"""How finished runs are read: tables, boards and plots. Computes no metric."""

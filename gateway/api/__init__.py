"""The HTTP doors: partner port and internal port."""

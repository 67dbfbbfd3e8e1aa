"""One gateway behind several doors: settings, certificate, opening, draining."""

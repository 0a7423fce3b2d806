"""Formatter of specs: `formatter` makes them canonical, `twin_fix` replaces characters in their texts."""

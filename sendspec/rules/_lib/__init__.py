"""What the rules share: their base class, the engine that runs them, settings and helpers."""

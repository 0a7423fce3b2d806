"""What needs a person, as text, Markdown, JSON and annotations: readers of a `WatchResult`."""

from sendspec.report.watch.json_format import watch_json
from sendspec.report.watch.markdown import watch_markdown
from sendspec.report.watch.phrases import Place
from sendspec.report.watch.step import watch_annotations, watch_outputs
from sendspec.report.watch.text import watch_text

__all__ = ["Place", "watch_annotations", "watch_json", "watch_markdown", "watch_outputs", "watch_text"]

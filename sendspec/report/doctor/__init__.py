"""The results of checks as text and as JSON."""

from sendspec.report.doctor.json_format import doctor_json
from sendspec.report.doctor.text import doctor_text

__all__ = ["doctor_json", "doctor_text"]

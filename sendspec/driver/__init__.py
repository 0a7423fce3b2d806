"""The driver of an apply: threads, clocks and signals around the machine of `sendspec.protocol`."""

from sendspec.driver.body_source import BodySource
from sendspec.driver.signals import Signals
from sendspec.driver.thread_driver import SendClient, ThreadDriver

__all__ = ["BodySource", "SendClient", "Signals", "ThreadDriver"]

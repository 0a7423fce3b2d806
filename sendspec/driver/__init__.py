"""The driver of an apply: threads, clocks and signals around the machine of `sendspec.protocol`."""

from sendspec.driver.signals import Signals
from sendspec.driver.stored_bodies import BodySource
from sendspec.driver.thread_driver import SendClient, ThreadDriver

__all__ = ["BodySource", "SendClient", "Signals", "ThreadDriver"]

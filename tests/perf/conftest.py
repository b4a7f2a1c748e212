"""The GL context these tests draw with."""

from tests.support.gl import one_gpu

__all__ = ["one_gpu"]

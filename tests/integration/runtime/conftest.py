"""The functions as they are deployed, in this process."""

from tests.integration.runtime.lambdas import lambdas

__all__ = ["lambdas"]

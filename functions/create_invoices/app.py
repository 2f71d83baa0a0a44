"""Lambda entry of create_invoices."""

from create_invoices.step import create_invoices
from crossdock.domain.states import Step
from crossdock.runtime.handler import scheduled

handler = scheduled(Step.CREATE_INVOICES, create_invoices)

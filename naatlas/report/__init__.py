"""The report of a layer: what it is made of, what is odd in it, and what was left out, for those who own the data."""

from naatlas.report.content import build
from naatlas.report.logs import corrections_csv, rejected_csv
from naatlas.report.owners import documents as owners_reports
from naatlas.report.page import html, pages

__all__ = ["build", "corrections_csv", "html", "owners_reports", "pages", "rejected_csv"]

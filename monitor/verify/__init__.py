"""verify: every document in MongoDB is what SQL says it must be, or is named here."""

from monitor.verify.report import CollectionReport, Report
from monitor.verify.run import Count, Effort, counts, verify
from monitor.verify.settings import VerifySettings

__all__ = ["CollectionReport", "Count", "Effort", "Report", "VerifySettings", "counts", "verify"]

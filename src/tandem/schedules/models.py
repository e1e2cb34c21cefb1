"""When is each scheduled job due, and how did it end last?"""

from __future__ import annotations

from django.db import models


class Schedule(models.Model):
    """One job by name. Whoever moves `next_at` on does the job, so that it is done once by any number of workers."""

    name = models.CharField(max_length=40, primary_key=True)
    next_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    #: What the last run did, in words for the log; or the error that it ended in.
    told = models.TextField(default="")

    def __str__(self) -> str:
        return f"{self.name}, next at {self.next_at:%Y-%m-%d %H:%M} UTC"

"""Which custom fields on Activity carry what Tandem knows of an email or a call? As data (A.9, CF-1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "url", "checkbox"]


@dataclass(frozen=True)
class SalesField:
    """One field: its exact API name (its label is free), its kind, and for text how long it must be at least."""

    name: str
    kind: Kind
    length: int
    label: str


SALES_FIELDS: tuple[SalesField, ...] = (
    SalesField("mktosales_call_outcome__c", "text", 50, "Call Outcome"),
    SalesField("mktosales_call_reason__c", "text", 50, "Call Reason"),
    SalesField("MSE_Call_Local_Presence_ID__c", "text", 255, "Call Local Presence ID"),
    SalesField("MSE_Call_Recording__c", "url", 255, "Call Recording URL"),
    SalesField("MSE_Campaign__c", "text", 255, "Campaign"),
    SalesField("MSE_Current_Campaign_Step__c", "text", 255, "Campaign Current Step"),
    SalesField("MSE_Campaign_Details_Link__c", "url", 255, "Campaign URL"),
    SalesField("MSE_Presentation_Viewed__c", "checkbox", 0, "Email Attachment Viewed"),
    SalesField("MSE_Clicked__c", "checkbox", 0, "Email Clicked"),
    SalesField("MSE_Replied__c", "checkbox", 0, "Email Replied"),
    # No size is documented; "in progress" is the longest of its words.
    SalesField("MSE_Email_Status__c", "text", 11, "Email Status"),
    SalesField("MSE_Template__c", "text", 255, "Email Template"),
    SalesField("MSE_Template_Details__c", "url", 255, "Email Template URL"),
    SalesField("MSE_Details__c", "url", 255, "Email URL"),
    SalesField("MSE_Viewed__c", "checkbox", 0, "Email Viewed"),
)
#: describe()'s words for each kind.
DESCRIBED_AS = {"text": ("string", "textarea", "picklist"), "url": ("url",), "checkbox": ("boolean",)}

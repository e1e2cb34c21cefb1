"""Fixtures of the Salesforce client's tests."""

import pytest
from tests.salesforce.scripted import ScriptedOrg


@pytest.fixture
def org() -> ScriptedOrg:
    """A scripted org with a signed-in client."""
    return ScriptedOrg()

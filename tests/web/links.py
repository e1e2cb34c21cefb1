"""How does a test go on to the next page before it looks at it?"""

from playwright.sync_api import Locator


def follow(link: Locator) -> None:
    """Click a link, or a button of a form, and wait until the page behind it is loaded.

    A click returns before the next page is there: what is read right after it may be the page before, or a
    document that has no element yet.
    """
    with link.page.expect_navigation():
        link.click()

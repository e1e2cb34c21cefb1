"""Where does a person set up Email to Salesforce? Two pages behind the log-in, on the way that Salesforce's own help names.

    name, upper right → My Settings → Email → My Email to Salesforce        every user; only while the org's is active
    name, upper right → Setup → Email Administration → Email to Salesforce → Edit        the org's admin

Plain forms, no script; the session cookie is SameSite, so that no other site can post them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from urllib.parse import parse_qs

from orgbox.http import pages, setup_frame
from orgbox.http.authorize import logged_in
from orgbox.http.exchange import Incoming, Reply
from orgbox.http.service import Service
from orgbox.mail_address import activate, address_of, give_address, is_active, listed, service, spelt
from orgbox.mail_matching import Associations, Several

MY_PAGE = "/personal/email/salesforce"
ORG_PAGE = "/setup/email/salesforce"
_SEVERAL: Mapping[Several, str] = {
    "all": "All matching records",
    "oldest": "The oldest record",
    "most-activity": "The record with the most activity",
}


def setup_page(service_: Service, incoming: Incoming, parts: tuple[str, ...]) -> Reply | None:
    """The page at this path for whoever is logged in, the log-in page for others; None when there is no such page."""
    page = _PAGES.get(parts)
    if page is None or incoming.method not in ("GET", "POST"):
        return None
    user = logged_in(service_, incoming)
    if user is None:
        return pages.log_in("/" + "/".join(parts), "")
    here = _Here(service_, incoming, user)
    if parts[0] == "setup" and not here.is_admin:
        return here.show("Insufficient Privileges", "<p>Setup is for the admin of this org.</p>", status=403)
    if parts[:3] == ("personal", "email", "salesforce") and not is_active(service_.org):
        return here.show(
            "Page not available", "<p>Email to Salesforce is not active in this org.</p>", status=403
        )
    return page(here)


class _Here:
    """One request to one of these pages, and who makes it."""

    def __init__(self, service_: Service, incoming: Incoming, user: str) -> None:
        self.org = service_.org
        self.user = user
        self.posted = incoming.method == "POST"
        self.form = {
            name: values[-1]
            for name, values in parse_qs(
                incoming.body.decode("utf-8", "replace"), keep_blank_values=True
            ).items()
        }
        self.saved = incoming.query == "saved"

    @property
    def is_admin(self) -> bool:
        return self.user == self.org.admin_id

    def show(
        self, title: str, content: str, trail: Sequence[tuple[str, str]] = (), status: int = 200
    ) -> Reply:
        name = str(self.org.get("User", self.user)["Name"])
        said = '<p class="saved" role="status">Saved.</p>' if self.saved else ""
        return setup_frame.page(title, said + content, trail, name, is_admin=self.is_admin, status=status)


def _home(here: _Here) -> Reply:
    return here.show(
        "Home", "<p>A Salesforce org in a box. Your settings are in the menu under your name.</p>"
    )


def _my_settings(here: _Here) -> Reply:
    return here.show("My Settings", setup_frame.links([("/personal/email", "Email")]))


def _my_email(here: _Here) -> Reply:
    found = [(MY_PAGE, "My Email to Salesforce")] if is_active(here.org) else []
    content = setup_frame.links(found) or '<p class="quiet">There is nothing to set here.</p>'
    return here.show("Email", content, [("/personal", "My Settings")])


def _my_email_to_salesforce(here: _Here) -> Reply:
    trail = [("/personal", "My Settings"), ("/personal/email", "Email")]
    title = "My Email to Salesforce"
    if here.posted:
        accepts = here.form.get("accepts", "")
        wrong = [each for each in listed(accepts) if "@" not in each]
        if not listed(accepts) or wrong:
            said = f"{escape(wrong[0])} is not an email address." if wrong else "Enter at least one address."
            form = _my_form(here, _associations(here.form), accepts, said)
            return here.show(title, form, trail, status=400)
        give_address(here.org, here.user, accepts, associations=_associations(here.form))
        return setup_frame.go(f"{MY_PAGE}?saved")
    row = address_of(here.org, here.user)
    associations = here.org.state.associations.get(here.user, Associations())
    accepts = str(row["AuthorizedSenders"] or "") if row is not None else ""
    return here.show(title, _my_form(here, associations, accepts), trail)


def _my_form(here: _Here, chosen: Associations, accepts: str, wrong: str = "") -> str:
    row = address_of(here.org, here.user)
    address = (
        f"<output>{escape(spelt(row))}</output>" if row is not None else '<span class="quiet">none yet</span>'
    )
    trouble = f'<p class="wrong" role="alert">{wrong}</p>' if wrong else ""
    several = "".join(
        f'<option value="{value}"{" selected" if chosen.several == value else ""}>{words}</option>'
        for value, words in _SEVERAL.items()
    )
    several = f'<select name="several">{several}</select>'
    return f"""<p class="quiet">Copy emails to your own address here, and Salesforce files them under the people in To and Cc.</p>
{trouble}<form method="post" action="{MY_PAGE}">
<p class="fact"><b>Email to Salesforce Address</b> {address}</p>
<fieldset><legend>Email Associations</legend>
{_tick("opportunities", "Opportunities", chosen.opportunities)}
{_tick("leads", "Leads", chosen.leads)}
{_tick("contacts", "Contacts", chosen.contacts)}
<label>If several records match {several}</label>
{_tick("unresolved", "If no matching records are found, create a task and send it to My Unresolved Items", chosen.unresolved)}
</fieldset>
<label>Excluded Domains <input name="excluded" value="{escape(", ".join(chosen.excluded))}" autocomplete="off"></label>
<label>My Acceptable Email Addresses
<textarea name="accepts" rows="2" aria-describedby="accepts-help">{escape(accepts)}</textarea></label>
<p class="quiet" id="accepts-help">The addresses that you send from, with commas between them. Mail from others is not taken.</p>
<button class="first">Save Changes</button>
</form>"""


def _associations(form: Mapping[str, str]) -> Associations:
    several = form.get("several")
    return Associations(
        contacts="contacts" in form,
        leads="leads" in form,
        opportunities="opportunities" in form,
        several=next((each for each in _SEVERAL if each == several), "all"),
        unresolved="unresolved" in form,
        excluded=tuple(listed(form.get("excluded", ""))),
    )


def _setup(here: _Here) -> Reply:
    return here.show("Setup", setup_frame.links([("/setup/email", "Email Administration")]))


def _email_administration(here: _Here) -> Reply:
    content = setup_frame.links([(ORG_PAGE, "Email to Salesforce")])
    return here.show("Email Administration", content, [("/setup", "Setup")])


_SETUP_TRAIL = (("/setup", "Setup"), ("/setup/email", "Email Administration"))


def _email_to_salesforce(here: _Here) -> Reply:
    function = service(here.org)
    verified = function is not None and bool(function["IsAuthenticationRequired"])
    content = f"""<p class="quiet">Users copy emails to their own address, and Salesforce files them as activities.</p>
{_fact("Active", is_active(here.org))}{_fact("Verify the sending server", verified)}
<p class="fact"><b>Send Email Default</b> {escape(here.org.state.filed_type or "none")}</p>
<p><a class="button first" href="{ORG_PAGE}/edit">Edit</a></p>"""
    return here.show("Email to Salesforce", content, _SETUP_TRAIL)


def _edit_email_to_salesforce(here: _Here) -> Reply:
    if here.posted:
        activate(here.org, active="active" in here.form, verify_server="verify" in here.form)
        here.org.state.filed_type = here.form.get("type", "").strip()
        return setup_frame.go(f"{ORG_PAGE}?saved")
    function = service(here.org)
    verified = function is not None and bool(function["IsAuthenticationRequired"])
    types = "".join(
        f"<option{' selected' if value == here.org.state.filed_type else ''}>{escape(value)}</option>"
        for value in ("", *sorted(here.org.schema("Task").by_name["Type"].active_values))
    )
    content = f"""<form method="post" action="{ORG_PAGE}/edit">
{_tick("active", "Active", is_active(here.org))}
{_tick("verify", "Verify the sending server before mail is taken", verified)}
<label>Send Email Default <select name="type">{types}</select></label>
<button class="first">Save</button> <a class="button" href="{ORG_PAGE}">Cancel</a>
</form>"""
    return here.show("Email to Salesforce", content, (*_SETUP_TRAIL, (ORG_PAGE, "Email to Salesforce")))


def _tick(name: str, words: str, on: bool) -> str:
    return (
        f'<label class="tick"><input type="checkbox" name="{name}"{" checked" if on else ""}> {words}</label>'
    )


def _fact(words: str, on: bool) -> str:
    return f'<p class="fact"><b>{words}</b> {"Yes" if on else "No"}</p>'


_PAGES: Mapping[tuple[str, ...], Callable[[_Here], Reply]] = {
    ("home",): _home,
    ("personal",): _my_settings,
    ("personal", "email"): _my_email,
    ("personal", "email", "salesforce"): _my_email_to_salesforce,
    ("setup",): _setup,
    ("setup", "email"): _email_administration,
    ("setup", "email", "salesforce"): _email_to_salesforce,
    ("setup", "email", "salesforce", "edit"): _edit_email_to_salesforce,
}

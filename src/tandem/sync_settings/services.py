"""How does a setting change? The only writers of sync_settings.models.

Every change is one transaction: the value, the entry in the log of changes, and what the engine is told. Who may set
what is decided here, for pages, files and crafted requests alike (P11).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tandem import clock
from tandem.accounts.models import Member
from tandem.audit.services import note
from tandem.connections.models import Connection
from tandem.connections.services import connection_of
from tandem.emails import second_envelope
from tandem.sync import services as sync
from tandem.sync.models import TaskSync
from tandem.sync_settings.errors import AdminsOnly, InvalidSettings, NotConnected, SetByAdmin
from tandem.sync_settings.models import Setting
from tandem.sync_settings.reading import (
    Rules,
    members_with_bcc,
    rules_of,
    rules_of_each,
    subject_template,
)
from tandem.sync_settings.values import (
    EmailApi,
    EmailBcc,
    Section,
    Subject,
    Tasks,
    Value,
    checked,
    plain,
)

# --- what a card's Save does ---------------------------------------------------------------------------------------


@transaction.atomic
def save_email_api(by: Member, given: Mapping[str, Any], *, locked: bool | None = None) -> None:
    """Set how emails are logged through the API: an admin for the team, a member for themselves.

    Raises SetByAdmin, NotConnected, InvalidSettings; "both" asks for one of the two ways (P9).
    """
    rules = _rules(by, Section.EMAIL_API)
    _connected(by)
    if not _is_admin(by):
        given = {**given, "both": _team_insists(rules)}
    value = checked(Section.EMAIL_API, given)
    if isinstance(value, EmailApi) and value.emails and not value.both and _logged_twice(by, rules):
        raise InvalidSettings({"both": _ask_for_one(by)})
    _save(by, Section.EMAIL_API, value, locked)


@transaction.atomic
def activate_bcc(by: Member, address: str, *, locked: bool | None = None) -> None:
    """Send this member's emails a second time, to `address` (P8). Raises as save_email_api does."""
    rules = _rules(by, Section.EMAIL_BCC)
    _connected(by)
    value = checked(Section.EMAIL_BCC, {"active": True, "address": address})
    if not isinstance(value, EmailBcc):
        raise TypeError(value)
    if rules.email_api.emails and not _team_insists(rules):
        raise InvalidSettings({"address": _ask_for_one(by)})
    _save_own(by, Section.EMAIL_BCC, value)
    second_envelope.send_copies(by, value.address)
    _lock(by, Section.EMAIL_BCC, locked)


@transaction.atomic
def deactivate_bcc(by: Member, *, locked: bool | None = None) -> None:
    """Send no second copies; the address is kept, for the next time. Raises SetByAdmin."""
    rules = _rules(by, Section.EMAIL_BCC)
    _save_own(by, Section.EMAIL_BCC, EmailBcc(False, rules.email_bcc.address))
    second_envelope.stop_copies(by)
    _lock(by, Section.EMAIL_BCC, locked)


@transaction.atomic
def save_tasks(by: Member, given: Mapping[str, Any], *, locked: bool | None = None) -> None:
    """Switch this member's task sync on or off (FS-1 … FS-6); with the lock, everybody's who is connected.

    Raises SetByAdmin, NotConnected, InvalidSettings.
    """
    _rules(by, Section.TASKS)
    connection = _connected(by)
    value = checked(Section.TASKS, given)
    if not isinstance(value, Tasks):
        raise TypeError(value)
    if locked and _is_admin(by):
        _save(by, Section.TASKS, value, locked=True)
        _follow_all(by, value)
    else:
        _lock(by, Section.TASKS, locked)
    _switch(by, connection, value)


@transaction.atomic
def save_calls(by: Member, given: Mapping[str, Any], *, locked: bool | None = None) -> None:
    """Log calls, or do not: an admin for the team, a member for themselves. Raises as save_email_api does."""
    _rules(by, Section.CALLS)
    _connected(by)
    _save(by, Section.CALLS, checked(Section.CALLS, given), locked)


@transaction.atomic
def save_subject(by: Member, template: str) -> None:
    """Name new Tasks and renames by `template` from now on; no Task is rewritten by this (P3).

    Raises AdminsOnly (UI-13), NotConnected (AD-1), InvalidSettings.
    """
    _admin(by)
    connection = _connected(by)
    value = checked(Section.SUBJECT, {"template": template})
    if not isinstance(value, Subject):
        raise TypeError(value)
    before = subject_template(connection.org_id)
    if value.template != before:
        sync.set_subject_template(connection.org_id, value.template)
        note(Section.SUBJECT, by=by, of=None, before=plain(Subject(before)), after=plain(value))


@transaction.atomic
def use_team_rules(by: Member, section: Section) -> None:
    """Forget the member's own rules of a shared section, so that the team's hold again. Raises SetByAdmin."""
    _rules(by, section)
    own = Setting.objects.filter(section=section, member=by).first()
    if own is not None and section in (Section.EMAIL_API, Section.CALLS):
        before = _row_logged(own)
        with _beginning_now():
            own.delete()
        note(section, by=by, of=by, before=before, after=None)


# --- what goes on while sync is on ------------------------------------------------------------------------------------


@transaction.atomic
def pause_tasks(by: Member) -> None:
    """Let this member's task sync rest. Raises NotConnected, SetByAdmin."""
    _rules(by, Section.TASKS)
    if sync.pause(_connected(by)):
        note(Section.TASKS, by=by, of=by, before={"paused": False}, after={"paused": True})


@transaction.atomic
def resume_tasks(by: Member) -> None:
    """Let it go on. Raises NotConnected."""
    if sync.resume(_connected(by)):
        note(Section.TASKS, by=by, of=by, before={"paused": True}, after={"paused": False})


@transaction.atomic
def switch_at_server(connection: Connection, *, on: bool) -> None:
    """Switch a member's task sync on or off at the server's command line, which no lock holds back; told in the log."""
    was = TaskSync.objects.filter(connection=connection, enabled=True).exists()
    note(Section.TASKS, by=None, of=connection.member, before={"sync": was}, after={"sync": on})
    (sync.switch_on if on else sync.switch_off)(connection)


@transaction.atomic
def follow_team(connection: Connection) -> None:
    """Give a connection that was just made what an admin has locked for everybody; wiring calls it on that wake."""
    team = Setting.objects.filter(section=Section.TASKS, member=None, locked=True)
    rule = team.select_related("saved_by").first()
    if rule is not None:
        value = checked(Section.TASKS, rule.value)
        if isinstance(value, Tasks):
            _switch(connection.member, connection, value, by=rule.saved_by)


# --- settings from a file ---------------------------------------------------------------------------------------------


@transaction.atomic
def apply_file(by: Member, wanted: Mapping[Section, Mapping[str, Any]]) -> None:
    """Set all of it or nothing. `wanted`: what settings_file.read made of a file.

    Raises AdminsOnly, NotConnected, InvalidSettings.
    """
    _admin(by)
    for section, given in wanted.items():
        locked = bool(given.get("locked", False))
        values = {name: value for name, value in given.items() if name != "locked"}
        match section:
            case Section.EMAIL_API:
                save_email_api(by, values, locked=locked)
            case Section.CALLS:
                save_calls(by, values, locked=locked)
            case Section.SUBJECT:
                save_subject(by, str(values.get("template", "")))
            case Section.EMAIL_BCC:
                _lock(by, section, locked)
            case Section.TASKS if locked:
                save_tasks(by, values, locked=True)
            case Section.TASKS:
                _lock(by, section, locked=False)


# --- who may ----------------------------------------------------------------------------------------------------------


def _is_admin(by: Member) -> bool:
    return by.role == Member.Role.ADMIN


def _admin(by: Member) -> None:
    if not _is_admin(by):
        raise AdminsOnly


def _rules(by: Member, section: Section) -> Rules:
    """What holds for this member now. SetByAdmin when they may not change this section of it."""
    rules = rules_of(by)
    if section in rules.locked and not _is_admin(by):
        raise SetByAdmin
    return rules


def _connected(by: Member) -> Connection:
    connection = connection_of(by)
    if connection is None:
        raise NotConnected
    return connection


def _team_insists(rules: Rules) -> bool:
    return rules.team_email_api.both


def _logged_twice(by: Member, rules: Rules) -> bool:
    """Whether switching the API on would log somebody's emails twice (P9): this member's, or for an admin anybody's."""
    return members_with_bcc().exists() if _is_admin(by) else rules.email_bcc.active


def _ask_for_one(by: Member) -> Any:
    if _is_admin(by):
        return _(
            "Emails would be logged twice: by the API and by BCC. Nothing was saved. Use one of them, or insist on both under "
            "“Salesforce API”; then the API leaves out what BCC has sent."
        )
    return _(
        "Your emails would be logged twice: by the API and by BCC. Nothing was saved. Switch the other one off first."
    )


# --- one way to write each --------------------------------------------------------------------------------------------


def _save(by: Member, section: Section, value: Value, locked: bool | None) -> None:
    """The team's value by an admin, else the member's own. locked None: the lock stays as it is."""
    with _beginning_now():
        if _is_admin(by):
            _write(by, section, None, value, locked)
        else:
            _save_own(by, section, value)


@contextmanager
def _beginning_now() -> Iterator[None]:
    """What happened before logging was switched on is not logged, as FS-2 has it for tasks."""
    members = list(Member.objects.all())
    before = rules_of_each(members)
    yield
    after = rules_of_each(members)
    sync.begin_to_log(
        emails=[pk for pk, now in after.items() if now.email_api.emails and not before[pk].email_api.emails],
        calls=[pk for pk, now in after.items() if now.calls.log and not before[pk].calls.log],
    )


def _save_own(by: Member, section: Section, value: Value) -> None:
    _write(by, section, by, value, locked=False)


def _lock(by: Member, section: Section, locked: bool | None) -> None:
    """Lock or unlock what each member has for themselves."""
    if locked is None or not _is_admin(by):
        return
    team = Setting.objects.filter(section=section, member=None).first()
    if bool(team and team.locked) != locked:
        value = checked(section, team.value if team else {})
        _write(by, section, None, value, locked)


def _write(by: Member, section: Section, member: Member | None, value: Value, locked: bool | None) -> None:
    held, now = plain(value), clock.now()
    # get_or_create: of two who save a section for the first time at once, one makes the row and both are in the log.
    row, made = Setting.objects.select_for_update(of=("self",)).get_or_create(
        section=section,
        member=member,
        defaults={"value": held, "saved_at": now, "saved_by": by, "locked": bool(locked)},
    )
    before = None if made else _row_logged(row)
    row.value, row.saved_at, row.saved_by = held, now, by
    row.locked = row.locked if locked is None else locked
    row.save()
    note(section, by=by, of=member, before=before, after=_row_logged(row))


def _switch(member: Member, connection: Connection, value: Tasks, by: Member | None = None) -> None:
    """Tell the engine, and remember the choice as the member's own."""
    _write(by or member, Section.TASKS, member, value, locked=False)
    if value.sync:
        sync.switch_on(connection)
    else:
        sync.switch_off(connection)


def _follow_all(by: Member, value: Tasks) -> None:
    connected = Connection.objects.exclude(state=Connection.State.DISCONNECTED).exclude(member=by)
    same = TaskSync.objects.filter(enabled=value.sync).values("connection")
    for connection in connected.exclude(pk__in=same).select_related("member", "org"):
        _switch(connection.member, connection, value, by=by)


def _row_logged(row: Setting) -> dict[str, Any]:
    """A row as the log of changes shows it: a BCC address takes mail for its owner, so most of it is left out."""
    logged = dict(row.value)
    if logged.get("address"):
        logged["address"] = masked(logged["address"])
    return logged if row.member_id else {**logged, "locked": row.locked}


def masked(address: str) -> str:
    """Enough of a BCC address to know it again, too little to write to it."""
    name, _at, host = address.partition("@")
    return f"{name}@{host[:3]}….{'.'.join(host.split('.')[-3:])}"

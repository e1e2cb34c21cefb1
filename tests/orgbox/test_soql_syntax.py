"""Which queries are read, which are refused, and how the refusal points at the trouble."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from orgbox.errors import OrgError
from orgbox.soql import parse
from orgbox.soql.syntax import (
    All,
    AnyOf,
    Comparison,
    DateLiteral,
    Day,
    Moment,
    Not,
    Null,
    Number,
    Order,
    Pattern,
    Text,
    Truth,
)

ACCEPTED = [
    "SELECT Id FROM Task",
    "select id from task",
    "  SELECT\n\tId,Subject ,  Status\nFROM Task  ",
    "SELECT COUNT() FROM Task",
    "SELECT count ( ) FROM Task WHERE IsClosed = true LIMIT 5",
    "SELECT Id, Account.Owner.Name FROM Contact",
    "SELECT t.Id, t.Who.Name FROM Task t WHERE t.IsClosed = false",
    "SELECT Id FROM Group",
    "SELECT Type, Order__c, Count FROM Account",
    "SELECT Selector FROM Fromage",
    "SELECT Id FROM Task WHERE Subject = 'x'",
    "SELECT Id FROM Task WHERE Subject='x'",
    "SELECT Id FROM Task WHERE Subject = ''",
    r"SELECT Id FROM Task WHERE Subject = 'O\'Brien \\ \n\r\t\b\f\" \u00e9'",
    "SELECT Id FROM Task WHERE Subject <> 'x' AND Subject != null",
    "SELECT Id FROM Task WHERE A = 1 AND B = 2 AND C = 3",
    "SELECT Id FROM Task WHERE A = 1 OR B = 2 OR C = 3",
    "SELECT Id FROM Task WHERE (A = 1 AND B = 2) OR C = 3",
    "SELECT Id FROM Task WHERE A = 1 AND (B = 2 OR C = 3)",
    "SELECT Id FROM Task WHERE ((((A = 1))))",
    "SELECT Id FROM Task WHERE NOT A = 1",
    "SELECT Id FROM Task WHERE NOT(A = 1 OR B = 2)",
    "SELECT Id FROM Task WHERE (NOT A = 1) AND (NOT Subject LIKE 'x%')",
    "SELECT Id FROM Task WHERE A = -1 OR A = +1.50",
    "SELECT Id FROM Task WHERE A IN ('x')",
    "SELECT Id FROM Task WHERE A IN('x','y', null)",
    "SELECT Id FROM Task WHERE A NOT IN (1, 2)",
    "SELECT Id FROM Task WHERE A not  in (TODAY, 2026-01-01)",
    r"SELECT Id FROM Task WHERE Subject LIKE '100\% of _%'",
    "SELECT Id FROM Task WHERE ActivityDate = 2026-02-28",
    "SELECT Id FROM Task WHERE ActivityDate < TODAY",
    "SELECT Id FROM Task WHERE ActivityDate = LAST_90_DAYS",
    "SELECT Id FROM Task WHERE ActivityDate = last_n_days:7",
    "SELECT Id FROM Task WHERE ActivityDate = N_QUARTERS_AGO:2",
    "SELECT Id FROM Task WHERE SystemModstamp >= 2026-01-01T00:00:00Z",
    "SELECT Id FROM Task WHERE SystemModstamp >= 2026-01-01T00:00:00.123Z",
    "SELECT Id FROM Task WHERE SystemModstamp >= 2026-01-01T00:00:00+05:30",
    "SELECT Id FROM Task WHERE SystemModstamp >= 2026-01-01T00:00:00.000+0000",
    "SELECT Id FROM Task ORDER BY Subject",
    "SELECT Id FROM Task ORDER BY Subject DESC NULLS LAST, Who.Name ASC, Id nulls first",
    "SELECT Id FROM Task LIMIT 0",
    "SELECT Id FROM Task LIMIT 200 OFFSET 2000",
    "SELECT Id FROM Task OFFSET 3",
    "SELECT Id FROM Task LIMIT 1 FOR VIEW",
    "SELECT Id FROM Task FOR REFERENCE",
    "SELECT Id FROM Task AS t",
    "SELECT Id FROM Task WHERE A = THIS_FISCAL_QUARTER",
    "SELECT Id FROM Task WHERE A INCLUDES ('x')",
    "SELECT Id FROM Task WHERE A IN (SELECT Id FROM Contact)",
    "SELECT Id FROM Task WHERE CALENDAR_YEAR(A) = 2026",
    "SELECT Id FROM Task ORDER BY COUNT(Id)",
    "SELECT Id FROM Task GROUP BY Subject",
    "SELECT Id FROM Task WITH SECURITY_ENFORCED",
    "SELECT Id FROM Task USING SCOPE mine",
    "SELECT COUNT(Id) FROM Task",
    "SELECT COUNT() FROM Task ORDER BY Id",
    "SELECT MAX(A) FROM Task",
    "SELECT FIELDS(ALL) FROM Task LIMIT 200",
    "SELECT toLabel(Status) FROM Task",
    "SELECT Id, (SELECT Id FROM Tasks) FROM Contact",
    "SELECT TYPEOF Who WHEN Contact THEN Id END FROM Task",
    "SELECT Id FROM Task UPDATE TRACKING",
    "SELECT Id FROM Task, Contact",
    "SELECT TYPEOF FROM Task",
    "SELECT TYPEOF x FROM Task",
    "SELECT Status, COUNT(Id) n FROM Task GROUP BY Status HAVING COUNT(Id) > 1 ORDER BY COUNT(Id) DESC LIMIT 5",
    "SELECT Status s FROM Task GROUP BY ROLLUP(Status, CALENDAR_YEAR(convertTimezone(CreatedDate)))",
    "SELECT Status FROM Task GROUP BY CUBE(Status)",
    "SELECT TYPEOF Who WHEN Contact THEN Id, Account.Name WHEN Lead THEN Company ELSE Name END w, Id FROM Task",
    "SELECT Id, (SELECT Id FROM Tasks WHERE IsClosed = true ORDER BY Id LIMIT 2), Name FROM Contact WHERE Id NOT IN (SELECT WhoId FROM Task WHERE IsClosed = true) AND A EXCLUDES ('x;y', 'z')",
    "SELECT Id FROM Contact c, c.Account a WHERE a.Name = 'x'",
    "SELECT Id FROM A WITH DATA CATEGORY X__c AT (Y__c, Z__c) AND W__c ABOVE_OR_BELOW V__c",
    "SELECT Id FROM A WHERE DISTANCE(L__c, GEOLOCATION(37.7, -122.4), 'mi') < 20",
    "SELECT Id FROM A WITH NETWORK = 'x'",
]


@pytest.mark.parametrize("soql", ACCEPTED)
def test_this_query_is_read(soql: str) -> None:
    assert parse(soql).text == soql


UNEXPECTED = [
    ("SELECT FROM Task", "FROM"),
    ("SELECT , FROM Task", ","),
    ("SELECT Id Task", "<EOF>"),
    ("SELECT Id FROM", "<EOF>"),
    ("SELECT Id, FROM Task", "FROM"),
    ("Id FROM Task", "Id"),
    ("UPDATE Task", "UPDATE"),
    ("SELECT * FROM Task", "*"),
    ("SELECT Id. FROM Task", "."),
    ("SELECT Id FROM Task;", None),
    ("SELECT Id FROM Task WHERE", "<EOF>"),
    ("SELECT Id FROM Task WHERE Subject", "<EOF>"),
    ("SELECT Id FROM Task WHERE Subject = ", "<EOF>"),
    ("SELECT Id FROM Task WHERE Subject == 'x'", "="),
    ("SELECT Id FROM Task WHERE Subject = x", "x"),
    ("SELECT Id FROM Task WHERE Subject = 'O'Brien'", "Brien"),
    ("SELECT Id FROM Task WHERE Subject IS NULL", "IS"),
    ("SELECT Id FROM Task WHERE Subject NOT LIKE 'x'", "LIKE"),
    ("SELECT Id FROM Task WHERE A = 1 AND B = 2 OR C = 3", "OR"),
    ("SELECT Id FROM Task WHERE A = 1 OR B = 2 AND C = 3", "AND"),
    ("SELECT Id FROM Task WHERE A = 1 OR NOT B = 2", "NOT"),
    ("SELECT Id FROM Task WHERE A = 1 AND NOT B = 2", "NOT"),
    ("SELECT Id FROM Task WHERE NOT A = 1 AND B = 2", "AND"),
    ("SELECT Id FROM Task WHERE NOT NOT A = 1", "NOT"),
    ("SELECT Id FROM Task WHERE (A = 1", "<EOF>"),
    ("SELECT Id FROM Task WHERE A = 1)", ")"),
    ("SELECT Id FROM Task WHERE A = 1.5e3", "e3"),
    ("SELECT Id FROM Task WHERE A IN ()", ")"),
    ("SELECT Id FROM Task WHERE A IN 'x'", "'x'"),
    ("SELECT Id FROM Task WHERE A IN ('x',)", ")"),
    ("SELECT Id FROM Task WHERE A = 2026-1-5", "-1"),
    ("SELECT Id FROM Task WHERE A = 2026-01-01T00:00:00", "-01"),
    ("SELECT Id FROM Task ORDER Subject", "Subject"),
    ("SELECT Id FROM Task ORDER BY Id NULLS", "NULLS"),
    ("SELECT Id FROM Task LIMIT 5 WHERE A = 1", "WHERE"),
    ("SELECT Id FROM Task LIMIT 5 ORDER BY Id", "ORDER"),
    ("SELECT Id FROM Task OFFSET 5 LIMIT 5", "LIMIT"),
    ("SELECT Id FROM Task LIMIT 'x'", "'x'"),
    ("SELECT Id FROM Task FOR UPDATE", "UPDATE"),
    ("SELECT Id FROM Task FOR VIEW FOR REFERENCE", "FOR"),
    ("SELECT Id FROM Task FOR VIEW, REFERENCE", ","),
    ("SELECT Id, (SELECT Id FROM Tasks FROM Contact", "FROM"),
    ("SELECT Id FROM Task WHERE A IN (SELECT Id FROM Contact LIMIT 1)", "LIMIT"),
    ("SELECT Id FROM Task WHERE A IN (SELECT Id, Name FROM Contact)", ","),
    ("SELECT TYPEOF Who ELSE Name END FROM Task", "ELSE"),
    ("SELECT TYPEOF Who WHEN Contact THEN Name FROM Task", "FROM"),
    ("SELECT COUNT(Id FROM Task", "FROM"),
    ("SELECT MAX() FROM Task", ")"),
    ("SELECT Status FROM Task GROUP BY ROLLUP Status", "Status"),
    ("SELECT Id FROM Task HAVING COUNT(Id) > 1", "HAVING"),
    ("SELECT COUNT(), Id FROM Task", ","),
]


@pytest.mark.parametrize(("soql", "word"), UNEXPECTED)
def test_this_query_is_refused_at_its_first_wrong_word(soql: str, word: str | None) -> None:
    with pytest.raises(OrgError) as refused:
        parse(soql)
    assert refused.value.code == "MALFORMED_QUERY"
    last_line = refused.value.message.splitlines()[-1]
    if word is None:
        assert "no viable alternative at character" in last_line
    else:
        assert last_line == f"unexpected token: '{word}'"


OTHER_REFUSALS = [
    ("", "A query string has to be specified"),
    (" \n ", "A query string has to be specified"),
    ('SELECT Id FROM Task WHERE Subject = "x"', "line 1:36 no viable alternative at character '\"'"),
    ("SELECT Id FROM Task WHERE Subject = 'x", "line 1:38 mismatched character '<EOF>' expecting '''"),
    ("SELECT Id FROM Task WHERE Subject = :name", "Bind variables only allowed in Apex code"),
    ("SELECT Id FROM Task ALL ROWS", "ALL ROWS not allowed in this context"),
    (r"SELECT Id FROM Task WHERE Subject = '\q'", r"Illegal character sequence '\q' in string literal"),
    (r"SELECT Id FROM Task WHERE Subject = '50\%'", r"Illegal character sequence '\%' in string literal"),
    ("SELECT Id FROM Task WHERE Subject = 'two\nlines'", "Line breaks not allowed in string literals"),
    (r"SELECT Id FROM Task WHERE Subject LIKE '\q'", r"Illegal character sequence '\q' in string literal"),
    ("SELECT Id FROM Task WHERE A = LAST_N_DAYS", "Date literal LAST_N_DAYS takes a number"),
    ("SELECT Id FROM Task WHERE A = N_WEEKS_AGO", "Date literal N_WEEKS_AGO takes a number"),
    ("SELECT Id FROM Task WHERE A = TODAY:3", "Date literal TODAY takes no number"),
    ("SELECT Id FROM Task WHERE ActivityDate = 2026-02-30", "Invalid date: 2026-02-30"),
    ("SELECT Id FROM Task WHERE ActivityDate = 1699-12-31", "Invalid date: 1699-12-31"),
    ("SELECT Id FROM Task WHERE A = 2026-01-01T25:00:00Z", "Invalid dateTime: 2026-01-01T25:00:00Z"),
    (
        "SELECT Id FROM Task WHERE A = 2026-01-01T00:00:00+99:00",
        "Invalid dateTime: 2026-01-01T00:00:00+99:00",
    ),
]


@pytest.mark.parametrize(("soql", "sentence"), OTHER_REFUSALS)
def test_this_query_is_refused_with_this_sentence(soql: str, sentence: str) -> None:
    with pytest.raises(OrgError) as refused:
        parse(soql)
    assert refused.value.code == "MALFORMED_QUERY"
    assert refused.value.message.splitlines()[-1] == sentence


def test_a_refusal_repeats_the_line_marks_the_word_and_counts_from_one() -> None:
    with pytest.raises(OrgError) as refused:
        parse("SELECT Id FROM Task\nWHERE IsClosed = true OR IsClosed = false AND Subject = 'x'\nLIMIT 5")
    assert refused.value.message == (
        "\nIsClosed = true OR IsClosed = false AND Subject = 'x'\n"
        "                                    ^\n"
        "ERROR at Row:2:Column:43\n"
        "unexpected token: 'AND'"
    )


def test_the_end_of_the_query_is_pointed_at_behind_its_last_word() -> None:
    with pytest.raises(OrgError) as refused:
        parse("SELECT Id FROM  ")
    assert (
        refused.value.message
        == "\nSELECT Id FROM  \n              ^\nERROR at Row:1:Column:15\nunexpected token: '<EOF>'"
    )


def test_a_query_may_have_a_hundred_thousand_characters_and_no_more() -> None:
    longest = "SELECT Id FROM Task".ljust(100_000)
    assert parse(longest).source.name == "Task"
    with pytest.raises(OrgError, match="longer than 100000 characters"):
        parse(longest + " ")


def test_a_string_may_have_four_thousand_characters_and_no_more() -> None:
    query = "SELECT Id FROM Task WHERE Subject = '{}'"
    assert parse(query.format(r"\n" * 4000)).where
    for words in ("x" * 4001, r"\n" * 4001):
        with pytest.raises(OrgError, match="longer than 4000 characters"):
            parse(query.format(words))
    with pytest.raises(OrgError, match="longer than 4000 characters"):
        parse(f"SELECT Id FROM Task WHERE Subject LIKE '{'x' * 4001}'")


def test_an_offset_beyond_two_thousand_is_outside_the_valid_range() -> None:
    with pytest.raises(OrgError) as refused:
        parse("SELECT Id FROM Task OFFSET 2001")
    assert refused.value.code == "NUMBER_OUTSIDE_VALID_RANGE"


def test_conditions_nested_beyond_measure_are_refused_and_not_crashed_upon() -> None:
    depth = 10_000
    assert parse("SELECT Id FROM Task WHERE " + "(" * depth + "A = 1" + ")" * depth).where
    with pytest.raises(OrgError) as refused:
        parse("SELECT Id FROM Task WHERE " + "NOT (" * depth + "A = 1" + ")" * depth)
    assert refused.value.code == "QUERY_TOO_COMPLICATED"


LITERALS = [
    ("'It\\'s'", Text("It's")),
    (r"'\u00e9\U00E9'", Text("éé")),
    (r"'\n\N\u0041bc\\'", Text("\n\nAbc\\")),
    (".5", Number(0.5)),
    ("last_n_days : 3", DateLiteral("LAST_N_DAYS", 3)),
    ("12", Number(12)),
    ("-1.50", Number(-1.5)),
    ("TRUE", Truth(True)),
    ("false", Truth(False)),
    ("Null", Null()),
    ("2024-02-29", Day(date(2024, 2, 29))),
    ("2026-01-01T00:00:59.999+05:30", Moment(datetime(2025, 12, 31, 18, 30, 59, tzinfo=UTC))),
    ("2026-01-01T00:00:00-0800", Moment(datetime(2026, 1, 1, 8, tzinfo=UTC))),
    ("today", DateLiteral("TODAY", 0)),
    ("Next_N_Weeks:12", DateLiteral("NEXT_N_WEEKS", 12)),
]


@pytest.mark.parametrize(("written", "meant"), LITERALS)
def test_a_literal_means(written: str, meant: object) -> None:
    where = parse(f"SELECT Id FROM Task WHERE A = {written}").where
    assert isinstance(where, Comparison)
    assert where.values == (meant,)


def test_a_whole_query_becomes_its_parts() -> None:
    query = parse(
        "SELECT t.Id, Who.Name FROM Task t WHERE (NOT A <> 1) AND (B LIKE 'a%\\%' OR C NOT IN (1, null)) "
        "ORDER BY D DESC, E NULLS LAST LIMIT 10 OFFSET 20"
    )
    assert [entry.path.names for entry in query.select] == [("t", "Id"), ("Who", "Name")]
    assert (query.source.name, query.source.alias, query.limit, query.offset) == ("Task", "t", 10, 20)
    assert not query.is_count
    assert [(o.path.names, o.descending, o.nulls_first) for o in query.order] == [
        (("D",), True, True),
        (("E",), False, False),
    ]
    assert all(isinstance(term, Order) for term in query.order)
    match query.where:
        case All((Not(Comparison(operator="!=")), AnyOf((like, absent)))):
            assert isinstance(like, Comparison)
            assert like.values == (Pattern("a.*%"),)
            assert isinstance(absent, Comparison)
            assert (absent.operator, absent.values) == ("NOT IN", (Number(1), Null()))
        case other:
            pytest.fail(f"read as {other}")


def test_the_same_text_is_read_once() -> None:
    assert parse("SELECT Id, Subject FROM Task") is parse("SELECT Id, Subject FROM Task")

//! What a person reads when a filter is wrong, word for word.
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use common::{account, customer};
use dwsim_filter::{FilterErrorKind, LONGEST_INPUT, LONGEST_LIST, LONGEST_PATTERN, odata, xpp};

fn odata_error(filter: &str) -> String {
    odata::parse(filter).and_then(|filter| filter.bind(&account())).unwrap_err().to_string()
}

fn xpp_error(filter: &str) -> String {
    xpp::parse(filter).and_then(|filter| filter.bind(&customer())).unwrap_err().to_string()
}

/// First line and last line, for errors whose caret is not the point.
fn ends(message: &str) -> (&str, &str) {
    (message.lines().next().unwrap(), message.lines().last().unwrap())
}

#[test]
fn an_unknown_column_shows_its_place_and_the_nearest_name() {
    assert_eq!(
        odata_error("statecode eq 0 and nmae eq 'A'"),
        "table account has no column nmae (at character 20)\n\
         \x20 statecode eq 0 and nmae eq 'A'\n\
         \x20                    ^\n\
         did you mean name?"
    );
}

#[test]
fn a_position_counts_characters_not_bytes() {
    let error = odata::parse("name eq 'äöü' und").unwrap_err();
    assert_eq!(error.position, 14);
    assert_eq!(
        error.to_string(),
        "expected and, or, or the end of the filter, found und (at character 15)\n\
         \x20 name eq 'äöü' und\n\
         \x20               ^\n\
         join comparisons with and or or, and put text in single quotes"
    );
}

#[test]
fn a_long_filter_is_cut_to_the_surroundings_of_the_error() {
    let filter = format!("{}nmae eq 'A'{}", "name eq 'x' or ".repeat(20), " or name eq 'x'".repeat(20));
    let error = odata_error(&filter);
    let lines: Vec<&str> = error.lines().collect();
    assert_eq!(lines[0], "table account has no column nmae (at character 301)");
    assert!(lines[1].starts_with("  …name eq 'x' or ") && lines[1].ends_with('…'));
    assert_eq!(lines[1].chars().nth(lines[2].chars().count() - 1), Some('n'));
}

#[test]
fn syntax_errors_of_odata_say_what_was_expected() {
    let cases = [
        ("name = 'A'", "expected a comparison operator, found = (at character 6)", "write eq"),
        ("name EQ 'A'", "expected a comparison operator, found EQ (at character 6)", "write eq"),
        ("name eq", "expected a value, found the end of the filter (at character 8)", ""),
        ("name eq A", "A stands where a value belongs (at character 9)", ""),
        (
            "name eq 'A' && x",
            "expected and, or, or the end of the filter, found && (at character 13)",
            "write and",
        ),
        (
            "name eq 'A')",
            "expected and, or, or the end of the filter, found ) (at character 12)",
            "remove it, or open it with ( further left",
        ),
        ("(name eq 'A'", "this parenthesis is not closed (at character 1)", "add the missing )"),
        ("name eq 'O'Neil'", "expected and, or, or the end of the filter, found Neil (at character 12)", ""),
        ("name eq 'A", "the text that begins here has no closing ' (at character 9)", ""),
        ("birthdate eq 2021-13-45", "2021-13-45 is not a value (at character 14)", ""),
        (
            "not name eq 'A'",
            "not stands before a comparison without parentheses (at character 1)",
            "put the comparison in parentheses after not",
        ),
        (
            "length(name) gt 3",
            "function length is not supported in a filter (at character 1)",
            "use startswith, endswith or contains",
        ),
        (
            "contains(name 'A')",
            "expected a comma, found ' (at character 15)",
            "write it as in contains(name, 'A')",
        ),
        ("name in 'A'", "expected (, found ' (at character 9)", "write the list as in ('A', 'B')"),
        ("name in ()", "expected a value, found ) (at character 10)", ""),
        (" ", "the filter is empty (at character 1)", "leave the filter out to let every row through"),
        ("name eq '\0'", "the filter contains a null character (at character 10)", "remove it"),
    ];
    for (filter, first, last) in cases {
        let error = odata_error(filter);
        let (what, fix) = ends(&error);
        assert_eq!(what, first);
        assert!(last.is_empty() || fix == last, "{filter}: {fix}");
    }
}

#[test]
fn type_errors_of_odata_say_what_the_column_holds() {
    let cases = [
        (
            "primarycontactid/lastname eq 'A'",
            "primarycontactid/lastname follows a lookup, and dual-write filters allow no nested lookups (at character 1)",
            "filter on a column of the table itself",
        ),
        (
            "name eq 5",
            "column name holds text and cannot be compared with 5 (at character 9)",
            "put the value in single quotes",
        ),
        (
            "donotemail eq 'true'",
            "column donotemail holds true or false and cannot be compared with 'true' (at character 15)",
            "write true or false, without quotes",
        ),
        (
            "numberofemployees gt 1.5",
            "column numberofemployees holds whole numbers and cannot be compared with 1.5 (at character 22)",
            "write a whole number, without quotes",
        ),
        (
            "statecode eq 'Inactive'",
            "column statecode holds choices and cannot be compared with 'Inactive' (at character 14)",
            "write the number of the option, 1",
        ),
        (
            "_primarycontactid_value eq 'x'",
            "column primarycontactid holds references to rows and cannot be compared with 'x' (at character 28)",
            "write a row id such as 00000000-0000-0000-0000-000000000001",
        ),
        (
            "_name_value eq 'x'",
            "table account has no column _name_value (at character 1)",
            "use a column of the table",
        ),
        (
            "birthdate eq 2021-06-23T10:00:00Z",
            "column birthdate holds dates and cannot be compared with 2021-06-23T10:00:00Z (at character 14)",
            "write a date without time, such as 2021-06-23",
        ),
        (
            "revenue eq 0.0000000000001",
            "column revenue holds decimal numbers and cannot be compared with 0.0000000000001 (at character 12)",
            "use at most 12 decimal places and 16 digits before the point",
        ),
        (
            "donotemail gt false",
            "column donotemail holds true or false, which can only be equal or not equal (at character 15)",
            "compare it for equality",
        ),
        (
            "loose gt 5",
            "column loose holds values whose type is not documented, which can only be equal or not equal (at character 10)",
            "compare it for equality",
        ),
        ("name gt null", "null can only be tested with eq and ne (at character 9)", "use eq null or ne null"),
        (
            "name in ('a', null)",
            "null can only be tested with eq and ne (at character 15)",
            "use eq null or ne null",
        ),
        (
            "contains(statecode, 'A')",
            "column statecode holds choices and cannot be searched as text (at character 10)",
            "compare it for equality, or search a text column",
        ),
        (
            "contains(name, '[a-c]')",
            "character sets in a search text are not simulated (at character 16)",
            "write [[] for a bracket, or list the texts one by one with or",
        ),
        (
            "objecttypecode eq 1",
            "column objecttypecode holds logical names of tables and cannot be compared with 1 (at character 19)",
            "write the table's logical name in single quotes, such as 'account'",
        ),
    ];
    for (filter, first, last) in cases {
        assert_eq!(ends(&odata_error(filter)), (first, last), "{filter}");
    }
}

#[test]
fn errors_of_xpp_say_what_fno_wants() {
    let cases = [
        (r#"(Name eq "A")"#, "expected a comparison operator, found eq (at character 7)", "write =="),
        (
            r#"(Name <> "A")"#,
            "expected a value, found > (at character 8)",
            "write != for not equal, and <= or >= with the = last",
        ),
        (r#"(Name == "A" and Rating == 1)"#, "expected &&, || or ), found and (at character 14)", "write &&"),
        (r#"(Name == "A" & Rating == 1)"#, "expected &&, || or ), found & (at character 14)", "write &&"),
        (r#"((Name == "A")"#, "this parenthesis is not closed (at character 1)", "add the missing )"),
        (
            r#"(Name == "A"#,
            "the text that begins here has no closing \" (at character 10)",
            r#"close the text with ", and write \" inside it"#,
        ),
        (
            "(Name == null)",
            "null is not a value (at character 10)",
            r#"F&O has no null in a filter; compare with "" for blank text"#,
        ),
        (
            "!Rating == 1",
            "! stands before a comparison without parentheses (at character 1)",
            "put the comparison in parentheses after !",
        ),
        (
            r#"(CustTable.Name == "A")"#,
            "CustTable.Name names a data source, and a dual-write filter applies to the entity as a whole (at character 2)",
            "write the entity's own column name alone",
        ),
        (
            "(Name like A)",
            "expected a text in quotes, found A (at character 12)",
            r#"write it as in Name like "A*""#,
        ),
        (
            r#"(Rating like "1*")"#,
            "column Rating holds whole numbers and cannot be searched as text (at character 2)",
            "",
        ),
        (
            r#"(PartyType == "Organisation")"#,
            "\"Organisation\" is not a member of enum DirPartyType, which column PartyType holds (at character 15)",
            r#"did you mean "Organization"?"#,
        ),
        (
            r#"(PartyType == "zzz")"#,
            "\"zzz\" is not a member of enum DirPartyType, which column PartyType holds (at character 15)",
            "use one of None, Person, Organization",
        ),
        (
            "(PartyType == NoYes::Yes)",
            "NoYes::Yes is not a member of enum DirPartyType, which column PartyType holds (at character 15)",
            r#"write DirPartyType::Yes, or "Yes""#,
        ),
        (
            r#"(Undocumented == "A")"#,
            "\"A\" is not a member of enum Mystery, which column Undocumented holds (at character 18)",
            "its members are not documented; write the number",
        ),
        (
            "(PartyType == Person)",
            "Person stands where a value belongs (at character 15)",
            r"write text in quotes, and numbers, Enum::Member and dates such as 23\06\2021 without",
        ),
        (r"(Opened == 31\02\2021)", r"31\02\2021 is not a value (at character 12)", ""),
        (
            r#"(Opened == "2021-06-23")"#,
            "column Opened holds dates and cannot be compared with \"2021-06-23\" (at character 12)",
            r"write a date such as 23\06\2021, without quotes",
        ),
        (
            "(Name == 5)",
            "column Name holds text and cannot be compared with 5 (at character 10)",
            "put the value in quotes",
        ),
        (r#""A" == Name"#, "expected a column, ! or (, found \" (at character 1)", ""),
    ];
    for (filter, first, last) in cases {
        let error = xpp_error(filter);
        let (what, fix) = ends(&error);
        assert_eq!(what, first);
        assert!(last.is_empty() || fix == last, "{filter}: {fix}");
    }
}

#[test]
fn values_of_every_kind_bind_on_both_sides() {
    for filter in [
        "revenue ge -12.50 and createdon lt 2021-06-23T10:00:00+02:00 and createdon ge '2021-06-23T10:00:00'",
        "birthdate in ('2021-06-23', 2021-06-24) and numberofemployees in (1, -2,  3)",
        "rowid ne 00000000-0000-0000-0000-000000000001 and loose eq 5 and endswith(loose,'x')",
        "not not startswith( name , '' )or(name eq 'O''Neil')",
    ] {
        odata::parse(filter).and_then(|filter| filter.bind(&account())).unwrap();
    }
    for filter in [
        r"CreditLimit >= -12.5 && CreatedAt < 2021-06-23T10:00:00 && CreatedAt > 1\1\2021",
        r#"Flag == 1 && Flag != NoYes::No && Token == "{00000000-0000-0000-0000-000000000001}""#,
        r"OnHold == NOYES::yes || Undocumented == 3 || Loose == 5 || Name LIKE '?*\'' || RecId > 5637144576",
    ] {
        xpp::parse(filter).and_then(|filter| filter.bind(&customer())).unwrap();
    }
}

#[test]
fn ten_thousand_parentheses_are_refused_without_exhausting_the_stack() {
    for text in ["(".repeat(10_000), "not ".repeat(5_000), "!(".repeat(5_000), "!".repeat(10_000)] {
        let xpp = text.starts_with('!');
        let error = if xpp { xpp::parse(&text).err() } else { odata::parse(&text).err() }.unwrap();
        assert_eq!(error.kind, FilterErrorKind::TooDeep);
        assert_eq!(ends(&error.to_string()).1, "remove parentheses that change nothing",);
    }
    let deep = |levels: usize| format!("{}Rating == 1{}", "(".repeat(levels), ")".repeat(levels));
    assert!(xpp::parse(&deep(100)).is_ok());
    assert_eq!(xpp::parse(&deep(101)).unwrap_err().position, 100);
}

#[test]
fn lengths_are_limited_and_the_limit_itself_is_allowed() {
    let list = |items: usize| format!("numberofemployees in ({})", vec!["1"; items].join(","));
    assert!(odata::parse(&list(LONGEST_LIST)).is_ok());
    assert_eq!(
        odata_error(&list(LONGEST_LIST + 1)).lines().next(),
        Some("the list has more than 2000 values (at character 22)")
    );

    let padded = |bytes: usize| format!("{:bytes$}", "name eq 'A'");
    assert!(odata::parse(&padded(LONGEST_INPUT)).is_ok());
    assert_eq!(
        odata_error(&padded(LONGEST_INPUT + 1)).lines().next(),
        Some("the filter is 32769 bytes long, more than the 32768 allowed (at character 1)")
    );

    let search = |length: usize| format!("contains(name, '{}')", "x".repeat(length));
    assert!(odata::compile(&search(LONGEST_PATTERN), &account()).is_ok());
    assert_eq!(
        odata_error(&search(LONGEST_PATTERN + 1)).lines().next(),
        Some("the text to search for has more than 10000 characters (at character 16)")
    );
}

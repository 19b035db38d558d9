use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::*;
use crate::error::Kind;

#[derive(Debug, Deserialize, PartialEq)]
struct Row {
    id: u32,
}

fn read(body: &str) -> Result<Page<Row>, DecodeError> {
    Page::read(&Answer::new(
        StatusCode::OK,
        HeaderMap::new(),
        body.to_owned(),
    ))
}

fn ids(body: &str) -> Vec<u32> {
    read(body)
        .unwrap_or_else(|error| panic!("{error}: {body}"))
        .items
        .iter()
        .map(|row| row.id)
        .collect()
}

#[test]
fn every_envelope_of_the_contract_is_read() {
    for body in [
        r#"[{"id":1},{"id":2}]"#,
        r#"{"success":true,"data":[{"id":1},{"id":2}],"customers":[{"id":1},{"id":2}]}"#,
        r#"{"success":true,"users":[{"id":1},{"id":2}],"data":[{"id":1},{"id":2}]}"#,
        r#"{"servers":[{"id":1},{"id":2}],"data":[{"id":1},{"id":2}]}"#,
        r#"{"tasks":[{"id":1},{"id":2}],"total":2,"limit":50,"offset":0}"#,
        r#"{"customers":[{"id":1},{"id":2}]}"#,
        r#"{"failed_jobs":[{"id":1},{"id":2}],"count":2}"#,
        r#"{"success":true,"data":[{"id":1},{"id":2}],"meta":{"total":2,"page":1,"pageSize":50,"totalPages":1}}"#,
        r#"{"success":true,"data":[{"id":1},{"id":2}],"pagination":{"page":1,"pageSize":0,"total":2,"totalPages":null}}"#,
        r#"{"data":[{"id":1},{"id":2}],"meta":{"total":"2"}}"#,
        r#"{"items":[{"id":1},{"id":2}],"total":2}"#,
        r#"{"total":2,"websites":[{"id":1},{"id":2}]}"#,
        r#"{"success":true,"data":[{"id":1},{"id":2}],"count":2}"#,
        r#"{"success":true,"data":{"items":[{"id":1},{"id":2}],"total":2}}"#,
        r#"{"success":true,"errors":[],"message":"ok","data":[{"id":1},{"id":2}],"filter":{"a":[1]}}"#,
        "\u{feff}[{\"id\":1},{\"id\":2}]",
    ] {
        assert_eq!(ids(body), [1, 2], "{body}");
    }
}

#[test]
fn totals_are_read_wherever_they_stand() {
    for body in [
        r#"{"tasks":[],"total":120,"limit":50,"offset":0}"#,
        r#"{"total":"120","items":[]}"#,
        r#"{"data":[],"meta":{"total":120}}"#,
        r#"{"data":[],"pagination":{"total":120.0}}"#,
        r#"{"data":{"items":[],"total":120}}"#,
    ] {
        assert_eq!(read(body).unwrap().total, Some(120), "{body}");
    }
    for body in [
        "[]",
        r#"{"data":[],"count":120}"#,
        r#"{"data":[],"total":null}"#,
        r#"{"data":[],"total":{"value":120}}"#,
        r#"{"data":[],"total":[120]}"#,
        r#"{"data":[],"total":-1}"#,
    ] {
        assert_eq!(read(body).unwrap().total, None, "{body}");
    }
}

#[test]
fn the_next_page_is_where_the_reply_says() {
    let next = |body: &str| read(body).unwrap().next;
    assert_eq!(
        next(r#"{"tasks":[{"id":1},{"id":2}],"total":3,"limit":2,"offset":0}"#),
        Some(Cursor::Offset(2))
    );
    assert_eq!(
        next(r#"{"tasks":[],"total":9,"limit":2,"offset":2}"#),
        Some(Cursor::Offset(4)),
        "an empty page takes its place"
    );
    assert_eq!(
        next(r#"{"tasks":[{"id":1}],"total":3,"limit":2,"offset":2}"#),
        None
    );
    assert_eq!(
        next(r#"{"data":[],"pagination":{"page":1,"totalPages":2}}"#),
        Some(Cursor::Page(2))
    );
    assert_eq!(
        next(r#"{"data":[],"pagination":{"page":2,"totalPages":2}}"#),
        None
    );
    assert_eq!(
        next(r#"{"data":[],"nextCursor":"abc"}"#),
        Some(Cursor::Token("abc".to_owned()))
    );
    assert_eq!(next(r#"{"data":[],"nextCursor":""}"#), None);
    assert_eq!(next("[]"), None);
}

#[test]
fn a_failure_inside_is_no_empty_list() {
    for body in [
        r#"{"success":false,"error":"relation does not exist"}"#,
        r#"{"success":false,"data":[],"error":"relation does not exist"}"#,
        r#"{"error":"relation does not exist"}"#,
    ] {
        let error = read(body).unwrap_err();
        assert_eq!(error.kind(), Kind::Api, "{body}");
        assert_eq!(error.to_string(), "relation does not exist");
    }
    for body in [
        r#"{"success":true,"data":null}"#,
        "{}",
        r#"{"message":"ok"}"#,
    ] {
        let error = read(body).unwrap_err();
        assert_eq!(error.kind(), Kind::Decode);
        assert_eq!(error.to_string(), "the reply holds no list");
    }
    for body in ["null", "7", "\"x\"", "", "<html>", "[", r#"{"data":["#] {
        assert_eq!(read(body).unwrap_err().kind(), Kind::Decode, "{body}");
    }
}

#[test]
fn a_row_that_cannot_be_read_is_named_by_its_place() {
    let error = read(r#"{"success":true,"data":[{"id":1},{"id":"canary"}]}"#).unwrap_err();
    assert_eq!(error.path(), "data[1].id");
    assert!(!error.to_string().contains("canary"), "{error}");
}

#[test]
fn the_second_copy_is_not_parsed_into_rows() {
    // It could not be: its rows have no id.
    assert_eq!(ids(r#"{"data":[{"id":1}],"customers":[{"x":1}]}"#), [1]);
}

#[test]
fn a_page_of_any_json_is_read_or_refused_without_a_crash() {
    use proptest::prelude::*;

    proptest!(|(text in r#"[\[\]{}":,a-z0-9 ]{0,64}"#)| {
        let _ = read(&text);
    });
}

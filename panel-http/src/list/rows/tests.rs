use proptest::prelude::*;
use serde::Deserialize;

use super::*;

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Row {
    id: u32,
    #[serde(default)]
    name: String,
}

fn in_pieces<T: DeserializeOwned>(bytes: &[u8], size: usize) -> (Vec<T>, Progress) {
    let mut rows = Rows::new(1024);
    let mut found = Vec::new();
    for piece in bytes.chunks(size) {
        rows.push(piece);
        match rows.read(&mut found) {
            Progress::More => {}
            end => return (found, end),
        }
    }
    rows.end();
    let end = rows.read(&mut found);
    (found, end)
}

#[test]
fn rows_are_the_same_however_they_arrive() {
    let text = "{\"success\":true,\"data\":[{\"id\":1,\"name\":\"\u{e9}]},\\\"\"} , {\"id\":22}\n,{\"id\":3}],\"customers\":[{\"x\"";
    for size in 1..=text.len() {
        let (rows, end) = in_pieces::<Row>(text.as_bytes(), size);
        assert_eq!(end, Progress::Complete, "pieces of {size}");
        assert_eq!(
            rows.iter().map(|row| row.id).collect::<Vec<_>>(),
            [1, 22, 3]
        );
        assert_eq!(rows[0].name, "\u{e9}]},\"");
    }
    let text = "[{\"id\":1,\n\"a\":-1.5e-3,\"b\":[true,null,\n2E+9],\"c\":\"\\ud83d\\ude00\"},{\"id\":2,\"d\":0.1}]";
    for size in 1..=text.len() {
        let (rows, end) = in_pieces::<Row>(text.as_bytes(), size);
        assert_eq!(
            (rows.len(), end),
            (2, Progress::Complete),
            "pieces of {size}"
        );
    }
    for size in 1..8 {
        let (rows, end) = in_pieces::<u32>(b"[1,22,333]", size);
        assert_eq!((rows, end), (vec![1, 22, 333], Progress::Complete));
    }
}

#[test]
fn an_empty_list_is_complete() {
    for text in ["[]", "[ ]", r#"{"data":[]}"#] {
        assert_eq!(
            in_pieces::<Row>(text.as_bytes(), 1),
            (vec![], Progress::Complete)
        );
    }
}

#[test]
fn a_row_that_cannot_be_read_is_named_after_those_before_it() {
    let (rows, end) = in_pieces::<Row>(br#"[{"id":1},{"id":"canary"},{"id":3}]"#, 4);
    assert_eq!(rows.len(), 1);
    let Progress::Unreadable(error) = end else {
        panic!("{end:?}");
    };
    assert_eq!(error.path(), "[1].id");
    assert!(!error.to_string().contains("canary"));
}

#[test]
fn what_breaks_off_is_not_complete() {
    for text in [
        "",
        "[",
        r#"[{"id":1}"#,
        r#"[{"id":1},"#,
        r#"[{"id":1},{"id":"#,
        r#"{"success":true"#,
    ] {
        let (_, end) = in_pieces::<Row>(text.as_bytes(), 3);
        let Progress::Unreadable(error) = end else {
            panic!("{end:?}: {text}");
        };
        assert!(error.to_string().contains("ended"), "{error}");
    }
    for text in [
        &b"[{\"id\":1}x"[..],
        b"[,]",
        b"[1 2]",
        b"[\xff]",
        b"[{\"id\":1},]",
    ] {
        let (_, end) = in_pieces::<Row>(text, 3);
        assert!(matches!(end, Progress::Unreadable(_)), "{text:?} {end:?}");
    }
}

#[test]
fn a_row_beyond_its_cap_is_not_waited_for() {
    let long = format!(r#"[{{"id":1,"name":"{}"#, "x".repeat(2000));
    assert_eq!(in_pieces::<Row>(long.as_bytes(), 100).1, Progress::TooLarge);
    let long = format!(r#"{{"note":"{}"#, "x".repeat(2000));
    assert_eq!(in_pieces::<Row>(long.as_bytes(), 100).1, Progress::TooLarge);
}

#[test]
fn memory_does_not_grow_with_the_list() {
    let mut rows = Rows::new(1024);
    let mut found: Vec<Row> = Vec::new();
    rows.push(b"[{\"id\":0}");
    for _ in 0..10_000 {
        rows.push(br#",{"id":1,"name":"abcdefgh"}"#);
        assert_eq!(rows.read(&mut found), Progress::More);
        assert!(rows.buffer.len() < 100);
        assert!(rows.buffer.capacity() < 4096);
    }
    assert!(found.len() >= 9_999);
}

proptest! {
    #[test]
    fn any_text_ends_without_a_crash(text in r#"[\[\]{}":,a-c0-9 \\]{0,64}"#, size in 1usize..9) {
        let _ = in_pieces::<Row>(text.as_bytes(), size);
        let _ = in_pieces::<serde_json::Value>(text.as_bytes(), size);
    }

    #[test]
    fn any_rows_are_read_as_serde_json_reads_them(
        ids in prop::collection::vec((any::<u32>(), "\\PC{0,12}"), 0..12),
        size in 1usize..40,
    ) {
        let values: Vec<_> = ids.iter().map(|(id, name)| serde_json::json!({"id": id, "name": name})).collect();
        let text = serde_json::to_string(&values).unwrap();
        let (rows, end) = in_pieces::<Row>(text.as_bytes(), size);
        prop_assert_eq!(end, Progress::Complete);
        prop_assert_eq!(rows, serde_json::from_str::<Vec<Row>>(&text).unwrap());
    }
}

use super::*;

fn read(body: &str) -> ServerError {
    ServerError::read(body.as_bytes())
}

#[test]
fn every_shape_of_both_panels_gives_its_message() {
    let table = [
        // mPanel 1 to 19
        (r#"{"error":"Customer not found"}"#, "Customer not found"),
        (
            r#"{"error":"Unauthorized","message":"No token"}"#,
            "No token",
        ),
        (
            r#"{"error":"Token expired","message":"Sign in again","code":"TOKEN_EXPIRED"}"#,
            "Sign in again",
        ),
        (
            r#"{"success":false,"error":"duplicate key value"}"#,
            "duplicate key value",
        ),
        (
            r#"{"success":false,"error":"Forbidden","message":"Insufficient rights"}"#,
            "Insufficient rights",
        ),
        (
            r#"{"error":"SyntaxError","message":"An error occurred","requestId":"r-1","timestamp":"2026-01-02T03:04:05Z"}"#,
            "An error occurred",
        ),
        (
            r#"{"error":"Bad items","details":"items must not be empty"}"#,
            "Bad items",
        ),
        (
            r#"{"error":"Validation failed","details":{"email":"invalid","items":"missing"}}"#,
            "Validation failed",
        ),
        (
            r#"{"error":"Missing fields","required":["domain","planId"]}"#,
            "Missing fields",
        ),
        (
            r#"{"error":"Task cannot be retried","currentStatus":"pending"}"#,
            "Task cannot be retried",
        ),
        (
            r#"{"error":"Coupon not found","valid":false}"#,
            "Coupon not found",
        ),
        (
            r#"{"error":"Session not found","sessionId":"cs_7"}"#,
            "Session not found",
        ),
        (
            r#"{"error":"Account exists","customerId":"c-9"}"#,
            "Account exists",
        ),
        (
            r#"{"error":{"code":"NOT_FOUND","message":"No such subscription","details":{}}}"#,
            "No such subscription",
        ),
        (
            "Too many requests from this IP, please try again later.",
            "Too many requests from this IP, please try again later.",
        ),
        (
            r#"{"error":"Server is shutting down","retry_after":30}"#,
            "Server is shutting down",
        ),
        (r#"{"status":"not ready","error":"database"}"#, "database"),
        (
            r#"{"error":"Request Timeout","message":"took too long","requestId":"r-2","timeout":30000}"#,
            "took too long",
        ),
        (
            r#"{"error":"RATE_LIMIT_EXCEEDED","message":"slow down","retryAfter":5}"#,
            "slow down",
        ),
        // NextPanel 1 to 7
        (r#"{"detail":"Not authenticated"}"#, "Not authenticated"),
        (
            r#"{"detail":[{"type":"missing","loc":["body","items",0,"price"],"msg":"Field required","input":{}}],"body":{}}"#,
            "items.0.price: Field required",
        ),
        (
            r#"{"detail":{"error":"E","message":"Query failed","type":"T"}}"#,
            "Query failed",
        ),
        (
            r#"{"success":false,"error":"No available servers","account_id":null}"#,
            "No available servers",
        ),
        (
            r#"{"valid":false,"remaining_quota":null,"error":"expired"}"#,
            "expired",
        ),
        (
            "Invalid HTTP request received.",
            "Invalid HTTP request received.",
        ),
        (
            "data: {\"type\":\"error\",\"message\":\"Invalid token\"}\n\n",
            "Invalid token",
        ),
        // Neither
        (
            "<html><head><title>502 Bad Gateway</title></head><body>x</body></html>",
            "502 Bad Gateway",
        ),
        ("<p>down <b>for</b> maintenance</p>", "down for maintenance"),
        (r#""just a string""#, "just a string"),
        ("\u{feff}{\"detail\":\"with a mark\"}", "with a mark"),
    ];
    for (body, message) in table {
        assert_eq!(read(body).message(), Some(message), "{body}");
    }
}

#[test]
fn beside_the_message_the_useful_members_are_kept() {
    let error = read(
        r#"{"error":"Token expired","message":"Sign in again","code":"TOKEN_EXPIRED","requestId":"r"}"#,
    );
    assert_eq!(error.label(), Some("Token expired"));
    assert_eq!(error.code(), Some("TOKEN_EXPIRED"));
    assert_eq!(error.request_id(), Some("r"));
    assert!(error.says("token EXPIRED") && error.says("sign in"));
    assert_eq!(
        read(r#"{"error":"x","customerId":17}"#).fact("customerId"),
        Some("17")
    );
    assert_eq!(
        read(r#"{"error":"x","retry_after":"30"}"#).retry_after_seconds(),
        Some(30.0)
    );
    assert_eq!(
        read(r#"{"error":"x","retryAfter":-1}"#).retry_after_seconds(),
        None
    );
    assert_eq!(
        read(r#"{"error":"used up","code":"SAVE20off"}"#).code(),
        None
    );
    let fields: Vec<_> =
        read(r#"{"error":"x","details":{"email":"invalid"},"required":["domain"]}"#)
            .field_errors()
            .to_vec();
    assert_eq!(
        fields,
        [
            FieldError::new("email", "invalid"),
            FieldError::new("domain", "required")
        ]
    );
    assert_eq!(
        read(r#"{"detail":[{"loc":["query","limit"],"msg":"too big"}]}"#).field_errors()[0].field(),
        "query.limit"
    );
}

#[test]
fn an_empty_body_is_an_empty_error() {
    for body in ["", " \r\n", "{}", "null"] {
        assert_eq!(read(body).message(), None, "{body:?}");
    }
    assert_eq!(read("").form(), BodyForm::Empty);
    assert_eq!(read("<p>").form(), BodyForm::Html);
}

#[test]
fn a_body_cut_at_the_cap_keeps_what_came_before() {
    let whole = r#"{"detail":[{"loc":["body","email"],"msg":"bad"},{"loc":["body","name"],"msg":"worse"}],"body":{"password":"hunter2"}}"#;
    let cut = &whole[..whole.find("hunter2").unwrap() + 4];
    assert_eq!(read(cut).message(), Some("email: bad; name: worse"));
    assert!(!safe_text(cut.as_bytes()).unwrap().contains("hunt"));
    let earlier = &whole[..whole.find("worse").unwrap()];
    assert_eq!(read(earlier).message(), Some("email: bad"));
}

#[test]
fn echoes_of_the_request_are_dropped() {
    let body = r#"{"detail":[{"loc":["body","email"],"msg":"bad","input":{"password":"canary"}}],"body":{"password":"canary"},"password_hash":"canary","nested":{"apiKey":"canary"}}"#;
    let error = read(body);
    assert!(!format!("{error:?}").contains("canary"));
    assert!(!safe_text(body.as_bytes()).unwrap().contains("canary"));
}

#[test]
fn messages_stay_on_one_capped_line() {
    let error = read(&format!(
        "{{\"detail\":\"a\\nb\\u001b[31m {}\"}}",
        "x ".repeat(2000)
    ));
    let message = error.message().unwrap();
    assert!(message.starts_with("a b [31m x"), "{message}");
    assert_eq!(message.chars().count(), 501);
}

#[test]
fn no_text_of_a_reply_steers_what_shows_it() {
    let hidden = "\u{202e}\u{2066}\u{200b}\u{200f}\u{feff}\u{1b}\u{9b}\u{0}";
    let escaped = hidden
        .replace('\u{1b}', "\\u001b")
        .replace('\u{0}', "\\u0000");
    let bodies = [
        format!(
            r#"{{"error":"e{escaped}r","message":"m{escaped}s","code":"C","requestId":"r{escaped}d",
                "ta{escaped}sk":"f{escaped}t","details":{{"fie{escaped}ld":"w{escaped}g"}}}}"#
        ),
        format!(r#"{{"detail":[{{"loc":["body","a{escaped}b"],"msg":"x{escaped}y"}}]}}"#),
        format!("<title>t{hidden}t</title>"),
        format!("plain {hidden} text"),
        format!(r#"["a{escaped}b"]"#),
    ];
    for body in bodies {
        let error = read(&body);
        let mut texts = vec![error.message(), error.label(), error.request_id()];
        for field in error.field_errors() {
            texts.extend([Some(field.field()), Some(field.message())]);
        }
        for (name, fact) in &error.facts {
            texts.extend([Some(name.as_str()), Some(fact.as_str())]);
        }
        let kept = safe_text(body.as_bytes()).unwrap().replace('\n', "");
        texts.push(Some(&kept));
        for text in texts.into_iter().flatten() {
            let is_hidden = |letter: char| letter.is_control() || hidden.contains(letter);
            assert!(!text.contains(is_hidden), "{text:?}");
        }
    }
    let error = read("{\"error\":\"Us\u{202e}er\u{200b} gone\"}");
    assert_eq!(error.message(), Some("User gone"));
}

#[test]
fn nothing_makes_the_reader_fail() {
    let deep = "[".repeat(200_000);
    for body in [
        deep.as_bytes(),
        b"\xff\xfe",
        b"{\"detail\":NaN}",
        b"{\"detail\":1e999}",
        b"{\"a\":1,\"a\":2",
        b"<",
        b"data:",
    ] {
        let _ = ServerError::read(body);
        let _ = safe_text(body);
    }
}

proptest::proptest! {
    #[test]
    fn reading_is_total(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        let _ = ServerError::read(&body);
        let _ = safe_text(&body);
    }

    #[test]
    fn reading_is_total_on_nearly_json(body in r#"[\{\["](\{|\}|\[|\]|:|,|"detail"|"error"|"message"|"x"|1|null| ){0,30}"#) {
        let _ = read(&body);
    }
}

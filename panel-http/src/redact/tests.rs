use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};
use proptest::prelude::*;
use url::form_urlencoded;

use super::*;

fn redactor(secret: &str) -> Redactor {
    let mut redactor = Redactor::default();
    redactor.add(secret);
    redactor
}

#[test]
fn a_secret_goes_in_every_form_a_server_echoes() {
    let mut redactor = Redactor::default();
    redactor.add_json_fragment(r#"p\"<w>'&x"#);
    for echo in [
        r#"p"<w>'&x"#,
        r#"p\"<w>'&x"#,
        r"p\u0022\u003cw\u003E\u0027\u0026x",
        r#"p\\\"<w>'&x"#,
        "p&quot;&lt;w&gt;&#39;&amp;x",
        "p&#34;&#60;w&#x3E;&#039;&#x26;x",
        "p%22%3Cw%3E%27%26x",
        "p%22%3cw%3e'%26x",
        "p%5C%22%3Cw%3E%27%26x",
        "p\\\"<w>''&x",
        "cCI8dz4nJng=",
        "cCI8dz4nJng",
        // acme:p"<w>'&x
        "YWNtZTpwIjx3PicmeA==",
    ] {
        let shown = redactor.clean(format!("bad value {echo}!"));
        let rest = shown.split(MASK).collect::<Vec<_>>();
        // What stands before the secret in base64 is left as it is.
        let before = if echo.starts_with("YWN") {
            "bad value YWNtZT"
        } else {
            "bad value "
        };
        assert_eq!(rest, [before, "!"], "{echo}");
    }
}

#[test]
fn a_form_writes_blanks_as_plus() {
    let redactor = redactor("correct horse");
    assert_eq!(
        redactor.clean("p=correct+horse&q".to_owned()),
        "p=[secret]&q"
    );
    assert_eq!(
        redactor.clean("p=correct%20horse&q".to_owned()),
        "p=[secret]&q"
    );
}

#[test]
fn secrets_that_overlap_go_together() {
    let mut redactor = redactor("abcdef");
    redactor.add("defghi");
    redactor.add("bcde");
    assert_eq!(
        redactor.clean("xabcdefghiy bcde".to_owned()),
        "x[secret]y [secret]"
    );
    assert_eq!(
        redactor.clean("abcdefabcdef".to_owned()),
        "[secret][secret]"
    );
}

#[test]
fn a_secret_cut_in_two_goes_as_well() {
    let redactor = redactor("canary&1234");
    for start in [
        "canary&12",
        "canary%2612",
        "canary%2",
        "canary&am",
        "canary\\u00",
        "Y2FuYXJ5Jj",
    ] {
        let text = format!("key {start}");
        assert_eq!(
            redactor.clean_body(text.as_bytes(), true),
            "key ",
            "{start}"
        );
        assert_eq!(redactor.clean_body(text.as_bytes(), false), text, "{start}");
    }
    assert_eq!(
        redactor.clean_body(b"key canary&1234", true),
        "key [secret]"
    );
    assert_eq!(redactor.clean_body(b"plain", true), "plain");
    assert_eq!(
        redactor.clean_line("key canary&12\u{2026}".to_owned()),
        "key \u{2026}"
    );
    assert_eq!(
        redactor.clean_line("key canary&12".to_owned()),
        "key canary&12"
    );
}

#[test]
fn a_secret_cut_within_a_character_goes_as_well() {
    let redactor = redactor("caf\u{e9}-canary");
    assert_eq!(redactor.clean_body(b"key caf\xc3", true), "key ");
}

#[test]
fn a_secret_with_blanks_goes_from_a_line_that_folded_them() {
    let redactor = redactor("two  \u{200b}blanks\tand");
    assert_eq!(redactor.clean("<two blanks and>".to_owned()), "<[secret]>");
}

#[test]
fn short_values_are_no_secrets() {
    assert_eq!(redactor("abc").clean("abc".to_owned()), "abc");
}

#[test]
fn names_of_secrets_are_known_in_every_spelling() {
    for name in [
        "password",
        "newPassword",
        "api_key",
        "X-API-Secret",
        "password_hash",
        "accessToken",
    ] {
        assert!(is_secret_name(name), "{name}");
    }
    for name in ["username", "customerId", "key", "status"] {
        assert!(!is_secret_name(name), "{name}");
    }
}

fn each(text: &str, escape: impl Fn(char) -> String) -> String {
    text.chars().map(escape).collect()
}

fn percent(text: &str, is_upper: bool, is_kept: impl Fn(u8) -> bool) -> String {
    text.bytes()
        .map(|byte| match (is_kept(byte), is_upper) {
            (true, _) => char::from(byte).to_string(),
            (false, true) => format!("%{byte:02X}"),
            (false, false) => format!("%{byte:02x}"),
        })
        .collect()
}

fn units(letter: char, is_upper: bool) -> String {
    let mut buffer = [0; 2];
    letter
        .encode_utf16(&mut buffer)
        .iter()
        .map(|unit| match is_upper {
            true => format!("\\u{unit:04X}"),
            false => format!("\\u{unit:04x}"),
        })
        .collect()
}

fn json(text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap();
    quoted[1..quoted.len() - 1].to_owned()
}

/// The ways of writing a text that leave it readable to whoever gets it.
const ESCAPED: usize = 15;

fn escaped(text: &str, way: usize) -> String {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let unless_plain = |escape: fn(char) -> String| {
        move |letter: char| {
            if letter.is_ascii_alphanumeric() {
                letter.to_string()
            } else {
                escape(letter)
            }
        }
    };
    match way {
        0 => text.to_owned(),
        1 => form_urlencoded::byte_serialize(text.as_bytes()).collect(),
        2 => percent(text, true, unreserved),
        3 => percent(text, false, unreserved),
        4 => percent(text, true, |_| false),
        // As a path leaves it.
        5 => percent(text, true, |byte| {
            unreserved(byte) || b"!$&'()*+,;=:@".contains(&byte)
        }),
        6 => json(text),
        7 => json(text)
            .replace('/', "\\/")
            .replace('&', "\\u0026")
            .replace('<', "\\u003C"),
        8 => each(text, |letter| units(letter, true)),
        9 => each(text, unless_plain(|letter| units(letter, false))),
        10 => text
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;")
            .replace('\'', "&#039;"),
        11 => each(
            text,
            unless_plain(|letter| format!("&#{};", u32::from(letter))),
        ),
        12 => each(text, |letter| format!("&#x{:X};", u32::from(letter))),
        13 => each(
            text,
            unless_plain(|letter| format!("\\u{{{:x}}}", u32::from(letter))),
        ),
        _ => text.replace('\'', "''"),
    }
}

fn in_base64(text: &str, way: usize) -> String {
    match way {
        0 => STANDARD.encode(text),
        1 => STANDARD_NO_PAD.encode(text),
        2 => URL_SAFE.encode(text),
        _ => URL_SAFE_NO_PAD.encode(text),
    }
}

/// Whatever may be a secret, above all what is escaped.
fn any_secret() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ -~]{4,24}",
        "[%&+'\"\\\\/<>=#;u0-9 a-f\u{e9}\u{20ac}\u{1f600}]{4,24}",
    ]
    .prop_filter("too short to be looked for", |secret| {
        secret.len() >= SHORTEST
    })
}

/// What is left when the masks are gone.
fn pieces(shown: &str) -> impl Iterator<Item = &str> {
    shown.split(MASK)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn no_secret_survives_in_any_encoding(secret in any_secret(), inner in 0..ESCAPED, outer in 0..ESCAPED) {
        let echo = escaped(&escaped(&secret, inner), outer);
        let shown = redactor(&secret).clean(format!("it says {echo} here"));
        for piece in pieces(&shown) {
            prop_assert!(!piece.contains(&secret) && !piece.contains(&echo), "{echo:?} {shown:?}");
        }
        prop_assert!(shown.contains(MASK), "{echo:?} {shown:?}");
    }

    #[test]
    fn no_secret_survives_in_base64(
        secret in any_secret(), before in ".{0,7}", after in ".{0,4}", way in 0..4_usize, is_json: bool, outer in 0..ESCAPED,
    ) {
        let said = if is_json { escaped(&secret, 6) } else { secret.clone() };
        let echo = in_base64(&format!("{before}{said}{after}"), way);
        let redactor = redactor(&secret);
        let shown = redactor.clean(format!("basic {echo}, it says"));
        prop_assert!(shown.contains(MASK), "{echo:?} {shown:?}");
        for piece in pieces(&shown) {
            for digits in piece.split(|letter: char| !letter.is_ascii_alphanumeric() && !"+/-_".contains(letter)) {
                let standard = digits.replace('-', "+").replace('_', "/");
                for skipped in 0..4.min(standard.len()) {
                    let whole = standard.len() - (standard.len() - skipped) % 4;
                    let read = STANDARD_NO_PAD.decode(&standard[skipped..whole]).unwrap();
                    let has_secret = read.windows(secret.len()).any(|part| part == secret.as_bytes());
                    prop_assert!(!has_secret, "{echo:?} {shown:?}");
                }
            }
        }
        let shown = redactor.clean(format!("basic {}, it says", escaped(&echo, outer)));
        prop_assert!(shown.contains(MASK), "{echo:?} {shown:?}");
    }

    #[test]
    fn what_a_cap_left_of_a_secret_goes(secret in any_secret(), way in 0..ESCAPED, share in 0.0..1.0) {
        let echo = escaped(&secret, way);
        let kept = (echo.len() as f64 * share) as usize;
        prop_assume!(!secret.contains('\u{2d63}'));
        let body = ["\u{2d63}".as_bytes(), &echo.as_bytes()[..kept]].concat();
        let shown = redactor(&secret).clean_body(&body, true);
        // An escape that had only begun says nothing yet.
        let begun = shown.strip_prefix('\u{2d63}').map(|rest| rest.replacen(MASK, "", 1));
        prop_assert!(begun.is_some_and(|begun| begun.len() <= "\\u{1f60".len()), "{echo:?} {shown:?}");
    }

    #[test]
    fn ordinary_text_is_untouched(
        secret in "[A-Z][!~*]{2}[A-Za-z0-9]{9,24}",
        text in r#"([a-z]{1,9}|[0-9]{1,6}|%20|%|\\n|\\u00e9|\\|&amp;|&|\+|''|'|"|é|😀| |=|:|/|\{|\}){0,40}"#,
    ) {
        let redactor = redactor(&secret);
        prop_assert_eq!(&redactor.clean(text.clone()), &text);
        prop_assert_eq!(&redactor.clean_body(text.as_bytes(), false), &text);
    }

    #[test]
    fn cleaning_is_total(secret in any::<String>(), body in proptest::collection::vec(any::<u8>(), 0..200), is_cut: bool) {
        let _ = redactor(&secret).clean_body(&body, is_cut);
    }
}

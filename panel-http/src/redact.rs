use secrecy::zeroize::Zeroizing;

use crate::request_body::MASK;

/// Shorter secrets are not looked for: replacing them would mangle ordinary words.
const SHORTEST: usize = 4;

/// Takes known secret values out of texts that come from outside.
#[derive(Default)]
pub(crate) struct Redactor {
    needles: Vec<Zeroizing<String>>,
}

impl Redactor {
    /// Adds a secret, in the forms in which servers echo it: as it is, JSON-escaped and HTML-escaped.
    pub(crate) fn add(&mut self, secret: &str) {
        self.add_needle(secret.to_owned());
        if let Ok(json) = serde_json::to_string(secret) {
            let json = Zeroizing::new(json);
            self.add_needle(json.trim_matches('"').to_owned());
        }
        if secret.contains(['&', '<', '>', '"', '\'']) {
            self.add_needle(
                secret
                    .replace('&', "&amp;")
                    .replace('<', "&lt;")
                    .replace('>', "&gt;")
                    .replace('"', "&quot;")
                    .replace('\'', "&#39;"),
            );
        }
    }

    /// Adds a secret as it stands in a JSON text, and what it says.
    pub(crate) fn add_json_fragment(&mut self, fragment: &str) {
        let quoted = Zeroizing::new(format!("\"{fragment}\""));
        match serde_json::from_str::<String>(&quoted) {
            Ok(plain) => {
                let plain = Zeroizing::new(plain);
                self.add(&plain);
                self.add_needle(fragment.to_owned());
            }
            Err(_) => self.add(fragment),
        }
    }

    fn add_needle(&mut self, needle: String) {
        let needle = Zeroizing::new(needle);
        if needle.len() >= SHORTEST && !self.needles.contains(&needle) {
            self.needles.push(needle);
            // Longest first, so that a secret that contains another goes as a whole.
            self.needles
                .sort_by_key(|needle| std::cmp::Reverse(needle.len()));
        }
    }

    /// Cleans a body. Where it was cut off at a cap, the start of a secret at its very end goes too.
    pub(crate) fn clean_body(&self, body: &[u8], is_cut: bool) -> String {
        let tail = if is_cut { self.started(body) } else { 0 };
        let kept = body.len().saturating_sub(tail);
        let text = String::from_utf8_lossy(body.get(..kept).unwrap_or_default());
        self.clean(text.into_owned())
    }

    /// How many bytes at the end of a text are the start of a secret.
    fn started(&self, body: &[u8]) -> usize {
        self.needles
            .iter()
            .filter_map(|needle| {
                (1..needle.len())
                    .rev()
                    .find(|&length| body.ends_with(needle.as_bytes().get(..length).unwrap_or(&[0])))
            })
            .max()
            .unwrap_or(0)
    }

    pub(crate) fn clean(&self, text: String) -> String {
        self.needles.iter().fold(text, |text, needle| {
            if text.contains(needle.as_str()) {
                text.replace(needle.as_str(), MASK)
            } else {
                text
            }
        })
    }
}

/// Whether a member of this name holds a secret, or an echo of what was sent, in whatever spelling.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let name: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    [
        "password",
        "passwd",
        "secret",
        "token",
        "apikey",
        "authorization",
        "cookie",
        "hash",
        "privatekey",
        "credential",
    ]
    .iter()
    .any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_goes_in_every_form_a_server_echoes() {
        let mut redactor = Redactor::default();
        redactor.add_json_fragment(r#"p\"<w>'&x"#);
        for echo in [r#"p"<w>'&x"#, r#"p\"<w>'&x"#, "p&quot;&lt;w&gt;&#39;&amp;x"] {
            assert_eq!(
                redactor.clean(format!("bad value {echo}!")),
                "bad value [secret]!",
                "{echo}"
            );
        }
    }

    #[test]
    fn a_secret_cut_in_two_goes_as_well() {
        let mut redactor = Redactor::default();
        redactor.add("canary-1234");
        assert_eq!(redactor.clean_body(b"key canary-12", true), "key ");
        assert_eq!(
            redactor.clean_body(b"key canary-12", false),
            "key canary-12"
        );
        assert_eq!(
            redactor.clean_body(b"key canary-1234", true),
            "key [secret]"
        );
        assert_eq!(redactor.clean_body(b"plain", true), "plain");
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
}

//! Fleet files: what they say, and every mistake in them at once.

use provisioning_core::fleet::{
    FleetConfig, ServerConfig, ServerConfigError, ServerName, ServerState,
};
use provisioning_core::placement::PlacementRule;

fn read(text: &str) -> Result<FleetConfig, String> {
    FleetConfig::from_toml("fleet.toml", text).map_err(|error| error.to_string())
}

fn mistakes(text: &str) -> String {
    read(text).unwrap_err()
}

#[test]
fn a_full_file_is_read_completely() {
    let fleet = read(
        r#"
preview_domain = "Preview.Example.net."
rule = { pinned = "np-2" }

[[server]]
name = "np-2"
url = "https://two.example.net:9000/panel"
api_key_env = "NP2_KEY"
api_secret_env = "NP2_SECRET"
capacity = 1_000
location = "us"
tags = ["ssd", "php83"]
weight = 3
state = "draining"

[[server]]
name = "np-1"
url = "http://10.0.0.5:9000"
capacity = 0x10
"#,
    )
    .unwrap();
    assert_eq!(fleet.preview_domain(), Some("preview.example.net"));
    let pinned = ServerName::new("np-2").unwrap();
    assert_eq!(fleet.rule(), &PlacementRule::Pinned(pinned.clone()));
    let names: Vec<&str> = fleet
        .servers()
        .iter()
        .map(|server| server.name().as_str())
        .collect();
    assert_eq!(names, ["np-1", "np-2"]);
    let server = fleet.server(&pinned).unwrap();
    assert_eq!(server.url().as_str(), "https://two.example.net:9000/panel");
    assert_eq!(
        server.api_key_env().zip(server.api_secret_env()),
        Some(("NP2_KEY", "NP2_SECRET"))
    );
    assert_eq!(
        (server.capacity(), server.weight(), server.state()),
        (1_000, 3, ServerState::Draining)
    );
    assert_eq!(server.location(), Some("us"));
    assert!(server.tags().contains("ssd") && server.tags().contains("php83"));
    assert_eq!(fleet.servers()[0].capacity(), 16);
}

#[test]
fn every_mistake_comes_at_once_with_its_line() {
    let text = r#"preview_domain = "nodots"
rule = "round-robin"
color = "red"

[[server]]
name = "np 1"
url = "ftp://x.example.net"
capacity = 0
weight = 1001
tags = ["ok", 5, ""]
state = "closed"
capactiy = 5

[[server]]
url = "https://user:hunter2@y.example.net"
api_key_env = "npk_hunter2"
location = 7
capacity = "many"

[[server]]
name = ""
url = "not a url"
api_secret_env = "9LIVES"
capacity = 5000000000
"#;
    assert_eq!(
        mistakes(text),
        r#"fleet.toml:1: preview_domain: "nodots" is no domain name such as preview.example.net
fleet.toml:2: rule: "round-robin" is no rule; "least-accounts", "least-full", "fill-first" or { pinned = "name of a server" } are
fleet.toml:3: color: unknown key; known are preview_domain, rule, server
fleet.toml:6: server[0].name: "np 1" is no server name: it must be 1 to 63 letters, digits, `.`, `_` or `-`, a letter or digit first
fleet.toml:7: server[0].url: the URL must start with http:// or https:// and name a host
fleet.toml:8: server[0].capacity: a whole number from 1 to 1000000 is needed here; a server to be left out has state = "disabled"
fleet.toml:9: server[0].weight: a whole number from 1 to 1000 is needed here; a server to be left out has state = "draining"
fleet.toml:10: server[0].tags[1]: a string is needed here, this is an integer
fleet.toml:10: server[0].tags[2]: a tag must not be empty
fleet.toml:11: server[0].state: "closed" is no state; open, draining or disabled are
fleet.toml:12: server[0].capactiy: unknown key; known are name, url, api_key_env, api_secret_env, capacity, location, tags, weight, state
fleet.toml:14: server[1].name: missing
fleet.toml:14: server[1].api_secret_env: missing: api_key_env is given, and key and secret only work together
fleet.toml:15: server[1].url: the URL must not contain a user or password
fleet.toml:16: server[1].api_key_env: this is a key or secret itself; write the name of the environment variable that holds it
fleet.toml:17: server[1].location: a string is needed here, this is an integer
fleet.toml:18: server[1].capacity: a whole number from 1 to 1000000 is needed here, this is a string
fleet.toml:20: server[2].api_key_env: missing: api_secret_env is given, and key and secret only work together
fleet.toml:21: server[2].name: must not be empty
fleet.toml:22: server[2].url: no URL such as https://np-1.example.net:9000: relative URL without a base
fleet.toml:23: server[2].api_secret_env: "9LIVES" cannot name an environment variable: letters, digits and `_`, no digit first
fleet.toml:24: server[2].capacity: a whole number from 1 to 1000000 is needed here; a server to be left out has state = "disabled""#
    );
}

#[test]
fn a_mistake_never_repeats_what_may_be_a_secret() {
    let text = "[[server]]\nname = \"a\"\nurl = \"https://u:hunter2@h.example.net\"\ncapacity = 1\napi_key_env = \"npk_hunter2\"\napi_secret_env = \"nps_hunter2\"\n";
    assert!(!mistakes(text).contains("hunter2"));
}

#[test]
fn a_syntax_error_comes_alone() {
    assert_eq!(
        mistakes("color = 1\n[[server]]\nname = \n"),
        "fleet.toml:3: string values must be quoted, expected literal string"
    );
}

#[test]
fn a_file_without_servers_is_refused() {
    for text in [
        "",
        "preview_domain = \"p.example.net\"",
        "server = []",
        "[server]\nname = \"a\"",
    ] {
        assert!(mistakes(text).contains("[[server]]"), "{text}");
    }
    assert!(
        mistakes("[[servers]]\nname = \"a\"\n")
            .contains("fleet.toml:1: servers: unknown key; did you mean `server`?")
    );
}

#[test]
fn names_and_addresses_must_be_there_once() {
    let text = r#"
[[server]]
name = "np-1"
url = "https://one.example.net"
capacity = 5
[[server]]
name = "np-1"
url = "https://one.example.net/"
capacity = 5
"#;
    assert_eq!(
        mistakes(text),
        "fleet.toml:6: server[1].name: \"np-1\" is already the name of server[0]\n\
         fleet.toml:6: server[1].url: server[0] has the same URL; one panel would be counted as two"
    );
}

#[test]
fn a_rule_pinned_to_nobody_is_a_mistake_only_if_all_servers_could_be_read() {
    let server = "[[server]]\nname = \"np-1\"\nurl = \"https://one.example.net\"\ncapacity = 5\n";
    assert_eq!(
        mistakes(&format!("rule = {{ pinned = \"np-2\" }}\n{server}")),
        "fleet.toml:1: rule: pinned to np-2, but no server has that name"
    );
    assert_eq!(
        mistakes(
            "rule = { pinned = \"np-1\" }\n[[server]]\nname = \"np-1\"\nurl = \"https://one.example.net\"\n"
        ),
        "fleet.toml:2: server[0].capacity: missing: how many accounts the server holds"
    );
}

#[test]
fn the_digest_tells_configurations_apart_and_not_their_order() {
    let server = |name: &str, capacity| {
        ServerConfig::new(
            ServerName::new(name).unwrap(),
            format!("https://{name}.example.net").parse().unwrap(),
            capacity,
        )
        .unwrap()
    };
    let digest = |servers: Vec<ServerConfig>| FleetConfig::new(servers).unwrap().digest();
    let one = digest(vec![server("a", 1), server("b", 2)]);
    assert_eq!(one, digest(vec![server("b", 2), server("a", 1)]));
    assert_eq!(one.len(), 64);
    for other in [
        digest(vec![server("a", 1)]),
        digest(vec![server("a", 1), server("b", 3)]),
        digest(vec![server("a", 1), server("b", 2).with_weight(2).unwrap()]),
        digest(vec![
            server("a", 1),
            server("b", 2).with_state(ServerState::Disabled),
        ]),
        FleetConfig::new([server("a", 1), server("b", 2)])
            .unwrap()
            .with_preview_domain("p.example.net")
            .unwrap()
            .digest(),
        FleetConfig::new([server("a", 1), server("b", 2)])
            .unwrap()
            .with_rule(PlacementRule::LeastFull)
            .unwrap()
            .digest(),
    ] {
        assert_ne!(one, other);
    }
}

#[test]
fn a_server_cannot_be_built_wrong() {
    let name = || ServerName::new("np-1").unwrap();
    let build = |url: &str, capacity| ServerConfig::new(name(), url.parse().unwrap(), capacity);
    assert_eq!(
        build("https://x.example.net", 0),
        Err(ServerConfigError::Capacity)
    );
    assert_eq!(
        build("mailto:a@example.net", 1),
        Err(ServerConfigError::UrlScheme)
    );
    assert_eq!(
        build("https://a@x.example.net", 1),
        Err(ServerConfigError::UrlCredentials)
    );
    assert_eq!(
        build("https://x.example.net/?a", 1),
        Err(ServerConfigError::UrlQuery)
    );
    let good = || build("https://x.example.net", 1).unwrap();
    assert_eq!(good().with_weight(0), Err(ServerConfigError::Weight));
    assert_eq!(
        good().with_location(" "),
        Err(ServerConfigError::Empty { what: "location" })
    );
    assert_eq!(
        good().with_tags([""]),
        Err(ServerConfigError::Empty { what: "tag" })
    );
    assert_eq!(
        good().with_credentials_from("K", "nps_x"),
        Err(ServerConfigError::SecretInPlaceOfName)
    );
    for bad in ["", "-a", "a b", "a/b", "é", &"a".repeat(64)] {
        assert!(ServerName::new(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_preview_domain_leaves_room_for_a_username() {
    let config = || FleetConfig::new([]).unwrap();
    for bad in [
        "",
        "nodots",
        "-a.example",
        "a..b",
        "a.b-",
        "exa mple.net",
        &format!("{}.net", "a.".repeat(110)),
    ] {
        assert!(config().with_preview_domain(bad).is_err(), "{bad}");
    }
    assert_eq!(
        config()
            .with_preview_domain(" P.Example.NET. ")
            .unwrap()
            .preview_domain(),
        Some("p.example.net")
    );
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in proptest::prelude::any::<String>()) {
        let _ = read(&text);
    }

    #[test]
    fn no_toml_makes_the_reader_panic(
        key in "name|url|api_key_env|api_secret_env|capacity|location|tags|weight|state|other",
        value in "\"\"|\"x\"|1|-1|1.5|true|\\[\\]|\\[1\\]|\\{a=1\\}|1979-05-27|99999999999999|nan|\"npk_a\"|\"https://a\"",
        rule in "\"fill-first\"|\\{\\}|\\{pinned=1\\}|3|\\{pinned=\"\"\\}|\\[\\]",
    ) {
        let _ = read(&format!("rule = {rule}\npreview_domain = {value}\n[[server]]\n{key} = {value}\n"));
        let _ = read(&format!("server = {value}\n"));
        let _ = read(&format!("server = [{value}]\n"));
    }
}

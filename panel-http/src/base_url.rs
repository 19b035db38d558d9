use std::net::IpAddr;

use url::{Host, Origin, Url};

/// Where a panel is, and how the paths of operations are put behind it.
///
/// People paste base URLs in every form: with or without trailing slash, with or without the `/api` that the paths of
/// the operations carry, behind a prefix of a proxy, or at a front controller such as `/api/live.php`. A base that
/// already contains the client's path prefix is the root of the API; to any other the missing part is added. Nothing
/// of the base is ever dropped.
#[derive(Debug, Clone)]
pub struct BaseUrl {
    url: Url,
    /// Path prefix of the operations.
    prefix: Vec<String>,
    /// Stands in place of `prefix` in front of operations that carry it.
    api_root: Vec<String>,
    /// Stands in front of all others.
    outside_root: Vec<String>,
}

impl BaseUrl {
    /// Reads a base URL for operations whose paths begin with `prefix`, such as `/api` (may be empty).
    ///
    /// # Errors
    /// In words, if it is not an absolute http or https URL, carries user name, password, query or fragment, or is plain
    /// http to a public host without `allow_plain_http`.
    pub fn parse(text: &str, prefix: &str, allow_plain_http: bool) -> Result<Self, String> {
        let url = Url::parse(text.trim()).map_err(|error| {
            format!(
                "the base URL cannot be read ({error}); it looks like https://panel.example.com"
            )
        })?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!(
                "the base URL has the scheme {}; use https",
                url.scheme()
            ));
        }
        let Some(host) = url.host() else {
            return Err("the base URL names no host".to_owned());
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(
                "the base URL contains a user name or password; give credentials to the client instead"
                    .to_owned(),
            );
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("the base URL ends in a query or fragment; leave it away".to_owned());
        }
        if url.scheme() == "http" && !allow_plain_http && !is_private(&host) {
            return Err(format!(
                "plain http to the public host {host} would send credentials unencrypted; use https, or call allow_plain_http()"
            ));
        }
        let base = owned_segments(url.path());
        let prefix = owned_segments(prefix);
        let (api_root, outside_root) = roots(&base, &prefix);
        Ok(Self {
            url,
            prefix,
            api_root,
            outside_root,
        })
    }

    /// Scheme, host and port: the only place credentials are sent to.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.url.origin()
    }

    /// Whether a URL is of this [`origin`](Self::origin).
    pub(crate) fn is_origin_of(&self, url: &Url) -> bool {
        // Comparing the origins themselves would copy both hosts.
        url.scheme() == self.url.scheme()
            && url.host() == self.url.host()
            && url.port_or_known_default() == self.url.port_or_known_default()
    }

    /// Whether the panel is on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.url.host().is_some_and(|host| is_loopback(&host))
    }

    /// Whether connections to it are encrypted.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The URL of a path that begins with a slash and is already percent-encoded.
    #[must_use]
    pub fn join(&self, path: &str, query: Option<&str>) -> Url {
        let mut rest = segments(path);
        let is_api = self
            .prefix
            .iter()
            .all(|expected| rest.next() == Some(expected.as_str()));
        let root = if is_api {
            &self.api_root
        } else {
            rest = segments(path);
            &self.outside_root
        };
        let mut joined = String::with_capacity(path.len().saturating_add(32));
        for segment in root.iter().map(String::as_str).chain(rest) {
            joined.push('/');
            joined.push_str(segment);
        }
        // The canonical forms of some routes end in a slash (NextPanel contract 1), so it is kept.
        if path.ends_with('/') || joined.is_empty() {
            joined.push('/');
        }
        let mut url = self.url.clone();
        url.set_path(&joined);
        url.set_query(query);
        url
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

fn owned_segments(path: &str) -> Vec<String> {
    segments(path).map(str::to_owned).collect()
}

fn roots(base: &[String], prefix: &[String]) -> (Vec<String>, Vec<String>) {
    let above = |kept: usize| base.iter().take(kept).cloned().collect::<Vec<_>>();
    if !prefix.is_empty() && base.windows(prefix.len()).any(|window| window == prefix) {
        let outside = base.strip_suffix(prefix).unwrap_or(base);
        return (base.to_vec(), outside.to_vec());
    }
    let overlap = (1..prefix.len())
        .rev()
        .find(|&length| {
            prefix
                .get(..length)
                .is_some_and(|start| base.ends_with(start))
        })
        .unwrap_or(0);
    let outside = above(base.len().saturating_sub(overlap));
    let api = outside.iter().chain(prefix).cloned().collect();
    (api, outside)
}

fn is_loopback<S: AsRef<str>>(host: &Host<S>) -> bool {
    match host {
        Host::Domain(name) => {
            let name = name.as_ref().trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => IpAddr::V6(*address).to_canonical().is_loopback(),
    }
}

/// Hosts that cannot be on the public internet: private and link-local addresses, names of a single label (as container
/// networks use them) and the names reserved for private networks.
fn is_private<S: AsRef<str>>(host: &Host<S>) -> bool {
    if is_loopback(host) {
        return true;
    }
    let address = match host {
        Host::Domain(name) => {
            let name = name.as_ref().trim_end_matches('.');
            return !name.contains('.')
                || [".local", ".internal", ".home.arpa"]
                    .iter()
                    .any(|reserved| name.ends_with(reserved));
        }
        Host::Ipv4(address) => IpAddr::V4(*address),
        Host::Ipv6(address) => IpAddr::V6(*address).to_canonical(),
    };
    match address {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            // 100.64.0.0/10 is the shared range that overlay networks hand out.
            let is_shared = first == 100 && (64..128).contains(&second);
            address.is_private() || address.is_link_local() || is_shared
        }
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn join(base: &str, prefix: &str, path: &str) -> String {
        BaseUrl::parse(base, prefix, true)
            .unwrap()
            .join(path, None)
            .to_string()
    }

    #[test]
    fn a_prefix_is_neither_dropped_nor_doubled() {
        let table = [
            (
                "https://h",
                "/api",
                "/api/customers",
                "https://h/api/customers",
            ),
            (
                "https://h/",
                "/api",
                "/api/customers",
                "https://h/api/customers",
            ),
            (
                "https://h/api",
                "/api",
                "/api/customers",
                "https://h/api/customers",
            ),
            (
                "https://h/api/",
                "/api",
                "/api/customers",
                "https://h/api/customers",
            ),
            (
                "https://h/panel",
                "/api",
                "/api/customers",
                "https://h/panel/api/customers",
            ),
            (
                "https://h/panel/api",
                "/api",
                "/api/customers",
                "https://h/panel/api/customers",
            ),
            (
                "https://h/api/live.php",
                "/api",
                "/api/customers",
                "https://h/api/live.php/customers",
            ),
            (
                "https://h/api/live.php/",
                "/api",
                "/api/customers",
                "https://h/api/live.php/customers",
            ),
            (
                "https://h/live.php",
                "/api",
                "/api/customers",
                "https://h/live.php/api/customers",
            ),
            (
                "https://h",
                "/api/v1",
                "/api/v1/plans/",
                "https://h/api/v1/plans/",
            ),
            (
                "https://h/api",
                "/api/v1",
                "/api/v1/plans/",
                "https://h/api/v1/plans/",
            ),
            (
                "https://h/api/v1",
                "/api/v1",
                "/api/v1/plans/",
                "https://h/api/v1/plans/",
            ),
            ("https://h/api/v1", "/api/v1", "/health", "https://h/health"),
            (
                "https://h/x/api",
                "/api/v1",
                "/health",
                "https://h/x/health",
            ),
            ("https://h/apis", "/api", "/api/a", "https://h/apis/api/a"),
            ("https://h/x", "", "/a", "https://h/x/a"),
            ("https://h", "", "/", "https://h/"),
            (
                "http://[::1]:8001/api",
                "/api",
                "/api/a",
                "http://[::1]:8001/api/a",
            ),
        ];
        for (base, prefix, path, expected) in table {
            assert_eq!(join(base, prefix, path), expected, "{base} {prefix} {path}");
        }
    }

    #[test]
    fn queries_stand_behind_the_joined_path() {
        let base = BaseUrl::parse("https://h/api/", "/api", false).unwrap();
        assert_eq!(
            base.join("/api/a", Some("b=c")).as_str(),
            "https://h/api/a?b=c"
        );
    }

    #[test]
    fn an_origin_is_told_as_its_definition_tells_it() {
        let urls: Vec<Url> = [
            "https://h",
            "https://h:443/a?b",
            "https://h:444",
            "http://h",
            "http://h:443",
            "https://i",
            "https://h.",
            "https://h.example.com",
            "http://10.0.0.1",
            "http://[::1]:80",
            "http://[::1]:8080",
            "ftp://h",
        ]
        .iter()
        .map(|text| Url::parse(text).unwrap())
        .collect();
        for base in urls.iter().filter(|url| url.scheme() != "ftp") {
            let base = BaseUrl::parse(base.as_str().split('?').next().unwrap(), "", true).unwrap();
            for url in &urls {
                assert_eq!(
                    base.is_origin_of(url),
                    base.origin() == url.origin(),
                    "{url}"
                );
            }
        }
    }

    #[test]
    fn plain_http_is_for_private_hosts() {
        for accepted in [
            "http://127.0.0.1:1",
            "http://127.9.9.9",
            "http://localhost",
            "http://a.localhost.",
            "http://[::1]",
            "http://10.0.0.1",
            "http://172.16.0.1",
            "http://172.31.255.255",
            "http://192.168.1.1",
            "http://169.254.1.1",
            "http://100.64.0.1",
            "http://[fd00::1]",
            "http://[fe80::1]",
            "http://[::ffff:10.0.0.1]",
            "http://backend:8001",
            "http://panel.internal",
            "https://panel.example.com",
        ] {
            assert!(BaseUrl::parse(accepted, "", false).is_ok(), "{accepted}");
        }
        for refused in [
            "http://panel.example.com",
            "http://8.8.8.8",
            "http://172.32.0.1",
            "http://192.169.0.1",
            "http://100.128.0.1",
            "http://[2001:db8::1]",
            "http://[::ffff:8.8.8.8]",
            "http://localhost.example.com",
            "http://10.0.0.1.example.com",
        ] {
            let error = BaseUrl::parse(refused, "", false).unwrap_err();
            assert!(error.contains("allow_plain_http"), "{refused}: {error}");
            assert!(BaseUrl::parse(refused, "", true).is_ok(), "{refused}");
        }
    }

    #[test]
    fn unusable_bases_say_what_to_write_instead() {
        for (base, word) in [
            ("", "https://panel.example.com"),
            ("panel.example.com", "https://panel.example.com"),
            ("ftp://h", "use https"),
            ("https://u:canary@h", "credentials"),
            ("https://h/?a", "query"),
            ("https://h/#a", "query"),
        ] {
            let error = BaseUrl::parse(base, "/api", false).unwrap_err();
            assert!(error.contains(word) && !error.contains("canary"), "{error}");
        }
    }
}

use http::StatusCode;
use url::Url;

/// The one redirect that is followed: same method, same origin, a slash more or less at the end of the path.
pub(crate) fn slash_only(
    from: &Url,
    status: Option<StatusCode>,
    location: Option<&str>,
) -> Option<Url> {
    let status = status?;
    if status != StatusCode::TEMPORARY_REDIRECT && status != StatusCode::PERMANENT_REDIRECT {
        return None;
    }
    let to = from.join(location?).ok()?;
    let is_same = to.origin() == from.origin()
        && to.query() == from.query()
        && to.username().is_empty()
        && to.password().is_none()
        && to.path() != from.path()
        && to.path().trim_end_matches('/') == from.path().trim_end_matches('/');
    is_same.then_some(to)
}

/// The target of a redirect without what may be secret in it.
pub(crate) fn shown(from: &Url, target: &str) -> String {
    let Ok(mut target) = from.join(target) else {
        return "a place that cannot be read".to_owned();
    };
    target.set_query(None);
    target.set_fragment(None);
    if target.set_username("").is_err() || target.set_password(None).is_err() {
        return format!("a {} address", target.scheme());
    }
    target.into()
}

//! Usernames for every account of an order.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::id::{PlanId, StepPath};
use crate::username::{MAX_CANDIDATES, Username, UsernameProfile, candidates};

/// How many usernames a plan holds ready for each account.
const EACH: usize = 8;

/// Candidates for the accounts at these paths, each with the text its names are derived from.
///
/// No two accounts of one plan try the same name: `example.com` and `example.net` would both begin with `example`, and
/// the one that came second after a lost reply could not be told from a stranger's on a panel that shows no marks. Who
/// comes first is decided by the paths, so the order of the items does not matter.
pub(super) fn usernames<'a>(
    id: PlanId,
    profile: &UsernameProfile,
    accounts: impl IntoIterator<Item = (&'a StepPath, &'a str)>,
) -> BTreeMap<StepPath, Vec<Username>> {
    let sorted: BTreeMap<&StepPath, &str> = accounts.into_iter().collect();
    let mut spoken_for: BTreeSet<String> = BTreeSet::new();
    let mut all = BTreeMap::new();
    let paths = sorted.len();
    for (path, base) in sorted {
        let seed: Vec<u8> = id
            .as_uuid()
            .as_bytes()
            .iter()
            .copied()
            .chain(path.as_str().bytes())
            .collect();
        let is_free = |name: &Username| !spoken_for.contains(told_apart_by(name, profile));
        let mut names = candidates(base, profile, &seed, EACH);
        if !names.iter().all(is_free) {
            names = candidates(base, profile, &seed, MAX_CANDIDATES)
                .into_iter()
                .filter(is_free)
                .take(EACH)
                .collect();
        }
        if paths > all.len() + 1 {
            let told_apart = names.iter().map(|name| told_apart_by(name, profile));
            spoken_for.extend(told_apart.map(str::to_owned));
        }
        all.insert(path.clone(), names);
    }
    all
}

/// The leading characters that tell accounts apart on the panel.
fn told_apart_by<'a>(name: &'a Username, profile: &UsernameProfile) -> &'a str {
    let length = profile.unique_prefix().unwrap_or(profile.max_length());
    // Usernames are ASCII, so characters are bytes.
    name.as_str().get(..length).unwrap_or(name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_hundred_accounts_on_one_name_have_eight_names_each_and_share_none() {
        let id = PlanId::from(Uuid::from_u128(7));
        let paths: Vec<StepPath> = (1..=100)
            .map(|n| StepPath::from("hosting/wp_growth").numbered(n))
            .collect();
        let names = usernames(
            id,
            &UsernameProfile::nextpanel(),
            paths.iter().map(|path| (path, "jane")),
        );
        let distinct: BTreeSet<&str> = names.values().flatten().map(Username::as_str).collect();
        assert_eq!(distinct.len(), 800);
        assert!(names.values().all(|names| names.len() == 8));
    }
}

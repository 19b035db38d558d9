//! Which servers stand where and carry which tag, so that a choice among thousands compares no strings.

use std::collections::HashMap;

use super::ServerConfig;

/// A set of servers, by their position in the order of names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ServerSet {
    words: Vec<u64>,
}

impl ServerSet {
    fn empty(servers: usize) -> Self {
        Self {
            words: vec![0; servers.div_ceil(64)],
        }
    }

    /// All of so many servers.
    pub(crate) fn all(servers: usize) -> Self {
        let mut set = Self {
            words: vec![u64::MAX; servers.div_ceil(64)],
        };
        let beyond = set.words.len() * 64 - servers;
        if let Some(last) = set.words.last_mut() {
            *last >>= beyond;
        }
        set
    }

    pub(crate) fn insert(&mut self, position: usize) {
        if let Some(word) = self.words.get_mut(position / 64) {
            *word |= 1 << (position % 64);
        }
    }

    pub(crate) fn remove(&mut self, position: usize) {
        if let Some(word) = self.words.get_mut(position / 64) {
            *word &= !(1 << (position % 64));
        }
    }

    pub(crate) fn contains(&self, position: usize) -> bool {
        self.words
            .get(position / 64)
            .is_some_and(|word| word & (1 << (position % 64)) != 0)
    }

    /// Keeps what is also in `other`; nothing, if there is no other.
    pub(crate) fn keep(&mut self, other: Option<&Self>) {
        match other {
            Some(other) => {
                for (word, theirs) in self.words.iter_mut().zip(&other.words) {
                    *word &= theirs;
                }
            }
            None => self.words.fill(0),
        }
    }

    /// The positions, ascending.
    pub(crate) fn positions(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(at, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                if left == 0 {
                    return None;
                }
                let bit = left.trailing_zeros() as usize;
                left &= left - 1;
                Some(at * 64 + bit)
            })
        })
    }
}

/// Servers by location and by tag.
#[derive(Debug, Default)]
pub(crate) struct Index {
    locations: HashMap<String, ServerSet>,
    tags: HashMap<String, ServerSet>,
}

impl Index {
    pub(super) fn of(servers: &[ServerConfig]) -> Self {
        let mut index = Self::default();
        for (position, server) in servers.iter().enumerate() {
            if let Some(location) = server.location() {
                insert(&mut index.locations, location, servers.len(), position);
            }
            for tag in server.tags() {
                insert(&mut index.tags, tag, servers.len(), position);
            }
        }
        index
    }

    pub(crate) fn at_location(&self, location: &str) -> Option<&ServerSet> {
        self.locations.get(location)
    }

    pub(crate) fn with_tag(&self, tag: &str) -> Option<&ServerSet> {
        self.tags.get(tag)
    }
}

fn insert(sets: &mut HashMap<String, ServerSet>, key: &str, servers: usize, position: usize) {
    if !sets.contains_key(key) {
        sets.insert(key.to_owned(), ServerSet::empty(servers));
    }
    if let Some(set) = sets.get_mut(key) {
        set.insert(position);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn a_server_set_is_a_set_of_positions(size in 0usize..300, inserted in proptest::collection::vec(0usize..300, 0..50)) {
            let mut set = ServerSet::empty(size);
            let expected: BTreeSet<usize> = inserted.iter().copied().filter(|at| *at < size).collect();
            for at in inserted.iter().filter(|at| **at < size) {
                set.insert(*at);
            }
            prop_assert_eq!(set.positions().collect::<BTreeSet<_>>(), expected.clone());
            let mut all = ServerSet::all(size);
            prop_assert_eq!(all.positions().count(), size);
            all.keep(Some(&set));
            prop_assert_eq!(&all, &set);
            for at in &expected {
                prop_assert!(all.contains(*at));
                all.remove(*at);
            }
            prop_assert_eq!(all.positions().count(), 0);
            let mut none = ServerSet::all(size);
            none.keep(None);
            prop_assert_eq!(none.positions().count(), 0);
        }
    }
}

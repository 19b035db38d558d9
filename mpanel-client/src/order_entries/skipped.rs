//! Which items a server skipped in silence.

use super::stripe_completed::{CompletedItem, MadeSubscription};

/// The slugs of the items for which no subscription was made.
///
/// The reply names products by name and items by slug, but keeps the order of the items. So the subscriptions are laid
/// along the items, in order, the way that agrees best by domain and name; items left over were skipped.
pub(super) fn skipped<'a>(items: &'a [CompletedItem], made: &[MadeSubscription]) -> Vec<&'a str> {
    if made.len() >= items.len() {
        return Vec::new();
    }
    // best[m]: the best way to lay the first m subscriptions along the items so far, as its score and the items left.
    let mut best: Vec<Option<(u32, Vec<usize>)>> = vec![None; made.len().saturating_add(1)];
    if let Some(first) = best.first_mut() {
        *first = Some((0, Vec::new()));
    }
    for (index, item) in items.iter().enumerate() {
        let mut next = best.clone();
        for (count, way) in best.iter().enumerate() {
            let Some((score, left)) = way else { continue };
            let mut without = left.clone();
            without.push(index);
            // Leaving this item out never uses up a subscription.
            improve(&mut next, count, *score, without, index);
            if let Some(subscription) = made.get(count) {
                let score = score.saturating_add(agreement(item, subscription));
                improve(
                    &mut next,
                    count.saturating_add(1),
                    score,
                    left.clone(),
                    index,
                );
            }
        }
        best = next;
    }
    let left = best.pop().flatten().map_or_else(Vec::new, |(_, left)| left);
    left.into_iter()
        .filter_map(|index| items.get(index))
        .map(|item| item.product_slug.as_str())
        .collect()
}

/// Keeps the better way. One that has not decided about the current item is out of date.
fn improve(
    ways: &mut [Option<(u32, Vec<usize>)>],
    count: usize,
    score: u32,
    left: Vec<usize>,
    index: usize,
) {
    let Some(place) = ways.get_mut(count) else {
        return;
    };
    let decided = |count: usize, left: &[usize]| count.saturating_add(left.len()) > index;
    let is_better = match place {
        Some((known, known_left)) => !decided(count, known_left) || score > *known,
        None => true,
    };
    if is_better {
        *place = Some((score, left));
    }
}

fn agreement(item: &CompletedItem, made: &MadeSubscription) -> u32 {
    let domain = match (&item.domain, &made.domain) {
        (Some(sent), Some(shown)) if sent.eq_ignore_ascii_case(shown) => 2,
        (None, None) => 1,
        _ => 0,
    };
    let slug = letters(&item.product_slug);
    let name = letters(made.product.as_deref().unwrap_or_default());
    let product = if slug == name {
        4
    } else if !name.is_empty() && (slug.contains(&name) || name.contains(&slug)) {
        3
    } else {
        0
    };
    // Something, so that any pairing beats none.
    1 + domain + product
}

fn letters(text: &str) -> String {
    text.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(slug: &str, domain: Option<&str>) -> CompletedItem {
        let item = CompletedItem::new(slug);
        match domain {
            Some(domain) => item.set_domain(domain),
            None => item,
        }
    }

    fn made(product: &str, domain: Option<&str>) -> MadeSubscription {
        let mut made = MadeSubscription::new(crate::subscriptions::SubscriptionId::text("s"));
        made.product = Some(product.to_owned());
        made.domain = domain.map(str::to_owned);
        made
    }

    #[test]
    fn the_items_left_over_are_named() {
        let items = [
            item("starter", Some("a.example")),
            item("wp_growth", None),
            item("daily_backups_30d", None),
        ];
        for (subscriptions, expected) in [
            (vec![], vec!["starter", "wp_growth", "daily_backups_30d"]),
            (
                vec![made("WP Growth", None)],
                vec!["starter", "daily_backups_30d"],
            ),
            (
                vec![
                    made("Starter", Some("a.example")),
                    made("Daily Backups 30d", None),
                ],
                vec!["wp_growth"],
            ),
            (
                vec![made("WP Growth", None), made("Daily Backups 30d", None)],
                vec!["starter"],
            ),
        ] {
            assert_eq!(
                skipped(&items, &subscriptions),
                expected,
                "{subscriptions:?}"
            );
        }
        let all = [made("x", None), made("y", None), made("z", None)];
        assert!(skipped(&items, &all).is_empty());
    }

    #[test]
    fn names_that_say_nothing_still_leave_the_right_number() {
        let items = [item("a", None), item("b", None), item("a", None)];
        assert_eq!(skipped(&items, &[made("Other", None)]).len(), 2);
        assert_eq!(skipped(&items, &[made("b", None)]), ["a", "a"]);
    }
}

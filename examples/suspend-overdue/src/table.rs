//! What is printed.

use std::fmt::Write as _;

use provisioning_core::payment::Reaction;
use provisioning_core::plan::id::Operation;

use crate::carry_out::Done;
use crate::overdue::{Next, Overdue};

/// The orders, what happened to their payment, and what comes next.
pub(crate) fn of_orders(orders: &[Overdue]) -> String {
    let rows: Vec<[String; 3]> = orders
        .iter()
        .map(|order| {
            [
                order.key.to_string(),
                order.event.clone(),
                of_next(&order.next),
            ]
        })
        .collect();
    in_columns(&["order", "payment", "next"], &rows)
}

/// The orders that were acted on, and what became of them.
pub(crate) fn of_results(results: &[Done]) -> String {
    let rows: Vec<[String; 3]> = results
        .iter()
        .map(|result| {
            let mark = if result.is_done { "done" } else { "look" };
            [
                result.key.to_string(),
                mark.to_owned(),
                result.words.clone(),
            ]
        })
        .collect();
    in_columns(&["order", "result", ""], &rows)
}

fn of_next(next: &Next) -> String {
    match next {
        Next::React(Reaction::Suspend { .. }) => "suspend".to_owned(),
        Next::React(Reaction::Unsuspend) => "unsuspend: it is paid again".to_owned(),
        Next::React(Reaction::CancelBeforeHosting { .. } | Reaction::CancelUnderWay { .. }) => {
            "cancel".to_owned()
        }
        Next::React(Reaction::Resubmit | Reaction::Reinstate) => {
            "provide it after all: it is paid again".to_owned()
        }
        Next::React(_) => "act on it".to_owned(),
        Next::Finish(_, Operation::Unsuspend) => "finish unsuspending".to_owned(),
        Next::Finish(..) => "finish suspending".to_owned(),
        Next::Wait(until) => format!("wait until {until:.0}"),
        Next::Ask(question) => format!("decide: {question}"),
        Next::Broken(error) => format!("mend: {error}"),
        Next::Nothing => "nothing: it is suspended".to_owned(),
    }
}

fn in_columns(heads: &[&str; 3], rows: &[[String; 3]]) -> String {
    let heads = heads.map(str::to_owned);
    let width = |column: usize| {
        rows.iter()
            .chain([&heads])
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let (first, second) = (width(0), width(1));
    let mut text = String::new();
    for [one, two, three] in std::iter::once(&heads).chain(rows) {
        let line = format!("{one:first$}  {two:second$}  {three}");
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

//! The course of a run as a Mermaid sequence diagram.

use std::fmt::Write as _;

use super::Run;
use super::event::{Entry, Event};
use super::outcome::Outcome;

/// Longer panel texts are cut: the journal has them whole.
const LONGEST_TEXT: usize = 160;

/// Who works: the left lane.
const RUN: &str = "run";
/// Whoever answers: the right lane.
const PEOPLE: &str = "people";

impl Run {
    /// What happened, oldest first, as a Mermaid `sequenceDiagram`: the run, each server it called, and the people who
    /// answered. A crossed arrow is an outcome that is not known.
    #[must_use]
    pub fn to_timeline(&self) -> String {
        let places = self.places();
        let mut out = String::from("sequenceDiagram\n");
        // Writing to a String cannot fail.
        let _ = writeln!(out, "    participant {RUN} as {}", escape(&self.title()));
        for (index, place) in places.iter().enumerate() {
            let _ = writeln!(out, "    participant p{index} as {}", escape(place));
        }
        if self
            .journal()
            .entries
            .iter()
            .any(|entry| by_people(&entry.event))
        {
            let _ = writeln!(out, "    actor {PEOPLE}");
        }
        let _ = writeln!(
            out,
            "    Note over {RUN}: {} planned",
            self.plan().planned_at.strftime("%Y-%m-%d %H:%M:%S")
        );
        let mut day = self.plan().planned_at.strftime("%Y-%m-%d").to_string();
        for entry in &self.journal().entries {
            let today = entry.at.strftime("%Y-%m-%d").to_string();
            if today != day {
                let _ = writeln!(out, "    Note over {RUN}: {today}");
                day = today;
            }
            let _ = writeln!(out, "    {}", self.arrow(entry, &places));
        }
        out
    }

    fn title(&self) -> String {
        format!(
            "{} {}",
            self.plan().operation.as_str().replace('_', " "),
            self.plan().order.id()
        )
    }

    /// Every place a call went to, in the order of the first call.
    fn places(&self) -> Vec<String> {
        let mut places = Vec::new();
        for entry in &self.journal().entries {
            if let Some(place) = self.place(&entry.event)
                && !places.contains(&place)
            {
                places.push(place);
            }
        }
        places
    }

    /// Where an event happened, for events that are about a call or a look-up.
    fn place(&self, event: &Event) -> Option<String> {
        let step = match event {
            Event::Intent(intent) => {
                if let Some(server) = &intent.server {
                    return Some(server.to_string());
                }
                &intent.step
            }
            // Look-ups and outcomes are where the last call of their step went.
            Event::Outcome { step, .. }
            | Event::Interrupted { step, .. }
            | Event::LookedUp { step, .. } => step,
            _ => return None,
        };
        if self.is_on_mpanel(step) {
            return Some("mPanel".to_owned());
        }
        None
    }

    fn arrow(&self, entry: &Entry, places: &[String]) -> String {
        let lane = |event: &Event| {
            self.place(event)
                .or_else(|| self.last_server_before(entry))
                .and_then(|place| places.iter().position(|known| *known == place))
                .map_or_else(|| RUN.to_owned(), |index| format!("p{index}"))
        };
        let step = entry
            .event
            .step()
            .map(|step| format!("{step}: "))
            .unwrap_or_default();
        let time = entry.at.strftime("%H:%M:%S");
        let text = escape(&cut(&format!("{step}{}", self.describe(&entry.event))));
        match &entry.event {
            Event::Intent(_) => format!("{RUN}->>{}: {time} {text}", lane(&entry.event)),
            Event::Outcome {
                outcome: Outcome::Unknown { .. },
                ..
            }
            | Event::Interrupted { .. } => {
                format!("{}--x{RUN}: {time} {text}", lane(&entry.event))
            }
            Event::Outcome { .. } => format!("{}-->>{RUN}: {time} {text}", lane(&entry.event)),
            Event::LookedUp { .. } => {
                format!("{}-->>{RUN}: {time} looked up: {text}", lane(&entry.event))
            }
            event if by_people(event) => format!("{PEOPLE}->>{RUN}: {time} {text}"),
            _ => format!("Note over {RUN}: {time} {text}"),
        }
    }

    /// The server of the last call of this entry's step before the entry.
    fn last_server_before(&self, entry: &Entry) -> Option<String> {
        let step = entry.event.step()?;
        let position = self
            .journal()
            .entries
            .iter()
            .position(|known| std::ptr::eq(known, entry))?;
        self.journal()
            .entries
            .iter()
            .take(position)
            .rev()
            .find_map(|known| match &known.event {
                Event::Intent(intent) if intent.step == *step => {
                    intent.server.as_ref().map(ToString::to_string)
                }
                _ => None,
            })
    }
}

const fn by_people(event: &Event) -> bool {
    matches!(
        event,
        Event::HumanAnswered { .. }
            | Event::Resumed { .. }
            | Event::ManualConfirmed { .. }
            | Event::CredentialConfirmed { .. }
            | Event::Cancelled { .. }
            | Event::Reinstated { .. }
    )
}

fn cut(text: &str) -> String {
    if text.chars().count() <= LONGEST_TEXT {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(LONGEST_TEXT - 1).collect();
    cut.push('…');
    cut
}

/// In messages Mermaid ends a statement at `;`, reads `#code;` as an entity and `<` as the start of a tag; a line break
/// would begin a statement of the panel's making.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            ';' => out.push_str("#59;"),
            '#' => out.push_str("#35;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            control if control.is_control() => out.push(' '),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_TEXT, cut, escape};

    #[test]
    fn no_text_ends_a_statement_or_begins_one() {
        assert_eq!(
            escape("502; <html>\nrun->>p0: #1"),
            "502#59; #lt;html#gt; run-#gt;#gt;p0: #35;1"
        );
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let long = "é".repeat(LONGEST_TEXT + 5);
        let short = cut(&long);
        assert_eq!(short.chars().count(), LONGEST_TEXT);
        assert!(short.ends_with("é…"), "{short}");
    }
}

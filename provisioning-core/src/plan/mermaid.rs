//! The plan as a Mermaid flowchart, for people who would rather look than read.

use std::fmt::Write as _;

use super::Plan;
use super::action::Action;
use super::step::{Criticality, Step};

impl Plan {
    /// The plan as a Mermaid `flowchart TD`. Node ids are positions, so odd characters in paths do no harm.
    #[must_use]
    pub fn to_mermaid(&self) -> String {
        let mut out = String::from("flowchart TD\n");
        for (index, step) in self.steps.iter().enumerate() {
            let (open, close) = if matches!(step.action, Action::Manual(_)) {
                ("[/", "/]")
            } else {
                ("[", "]")
            };
            // Writing to a String cannot fail.
            let _ = writeln!(out, "    s{index}{open}\"{}\"{close}", label(step));
        }
        for (index, step) in self.steps.iter().enumerate() {
            for need in &step.needs {
                if let Some(from) = self.steps.iter().position(|other| other.path == *need) {
                    let arrow = if step.criticality == Criticality::Required {
                        "-->"
                    } else {
                        "-.->"
                    };
                    let _ = writeln!(out, "    s{from} {arrow} s{index}");
                }
            }
        }
        out
    }
}

fn label(step: &Step) -> String {
    let detail = match &step.action {
        Action::CreateHostingAccount(create) => match create.servers.first() {
            Some(server) => format!("create account on {}", server.name),
            None => "create account".to_owned(),
        },
        Action::VerifyHostingAccount(_) => "read back and try login".to_owned(),
        Action::Mpanel(action) => action.explain().into_iter().next().unwrap_or_default(),
        Action::Manual(manual) => format!("by hand: {}", manual.what),
        Action::Provide(provide) => format!("provide {}", provide.what),
        Action::HandOver(_) => "show, confirm, erase".to_owned(),
        Action::SuspendAccount(suspend) => format!("suspend {}", suspend.account),
        Action::UnsuspendAccount(unsuspend) => format!("unsuspend {}", unsuspend.account),
        Action::ChangePackage(change) => format!("move {} to {}", change.account, change.to),
        Action::TerminateAccount(terminate) => format!("terminate {}", terminate.account),
        Action::CheckAccount(check) => format!("check that it is {}", check.expected),
    };
    format!("{}<br/>{}", escape(step.path.as_str()), escape(&detail))
}

/// Mermaid reads `#name;` and `#code;` entities inside quoted labels, and takes `<` for the start of a tag, so that
/// `<username>` would vanish: all of these must become entities.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' => out.push_str("#quot;"),
            '#' => out.push_str("#35;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            '\n' => out.push(' '),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn what_mermaid_would_read_as_its_own_becomes_an_entity() {
        assert_eq!(
            escape("attach <username>.a.example\nto \"#1\""),
            "attach #lt;username#gt;.a.example to #quot;#35;1#quot;"
        );
    }
}

//! The plan as an indented tree, for people.

use std::fmt::Write as _;

use super::Plan;
use super::action::Action;
use super::step::Step;

impl Plan {
    /// The plan as a tree: each step with what it will do, where, and why there.
    #[must_use]
    pub fn to_tree(&self) -> String {
        let mut out = format!(
            "{} {} for order {}\n",
            self.operation.as_str(),
            self.id,
            self.order
        );
        let mut rows: Vec<(String, Vec<String>)> = Vec::new();
        for step in &self.steps {
            rows.push((
                format!("{} ({})", step.path, step.criticality),
                step_lines(self, step),
            ));
        }
        if !self.refused_servers.is_empty() {
            rows.push((
                "servers not taken".to_owned(),
                self.refused_servers
                    .iter()
                    .map(ToString::to_string)
                    .collect(),
            ));
        }
        if !self.notes.is_empty() {
            rows.push(("notes".to_owned(), self.notes.clone()));
        }
        let last = rows.len().saturating_sub(1);
        for (index, (title, lines)) in rows.iter().enumerate() {
            let (branch, stem) = if index == last {
                ("└─ ", "   ")
            } else {
                ("├─ ", "│  ")
            };
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{branch}{title}");
            for line in lines {
                let _ = writeln!(out, "{stem}   {line}");
            }
        }
        out
    }
}

fn step_lines(plan: &Plan, step: &Step) -> Vec<String> {
    let mut lines = plan.explain_action(&step.action);
    if !step.needs.is_empty() && !matches!(step.action, Action::Manual(_)) {
        let needs: Vec<&str> = step.needs.iter().map(super::id::StepPath::as_str).collect();
        lines.push(format!("after {}", needs.join(", ")));
    }
    lines
}

//! `--fix --script`.

use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use super::View;
use super::json::output;
use super::sheet::{Sheet, Tone};
use crate::findings::FixStep;
use crate::repair::script::{MOST, Script, around};

/// What `--fix --script` wrote.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ScriptFields<'a> {
    /// The file that was written; null where there is nothing to do.
    script: Option<String>,
    /// The database that the script changes.
    owi_db: &'a str,
    steps: Vec<StepFields<'a>>,
    /// What the script leaves to a person, and why.
    left: &'a [String],
    /// True where there is more to do than one script does.
    more: bool,
    /// The commands to run, in order.
    commands: &'a [String],
}

/// One change of the script.
#[derive(Debug, Serialize, JsonSchema)]
struct StepFields<'a> {
    /// The id of the finding that it fixes.
    finding: &'a str,
    /// Whose row it is.
    email: &'a str,
    /// What it does, in a sentence.
    what: &'a str,
}

/// What the script does, and the commands around it. `file`: where it was written; `None` where there is nothing to do.
pub(crate) fn script(command: &'static str, script: &Script, file: Option<&Path>) -> View {
    let commands = file.map(|file| around(script, file)).map(Vec::from).unwrap_or_default();
    let steps = script.steps.iter();
    let steps = steps.map(|step| StepFields { finding: step.finding, email: &step.email, what: &step.what });
    let fields = ScriptFields {
        script: file.map(|file| file.display().to_string()),
        owi_db: &script.database,
        steps: steps.collect(),
        left: &script.left,
        more: script.is_cut,
        commands: &commands,
    };
    let json = output(command, fields);
    let mut sheet = match file {
        None => Sheet::default().title(Tone::Good, format!("nothing in {} needs a script", script.database)),
        Some(file) => {
            let (file, count) = (file.display(), script.steps.len());
            let changes = if count == 1 { "change" } else { "changes" };
            Sheet::default().title(Tone::Plain, format!("wrote {file}: {count} {changes} to {}", script.database))
        }
    };
    let rows = script
        .steps
        .iter()
        .map(|step| vec![(format!("  {}", step.finding), Tone::Plain), (step.what.clone(), Tone::Plain)]);
    sheet = script
        .steps
        .iter()
        .fold(sheet, |sheet, step| sheet.plain_row(&["step", step.finding, &step.email, &step.what]));
    if !script.steps.is_empty() {
        sheet = sheet.people_grid(rows.collect());
    }
    for left in &script.left {
        sheet = sheet.text(format!("left to you: {left}")).plain_row(&["left", left]);
    }
    if script.is_cut {
        sheet = sheet.text(format!("one script makes at most {MOST} changes; run this command again afterwards"));
    }
    if !commands.is_empty() {
        let steps: Vec<FixStep> = commands.iter().map(|command| FixStep::advice(command.clone())).collect();
        sheet =
            sheet.text("nothing is changed yet. Run, with the service's name in your deployment:").people_steps(&steps);
    }
    let sheet = commands.iter().fold(sheet, |sheet, command| sheet.plain_row(&["run", command]));
    View { json, sheet }
}

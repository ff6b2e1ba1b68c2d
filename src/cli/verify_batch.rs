//! `verify-token --batch`.

use std::io::{BufReader, IsTerminal, stdin};
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;

use super::context::{Context, block_on};
use super::exit::{Exit, exit_with};
use crate::files;
use crate::http::Http;
use crate::messages;
use crate::owi::api::client::OwiClient;
use crate::render;
use crate::verify::batch::{BatchSummary, MAX_JOBS, lines, run};
use crate::verify::{Audience, TokenChecker};

/// How many requests are made at once where nothing is said.
const JOBS: u8 = 8;

/// Many tokens at once.
#[derive(Debug, Args)]
pub(super) struct BatchFlags {
    /// Check a file with one token per line; - for stdin
    ///
    /// Ignores blank lines and lines that start with #.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["token_file", "email", "ensure_creator"])]
    pub(super) batch: Option<PathBuf>,
    /// How many requests to send at once [default: 8]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=i64::from(MAX_JOBS)))]
    pub(super) jobs: Option<u8>,
}

/// A line of verdict for each token, in the order of the file, as soon as all before it are known.
pub(super) fn verify_batch(
    flags: &BatchFlags,
    path: &Path,
    audience: Audience,
    offline: bool,
    context: &Context,
) -> anyhow::Result<Exit> {
    let began = Instant::now();
    let cannot = |error| exit_with(Exit::Usage, format!("cannot read tokens from {}: {error}", path.display()));
    let tokens = if path.as_os_str() == "-" {
        if stdin().is_terminal() {
            messages::note("paste the tokens, one per line, then press Ctrl-D");
        }
        files::stdin::wait().map_err(cannot)?;
        lines::read(BufReader::new(stdin()))
    } else {
        let file = files::open_stream(path).map_err(cannot)?;
        if file.metadata().map_err(cannot)?.is_dir() {
            return Err(cannot(std::io::ErrorKind::IsADirectory.into()));
        }
        lines::read(BufReader::new(file))
    };
    let checker = TokenChecker::open(&context.settings, context.limits, audience, offline)?;
    let recipient = checker.recipient();
    let jobs = usize::from(flags.jobs.unwrap_or(JOBS));
    let http = Http::keeping(&context.settings, context.limits.timeout, jobs)?;
    let client = OwiClient::new(http, context.settings.owi_url()?);
    let style = render::Style::of_stdout();
    let mut tell = |row: &_| Ok(render::raw(&render::judged(context.format, style, row))?);
    let summary = block_on(async { run(checker, client, tokens, jobs, &mut tell).await })?;
    if let Some(why) = &summary.broke_off {
        messages::error(format_args!("error: {}: {}", path.display(), render::clean(why)));
    } else if summary.tokens == 0 {
        return Err(exit_with(Exit::Usage, format!("{} contains no token", path.display())));
    }
    let took = began.elapsed();
    if context.format.is_json() {
        render::raw(&render::batch_summary(&summary, recipient, took))?;
    }
    messages::note(render::batch_words(&summary, recipient, took));
    Ok(exit(&summary))
}

fn exit(summary: &BatchSummary) -> Exit {
    match (summary.refused(), summary.could_not_tell()) {
        (1.., _) => Exit::No,
        (0, 0) if summary.broke_off.is_none() => Exit::Yes,
        _ => Exit::CouldNotTell,
    }
}

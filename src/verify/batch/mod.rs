//! `verify-token --batch`: many tokens before the same judge, some at a time, told in the order of their lines.

pub(crate) mod lines;

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinSet;

use super::{Begun, Pending, TokenChecker, TokenReport, VerifyRequest, unasked};
use crate::checks::token::Verdict;
use crate::email::Email;
use crate::findings::{self, Finding};
use crate::http::{RetryPolicy, is_transient};
use crate::owi::api::again::{self, Session};
use crate::owi::api::answers::ServerAnswer;
use crate::owi::api::client::OwiClient;
use crate::token::inspect::TokenKind;
use lines::Line;

/// The most requests at once.
pub(crate) const MAX_JOBS: u8 = 64;
/// How often one token is asked about.
const TRIES: u32 = 5;
/// How many lines may be judged already while one before them is still asked about.
const WINDOW: usize = 512;
/// From so many tokens on, the same refusal of all is no coincidence: browsers get their tokens one by one.
const ALIKE: u64 = 5;
/// The most characters of a reason or an e-mail that are kept: a token may claim any e-mail.
const MAX_CHARS: usize = 300;

/// The verdict on one line.
#[derive(Debug)]
pub(crate) struct Row {
    /// The number of its line.
    pub line: u64,
    pub verdict: Verdict,
    /// Why, in a sentence.
    pub reason: String,
    /// Who it is for.
    pub email: Option<String>,
    pub kind: TokenKind,
    /// `exp`.
    pub expires: Option<Timestamp>,
    /// The ids of what is worth knowing although it did not decide.
    pub warnings: Vec<&'static str>,
}

impl Row {
    fn of(line: u64, report: TokenReport) -> Self {
        Self {
            line,
            verdict: report.judged.verdict,
            reason: clip(report.judged.reason),
            email: report.email.map(clip),
            kind: report.token.kind,
            expires: report.token.expires,
            warnings: report.warnings.iter().map(|hit| hit.finding.id).collect(),
        }
    }
}

fn clip(text: String) -> String {
    match text.char_indices().nth(MAX_CHARS) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

/// What came of all.
#[derive(Debug, Default)]
pub(crate) struct BatchSummary {
    /// How many tokens there were.
    pub tokens: u64,
    /// How many of each verdict.
    pub verdicts: BTreeMap<&'static str, u64>,
    /// How often Open WebUI was asked again.
    pub retries: u64,
    /// Why not all lines could be read.
    pub broke_off: Option<String>,
}

impl BatchSummary {
    /// How many LAMB takes.
    pub(crate) fn valid(&self) -> u64 {
        self.count(Verdict::Valid)
    }

    /// How many could not be checked.
    pub(crate) fn could_not_tell(&self) -> u64 {
        self.count(Verdict::CouldNotTell)
    }

    /// How many are not taken.
    pub(crate) fn refused(&self) -> u64 {
        self.tokens - self.valid() - self.could_not_tell()
    }

    /// The finding for which every token is refused, where so many are that it has one cause.
    pub(crate) fn one_cause(&self) -> Option<&'static Finding> {
        let only = self.verdicts.keys().next().filter(|_| self.verdicts.len() == 1)?;
        findings::find(only).filter(|_| self.refused() == self.tokens && self.tokens >= ALIKE)
    }

    fn count(&self, verdict: Verdict) -> u64 {
        self.verdicts.get(verdict.id()).copied().unwrap_or(0)
    }
}

/// What is told on the way.
pub(crate) type Tell<'a> = &'a mut dyn FnMut(&Row) -> anyhow::Result<()>;

/// Judges every line, at most `jobs` requests at once. `client` should keep its connections.
///
/// # Errors
/// What `tell` fails with; a closed pipe among it.
pub(crate) async fn run(
    checker: TokenChecker<'_>,
    client: OwiClient,
    lines: Receiver<io::Result<Line>>,
    jobs: usize,
    tell: Tell<'_>,
) -> anyhow::Result<BatchSummary> {
    let batch = Batch {
        checker: checker.by_lambs_clock().await,
        client: Arc::new(client),
        server: None,
        asking: JoinSet::new(),
        window: VecDeque::new(),
        told: 0,
        silent: 0,
        summary: BatchSummary::default(),
    };
    batch.run(lines, jobs.clamp(1, MAX_JOBS.into()), tell).await
}

/// A place in the window, the token's line and what is known of it, the answer, and the tries.
type Asked = (u64, u64, Box<Pending>, Session, u32);

struct Batch<'a> {
    checker: TokenChecker<'a>,
    client: Arc<OwiClient>,
    /// What answers at Open WebUI's address; asked once, for the first token that needs it.
    server: Option<ServerAnswer>,
    asking: JoinSet<Asked>,
    /// Lines that were read and not told yet.
    window: VecDeque<Option<Row>>,
    /// How many were told: the number of the window's front.
    told: u64,
    /// How many tokens in a row got no usable answer, after all tries.
    silent: usize,
    summary: BatchSummary,
}

impl Batch<'_> {
    async fn run(
        mut self,
        mut lines: Receiver<io::Result<Line>>,
        jobs: usize,
        tell: Tell<'_>,
    ) -> anyhow::Result<BatchSummary> {
        let mut ended = false;
        while !ended || !self.window.is_empty() {
            while let Some(Some(row)) = self.window.front() {
                tell(row)?;
                self.window.pop_front();
                self.told += 1;
            }
            let room = !ended && self.asking.len() < jobs && self.window.len() < WINDOW;
            tokio::select! {
                Some(asked) = self.asking.join_next() => {
                    // A task that panicked would leave its line open for ever.
                    self.judge(asked.map_err(io::Error::other)?);
                }
                line = lines.recv(), if room => match line {
                    Some(Ok(line)) => self.begin(line, jobs).await,
                    Some(Err(error)) => self.summary.broke_off = Some(error.to_string()),
                    None => ended = true,
                },
                else => {}
            }
        }
        Ok(self.summary)
    }

    async fn begin(&mut self, line: Line, jobs: usize) {
        let request = VerifyRequest {
            presented: line.presented,
            by: format!("line {}", line.number),
            audience: self.checker.audience(),
            email: None::<Email>,
            offline: self.checker.is_offline(),
        };
        let place = self.told + self.window.len() as u64;
        self.window.push_back(None);
        self.summary.tokens += 1;
        match self.checker.begin(request) {
            Begun::Judged(report) => self.put(place, line.number, *report),
            Begun::Ask(pending) => {
                if self.server.is_none() {
                    self.server = Some(self.ask_server().await);
                }
                if let Some(server) = self.server.as_ref().filter(|server| server.info().is_none()) {
                    let answer = unasked(server);
                    let report = self.checker.finish(*pending, &answer, Some(self.client.base_shown()));
                    return self.put(place, line.number, report);
                }
                // When the server stops answering, do not wait for it again and again: ask once for each token.
                let retries = RetryPolicy::new(if self.silent >= jobs { 1 } else { TRIES });
                let client = Arc::clone(&self.client);
                self.asking.spawn(async move {
                    let send = || retries.send(true, || client.session(pending.header()));
                    let (session, tries) = again::ask_by(pending.is_signed(), send).await;
                    (place, line.number, pending, session, tries)
                });
            }
        }
    }

    async fn ask_server(&self) -> ServerAnswer {
        let retries = RetryPolicy::new(TRIES);
        let (version, config) =
            tokio::join!(retries.send(false, || self.client.version()), retries.send(false, || self.client.config()));
        ServerAnswer::read(&version.0, &config.0)
    }

    fn judge(&mut self, (place, line, pending, session, tries): Asked) {
        self.summary.retries += u64::from(tries.saturating_sub(1));
        self.silent = if is_transient(&session.raw) { self.silent + 1 } else { 0 };
        let report = self.checker.finish_session(*pending, &session);
        self.put(place, line, report);
    }

    fn put(&mut self, place: u64, line: u64, report: TokenReport) {
        let row = Row::of(line, report);
        *self.summary.verdicts.entry(row.verdict.id()).or_default() += 1;
        let at = usize::try_from(place - self.told).ok().and_then(|at| self.window.get_mut(at));
        if let Some(open) = at {
            *open = Some(row);
        }
    }
}

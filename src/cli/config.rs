//! `config`.

use clap::Args;

use super::context::{Context, block_on};
use super::exit::Exit;
use crate::http::{Http, Request};
use crate::lamb::db::LambDb;
use crate::lamb::schema::PrefixChoice;
use crate::owi::file::db::OwiDb;
use crate::render::{self, SettingRow};
use crate::settings::{KEYS, Key, Origin, Points, Settings};

/// Show every setting, its origin, and whether it works
///
/// Masks secrets. Contacts both servers, and opens both databases read-only.
///
/// Exit codes: 0 all that is set works, 1 a setting does not work.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lamb-auth config")]
pub(super) struct Arguments {
    /// Send no request
    #[arg(long)]
    offline: bool,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> anyhow::Result<Exit> {
    let rows = rows(context, arguments.offline)?;
    context.show(&render::config(&rows))?;
    Ok(if rows.iter().any(|row| row.there == Some(false)) { Exit::No } else { Exit::Yes })
}

/// Every setting, and what it points at. `offline`: no server is asked.
pub(super) fn rows(context: &Context, offline: bool) -> anyhow::Result<Vec<SettingRow>> {
    let settings = &context.settings;
    let servers = if offline { Vec::new() } else { block_on(ask_servers(context))? };
    // Once for both rows about it: in wal mode opening it may mean copying it.
    let lamb = context.lamb();
    let rows = KEYS.iter().map(|key| {
        let (there, state) = match (settings.get(key.name), key.points) {
            (None, Points::Tables) => tables(&lamb),
            (None, _) => (None, String::new()),
            (Some(_), Points::LambDb) => lamb_db(&lamb),
            (Some(_), Points::OwiDb) => owi_db(context),
            (Some(_), Points::Tables) => tables(&lamb),
            (Some(_), Points::Server(_)) => servers
                .iter()
                .find(|(name, ..)| *name == key.name)
                .map_or((None, String::new()), |(_, there, state)| (*there, state.clone())),
            (Some(found), Points::File) => file(found.path()),
            (Some(_), Points::Nothing) => (None, String::new()),
        };
        SettingRow {
            name: key.name,
            flag: key.flag,
            value: settings.shown(key),
            origin: settings.get(key.name).map(|found| match &found.origin {
                Origin::Environment(name) if name == key.name => "environment".to_owned(),
                origin => origin.to_string(),
            }),
            there,
            state,
        }
    });
    Ok(rows.collect())
}

type State = (Option<bool>, String);

fn lamb_db(lamb: &anyhow::Result<LambDb>) -> State {
    match lamb {
        Ok(db) => {
            let edition = db.schema().edition().map_or_else(|| "unknown".to_owned(), |edition| edition.to_string());
            (Some(true), format!("{}: edition {edition}", db.path().display()))
        }
        Err(error) => (Some(false), format!("{error:#}")),
    }
}

fn tables(lamb: &anyhow::Result<LambDb>) -> State {
    let Ok(db) = lamb else { return (None, String::new()) };
    let schema = db.schema();
    let state = match (&schema.tables, schema.prefix_is_wrong()) {
        (_, true) => "prefix-wrong: its tables have no creators, another prefix has".to_owned(),
        (None, _) => format!("no tables with the prefix {}", schema.prefix),
        (Some(set), _) if set.is_incomplete() => format!("columns-missing: {}", set.missing.join(", ")),
        (Some(_), _) => match schema.choice {
            PrefixChoice::Configured(_) => "tables found".to_owned(),
            PrefixChoice::Sole => format!("not set; {} is the only one in the file", schema.prefix),
            PrefixChoice::EditionDefault => format!("not set; {} is this edition's default", schema.prefix),
        },
    };
    let fine = schema.tables.as_ref().is_some_and(|set| !set.is_incomplete()) && !schema.prefix_is_wrong();
    (Some(fine), state)
}

fn owi_db(context: &Context) -> State {
    let opened = context
        .settings
        .owi_db()
        .map_err(anyhow::Error::from)
        .and_then(|(path, _)| OwiDb::open(&path, context.limits.lock_timeout).map_err(anyhow::Error::from));
    match opened {
        Ok(db) => (Some(true), format!("{}: {} columns in user", db.path().display(), db.user_column_count())),
        Err(error) => (Some(false), format!("{error:#}")),
    }
}

fn file(path: &std::path::Path) -> State {
    match crate::files::read_regular(path) {
        Ok(_) => (Some(true), "readable".to_owned()),
        Err(error) => (Some(false), error.to_string()),
    }
}

async fn ask_servers(context: &Context) -> anyhow::Result<Vec<(&'static str, Option<bool>, String)>> {
    let http = Http::new(&context.settings, context.limits.timeout)?;
    let ask = async |key: &'static Key, path: &str, base: Result<String, _>| {
        let base = match base {
            Ok(base) => base,
            Err(error) => return (key.name, Some(false), format!("{error}")),
        };
        let proxy = http.proxy_for(&base).map(|(name, _)| format!(", through {name}")).unwrap_or_default();
        match http.send(&format!("{base}{path}"), Request::default()).await {
            Ok(answer) => {
                let fine = answer.status == 200 && answer.json().is_some();
                (key.name, Some(fine), format!("{path} answers {}{proxy}", answer.summary()))
            }
            Err(failure) => (key.name, Some(false), failure.to_string()),
        }
    };
    let find = |name: &str| KEYS.iter().find(|key| key.name == name);
    let (Some(owi), Some(backend)) = (find("OWI_BASE_URL"), find("LAMB_BACKEND_HOST")) else { return Ok(Vec::new()) };
    let path = |key: &Key| match key.points {
        Points::Server(path) => path,
        _ => "/",
    };
    let settings: &Settings = &context.settings;
    let (a, b) =
        tokio::join!(ask(owi, path(owi), settings.owi_url()), ask(backend, path(backend), settings.backend_url()));
    Ok(vec![a, b])
}

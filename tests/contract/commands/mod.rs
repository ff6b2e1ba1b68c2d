//! The commands of the built program, run against real Open WebUI servers and their real `webui.db`. LAMB's side is
//! the sandbox's: its database in LAMB's layout, and its backend, which asks the real server.

mod auditing;
mod creating;
mod everybody;
mod files;
mod fixing;
mod halves;
mod listing;
mod lms;
mod odd_spellings;
mod platform;
mod refreshing;
mod scripts;
mod seed;
mod settings;
mod signing_in;
mod stage;
mod syncing;
mod tokens;
mod troubles;
mod untouched;

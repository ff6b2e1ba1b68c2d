//! The library behind the `lamb-auth` command: why can this LAMB user not sign in, and what fixes it?

mod audit;
mod bundle;
mod change;
mod checks;
pub mod cli;
pub mod clock;
mod committed;
mod diagnose;
mod directory;
pub mod email;
mod evidence;
mod exit;
mod files;
pub mod findings;
mod flow;
pub mod http;
mod interrupt;
pub mod lamb;
mod messages;
#[cfg(test)]
mod mutated;
pub mod oauth1;
pub mod owi;
mod refresh;
mod render;
mod repair;
pub mod sandbox;
pub mod secret;
pub mod settings;
mod setup;
mod shown;
mod sort;
mod sqlite;
mod sync;
pub mod token;
mod verify;
pub mod version;

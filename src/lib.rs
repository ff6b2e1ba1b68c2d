//! The library behind the `lamb-auth` command: why can this LAMB user not sign in, and what mends it.

pub mod address_index;
pub mod admin;
pub mod audit;
pub mod bundle;
pub mod change;
pub mod cli;
pub mod clock;
pub mod diagnose;
pub mod email;
mod files;
pub mod findings;
pub mod http;
pub mod identity;
pub mod interrupt;
pub mod lamb;
pub mod mounts;
pub mod owi;
pub mod refresh;
pub mod render;
pub mod sandbox;
pub mod secret;
pub mod settings;
pub mod sqlite;
pub mod stored;
pub mod sync;
pub mod talk;
pub mod token;

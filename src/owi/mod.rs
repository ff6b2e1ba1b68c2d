//! Open WebUI's side: the client of its HTTP API, what its answers mean, and the read-only reader of `webui.db`.

pub mod accounts;
pub mod change;
pub mod client;
pub mod db;
pub mod each;
pub mod listing;
pub mod meaning;
pub mod roster;
mod row;
pub mod shape;
pub mod users;

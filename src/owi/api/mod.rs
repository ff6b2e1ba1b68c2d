//! Open WebUI's HTTP API: the client, what its answers mean, its users, and the changes that it makes.

pub mod again;
pub mod answers;
pub mod change;
pub mod client;
pub mod sign_in_header;
pub mod users;

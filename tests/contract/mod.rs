//! The sandbox's stand-ins, held against what they stand in for: Open WebUI against real servers of three versions,
//! LAMB against the table of what its backend was measured to answer.

mod commands;
mod compare;
mod http;
mod lamb;
mod lamb_table;
mod launches;
mod oracle;
mod requests;
mod server;
mod world;

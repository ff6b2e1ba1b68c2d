//! LAMB's side: its database and its HTTP backend.

mod assistants;
pub mod backend;
pub mod db;
pub mod every_row;
pub mod file;
mod hash;
pub mod knowledge;
pub mod launch;
pub mod lms;
pub mod lookup;
pub mod lti;
pub mod lti_people;
pub mod managers;
pub mod model;
pub mod organization_list;
pub mod people;
pub mod raw_columns;
pub mod schema;

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

/// The two generations of LAMB's backend. They differ in who issues the browser's token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Edition {
    /// Up to February 2026: Open WebUI issues the token, and is asked about it on every request.
    Delegated,
    /// From February 2026: LAMB issues and decodes its own token, and asks Open WebUI only about others.
    Native,
}

impl Edition {
    /// The prefix that this edition's backend uses where `LAMB_DB_PREFIX` is not set.
    pub fn default_prefix(self) -> &'static str {
        match self {
            Self::Delegated => "",
            Self::Native => "LAMB_",
        }
    }

    /// The `detail` of the 401 that the browser gets on `/creator/assistant/get_assistants`.
    pub fn refusal(self) -> &'static str {
        match self {
            Self::Delegated => "Invalid authentication or user not found in creator database",
            Self::Native => "Invalid or expired authentication token",
        }
    }
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Delegated => "delegated",
            Self::Native => "native",
        })
    }
}

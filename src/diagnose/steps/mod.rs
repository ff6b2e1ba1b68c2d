//! The seven steps, a file each, in two halves: gather (asks files and servers) and judge (pure).

pub mod authorization_header;
pub mod backend_answer;
pub mod creator_entry;
pub mod frontend_call;
pub mod owi_request;
pub mod owi_verdict;
pub mod token_delegation;

use crate::findings::{self, Finding, Hit};
use crate::http::{Failure, FailureKind};

/// The findings for a server that gives no answer.
struct Unreachable {
    down: &'static Finding,
    dns: &'static Finding,
    hangs: &'static Finding,
    tls: &'static Finding,
    broken: &'static Finding,
}

const OWI: Unreachable = Unreachable {
    down: &findings::OWI_DOWN,
    dns: &findings::OWI_DNS,
    hangs: &findings::OWI_HANGS,
    tls: &findings::OWI_TLS,
    broken: &findings::OWI_ERROR,
};

const BACKEND: Unreachable = Unreachable {
    down: &findings::BACKEND_DOWN,
    dns: &findings::BACKEND_DNS,
    hangs: &findings::BACKEND_HANGS,
    tls: &findings::BACKEND_TLS,
    broken: &findings::BACKEND_ERROR,
};

impl Unreachable {
    fn hit(&self, failure: &Failure) -> Hit {
        let finding = match failure.kind {
            FailureKind::Refused | FailureKind::Unreachable | FailureKind::ConnectTimeout => self.down,
            FailureKind::Dns => self.dns,
            FailureKind::Hangs => self.hangs,
            FailureKind::Tls => self.tls,
            FailureKind::Broken => self.broken,
        };
        Hit::new(finding, failure.to_string())
    }
}

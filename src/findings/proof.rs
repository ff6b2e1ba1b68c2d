//! Which fixes were made by a test, beside a real Open WebUI.

use super::{
    CREATOR_MISSING, EMAIL_SPELLING, Finding, OWI_PENDING, OWI_USER_HALF, OWI_USER_MISSING, USER_CONFIG_BROKEN,
};

/// Whether the fix of a finding was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FixProof {
    /// The test in this file makes the fix beside real Open WebUI servers, and then looks again.
    Proven(&'static str),
    /// No test makes it: it is what the documentation, the source or other measurements say.
    Advice,
}

const FIXING: &str = "tests/contract/commands/fixing.rs";

static PROVEN: &[(&Finding, &str)] = &[
    (&CREATOR_MISSING, "tests/contract/commands/seed.rs"),
    (&EMAIL_SPELLING, FIXING),
    (&OWI_PENDING, FIXING),
    (&OWI_USER_HALF, "tests/contract/commands/halves.rs"),
    (&OWI_USER_MISSING, FIXING),
    (&USER_CONFIG_BROKEN, FIXING),
];

impl Finding {
    /// Whether its fix was tried.
    pub fn proof(&self) -> FixProof {
        let proven = PROVEN.iter().find(|(finding, _)| *finding == self);
        proven.map_or(FixProof::Advice, |(_, test)| FixProof::Proven(test))
    }
}

impl FixProof {
    /// The file of the test.
    pub fn test(self) -> Option<&'static str> {
        match self {
            Self::Proven(test) => Some(test),
            Self::Advice => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_proof_is_a_test_with_real_servers_about_its_finding() {
        for (finding, test) in PROVEN {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(test);
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(text.contains("#[ignore = \"needs a real Open WebUI"), "{test} needs no real server");
            assert!(text.contains(finding.id), "{test} is not about {}", finding.id);
            assert_eq!(finding.proof(), FixProof::Proven(test));
        }
        assert_eq!(super::super::EXPIRED.proof(), FixProof::Advice);
    }
}

//! Who lives in the sandbox: one trouble a person, as data.

use super::OwiVersion;
use crate::lamb::Edition;

/// A user in the sandbox, and what `diagnose` should find.
#[derive(Debug)]
pub struct SandboxUser {
    /// Their e-mail: Open WebUI's spelling, or LAMB's where only LAMB has them.
    pub email: &'static str,
    /// What is wrong with them in the delegated edition; `None` is healthy.
    pub finding: Option<&'static str>,
    /// What is wrong with them in the native edition.
    pub finding_native: Option<&'static str>,
    /// One line about them.
    pub about: &'static str,
    pub(super) name: &'static str,
    pub(super) owi: Option<OwiUser>,
    pub(super) lamb: Option<Creator>,
    pub(super) student: Option<Student>,
}

impl SandboxUser {
    /// What `diagnose` should find in this edition, beside this version of Open WebUI.
    pub fn finding_in(&self, edition: Edition, version: OwiVersion) -> Option<&'static str> {
        let finding = match edition {
            Edition::Delegated => self.finding,
            Edition::Native => self.finding_native,
        };
        // A second account of one e-mail cannot be where a unique index forbids it.
        finding.filter(|id| *id != "owi-duplicate" || !version.stamps_sessions())
    }

    /// True where Open WebUI has a `user` row for them.
    pub fn in_owi(&self) -> bool {
        self.owi.is_some()
    }

    /// True where LAMB has a creator row for them, in any spelling.
    pub fn in_lamb(&self) -> bool {
        self.lamb.is_some()
    }

    /// LAMB's spelling of their e-mail.
    pub(super) fn lamb_email(&self) -> &'static str {
        self.lamb.as_ref().and_then(|creator| creator.email).unwrap_or(self.email)
    }
}

/// Their account in Open WebUI.
#[derive(Clone, Copy, Debug)]
pub(super) struct OwiUser {
    pub(super) role: &'static str,
    pub(super) active: bool,
    pub(super) auth: AuthRow,
    pub(super) settings: &'static str,
    pub(super) copies: u8,
}

/// The `auth` row beside a `user` row.
#[derive(Clone, Copy, Debug)]
pub(super) enum AuthRow {
    Same,
    Missing,
    OtherEmail(&'static str),
}

/// Their creator row in LAMB.
#[derive(Clone, Copy, Debug)]
pub(super) struct Creator {
    pub(super) email: Option<&'static str>,
    pub(super) organization: Option<i64>,
    pub(super) roles: &'static [(i64, &'static str)],
    pub(super) user_type: &'static str,
    pub(super) user_config: &'static str,
    pub(super) enabled: bool,
    pub(super) provider: &'static str,
    pub(super) password: Password,
    pub(super) system_role: &'static str,
}

/// The native edition's `password_hash`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Password {
    Sound,
    Missing,
    Unsound,
}

/// How a student came in through the LMS.
#[derive(Clone, Copy, Debug)]
pub(super) enum Student {
    Lti,
    Activity,
    /// No row of LAMB names them, only the domain of their e-mail.
    Synthetic,
}

/// An organization: id, slug, name, status, config. The first is LAMB's own.
pub(super) struct Organization {
    pub(super) id: i64,
    pub(super) slug: &'static str,
    pub(super) name: &'static str,
    pub(super) status: &'static str,
    pub(super) config: &'static str,
}

const LAMB: i64 = 1;
const PHYSICS: i64 = 2;
const CLOSED: i64 = 3;
const BROKEN: i64 = 4;
const NOWHERE: i64 = 4711;

pub(super) static ORGANIZATIONS: [Organization; 4] = [
    Organization { id: LAMB, slug: "lamb", name: "LAMB System Organization", status: "active", config: "{}" },
    Organization { id: PHYSICS, slug: "physics", name: "Physics Department", status: "active", config: "{}" },
    Organization { id: CLOSED, slug: "closed", name: "Closed Faculty", status: "suspended", config: "{}" },
    Organization { id: BROKEN, slug: "broken", name: "Broken Institute", status: "active", config: "{not json" },
];

const OWI: OwiUser = OwiUser { role: "user", active: true, auth: AuthRow::Same, settings: "null", copies: 1 };
const CREATOR: Creator = Creator {
    email: None,
    organization: Some(PHYSICS),
    roles: &[(PHYSICS, "member")],
    user_type: "creator",
    user_config: "{}",
    enabled: true,
    provider: "password",
    password: Password::Sound,
    system_role: "user",
};

/// Healthy in both: where every trouble below starts from.
const fn healthy(email: &'static str, name: &'static str, about: &'static str) -> SandboxUser {
    SandboxUser {
        email,
        finding: None,
        finding_native: None,
        about,
        name,
        owi: Some(OWI),
        lamb: Some(CREATOR),
        student: None,
    }
}

/// One trouble, the same in both editions.
const fn troubled(email: &'static str, name: &'static str, finding: &'static str, about: &'static str) -> SandboxUser {
    SandboxUser { finding: Some(finding), finding_native: Some(finding), ..healthy(email, name, about) }
}

/// A student. LAMB refuses students the creator interface by design.
const fn student(email: &'static str, name: &'static str, student: Student, about: &'static str) -> SandboxUser {
    SandboxUser { lamb: None, student: Some(student), ..troubled(email, name, "lms-student", about) }
}

/// All users of the sandbox. The order is that of their rows: the first is Open WebUI's first user, the first with
/// a creator is LAMB's creator 1.
pub fn people() -> &'static [SandboxUser] {
    &PEOPLE
}

#[rustfmt::skip]
static PEOPLE: [SandboxUser; 26] = [
    SandboxUser {
        owi: Some(OwiUser { role: "admin", ..OWI }), lamb: None,
        ..troubled(
            "admin@admin.owi", "Admin User", "creator-missing",
            "administers Open WebUI, and LAMB does not know them",
        )
    },
    SandboxUser {
        owi: Some(OwiUser { role: "admin", ..OWI }),
        lamb: Some(Creator { organization: Some(LAMB), roles: &[(LAMB, "admin")], system_role: "admin", ..CREATOR }),
        ..healthy("operator@sandbox.test", "Olga Operator", "administers both, and all is well")
    },
    SandboxUser {
        lamb: Some(Creator { roles: &[(PHYSICS, "owner")], ..CREATOR }),
        ..healthy("teacher@sandbox.test", "Tom Teacher", "a teacher without problems")
    },
    SandboxUser {
        finding_native: None, owi: None,
        ..troubled(
            "no-owi@sandbox.test", "Nora Noaccount", "owi-user-missing",
            "a creator that Open WebUI does not have",
        )
    },
    SandboxUser {
        owi: Some(OwiUser { auth: AuthRow::Missing, ..OWI }),
        ..troubled("half@sandbox.test", "Hal Half", "owi-user-half", "a user row in Open WebUI without its auth row")
    },
    SandboxUser {
        owi: Some(OwiUser { auth: AuthRow::OtherEmail("old.name@sandbox.test"), ..OWI }),
        ..troubled("renamed@sandbox.test", "Rita Renamed", "owi-user-half", "an auth row that still has the old e-mail")
    },
    SandboxUser {
        owi: Some(OwiUser { copies: 2, ..OWI }),
        ..troubled(
            "double@sandbox.test", "Dora Double", "owi-duplicate",
            "two accounts of one e-mail (not from 0.12: an index forbids it)",
        )
    },
    SandboxUser {
        lamb: Some(Creator { email: Some("Mixed.Case@sandbox.test"), ..CREATOR }),
        ..troubled("mixed.case@sandbox.test", "Max Mixed", "email-spelling", "LAMB has Mixed.Case@sandbox.test")
    },
    SandboxUser {
        owi: Some(OwiUser { role: "pending", ..OWI }),
        ..troubled("pending@sandbox.test", "Pia Pending", "owi-pending", "waits for an admin's approval in Open WebUI")
    },
    SandboxUser {
        owi: Some(OwiUser { active: false, ..OWI }),
        ..troubled("inactive@sandbox.test", "Ina Inactive", "owi-inactive", "switched off in Open WebUI")
    },
    SandboxUser {
        lamb: Some(Creator { enabled: false, ..CREATOR }),
        ..troubled("disabled@sandbox.test", "Dan Disabled", "creator-disabled", "switched off in LAMB")
    },
    SandboxUser {
        finding: None, lamb: Some(Creator { password: Password::Missing, ..CREATOR }),
        ..troubled("no-password@sandbox.test", "Nick Nopass", "password-missing", "LAMB has no password hash (native)")
    },
    SandboxUser {
        finding: None, lamb: Some(Creator { password: Password::Unsound, ..CREATOR }),
        ..troubled(
            "bad-password@sandbox.test", "Bea Badpass", "password-unsound",
            "what LAMB has is no bcrypt hash (native)",
        )
    },
    SandboxUser {
        lamb: Some(Creator { user_type: "end_user", ..CREATOR }),
        ..troubled("end-user@sandbox.test", "Eve Enduser", "end-user", "may use assistants, not make them")
    },
    SandboxUser {
        lamb: Some(Creator { user_config: "{not json", ..CREATOR }),
        ..troubled("bad-config@sandbox.test", "Bob Badconfig", "user-config-broken", "their user_config is not JSON")
    },
    SandboxUser {
        finding: None, lamb: Some(Creator { provider: "lti_creator", password: Password::Missing, ..CREATOR }),
        ..troubled(
            "lti-creator@sandbox.test", "Lea Lms", "lti-creator",
            "comes in through the LMS and has no password (native)",
        )
    },
    SandboxUser {
        lamb: Some(Creator { organization: None, roles: &[], ..CREATOR }),
        ..troubled("no-org@sandbox.test", "Noa Noorg", "organization-missing", "belongs to no organization")
    },
    SandboxUser {
        lamb: Some(Creator { organization: Some(NOWHERE), roles: &[], ..CREATOR }),
        ..troubled(
            "lost-org@sandbox.test", "Leo Lost", "organization-missing",
            "belongs to an organization that does not exist",
        )
    },
    SandboxUser {
        lamb: Some(Creator { organization: Some(CLOSED), roles: &[(CLOSED, "member")], ..CREATOR }),
        ..troubled(
            "closed-org@sandbox.test", "Cleo Closed", "organization-suspended",
            "belongs to a suspended organization",
        )
    },
    SandboxUser {
        lamb: Some(Creator { organization: Some(BROKEN), roles: &[(BROKEN, "member")], ..CREATOR }),
        ..troubled(
            "broken-org@sandbox.test", "Bruno Broken", "organization-config-broken",
            "belongs to an organization whose config is not JSON",
        )
    },
    SandboxUser {
        lamb: Some(Creator { roles: &[], ..CREATOR }),
        ..troubled("no-role@sandbox.test", "Nils Norole", "role-missing", "has no role in their organization")
    },
    SandboxUser {
        lamb: Some(Creator { roles: &[(LAMB, "member")], ..CREATOR }),
        ..troubled(
            "other-role@sandbox.test", "Otto Otherrole", "role-elsewhere",
            "has a role, but in another organization",
        )
    },
    SandboxUser {
        owi: Some(OwiUser { settings: "{not json", ..OWI }),
        ..troubled(
            "unreadable@sandbox.test", "Uma Unreadable", "owi-row-unreadable",
            "their user row in Open WebUI cannot be read",
        )
    },
    student("student@sandbox.test", "Sam Student", Student::Lti, "a student who came in through the LMS"),
    student("activity.student@sandbox.test", "Ann Student", Student::Activity, "a student of an LMS activity"),
    student("12345@lamb-lti.local", "LTI 12345", Student::Synthetic, "a student whose e-mail LAMB made up"),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn sandbox_users_are_distinct() {
        let emails: HashSet<_> = people().iter().map(|p| p.email).collect();
        assert_eq!(emails.len(), people().len());
        assert!(people().iter().all(|p| p.in_owi() || p.in_lamb()));
    }

    #[test]
    fn the_first_creator_is_an_admin() {
        let first = people().iter().find(|p| p.in_lamb()).unwrap();
        assert_eq!((first.email, first.finding), ("operator@sandbox.test", None));
    }

    #[test]
    fn duplicates_end_with_the_unique_index() {
        let double = people().iter().find(|p| p.finding == Some("owi-duplicate")).unwrap();
        assert_eq!(double.finding_in(Edition::Native, OwiVersion::V0_6_43), Some("owi-duplicate"));
        assert_eq!(double.finding_in(Edition::Native, OwiVersion::V0_12_4), None);
    }
}

//! Users whose Open WebUI account LAMB makes when they come in through the LMS.

use std::fmt;

/// The domains of LAMB's own addresses for such users.
const DOMAINS: [&str; 2] = ["@lamb-lti.local", "@lamb-project.org"];

/// How a native LAMB begins a teacher's address, in the first of these domains (measured).
const TEACHER: &str = "lti_creator_";

/// What an address without a creator is to the LMS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LmsUser {
    /// A student, who has no creator by design: the table or the domain that says so.
    Student(String),
    /// A teacher, whose creator LAMB makes at each launch that finds none.
    Teacher,
}

impl LmsUser {
    /// By the address itself, and by the table of students that has it. `key`: see [`crate::email::key`].
    ///
    /// # Errors
    /// Where the table cannot be asked about.
    pub fn of<E>(key: &str, table: impl FnOnce() -> Result<Option<String>, E>) -> Result<Option<Self>, E> {
        Ok(match lms_domain(key) {
            // A student's address begins with a name that the LMS chose, which may look like a teacher's.
            Some(domain) if key.starts_with(TEACHER) && domain == DOMAINS[0] => {
                Some(table()?.map_or(Self::Teacher, Self::Student))
            }
            Some(domain) => Some(Self::Student(format!("the domain {domain}"))),
            None => table()?.map(Self::Student),
        })
    }
}

impl fmt::Display for LmsUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Student(why) => write!(f, "a student from the LMS ({why})"),
            Self::Teacher => write!(f, "a teacher from the LMS (the address begins with {TEACHER})"),
        }
    }
}

/// The domain by which LAMB made this address for a user of the LMS. `key`: see [`crate::email::key`].
pub fn lms_domain(key: &str) -> Option<&'static str> {
    DOMAINS.into_iter().find(|domain| key.ends_with(domain))
}

/// What an e-mail of LAMB's own making stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MadeUp {
    /// A teacher: the organization's slug and the LMS's id, with `_` between them. Both may have `_` themselves.
    Teacher(String),
    /// A user of an activity: the user name and the id of the link, with `_` between them.
    Activity(String),
    /// A user of the old launch: the user name, and the consumer key behind the last `-`.
    Assistant {
        /// The user name in the LMS.
        user: String,
        /// The consumer key, which may have `-` itself: this is the shortest one.
        key: String,
    },
}

impl MadeUp {
    /// Reads an e-mail; `None` where it is not of LAMB's making.
    pub fn of(email: &str) -> Option<Self> {
        let at = email.rfind('@')?;
        let (local, domain) = (&email[..at], email[at..].to_lowercase());
        if domain == DOMAINS[1] {
            let (user, key) = local.rsplit_once('-')?;
            return Some(Self::Assistant { user: user.to_owned(), key: key.to_owned() });
        }
        if domain != DOMAINS[0] {
            return None;
        }
        Some(match local.strip_prefix(TEACHER) {
            Some(rest) => Self::Teacher(rest.to_owned()),
            None => Self::Activity(local.to_owned()),
        })
    }
}

impl fmt::Display for MadeUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Teacher(rest) => write!(f, "a teacher of the launch into the creator interface ({rest:?})"),
            Self::Activity(rest) => write!(f, "a user of an activity ({rest:?})"),
            Self::Assistant { user, key } => {
                write!(f, "the user {user:?} of the launch of a published assistant (key {key:?})")
            }
        }
    }
}

/// The e-mail that LAMB makes for a teacher (measured): of the id, other characters than letters, digits, `.`, `_` and `-`
/// become `_`, and 120 stay.
pub fn teachers_address(slug: &str, lms_id: &str) -> String {
    let is_kept = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let id: String = lms_id.trim().chars().take(120).map(|c| if is_kept(c) { c } else { '_' }).collect();
    format!("{TEACHER}{slug}_{id}{}", DOMAINS[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_lambs_making_is_read_back() {
        let teacher = teachers_address("physics", "42 Ä/b");
        assert_eq!(teacher, "lti_creator_physics_42___b@lamb-lti.local");
        assert_eq!(MadeUp::of(&teacher), Some(MadeUp::Teacher("physics_42___b".to_owned())));
        assert_eq!(MadeUp::of("ann_17@lamb-lti.local"), Some(MadeUp::Activity("ann_17".to_owned())));
        let old = MadeUp::Assistant { user: "ann-marie".to_owned(), key: "course".to_owned() };
        assert_eq!(MadeUp::of("ann-marie-course@LAMB-project.org"), Some(old));
        for other in ["ann@uni.example", "ann", "x@lamb-lti.local.example", "nokey@lamb-project.org"] {
            assert_eq!(MadeUp::of(other), None, "{other}");
        }
    }

    fn of(key: &str, table: Option<&str>) -> Option<LmsUser> {
        LmsUser::of(key, || Ok::<_, ()>(table.map(ToOwned::to_owned))).unwrap()
    }

    #[test]
    fn a_teacher_is_told_from_a_student_of_a_like_name() {
        let student = |why: &str| Some(LmsUser::Student(why.to_owned()));
        assert_eq!(of("lti_creator_physics_7@lamb-lti.local", None), Some(LmsUser::Teacher));
        assert_eq!(of("lti_creator_physics_7@lamb-lti.local", Some("the table")), student("the table"));
        assert_eq!(of("7_course@lamb-lti.local", None), student("the domain @lamb-lti.local"));
        assert_eq!(of("lti_creator_7@lamb-project.org", None), student("the domain @lamb-project.org"));
        assert_eq!(of("lti_creator_7@uni.example", Some("the table")), student("the table"));
        assert_eq!(of("lti_creator_7@uni.example", None), None);
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

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

//! What may go into a bundle: values of closed forms. Everything in its files is a number, a switch, a [`Word`] or a
//! [`Pseudonym`]; none of these can be made of a text from outside, but by being one of a list or of a form that
//! tells nothing about a user.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Serialize;

use super::pseudonym::Pseudonym;

/// What stands in the place of a text that is on no list.
const OTHER: &str = "(other)";

/// A text that tells nothing about a user.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub(super) struct Word(Cow<'static, str>);

impl Word {
    /// A word of this program's own.
    pub(super) const fn own(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// One of a list, or that it is another.
    pub(super) fn one_of(text: &str, known: &[&'static str]) -> Self {
        Self::own(known.iter().find(|word| **word == text).copied().unwrap_or(OTHER))
    }

    /// A version: two or three numbers between points. Addresses of machines have four.
    pub(super) fn version(text: &str) -> Self {
        let numbers: Vec<&str> = text.split('.').collect();
        let is_number = |part: &&str| (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        let is_version = (2..=3).contains(&numbers.len()) && numbers.iter().all(is_number);
        if is_version { Self(Cow::Owned(text.to_owned())) } else { Self::own(OTHER) }
    }

    /// The commit that this program was built from, without what a builder may have added to it.
    pub(super) fn commit(text: &'static str) -> Self {
        let commit = text.split(' ').next().unwrap_or_default();
        let digits = commit.strip_suffix("-dirty").unwrap_or(commit);
        let is_hash = (7..=64).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        Self::own(if is_hash { commit } else { OTHER })
    }

    /// A time, written anew.
    pub(super) fn time(text: &str) -> Self {
        match text.parse::<Timestamp>() {
            Ok(time) => Self(Cow::Owned(time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())),
            Err(_) => Self::own(OTHER),
        }
    }

    /// The name of a column of a table that is known by its name: as LAMB's and Open WebUI's migrations name them.
    pub(super) fn column(text: &str) -> Self {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let is_name = text.len() <= 40 && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.bytes().all(plain);
        if is_name { Self(Cow::Owned(text.to_owned())) } else { Self::own(OTHER) }
    }
}

/// A value of any of the closed forms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(super) enum AllowedValue {
    /// A number of any size.
    Number(i64),
    /// On or off.
    Switch(bool),
    /// A word of a known list.
    Word(Word),
    /// A user or an organization.
    Pseudonym(Pseudonym),
}

/// The roles of both sides.
pub(super) const ROLES: &[&str] = &["admin", "creator", "end_user", "member", "none", "owner", "pending", "user"];

/// The tables of LAMB, without their prefix.
pub(super) const LAMB_TABLES: &[&str] = &[
    "Creator_users",
    "assistant_publish",
    "assistant_shares",
    "assistants",
    "audit_log",
    "bulk_import_logs",
    "collections",
    "config",
    "kb_registry",
    "lti_activities",
    "lti_activity_users",
    "lti_users",
    "model_permissions",
    "organization_roles",
    "organizations",
    "prompt_templates",
    "rubrics",
    "usage_logs",
];

/// The tables of Open WebUI, 0.5.6 to 0.12.4 (measured).
pub(super) const OWI_TABLES: &[&str] = &[
    "access_grant",
    "alembic_version",
    "api_key",
    "app",
    "auth",
    "automation",
    "automation_run",
    "calendar",
    "calendar_event",
    "calendar_event_attendee",
    "channel",
    "channel_file",
    "channel_member",
    "channel_webhook",
    "chat",
    "chat_file",
    "chat_message",
    "chatidtag",
    "config",
    "config_old",
    "document",
    "feedback",
    "file",
    "folder",
    "function",
    "function_history",
    "group",
    "group_member",
    "knowledge",
    "knowledge_directory",
    "knowledge_file",
    "memory",
    "message",
    "message_reaction",
    "migratehistory",
    "model",
    "model_history",
    "note",
    "oauth_session",
    "pinned_note",
    "prompt",
    "prompt_history",
    "shared_chat",
    "skill",
    "skill_history",
    "tag",
    "tool",
    "tool_history",
    "user",
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(word: &Word) -> &str {
        &word.0
    }

    #[test]
    fn what_is_on_the_list_is_told_and_nothing_else() {
        assert_eq!(text(&Word::one_of("admin", ROLES)), "admin");
        assert_eq!(text(&Word::one_of("Admin", ROLES)), OTHER);
        assert_eq!(text(&Word::version("0.12.4")), "0.12.4");
        assert_eq!(text(&Word::time("2026-11-23T00:18:30.123+02:00")), "2026-11-22T22:18:30Z");
        assert_eq!(text(&Word::column("oauth_sub")), "oauth_sub");
        assert_eq!(text(&Word::commit("0123456789-dirty 2026-11-23")), "0123456789-dirty");
        for wrong in ["", "10.0.0.7", "0.5.6-physics", "1..2", "12345.6", "0.5.6\n"] {
            assert_eq!(text(&Word::version(wrong)), OTHER, "{wrong}");
        }
        for wrong in ["", "0123", "adas-branch", "-dirty", "0123456789-ada"] {
            assert_eq!(text(&Word::commit(wrong)), OTHER, "{wrong}");
        }
        for wrong in ["", "now", "2026", "2026-11-23T00:18:30Z ada@uni.example"] {
            assert_eq!(text(&Word::time(wrong)), OTHER, "{wrong}");
        }
        for wrong in ["", "ada@uni", "Physics", "_x", "9x", &"x".repeat(41)] {
            assert_eq!(text(&Word::column(wrong)), OTHER, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn a_users_name_is_never_an_allowed_word(local in "[A-Za-z.]{1,12}", domain in "[a-z]{1,12}\\.[a-z]{2,6}") {
            let email = format!("{local}@{domain}");
            let words = [Word::one_of(&email, ROLES), Word::version(&email), Word::time(&email), Word::column(&email)];
            prop_assert!(words.iter().all(|word| text(word) == OTHER));
        }
    }
}

//! What a change does to the tables, row by row: what the journal keeps, and what undo turns round.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use schemars::JsonSchema;
use serde::de::{self, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

/// A table that changes are made in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub(crate) enum Table {
    /// `Creator_users`.
    #[serde(rename = "Creator_users")]
    CreatorUsers,
    /// `organization_roles`.
    #[serde(rename = "organization_roles")]
    OrganizationRoles,
    /// `organizations`.
    #[serde(rename = "organizations")]
    Organizations,
}

impl Table {
    /// Every table that changes are made in.
    pub(crate) const ALL: [Self; 3] = [Self::CreatorUsers, Self::OrganizationRoles, Self::Organizations];

    /// Its name, without the prefix.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::CreatorUsers => "Creator_users",
            Self::OrganizationRoles => "organization_roles",
            Self::Organizations => "organizations",
        }
    }

    /// The columns that a change sets in a row that was there before. No other is ever put back, whatever a journal
    /// says: it can give no creator another id.
    fn settable(self) -> &'static [&'static str] {
        match self {
            Self::CreatorUsers => &[
                "role",
                "password_hash",
                "user_config",
                "enabled",
                "user_type",
                "user_name",
                "user_email",
                "organization_id",
                "updated_at",
            ],
            Self::OrganizationRoles => &["role", "organization_id", "updated_at"],
            Self::Organizations => &["status", "config", "updated_at"],
        }
    }
}

/// A stored value as the journal has it: secrets only by their digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell<'a> {
    /// NULL.
    Null,
    Integer(i64),
    /// A text that every reader of the journal may see.
    Text(Cow<'a, str>),
    /// SHA-256 of a secret text, in hex.
    Digest(String),
}

impl<'a> Cell<'a> {
    /// A text, or NULL.
    pub(crate) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    /// A secret, which only its digest stands for.
    pub(crate) fn secret(secret: &crate::secret::Secret) -> Self {
        Self::Digest(digest(secret.expose()))
    }

    /// The stored value, where it is no secret and of a usual type.
    pub(crate) fn of(stored: Value) -> Option<Cell<'static>> {
        match stored {
            Value::Null => Some(Cell::Null),
            Value::Integer(number) => Some(Cell::Integer(number)),
            Value::Text(text) => Some(Cell::text(text)),
            Value::Real(_) | Value::Blob(_) => None,
        }
    }

    /// True where this is what is stored, in the type that the column's affinity made of it.
    pub(crate) fn is(&self, stored: ValueRef<'_>) -> bool {
        match (self, stored) {
            (Self::Null, ValueRef::Null) => true,
            (Self::Integer(ours), ValueRef::Integer(theirs)) => *ours == theirs,
            (Self::Integer(ours), ValueRef::Text(theirs)) => *theirs == *ours.to_string().as_bytes(),
            (Self::Text(ours), ValueRef::Integer(theirs)) => **ours == theirs.to_string(),
            (Self::Text(ours), ValueRef::Text(theirs)) => ours.as_bytes() == theirs,
            (Self::Digest(ours), ValueRef::Text(theirs)) => {
                std::str::from_utf8(theirs).is_ok_and(|theirs| *ours == digest(theirs))
            }
            _ => false,
        }
    }

    /// The value to be stored; a digest cannot be turned back.
    pub(crate) fn stored(&self) -> Option<ToSqlOutput<'_>> {
        Some(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Digest(_) => return None,
        }))
    }

    fn into_owned(self) -> Cell<'static> {
        match self {
            Self::Null => Cell::Null,
            Self::Integer(number) => Cell::Integer(number),
            Self::Text(text) => Cell::Text(Cow::Owned(text.into_owned())),
            Self::Digest(digest) => Cell::Digest(digest),
        }
    }
}

/// What stands for a secret: it says whether two are equal, and nothing else.
pub(crate) fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("NULL"),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
            Self::Digest(_) => f.write_str(crate::secret::MASK),
        }
    }
}

impl Serialize for Cell<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_none(),
            Self::Integer(number) => serializer.serialize_i64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Digest(hex) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("sha256", hex)?;
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Cell<'static> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Raw {
            Null,
            Integer(i64),
            Text(String),
            Digest { sha256: String },
        }
        Ok(match Raw::deserialize(deserializer)? {
            Raw::Null => Self::Null,
            Raw::Integer(number) => Self::Integer(number),
            Raw::Text(text) => Self::Text(Cow::Owned(text)),
            Raw::Digest { sha256 } => Self::Digest(sha256),
        })
    }
}

/// Columns and what is in them, in the order of writing. A secret is an object with its SHA-256.
#[derive(Clone, Debug, Default, PartialEq, Eq, JsonSchema)]
#[schemars(transparent)]
pub(crate) struct Columns<'a>(
    #[schemars(with = "std::collections::BTreeMap<String, serde_json::Value>")] pub Vec<(Cow<'a, str>, Cell<'a>)>,
);

impl<'a> Columns<'a> {
    /// What is in a column, where it is named here.
    pub(crate) fn get(&self, name: &str) -> Option<&Cell<'a>> {
        self.0.iter().find(|(column, _)| column == name).map(|(_, cell)| cell)
    }
}

impl<'a, const N: usize> From<[(&'a str, Cell<'a>); N]> for Columns<'a> {
    fn from(columns: [(&'a str, Cell<'a>); N]) -> Self {
        Self(columns.into_iter().map(|(name, cell)| (Cow::Borrowed(name), cell)).collect())
    }
}

impl Serialize for Columns<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, cell)| (name, cell)))
    }
}

impl<'de> Deserialize<'de> for Columns<'static> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Columns<'static>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("columns and their values")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut columns = Columns::default();
                while let Some((name, cell)) = map.next_entry::<String, Cell<'static>>()? {
                    if columns.get(&name).is_some() {
                        return Err(de::Error::custom(format!("the column {name} appears twice")));
                    }
                    columns.0.push((Cow::Owned(name), cell));
                }
                Ok(columns)
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

/// A row before and after. No `before`: the row was made. No `after`: an undo removed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RowChange<'a> {
    /// The table that the row is in.
    pub table: Table,
    /// The `id` of the row.
    pub id: i64,
    /// What was there: all of a row that an undo removes, else the columns that change.
    #[serde(bound(deserialize = "Columns<'a>: Deserialize<'de>"))]
    pub before: Option<Columns<'a>>,
    /// What is there now: all that was written.
    #[serde(bound(deserialize = "Columns<'a>: Deserialize<'de>"))]
    pub after: Option<Columns<'a>>,
}

impl RowChange<'_> {
    /// True where it is what a change of this program can have done: the same columns before and after, and no others
    /// than those that it sets.
    pub(crate) fn is_plausible(&self) -> bool {
        let (Some(before), Some(after)) = (&self.before, &self.after) else { return true };
        let known = |columns: &Columns<'_>| columns.0.iter().all(|(name, _)| self.table.settable().contains(&&**name));
        known(before) && before.0.len() == after.0.len() && before.0.iter().all(|(name, _)| after.get(name).is_some())
    }

    /// True where the old values can be put back: the journal keeps a secret's digest only.
    pub(crate) fn can_be_put_back(&self) -> bool {
        self.before.iter().flat_map(|before| &before.0).all(|(_, cell)| !matches!(cell, Cell::Digest(_)))
    }

    /// The same with a digest in the place of an organization's config, which may hold keys of other servers.
    pub(crate) fn without_keys(&self) -> RowChange<'static> {
        let mut shown = self.clone().into_owned();
        let columns = [&mut shown.before, &mut shown.after].into_iter().flatten().flat_map(|columns| &mut columns.0);
        for (name, cell) in columns {
            if let (Table::Organizations, "config", Cell::Text(text)) = (self.table, &**name, &*cell) {
                *cell = Cell::Digest(digest(text));
            }
        }
        shown
    }

    /// The same, which borrows no text.
    pub(crate) fn into_owned(self) -> RowChange<'static> {
        let own = |columns: Columns<'_>| {
            Columns(columns.0.into_iter().map(|(n, c)| (Cow::Owned(n.into_owned()), c.into_owned())).collect())
        };
        RowChange { table: self.table, id: self.id, before: self.before.map(own), after: self.after.map(own) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_survives_the_journal_and_hides_its_secrets() {
        let hash = crate::secret::Secret::from("$2b$12$abc");
        let after = Columns::from([
            ("user_email", Cell::text("o'neil@x")),
            ("lti_user_id", Cell::Null),
            ("enabled", Cell::Integer(1)),
            ("password_hash", Cell::secret(&hash)),
        ]);
        let row = RowChange { table: Table::CreatorUsers, id: 7, before: None, after: Some(after) };
        let line = serde_json::to_string(&row).unwrap();
        assert!(line.starts_with(r#"{"table":"Creator_users","id":7,"before":null,"after":{"user_email":"o'neil@x","#));
        assert!(!line.contains("$2b$"), "{line}");
        let back: RowChange<'static> = serde_json::from_str(&line).unwrap();
        assert_eq!(back, row);
        let hash_cell = back.after.as_ref().unwrap().get("password_hash").unwrap();
        assert!(hash_cell.is(ValueRef::Text(b"$2b$12$abc")) && !hash_cell.is(ValueRef::Text(b"other")));
        assert!(hash_cell.stored().is_none(), "a digest cannot be written back");
    }

    #[test]
    fn only_what_a_change_sets_is_put_back() {
        let columns = |name: &'static str| Columns::from([(name, Cell::Integer(1))]);
        let row = |before, after| RowChange { table: Table::CreatorUsers, id: 7, before, after };
        assert!(row(Some(columns("enabled")), Some(columns("enabled"))).is_plausible());
        assert!(row(None, Some(columns("user_email"))).is_plausible());
        assert!(!row(Some(columns("enabled")), Some(columns("role"))).is_plausible());
        assert!(!row(Some(columns("id")), Some(columns("id"))).is_plausible());
        assert!(!row(Some(columns("enabled")), Some(Columns::default())).is_plausible());
    }

    #[test]
    fn lying_lines_are_refused() {
        for line in [
            r#"{"table":"sqlite_master","id":7,"before":null,"after":null}"#,
            r#"{"table":"Creator_users","id":"7","before":null,"after":null}"#,
            r#"{"table":"Creator_users","id":7,"before":null,"after":{"a":1,"a":2}}"#,
            r#"{"table":"Creator_users","id":7,"before":null,"after":{"a":[1]}}"#,
            r#"{"table":"Creator_users","id":7,"before":null,"after":null,"more":1}"#,
        ] {
            assert!(serde_json::from_str::<RowChange<'static>>(line).is_err(), "{line}");
        }
    }
}

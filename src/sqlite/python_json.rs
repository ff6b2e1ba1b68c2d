//! JSON as Python's reader takes it, and values as Python gets them from SQLite: both servers are Python programs.
//!
//! Python's `json` differs from the standard where it matters here: it takes `NaN`, `Infinity` and halves of surrogate
//! pairs, and it refuses integers of more than 4,300 digits and deep nesting (all measured, through LAMB and Open WebUI).
//! One pass over the text, in memory of the depth.

use std::borrow::Cow;

use rusqlite::types::ValueRef;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize, Serializer};

/// The deepest nesting that both servers read. Python 3.11 stops at 1,000 calls, of which the server's own take some:
/// LAMB reads 960 and not 970, Open WebUI 0.5.6 reads 972 and not 982 (measured).
const DEPTH: usize = 965;

/// The longest integer that Python reads, in digits.
const DIGITS: usize = 4_300;

/// What the outermost value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// `{…}`.
    Object,
    /// `[…]`.
    Array,
    String,
    /// A number, `NaN` and `Infinity` too.
    Number,
    True,
    False,
    Null,
}

/// Why Python does not read a text as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unread {
    /// It does not follow the grammar.
    Syntax,
    /// It is nested too deep.
    TooDeep,
    /// It has an integer that is too long.
    TooManyDigits,
}

impl Unread {
    /// What is wrong with it, after "it".
    pub fn describe(self) -> &'static str {
        match self {
            Self::Syntax => "is not JSON",
            Self::TooDeep => "is JSON nested too deep for Python's reader",
            Self::TooManyDigits => "has an integer of more than 4,300 digits, which Python does not read",
        }
    }
}

/// What the outermost value of a text is.
///
/// # Errors
/// Where Python's reader fails.
pub(crate) fn kind_of(text: &str) -> Result<Kind, Unread> {
    Scanner { bytes: text.as_bytes(), at: 0, standard: None }.document()
}

/// A text read into a Rust value. What is not JSON by the standard becomes a 0 or a U+FFFD, so that only the shape of
/// what comes out can be relied on.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    // Nearly every text is standard JSON: the quick reader first.
    serde_json::from_str(text).ok().or_else(|| {
        let mut scanner = Scanner { bytes: text.as_bytes(), at: 0, standard: Some(Vec::with_capacity(text.len())) };
        scanner.document().ok()?;
        serde_json::from_slice(&scanner.standard?).ok()
    })
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The same document in standard JSON, where it is wanted.
    standard: Option<Vec<u8>>,
}

impl Scanner<'_> {
    fn document(&mut self) -> Result<Kind, Unread> {
        self.blanks();
        let kind = self.value()?;
        self.blanks();
        if self.at == self.bytes.len() { Ok(kind) } else { Err(Unread::Syntax) }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Takes this many bytes as they are.
    fn take(&mut self, count: usize) {
        if let Some(out) = &mut self.standard {
            out.extend_from_slice(&self.bytes[self.at..self.at + count]);
        }
        self.at += count;
    }

    /// Takes this many bytes, and writes others in their place.
    fn replace(&mut self, count: usize, by: &[u8]) {
        if let Some(out) = &mut self.standard {
            out.extend_from_slice(by);
        }
        self.at += count;
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.take(1);
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), Unread> {
        if self.peek() != Some(byte) {
            return Err(Unread::Syntax);
        }
        self.take(1);
        Ok(())
    }

    /// A value, without recursion: the stack holds what closes each open array and object.
    fn value(&mut self) -> Result<Kind, Unread> {
        let mut open: Vec<u8> = Vec::new();
        let mut outermost = None;
        loop {
            let kind = self.open_or_scalar(&mut open)?;
            outermost.get_or_insert(kind);
            // After a whole value: close what ends here, or go on to the next member.
            if kind == Kind::Array || kind == Kind::Object {
                self.blanks();
                if self.peek() != open.last().copied() {
                    self.key(&open)?;
                    continue;
                }
            }
            loop {
                let Some(close) = open.last().copied() else { return outermost.ok_or(Unread::Syntax) };
                self.blanks();
                match self.peek() {
                    Some(b',') => {
                        self.take(1);
                        self.blanks();
                        self.key(&open)?;
                        break;
                    }
                    Some(byte) if byte == close => {
                        self.take(1);
                        open.pop();
                    }
                    _ => return Err(Unread::Syntax),
                }
            }
        }
    }

    /// The key of an object's member, up to its value.
    fn key(&mut self, open: &[u8]) -> Result<(), Unread> {
        if open.last() == Some(&b'}') {
            self.string()?;
            self.blanks();
            self.expect(b':')?;
            self.blanks();
        }
        Ok(())
    }

    fn open_or_scalar(&mut self, open: &mut Vec<u8>) -> Result<Kind, Unread> {
        let rest = &self.bytes[self.at..];
        match rest.first() {
            Some(b'[' | b'{') => {
                let (kind, close) = if rest[0] == b'[' { (Kind::Array, b']') } else { (Kind::Object, b'}') };
                self.take(1);
                open.push(close);
                if open.len() > DEPTH { Err(Unread::TooDeep) } else { Ok(kind) }
            }
            Some(b'"') => self.string().map(|()| Kind::String),
            _ => {
                for (word, kind) in [("null", Kind::Null), ("true", Kind::True), ("false", Kind::False)] {
                    if rest.starts_with(word.as_bytes()) {
                        self.take(word.len());
                        return Ok(kind);
                    }
                }
                for word in ["NaN", "Infinity", "-Infinity"] {
                    if rest.starts_with(word.as_bytes()) {
                        self.replace(word.len(), b"0");
                        return Ok(Kind::Number);
                    }
                }
                self.number().map(|()| Kind::Number)
            }
        }
    }

    fn digits(&self, from: usize) -> usize {
        self.bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count()
    }

    fn number(&mut self) -> Result<(), Unread> {
        let start = self.at + usize::from(self.peek() == Some(b'-'));
        let whole = self.digits(start);
        if whole == 0 || (whole > 1 && self.bytes[start] == b'0') {
            return Err(Unread::Syntax);
        }
        let mut end = start + whole;
        if self.bytes.get(end) == Some(&b'.') {
            let fraction = self.digits(end + 1);
            if fraction == 0 {
                return Err(Unread::Syntax);
            }
            end += 1 + fraction;
        }
        if matches!(self.bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.bytes.get(end + 1), Some(b'+' | b'-')));
            let exponent = self.digits(end + 1 + sign);
            if exponent == 0 {
                return Err(Unread::Syntax);
            }
            end += 1 + sign + exponent;
        }
        if end == start + whole && whole > DIGITS {
            return Err(Unread::TooManyDigits);
        }
        // Its size is of no interest, and the standard's reader has bounds that Python has not.
        self.replace(end - self.at, b"0");
        Ok(())
    }

    fn string(&mut self) -> Result<(), Unread> {
        self.expect(b'"')?;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.take(1);
                    return Ok(());
                }
                Some(b'\\') => self.escape()?,
                Some(0x20..) => self.take(1),
                _ => return Err(Unread::Syntax),
            }
        }
    }

    fn escape(&mut self) -> Result<(), Unread> {
        match self.bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.take(2),
            Some(b'u') => match self.code_unit(self.at)? {
                0xd800..=0xdbff if matches!(self.code_unit(self.at + 6), Ok(0xdc00..=0xdfff)) => self.take(12),
                0xd800..=0xdfff => self.replace(6, b"\\ufffd"),
                _ => self.take(6),
            },
            _ => return Err(Unread::Syntax),
        }
        Ok(())
    }

    /// The code unit of the `\uXXXX` at this place.
    fn code_unit(&self, at: usize) -> Result<u16, Unread> {
        let hex = match self.bytes.get(at..at + 6) {
            Some([b'\\', b'u', hex @ ..]) if hex.iter().all(u8::is_ascii_hexdigit) => hex,
            _ => return Err(Unread::Syntax),
        };
        std::str::from_utf8(hex).ok().and_then(|hex| u16::from_str_radix(hex, 16).ok()).ok_or(Unread::Syntax)
    }
}

/// A stored value as Python has it, where a JSON text is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum JsonColumn {
    /// Nothing that counts as true: NULL, an empty text, a zero. Not read as JSON at all.
    Falsy,
    Json {
        kind: Kind,
        /// Where that is a text: what this text is, read as JSON once more.
        inner: Option<Kind>,
    },
    /// A number, which SQLite makes of a text of digits: Python's reader takes only text and bytes.
    Number,
    /// Text that Python's reader does not take.
    Broken(Unread),
    /// Text that is not UTF-8: the whole row cannot be read.
    NotUtf8,
}

impl JsonColumn {
    /// What a stored value is to a Python program that reads it as JSON where it is true.
    pub(crate) fn of(value: ValueRef<'_>) -> Self {
        if !is_true(value) {
            return Self::Falsy;
        }
        match value {
            ValueRef::Text(bytes) => std::str::from_utf8(bytes).map_or(Self::NotUtf8, Self::of_text),
            ValueRef::Blob(bytes) => decoded(bytes).map_or(Self::Broken(Unread::Syntax), |text| Self::of_text(&text)),
            ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => Self::Number,
        }
    }

    fn of_text(text: &str) -> Self {
        match kind_of(text) {
            Ok(Kind::String) => {
                let inner = read::<String>(text).and_then(|inner| kind_of(&inner).ok());
                Self::Json { kind: Kind::String, inner }
            }
            Ok(kind) => Self::Json { kind, inner: None },
            Err(unread) => Self::Broken(unread),
        }
    }

    /// What is wrong with it for Python's reader, after the column's name; `None` where it reads it.
    pub fn problem(self) -> Option<&'static str> {
        match self {
            Self::Falsy | Self::Json { .. } => None,
            Self::Number => Some("is a number, where LAMB expects JSON text"),
            Self::Broken(unread) => Some(unread.describe()),
            Self::NotUtf8 => Some("is not UTF-8"),
        }
    }
}

/// For output: whether Python reads it.
pub(crate) fn is_read<S: Serializer>(column: &JsonColumn, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bool(column.problem().is_none())
}

/// The truth of a stored value in Python.
pub(crate) fn is_true(value: ValueRef<'_>) -> bool {
    match value {
        ValueRef::Null => false,
        ValueRef::Integer(number) => number != 0,
        ValueRef::Real(number) => number != 0.0,
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => !bytes.is_empty(),
    }
}

/// True for a text that Python cannot read from SQLite: the row is lost with it.
pub(crate) fn is_unreadable(value: ValueRef<'_>) -> bool {
    matches!(value, ValueRef::Text(bytes) if std::str::from_utf8(bytes).is_err())
}

/// Bytes as Python's JSON reader decodes them: by a byte order mark, else by where the zeros are.
fn decoded(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let wide = |bytes: &[u8], width: usize, little: bool| {
        if !bytes.len().is_multiple_of(width) {
            return None;
        }
        let units = bytes.chunks(width).map(|unit| {
            let add = |value: u32, byte: &u8| value << 8 | u32::from(*byte);
            if little { unit.iter().rev().fold(0, add) } else { unit.iter().fold(0, add) }
        });
        let text = if width == 4 {
            units.map(char::from_u32).collect::<Option<String>>()?
        } else {
            let units: Vec<u16> = units.filter_map(|unit| u16::try_from(unit).ok()).collect();
            // Halves of surrogate pairs pass, as they do in Python.
            String::from_utf16_lossy(&units)
        };
        Some(Cow::Owned(text))
    };
    match bytes {
        [0, 0, 0xfe, 0xff, rest @ ..] => wide(rest, 4, false),
        [0xff, 0xfe, 0, 0, rest @ ..] => wide(rest, 4, true),
        [0xfe, 0xff, rest @ ..] => wide(rest, 2, false),
        [0xff, 0xfe, rest @ ..] => wide(rest, 2, true),
        [0xef, 0xbb, 0xbf, rest @ ..] => std::str::from_utf8(rest).ok().map(Cow::Borrowed),
        [0, 0, _, _, ..] => wide(bytes, 4, false),
        [0, _, ..] => wide(bytes, 2, false),
        [_, 0, 0, 0, ..] => wide(bytes, 4, true),
        [_, 0, _, _, ..] | [_, 0] => wide(bytes, 2, true),
        _ => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn any_text_is_read_or_refused() {
        crate::mutated::survives("stored-json", |bytes| {
            let text = String::from_utf8_lossy(bytes);
            // What is read whole has a kind.
            assert!(read::<Value>(&text).is_none() || kind_of(&text).is_ok(), "{text:?}");
        });
    }

    #[test]
    fn takes_what_python_takes() {
        let table = [
            (" {} \n", Kind::Object),
            (r#"{"a": NaN, "b": [-Infinity, {"c": [] }]}"#, Kind::Object),
            (r#"{"a": "\ud83d"}"#, Kind::Object),
            (r#"{"a": "\ud83d\ude00\uDC00"}"#, Kind::Object),
            (r#"{"a": 1e999, "a": 2}"#, Kind::Object),
            ("[]", Kind::Array),
            ("null", Kind::Null),
            ("-0.5E+3", Kind::Number),
            ("NaN", Kind::Number),
            ("\"x\u{7f}\u{2028}\"", Kind::String),
        ];
        for (text, kind) in table {
            assert_eq!(kind_of(text), Ok(kind), "{text}");
        }
        let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
        assert_eq!(kind_of(&nested(900)), Ok(Kind::Array));
        assert_eq!(kind_of(&nested(100_000)), Err(Unread::TooDeep));
        let number = |digits| format!("{{\"a\":{}}}", "9".repeat(digits));
        assert_eq!(kind_of(&number(4_300)), Ok(Kind::Object));
        assert_eq!(kind_of(&number(4_301)), Err(Unread::TooManyDigits));
        assert_eq!(kind_of(&format!("1{}.0", "0".repeat(5_000))), Ok(Kind::Number));
    }

    #[test]
    fn refuses_what_python_refuses() {
        let refused = [
            "",
            " ",
            "{not json",
            "{'a': 1}",
            "\u{feff}{}",
            r#"{"a": nan}"#,
            r#"{"a": 01}"#,
            "{\"a\": \"\n\"}",
            "{}{}",
            "{\"a\":1,}",
            "[1,]",
            "[,1]",
            "{,}",
            "{\"a\"}",
            "{\"a\":}",
            "{1:2}",
            "1.",
            ".5",
            "+1",
            "-",
            "1e",
            "0x1",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\"\\ud8\"",
            "\"",
            "[",
            "{\"a\":[1}",
            "{}\u{a0}",
            "{}\0",
            "True",
            "tru",
            "]",
        ];
        for text in refused {
            assert_eq!(kind_of(text), Err(Unread::Syntax), "{text:?}");
            assert_eq!(read::<Value>(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_stored_value_is_what_python_makes_of_it() {
        use ValueRef::{Blob, Integer, Null, Real, Text};
        let json = |kind, inner| JsonColumn::Json { kind, inner };
        let object = json(Kind::Object, None);
        let table = [
            (Null, JsonColumn::Falsy),
            (Text(b""), JsonColumn::Falsy),
            (Blob(b""), JsonColumn::Falsy),
            (Integer(0), JsonColumn::Falsy),
            (Real(0.0), JsonColumn::Falsy),
            (Integer(7), JsonColumn::Number),
            (Real(1.5), JsonColumn::Number),
            (Text(b"{}"), object),
            (Text(b"\"x\""), json(Kind::String, None)),
            (Text(b"\"[]\""), json(Kind::String, Some(Kind::Array))),
            (Text(b"   "), JsonColumn::Broken(Unread::Syntax)),
            (Text(b"{\"\xff\"}"), JsonColumn::NotUtf8),
            (Blob(b"{}"), object),
            (Blob(b"\xef\xbb\xbf{}"), object),
            (Blob(b"\xff\xfe{\0}\0"), object),
            (Blob(b"{\0}\0"), object),
            (Blob(b"\0{\0}"), object),
            (Blob(b"{\0\0\0}\0\0\0"), object),
            (Blob(b"\xff\xfe\xfd{"), JsonColumn::Broken(Unread::Syntax)),
            (Blob(b"\xff"), JsonColumn::Broken(Unread::Syntax)),
        ];
        for (value, expected) in table {
            assert_eq!(JsonColumn::of(value), expected, "{value:?}");
        }
    }

    /// A user can write their own settings: no text may take longer than its length.
    #[test]
    fn a_megabyte_of_escapes_is_read_in_one_pass() {
        let text = format!("{{\"a\": NaN, \"b\": \"{}\"}}", "\\ud83d\\ude00\\ud83d".repeat(60_000));
        assert!(read::<Value>(&text).is_some());
        assert_eq!(kind_of(&text[..text.len() - 2]), Err(Unread::Syntax));
    }

    proptest! {
        #[test]
        fn standard_json_is_read(value in "\\PC{0,20}", number in any::<i64>(), depth in 0_usize..100) {
            let mut json = serde_json::json!({"text": value, "number": number});
            for _ in 0..depth {
                json = serde_json::json!([json, {"k": null}]);
            }
            prop_assert!(kind_of(&json.to_string()).is_ok());
        }

        #[test]
        fn what_is_read_is_what_python_reads(text in "[\\[\\]{}\",:0-9a-z\\\\ .eE+-]{0,24}") {
            // Whatever the standard takes, Python takes, and nothing panics.
            if serde_json::from_str::<Value>(&text).is_ok() {
                prop_assert!(kind_of(&text).is_ok(), "{text:?}");
            }
            let taken = kind_of(&text).is_ok();
            prop_assert_eq!(read::<Value>(&text).is_some(), taken, "{:?}", text);
        }
    }
}

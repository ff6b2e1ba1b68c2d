//! JSON as Python's `json.loads` reads it, which is what both real servers do with it. A reader of the stand-ins' own:
//! the program that is tested against them has another, and one must not hide the other's mistakes.

use std::iter::Peekable;
use std::str::Chars;

/// Deeper than this Python gives up.
const DEPTH: usize = 990;
/// A whole number of more digits is refused (`sys.int_info`).
const DIGITS: usize = 4300;

/// A value, as far as anything here looks into one.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Null,
    /// A number, `true` or `false`.
    Plain,
    Text(String),
    List,
    Object(Vec<(String, Json)>),
}

impl Json {
    /// The field of an object; the last of those with one name, as in Python.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) => fields.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The text that it is.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// `json.loads` of a text.
pub(super) fn loads(text: &str) -> Option<Json> {
    let mut reader = Reader { rest: text.chars().peekable(), depth: 0 };
    let value = reader.value()?;
    reader.blank();
    reader.rest.next().is_none().then_some(value)
}

/// `json.loads` of bytes, which guesses UTF-8, UTF-16 or UTF-32 by where the zeroes are.
pub(super) fn loads_bytes(bytes: &[u8]) -> Option<Json> {
    let wide = |from: usize, little: bool| {
        let units = bytes.get(from..)?.chunks_exact(2);
        if !units.remainder().is_empty() {
            return None;
        }
        let unit = |pair: &[u8]| match *pair {
            [a, b] if little => u16::from_le_bytes([a, b]),
            [a, b] => u16::from_be_bytes([a, b]),
            _ => 0,
        };
        String::from_utf16(&units.map(unit).collect::<Vec<_>>()).ok()
    };
    let text = match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).ok()?,
        [0xff, 0xfe, ..] => wide(2, true)?,
        [0xfe, 0xff, ..] => wide(2, false)?,
        [0, _, ..] => wide(0, false)?,
        [_, 0, ..] => wide(0, true)?,
        _ => String::from_utf8(bytes.to_vec()).ok()?,
    };
    loads(&text)
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    depth: usize,
}

impl Reader<'_> {
    fn blank(&mut self) {
        while self.rest.next_if(|c| matches!(c, ' ' | '\t' | '\n' | '\r')).is_some() {}
    }

    fn word(&mut self, word: &str) -> Option<()> {
        word.chars().try_for_each(|c| self.rest.next_if_eq(&c).map(|_| ()))
    }

    fn value(&mut self) -> Option<Json> {
        self.blank();
        match *self.rest.peek()? {
            'n' => self.word("null").map(|()| Json::Null),
            't' => self.word("true").map(|()| Json::Plain),
            'f' => self.word("false").map(|()| Json::Plain),
            'N' => self.word("NaN").map(|()| Json::Plain),
            'I' => self.word("Infinity").map(|()| Json::Plain),
            '"' => self.text().map(Json::Text),
            '[' => self.nested(Self::list),
            '{' => self.nested(Self::object),
            _ => self.number(),
        }
    }

    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Option<Json>) -> Option<Json> {
        self.depth += 1;
        if self.depth > DEPTH {
            return None;
        }
        self.rest.next();
        self.blank();
        let value = read(self);
        self.depth -= 1;
        value
    }

    /// After an element: true where another follows, false at the end.
    fn more(&mut self, end: char) -> Option<bool> {
        self.blank();
        match self.rest.next()? {
            ',' => Some(true),
            c if c == end => Some(false),
            _ => None,
        }
    }

    fn list(&mut self) -> Option<Json> {
        if self.rest.next_if_eq(&']').is_some() {
            return Some(Json::List);
        }
        loop {
            self.value()?;
            if !self.more(']')? {
                return Some(Json::List);
            }
        }
    }

    fn object(&mut self) -> Option<Json> {
        let mut fields = Vec::new();
        if self.rest.next_if_eq(&'}').is_some() {
            return Some(Json::Object(fields));
        }
        loop {
            self.blank();
            let key = self.text()?;
            self.blank();
            self.rest.next_if_eq(&':')?;
            fields.push((key, self.value()?));
            if !self.more('}')? {
                return Some(Json::Object(fields));
            }
        }
    }

    /// Halves of surrogate pairs are texts in Python; here they are replaced.
    fn text(&mut self) -> Option<String> {
        self.rest.next_if_eq(&'"')?;
        let mut text = String::new();
        loop {
            match self.rest.next()? {
                '"' => return Some(text),
                '\\' => text.push(self.escape()?),
                c if c < ' ' => return None,
                c => text.push(c),
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        Some(match self.rest.next()? {
            c @ ('"' | '\\' | '/') => c,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let digits = (0..4).map(|_| self.rest.next()?.to_digit(16)).collect::<Option<Vec<_>>>()?;
                char::from_u32(digits.into_iter().fold(0, |n, digit| n * 16 + digit))
                    .unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => return None,
        })
    }

    fn digits(&mut self) -> usize {
        std::iter::from_fn(|| self.rest.next_if(char::is_ascii_digit)).count()
    }

    fn number(&mut self) -> Option<Json> {
        if self.rest.next_if_eq(&'-').is_some() && self.rest.peek() == Some(&'I') {
            return self.word("Infinity").map(|()| Json::Plain);
        }
        let starts_with_zero = self.rest.peek() == Some(&'0');
        let whole = self.digits();
        if whole == 0 || (starts_with_zero && whole > 1) {
            return None;
        }
        let mut is_whole = true;
        if self.rest.next_if_eq(&'.').is_some() {
            is_whole = false;
            if self.digits() == 0 {
                return None;
            }
        }
        if self.rest.next_if(|c| matches!(c, 'e' | 'E')).is_some() {
            is_whole = false;
            self.rest.next_if(|c| matches!(c, '+' | '-'));
            if self.digits() == 0 {
                return None;
            }
        }
        (!is_whole || whole <= DIGITS).then_some(Json::Plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_python_reads() {
        for text in [
            "{}",
            " {} \n",
            "null",
            "NaN",
            "-Infinity",
            "1e999",
            r#"{"a":1,"a":[true,-0.5E+2,""]}"#,
            r#"{"a":"\ud800"}"#,
            "[[],{}]",
        ] {
            assert!(loads(text).is_some(), "{text}");
        }
        for text in [
            "",
            "{",
            "{}{}",
            "{'a':1}",
            r#"{"a":1,}"#,
            "[1,2}",
            "007",
            "1.",
            "+1",
            "0x1",
            "True",
            "{}\u{b}",
            "{}\u{a0}",
        ] {
            assert!(loads(text).is_none(), "{text}");
        }
        assert!(loads("\"\u{1}\"").is_none() && loads("\u{feff}{}").is_none());
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(loads(&nested(900)).is_some() && loads(&nested(3000)).is_none());
        assert!(loads(&"9".repeat(4300)).is_some() && loads(&"9".repeat(4301)).is_none());
        assert_eq!(loads(r#"{"a":"x","a":"é"}"#).unwrap().get("a").unwrap().text(), Some("é"));
    }

    #[test]
    fn guesses_the_encoding_of_bytes() {
        for bytes in [&b"{}"[..], b"\xef\xbb\xbf{}", b"\xff\xfe{\0}\0", b"{\0}\0", b"\0{\0}"] {
            assert!(loads_bytes(bytes).is_some(), "{bytes:?}");
        }
        for bytes in [&b"\xff\xfe\xfd{"[..], b"\0\xff", b"{\xff"] {
            assert!(loads_bytes(bytes).is_none(), "{bytes:?}");
        }
    }
}

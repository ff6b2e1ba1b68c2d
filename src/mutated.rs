//! Inputs that are nearly right, for the parsers: files of `tests/mutated`, with bytes changed, cut, doubled and mixed.
//! Each parser has a test beside it. `LAMB_AUTH_MUTATIONS` says how many inputs all of them get together, and
//! `LAMB_AUTH_MUTATION_SEED` which; the same number gives the same inputs.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// How many tests share the inputs.
const PARSERS: u64 = 9;

/// How many inputs there are where nothing says so.
const USUAL: u64 = 20_000;

/// What breaks parsers more often than other bytes do.
const ODD: &[&[u8]] = &[
    b"\0", b"\xff", b"\xed\xa0\xbd", b"\"", b"\\", b"\\ud83d", b"\\u0000", b"{", b"}", b"[", b"]", b":", b",", b"\n", b"\r\n",
    b"\t", b"=", b"${", b"$", b"#", b".", b"..", b"*", b"?", b"null", b"NaN", b"-Infinity", b"true", b"-1", b"1e999",
    b"9223372036854775808", b"18446744073709551616", b"0.1e-9", b"\xef\xbb\xbf", b"\xe2\x80\xae", b"''", b"\"\"\"", b"@",
    b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    b"\"run\":\"", b"\"line\":\"change\"", b"eyJhbGciOiJub25lIn0.", b"Bearer ",
];

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % most.max(1) as u64).unwrap()
    }
}

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// Hands a parser mutations of each file in `tests/mutated/NAME`. It must not panic, whatever it says.
pub(crate) fn survives(name: &str, mut parse: impl FnMut(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mutated").join(name);
    let mut paths: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let corpus: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
    assert!(!corpus.is_empty(), "{} is empty", folder.display());
    let seed = number("LAMB_AUTH_MUTATION_SEED", 1);
    let count = number("LAMB_AUTH_MUTATIONS", USUAL).div_ceil(PARSERS);
    let mutations = (0..count).map(|at| {
        let mut random = Random(seed << 40 ^ at);
        mutation(&corpus, &mut random)
    });
    for (at, input) in corpus.iter().cloned().chain(mutations).enumerate() {
        if catch_unwind(AssertUnwindSafe(|| parse(&input))).is_err() {
            panic!("{name}, seed {seed}, input {at}: {}", input.escape_ascii());
        }
    }
}

fn mutation(corpus: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut input = corpus[random.below(corpus.len())].clone();
    for _ in 0..=random.below(4) {
        let at = random.below(input.len() + 1);
        let most = 1 << random.below(8);
        let end = (at + 1 + random.below(most)).min(input.len());
        match random.below(7) {
            0 if at < input.len() => input[at] ^= 1 << random.below(8),
            1 if at < input.len() => input[at] = random.next().to_le_bytes()[0],
            2 if at < end => drop(input.drain(at..end)),
            3 if at < end => {
                let again = input[at..end].to_vec();
                input.splice(at..at, again);
            }
            4 => input.truncate(at),
            5 => {
                let other = &corpus[random.below(corpus.len())];
                let from = random.below(other.len() + 1);
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
            _ => drop(input.splice(at..at, ODD[random.below(ODD.len())].iter().copied())),
        }
    }
    input
}

/// Else a run says that it survived what it never saw.
#[test]
fn the_same_seed_gives_the_same_inputs_and_another_gives_others() {
    let corpus = vec![b"{\"a\": 1}".to_vec(), b"NAME=value\n".to_vec()];
    let inputs = |seed: u64| (0..50).map(|at| mutation(&corpus, &mut Random(seed << 40 ^ at))).collect::<Vec<_>>();
    assert_eq!(inputs(1), inputs(1));
    let changed = inputs(1).iter().filter(|input| !corpus.contains(input)).count();
    assert!(changed > 40, "only {changed} of 50 are changed");
    assert_ne!(inputs(1), inputs(2));
}

//! Generated passwords are uniform over all strings that satisfy the policy.
//!
//! Uniform over satisfying strings is not uniform over symbols: a digit is rarer in the alphabet than a letter, but
//! some digit must be there. Expected counts therefore come from inclusion-exclusion over the classes that might be
//! missing. Seeds are fixed, so a result never changes unless the generator does.

use provisioning_core::password::{CharacterClass, PasswordPolicy, generate};
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use secrecy::ExposeSecret;

const SAMPLES: usize = 1_000_000;

/// The alphabet of a policy, and exact counts of strings over it.
struct Strings {
    length: usize,
    /// Each symbol with its class, in the order of the classes.
    symbols: Vec<(char, usize)>,
    /// Symbols per class.
    sizes: [usize; 4],
}

impl Strings {
    fn of(policy: &PasswordPolicy) -> Self {
        let mut symbols = Vec::new();
        let mut sizes = [0; 4];
        for (class, size) in CharacterClass::ALL.into_iter().zip(&mut sizes) {
            let before = symbols.len();
            let index = class as usize;
            symbols.extend(policy.characters(class).map(|c| (c, index)));
            *size = symbols.len() - before;
        }
        Self {
            length: policy.length(),
            symbols,
            sizes,
        }
    }

    /// Strings of this length over the symbols outside `without` in which every class of `needed` occurs.
    fn count(&self, length: usize, needed: &[usize], without: &[usize]) -> f64 {
        let all: usize = (0..4)
            .filter(|class| !without.contains(class))
            .map(|class| self.sizes[class])
            .sum();
        (0..1_u32 << needed.len())
            .map(|subset| {
                let absent: usize = needed
                    .iter()
                    .enumerate()
                    .filter(|(bit, _)| subset & (1 << bit) != 0)
                    .map(|(_, class)| self.sizes[*class])
                    .sum();
                let sign = if subset.count_ones() % 2 == 0 {
                    1.0
                } else {
                    -1.0
                };
                sign * ((all - absent) as f64).powi(length as i32)
            })
            .sum()
    }

    fn satisfying(&self) -> f64 {
        self.count(self.length, &[0, 1, 2, 3], &[])
    }

    /// The chance of each symbol, the same at every position.
    fn symbol_chances(&self) -> Vec<f64> {
        let total = self.satisfying();
        self.symbols
            .iter()
            .map(|(_, class)| self.count(self.length - 1, &others(&[*class]), &[]) / total)
            .collect()
    }

    /// The chance of each pair of classes at two positions.
    fn pair_chances(&self) -> Vec<f64> {
        let total = self.satisfying();
        let mut chances = Vec::new();
        for one in 0..4 {
            for other in 0..4 {
                let strings = (self.sizes[one] * self.sizes[other]) as f64
                    * self.count(self.length - 2, &others(&[one, other]), &[]);
                chances.push(strings / total);
            }
        }
        chances
    }

    /// The chance of each number of characters of one class in the whole string.
    fn number_chances(&self, class: usize) -> Vec<f64> {
        let total = self.satisfying();
        (0..=self.length)
            .map(|number| {
                if number == 0 {
                    return 0.0;
                }
                let places =
                    binomial(self.length, number) * (self.sizes[class] as f64).powi(number as i32);
                places * self.count(self.length - number, &others(&[class]), &[class]) / total
            })
            .collect()
    }
}

fn others(classes: &[usize]) -> Vec<usize> {
    (0..4).filter(|class| !classes.contains(class)).collect()
}

fn binomial(n: usize, k: usize) -> f64 {
    (0..k).map(|i| (n - i) as f64 / (i + 1) as f64).product()
}

/// Counts over many passwords: symbols by position, classes at neighbouring positions, classes in the whole.
struct Counts {
    passwords: usize,
    symbols: Vec<Vec<u32>>,
    pairs: Vec<Vec<u32>>,
    numbers: Vec<Vec<u32>>,
}

impl Counts {
    fn of(strings: &Strings, passwords: usize, mut next: impl FnMut(&mut Vec<u8>)) -> Self {
        let mut index = [usize::MAX; 128];
        for (at, (character, _)) in strings.symbols.iter().enumerate() {
            index[*character as usize] = at;
        }
        let mut counts = Self {
            passwords,
            symbols: vec![vec![0; strings.symbols.len()]; strings.length],
            pairs: vec![vec![0; 16]; strings.length - 1],
            numbers: vec![vec![0; strings.length + 1]; 4],
        };
        let mut text = Vec::new();
        for _ in 0..passwords {
            next(&mut text);
            let mut numbers = [0; 4];
            let mut before = None;
            for (position, byte) in text.iter().enumerate() {
                let symbol = index[usize::from(*byte)];
                let class = strings.symbols[symbol].1;
                counts.symbols[position][symbol] += 1;
                numbers[class] += 1;
                if let Some(before) = before {
                    counts.pairs[position - 1][before * 4 + class] += 1;
                }
                before = Some(class);
            }
            for (class, number) in numbers.into_iter().enumerate() {
                counts.numbers[class][number] += 1;
            }
        }
        counts
    }

    /// Every statistic with what it is about, as a normal deviate.
    fn deviations(&self, strings: &Strings) -> Vec<(String, f64)> {
        let symbol_chances = strings.symbol_chances();
        let pair_chances = strings.pair_chances();
        let symbols = self.symbols.iter().enumerate().map(|(at, seen)| {
            (
                format!("symbols at {at}"),
                deviation(seen, &symbol_chances, self.passwords),
            )
        });
        let pairs = self.pairs.iter().enumerate().map(|(at, seen)| {
            (
                format!("classes at {at} and next"),
                deviation(seen, &pair_chances, self.passwords),
            )
        });
        let numbers = self.numbers.iter().enumerate().map(|(class, seen)| {
            let chances = strings.number_chances(class);
            (
                format!("number of class {class}"),
                deviation(seen, &chances, self.passwords),
            )
        });
        symbols.chain(pairs).chain(numbers).collect()
    }
}

/// Pearson's statistic as a normal deviate (Wilson and Hilferty's cube root, good far into the tails). Cells that
/// expect fewer than 10 are merged, as the approximation asks for.
fn deviation(seen: &[u32], chances: &[f64], samples: usize) -> f64 {
    let total: f64 = chances.iter().sum();
    assert!((total - 1.0).abs() < 1e-9, "chances sum to {total}");
    let mut cells: Vec<(f64, f64)> = Vec::new();
    let mut rest = (0.0, 0.0);
    for (seen, chance) in seen.iter().zip(chances) {
        let expected = chance * samples as f64;
        if expected < 10.0 {
            rest = (rest.0 + f64::from(*seen), rest.1 + expected);
        } else {
            cells.push((f64::from(*seen), expected));
        }
    }
    if rest.1 >= 10.0 {
        cells.push(rest);
    } else if let Some(last) = cells.last_mut() {
        *last = (last.0 + rest.0, last.1 + rest.1);
    }
    let statistic: f64 = cells
        .iter()
        .map(|(seen, expected)| (seen - expected).powi(2) / expected)
        .sum();
    let freedom = (cells.len() - 1) as f64;
    let spread = 2.0 / (9.0 * freedom);
    ((statistic / freedom).cbrt() - (1.0 - spread)) / spread.sqrt()
}

/// Chance goes beyond this once in a million statistics, and there are some fifty here; real mistakes go ten times as
/// far, as the last test shows.
const LIMIT: f64 = 4.75;

fn assert_uniform(policy: &PasswordPolicy, seed: u64, samples: usize) {
    let strings = Strings::of(policy);
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let counts = Counts::of(&strings, samples, |text| {
        let password = generate(policy, &mut rng).unwrap();
        text.clear();
        text.extend_from_slice(password.expose_secret().as_bytes());
    });
    for (what, deviation) in counts.deviations(&strings) {
        assert!(
            deviation.abs() < LIMIT,
            "{what}: deviates by {deviation:.1}"
        );
    }
}

#[test]
fn a_million_default_passwords_are_uniform_over_positions_and_classes() {
    assert_uniform(&PasswordPolicy::default(), 20_261_120, SAMPLES);
}

#[test]
fn short_passwords_without_look_alikes_are_uniform_too() {
    let policy = PasswordPolicy::default()
        .with_length(8)
        .unwrap()
        .without_look_alikes();
    assert_uniform(&policy, 7, SAMPLES / 4);
}

#[test]
fn counting_by_inclusion_and_exclusion_agrees_with_counting_one_by_one() {
    let strings = Strings {
        length: 5,
        symbols: "abCD1!".chars().zip([0, 0, 1, 1, 2, 3]).collect(),
        sizes: [2, 2, 1, 1],
    };
    let total = 6_usize.pow(5);
    let mut satisfying = 0;
    let mut with_first = [0; 6];
    let mut with_digits = [0; 6];
    for number in 0..total {
        let text: Vec<usize> = (0..5).map(|at| number / 6_usize.pow(at) % 6).collect();
        let classes: Vec<usize> = text
            .iter()
            .map(|symbol| strings.symbols[*symbol].1)
            .collect();
        if (0..4).all(|class| classes.contains(&class)) {
            satisfying += 1;
            with_first[text[0]] += 1;
            with_digits[classes.iter().filter(|class| **class == 2).count()] += 1;
        }
    }
    assert_eq!(strings.satisfying().round() as usize, satisfying);
    for (chance, counted) in strings.symbol_chances().iter().zip(with_first) {
        assert!((chance - f64::from(counted) / satisfying as f64).abs() < 1e-12);
    }
    for (chance, counted) in strings.number_chances(2).iter().zip(with_digits) {
        assert!((chance - f64::from(counted) / satisfying as f64).abs() < 1e-12);
    }
}

/// A generator someone might write.
type Mistake = Box<dyn FnMut(&mut ChaCha20Rng, &mut Vec<u8>)>;

#[test]
fn the_test_would_notice_the_usual_mistakes() {
    let policy = PasswordPolicy::default();
    let strings = Strings::of(&policy);
    let alphabet: Vec<u8> = strings.symbols.iter().map(|(c, _)| *c as u8).collect();
    let by_class = |class: usize| -> Vec<u8> {
        let mut of_class = strings.symbols.iter().filter(|(_, other)| *other == class);
        std::iter::from_fn(|| of_class.next().map(|(c, _)| *c as u8)).collect()
    };
    let classes: Vec<Vec<u8>> = (0..4).map(by_class).collect();
    let pick =
        |rng: &mut ChaCha20Rng, from: &[u8]| from[(rng.next_u64() % from.len() as u64) as usize];
    let worst = |mut next: Mistake| {
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        let counts = Counts::of(&strings, SAMPLES / 10, |text| {
            text.clear();
            next(&mut rng, text);
        });
        let deviations = counts.deviations(&strings);
        deviations
            .into_iter()
            .map(|(_, deviation)| deviation)
            .fold(0.0, f64::max)
    };

    // No guarantee per class.
    let all = alphabet.clone();
    let unguarded = worst(Box::new(move |rng, text| {
        text.extend((0..16).map(|_| pick(rng, &all)))
    }));
    // One of each class put in front, the rest filled up.
    let all = alphabet.clone();
    let mended = worst(Box::new(move |rng, text| {
        text.extend(classes.iter().map(|class| pick(rng, class)));
        text.extend((0..12).map(|_| pick(rng, &all)));
    }));
    // A byte reduced by remainder, which favours the first 46 symbols.
    let by_remainder = worst(Box::new(move |rng, text| {
        loop {
            text.clear();
            text.extend(
                (0..16).map(|_| alphabet[(rng.next_u32() & 0xff) as usize % alphabet.len()]),
            );
            let has = |test: fn(&u8) -> bool| text.iter().any(test);
            if has(u8::is_ascii_lowercase)
                && has(u8::is_ascii_uppercase)
                && has(u8::is_ascii_digit)
                && has(|byte| !byte.is_ascii_alphanumeric())
            {
                break;
            }
        }
    }));
    for (mistake, deviation) in [
        ("no guarantee", unguarded),
        ("mended", mended),
        ("remainder", by_remainder),
    ] {
        assert!(deviation > 10.0 * LIMIT, "{mistake}: only {deviation:.1}");
    }
}

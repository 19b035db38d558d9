//! Drawing a password.

use rand_core::CryptoRng;
use secrecy::SecretString;
use secrecy::zeroize::Zeroize;

use super::{CharacterClass, PasswordPolicy, PolicyError};

/// Strings drawn before generation gives up. A policy that could reach this has next to nothing to choose from.
const MAX_DRAWS: usize = 10_000;

/// Makes a password: uniformly one of all strings of the policy's length that satisfy it.
///
/// No arithmetic on the random bytes favours a character: bytes past the last full multiple of the alphabet are
/// thrown away, and so are whole strings that miss a class or contain a banned word. What was drawn is wiped.
///
/// ```
/// use provisioning_core::password::{PasswordPolicy, check, generate};
/// use rand_core::SeedableRng;
///
/// // A host hands in the operating system's generator; a fixed seed is for tests alone.
/// let mut rng = rand_chacha::ChaCha20Rng::from_seed([7; 32]);
/// let policy = PasswordPolicy::default().with_length(20)?.without_look_alikes();
/// let password = generate(&policy, &mut rng)?;
/// assert!(check(&policy, &password).is_empty());
/// # Ok::<(), provisioning_core::password::PolicyError>(())
/// ```
///
/// # Errors
/// [`PolicyError::TooRestrictive`] if 10,000 strings were drawn in vain.
pub fn generate<R: CryptoRng + ?Sized>(
    policy: &PasswordPolicy,
    rng: &mut R,
) -> Result<SecretString, PolicyError> {
    let alphabet = Alphabet::of(policy);
    let mut source = Bytes::new(rng);
    let mut text = String::with_capacity(policy.length());
    for _ in 0..MAX_DRAWS {
        let mut classes = 0;
        // Bounded, so that a generator stuck on one byte ends in an error and not in an endless loop.
        for _ in 0..16 * policy.length() {
            if text.len() == policy.length() {
                break;
            }
            if let Some(symbol) = alphabet.symbol(source.next()) {
                classes |= symbol.class;
                text.push(char::from(symbol.character));
            }
        }
        if classes == ALL_CLASSES
            && text.len() == policy.length()
            && !policy.contains_banned_word(&text)
        {
            return Ok(SecretString::from(text));
        }
        text.zeroize();
    }
    Err(PolicyError::TooRestrictive { draws: MAX_DRAWS })
}

const ALL_CLASSES: u8 = 15;

/// One character of an alphabet with the bit of its class.
#[derive(Clone, Copy)]
struct Symbol {
    character: u8,
    class: u8,
}

/// The characters of a policy, ready to be drawn.
struct Alphabet {
    symbols: [Symbol; 128],
    size: u8,
    /// Bytes from here on are not used: the largest multiple of `size` that a byte can hold.
    limit: u16,
}

impl Alphabet {
    fn of(policy: &PasswordPolicy) -> Self {
        let mut symbols = [Symbol {
            character: 0,
            class: 0,
        }; 128];
        let mut size: u8 = 0;
        let drawn = CharacterClass::ALL
            .into_iter()
            .flat_map(|class| policy.characters(class).map(move |c| (c, class)));
        for (slot, (character, class)) in symbols.iter_mut().zip(drawn) {
            if let Ok(character) = u8::try_from(character) {
                *slot = Symbol {
                    character,
                    class: class.bit(),
                };
                size += 1;
            }
        }
        let limit = 256 - 256 % u16::from(size.max(1));
        Self {
            symbols,
            size,
            limit,
        }
    }

    fn symbol(&self, byte: u8) -> Option<Symbol> {
        if u16::from(byte) >= self.limit {
            return None;
        }
        self.symbols
            .get(usize::from(byte.checked_rem(self.size)?))
            .copied()
    }
}

/// Random bytes, fetched in blocks and wiped when done.
struct Bytes<'a, R: ?Sized> {
    rng: &'a mut R,
    block: [u8; 32],
    used: usize,
}

impl<'a, R: CryptoRng + ?Sized> Bytes<'a, R> {
    fn new(rng: &'a mut R) -> Self {
        Self {
            rng,
            block: [0; 32],
            used: 32,
        }
    }

    fn next(&mut self) -> u8 {
        if let Some(byte) = self.block.get(self.used) {
            self.used += 1;
            return *byte;
        }
        self.rng.fill_bytes(&mut self.block);
        self.used = 1;
        let [first, ..] = self.block;
        first
    }
}

impl<R: ?Sized> Drop for Bytes<'_, R> {
    fn drop(&mut self) {
        self.block.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::password::check;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;
    use secrecy::ExposeSecret;

    #[test]
    fn a_generated_password_satisfies_its_policy() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        for policy in [
            PasswordPolicy::default(),
            PasswordPolicy::default().with_length(8).unwrap(),
            PasswordPolicy::default().with_length(72).unwrap(),
            PasswordPolicy::default().without_look_alikes(),
            PasswordPolicy::default().with_symbols("-").unwrap(),
            PasswordPolicy::default()
                .with_banned_words(["abc", "Migra"])
                .unwrap(),
        ] {
            for _ in 0..500 {
                let password = generate(&policy, &mut rng).unwrap();
                assert_eq!(check(&policy, &password), [], "{policy:?}");
                assert_eq!(password.expose_secret().len(), policy.length());
            }
        }
    }

    #[test]
    fn look_alikes_are_left_out_when_asked() {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let policy = PasswordPolicy::default().without_look_alikes();
        for _ in 0..2_000 {
            let password = generate(&policy, &mut rng).unwrap();
            assert!(
                !password
                    .expose_secret()
                    .contains(['0', 'O', 'o', '1', 'l', 'I', '|'])
            );
        }
    }

    /// A generator that always says the same: the worst a broken source of randomness can do.
    struct Stuck(u8);

    impl rand_core::TryRng for Stuck {
        type Error = rand_core::Infallible;

        fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
            Ok(u32::from_ne_bytes([self.0; 4]))
        }

        fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
            Ok(u64::from_ne_bytes([self.0; 8]))
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
            bytes.fill(self.0);
            Ok(())
        }
    }

    impl rand_core::TryCryptoRng for Stuck {}

    #[test]
    fn a_stuck_generator_is_an_error_and_not_an_endless_loop() {
        for byte in [0, 100, 255] {
            assert_eq!(
                generate(&PasswordPolicy::default(), &mut Stuck(byte)).unwrap_err(),
                PolicyError::TooRestrictive { draws: MAX_DRAWS }
            );
        }
    }

    #[test]
    fn a_generator_behind_a_trait_object_will_do() {
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        let any: &mut dyn CryptoRng = &mut rng;
        assert!(generate(&PasswordPolicy::default(), any).is_ok());
    }
}

use ring::rand::{SecureRandom, SystemRandom};

/// The numbers from 0 to 1 that an `f64` tells apart evenly.
const STEPS: u64 = 1 << f64::MANTISSA_DIGITS;

/// A random number, from 0 to below 1; 0.5 where the machine gives none.
pub(super) fn random() -> f64 {
    let mut bytes = [0; 8];
    match SystemRandom::new().fill(&mut bytes) {
        Ok(()) => (u64::from_le_bytes(bytes) % STEPS) as f64 / STEPS as f64,
        Err(_) => 0.5,
    }
}

/// A token that nobody else has, in 32 characters; `None` where the machine gives no random numbers. It is not a number of
/// [`Host::random`](super::Host::random), which a host may fix.
pub(crate) fn random_token() -> Option<String> {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).ok().map(|()| hex::encode(bytes))
}

//! Draws from a seed: the same on every machine, whoever works.

use rand_xoshiro::Xoshiro256StarStar;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// One stream of chance for each relocation, far apart in one sequence, so that who draws first makes no difference.
pub fn streams(seed: u64, relocations: usize) -> Vec<Xoshiro256StarStar> {
    let mut stream = Xoshiro256StarStar::seed_from_u64(seed);
    let next = |_| {
        let this = stream.clone();
        stream.jump();
        this
    };
    (0..relocations).map(next).collect()
}

/// Draws so many of a pool without putting back (Fisher & Yates, Durstenfeld 1964).
pub fn deal<'p>(pool: &'p mut [u32], n: usize, stream: &mut Xoshiro256StarStar) -> &'p [u32] {
    for i in 0..n {
        let j = i + below(stream, (pool.len() - i) as u64) as usize;
        pool.swap(i, j);
    }
    &pool[..n]
}

/// A number below `n`, each as likely (Lemire 2019).
fn below(stream: &mut Xoshiro256StarStar, n: u64) -> u64 {
    loop {
        let wide = u128::from(stream.next_u64()) * u128::from(n);
        if wide as u64 >= n.wrapping_neg() % n {
            return (wide >> 64) as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_streams_are_the_published_generators() {
        // xoshiro256** from SplitMix64(0), as the reference program prints it.
        let mut first = streams(0, 2).swap_remove(0);
        assert_eq!([first.next_u64(), first.next_u64()], [0x99ec_5f36_cb75_f2b4, 0xbf6e_1f78_4956_452a]);
        let mut drawn = [0; 3];
        (0..30_000).for_each(|_| drawn[below(&mut first, 3) as usize] += 1);
        assert!(drawn.iter().all(|n| (9_700..10_300).contains(n)), "{drawn:?}");
    }

    #[test]
    fn a_deal_gives_each_of_a_pool_as_often_and_none_twice() {
        let mut counts = [0; 5];
        for mut stream in streams(9, 5_000) {
            let mut pool = [0, 1, 2, 3, 4];
            let dealt = deal(&mut pool, 2, &mut stream);
            assert_ne!(dealt[0], dealt[1]);
            dealt.iter().for_each(|&n| counts[n as usize] += 1);
        }
        assert!(counts.iter().all(|n| (1_850..2_150).contains(n)), "{counts:?}");
    }
}

// SPDX-License-Identifier: MIT
// Formatting, a map, a panic that is caught and its backtrace, threads.

use std::collections::HashMap;

#[inline(never)]
fn count(map: &mut HashMap<String, u64>) {
    for i in 0..60000u64 {
        *map.entry(format!("{}", i % 977)).or_insert(0) += i;
    }
}

fn main() {
    let mut map = HashMap::new();
    count(&mut map);
    let mut names: Vec<_> = map.into_iter().map(|(name, n)| (n, name)).collect();
    names.sort_by(|a, b| b.cmp(a));
    let caught = std::panic::catch_unwind(|| {
        if names.len() > 10 {
            panic!("many")
        }
    });
    let threads: Vec<_> = (0..4u64)
        .map(|i| std::thread::spawn(move || (0..30000u64).map(|x| (x * i).to_string().len()).sum::<usize>()))
        .collect();
    let sum: usize = threads.into_iter().map(|t| t.join().unwrap()).sum();
    println!("{} {}", caught.is_err(), sum);
}

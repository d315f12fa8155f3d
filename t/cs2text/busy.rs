// SPDX-License-Identifier: MIT
// Names of generic functions, closures and traits.
use std::collections::HashMap;
use std::fmt::Debug;

trait Shape {
    fn area(&self, n: u64) -> u64;
}

struct Boxed<T>(T);

impl<T: Debug + Clone> Shape for Boxed<T> {
    #[inline(never)]
    fn area(&self, n: u64) -> u64 {
        let text = format!("{:?}", self.0.clone());
        (0..n).fold(text.len() as u64, |sum, i| std::hint::black_box(sum ^ i))
    }
}

#[inline(never)]
fn apply<F: Fn(u64) -> u64>(f: F, n: u64) -> u64 {
    let mut sum = 0;
    for i in 0..n {
        sum += f(i);
    }
    std::hint::black_box(sum)
}

fn main() {
    let shapes: Vec<Box<dyn Shape>> = vec![Box::new(Boxed("text")), Box::new(Boxed(Some(7))), Box::new(Boxed(vec![1.5]))];
    let mut counts: HashMap<String, u64> = HashMap::new();
    let mut sum = 0u64;
    for round in 0..300 {
        for shape in &shapes {
            sum ^= shape.area(50000);
        }
        sum ^= apply(|i| std::hint::black_box(i * round), 50000);
        *counts.entry(format!("{}", sum % 1000)).or_insert(0) += 1;
        let mut sorted: Vec<_> = counts.iter().collect();
        sorted.sort_by(|a, b| b.1.cmp(a.1));
    }
    println!("{} {}", sum, counts.len());
}

//! Functions and their gradients take turns in one process; a ratio is the median over the turns.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long some calls take, as one of them.
fn time(form: &mut dyn FnMut(), times: u32) -> Duration {
    let start = Instant::now();
    for _ in 0..times {
        form();
    }
    start.elapsed() / times
}

/// Uses a result.
pub fn keep<T>(result: T) {
    drop(black_box(result));
}

fn median(mut ratios: Vec<f64>) -> f64 {
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

/// One line: the function and, as multiples of it, the others.
pub fn compare(name: &str, function: &mut dyn FnMut(), others: &mut [(&str, &mut dyn FnMut())]) {
    let once = time(function, 1).max(Duration::from_nanos(1));
    let times = u32::try_from((Duration::from_millis(2).as_nanos() / once.as_nanos()).max(1)).expect("few");
    let (mut first, mut ratios) = (Vec::new(), vec![Vec::new(); others.len()]);
    for _ in 0..60 {
        let function = time(function, times).as_secs_f64();
        first.push(function);
        for ((_, other), ratios) in others.iter_mut().zip(&mut ratios) {
            ratios.push(time(other, times).as_secs_f64() / function);
        }
    }
    let ratios = others.iter().zip(ratios).map(|((name, _), ratios)| format!("{name} {:.2}", median(ratios)));
    let ratios: Vec<String> = ratios.collect();
    println!("{name}: {:.1} µs; {}", median(first) * 1e6, ratios.join(", "));
}
